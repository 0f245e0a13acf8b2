"""Whom to telephone, and what a tap came to: numbers when somebody asks for them, words when it did not work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from services.api.roles import Role, Scope
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
NEED = ".need:has-text('안부 확인 필요')"


def looks(seen: Seen) -> int:
    return sum(path.endswith("/contact") for path in seen.api.requests)


def test_numbers_are_shown_when_asked_for_and_gone_with_the_drawer(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.click(f"{NEED} .who")
    seen.page.wait_for_selector("#drawer [data-focus=contact]")
    assert looks(seen) == 0
    seen.page.click("#drawer [data-focus=contact]")
    call = seen.page.wait_for_selector("#drawer .contacts a")
    assert call is not None
    assert (call.inner_text(), call.get_attribute("href")) == ("010-2222-1234", "tel:01022221234")
    assert {"김복용", "서교동 12-3", "김나라", "전화번호 없음", "박기사"} <= set(seen.text("#drawer .contacts").split("\n"))
    seen.page.keyboard.press("Escape")
    seen.page.click(f"{NEED} .who")
    seen.page.wait_for_selector("#drawer [data-focus=contact]")
    assert "010-2222-1234" not in seen.page.content()
    assert looks(seen) == 1
    assert seen.complaints == []


def test_who_may_not_telephone_has_no_button_for_it(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = Role.AUDITOR, Scope()
    seen.open_board()
    seen.page.click(".visit:visible >> nth=0")
    seen.page.wait_for_selector("#drawer .story")
    assert seen.page.locator("#drawer .contact").count() == 0


def test_taking_it_on_can_be_undone_and_a_refusal_is_said(look: Look) -> None:
    seen = look()
    seen.api.refuse_commands = True
    seen.open_board()
    seen.page.click(f"{NEED} [data-acknowledge]")
    seen.page.click(f"{NEED} button:has-text('되돌리기')")
    seen.page.wait_for_selector(f"{NEED} [data-acknowledge]")
    assert not [path for path, _ in seen.api.posts if path.endswith("/acknowledge")]
    seen.page.click(f"{NEED} [data-acknowledge]")
    seen.page.mouse.move(700, 20)
    assert "통합창구에 알리세요" in seen.page.wait_for_selector(f"{NEED} .failed").inner_text()
    assert seen.page.is_visible(f"{NEED} [data-acknowledge]")


def test_what_is_not_back_again_says_why(look: Look) -> None:
    seen = look()
    day = seen.api.day
    provider_id = next(iter(day.config.providers)).provider_id
    day.disruptions = (
        b.DisruptionRow(
            disruption_id="fail-1", kind="provider", provider_id=provider_id, kitchen_id="", mode="", area_id="", reason="gas",
            from_at=day.now_at, until_at=day.now_at + timedelta(hours=2), moved=12, left=3, waiting=1,
        ),
    )  # fmt: skip
    seen.api.refuse_commands = True
    seen.open_board()
    seen.page.click("#disruption-rows button")
    wait_until(lambda: any(path.endswith("/end") for path, _ in seen.api.posts), "the end")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#disruption-rows .failed").inner_text()
    assert seen.page.is_visible("#disruption-rows button")


def test_every_number_of_an_area_leads_to_what_it_counts(look: Look) -> None:
    seen = look()
    seen.open_board()
    buttons = seen.page.locator("#areas-rows td button")
    assert buttons.count() > 4
    for place in range(buttons.count()):
        if seen.page.is_visible("#reset"):
            seen.page.click("#reset")
        button = buttons.nth(place)
        area, wanted = button.evaluate("b => [b.closest('tr').dataset.area, Number(b.textContent)]")
        button.click()
        seen.until("n => document.querySelector('#list-count').textContent.startsWith(String(n))", wanted)
        assert f"area={area}" in seen.page.url
        assert seen.page.locator("[data-counter][aria-pressed=true]").count() >= 1


def test_the_keyboard_stays_where_it_is_while_tables_are_drawn_anew(look: Look) -> None:
    seen = look()
    seen.open_board()
    places = ("#areas-rows tr:nth-child(2) th button", ".gantt-row:nth-child(3) .gantt-name", "#ledger .equation button >> nth=0")
    for tab, place in zip("123", places, strict=True):
        seen.page.keyboard.press(tab)
        seen.page.locator(place).focus()
        words = seen.page.evaluate("document.activeElement.textContent")
        seen.page.evaluate("document.activeElement.marked = true")
        seen.api.frame()
        seen.until("() => !document.activeElement?.marked")
        assert seen.page.evaluate("[document.activeElement.tagName, document.activeElement.textContent]") == ["BUTTON", words]


def test_mine_is_what_waits_for_me_and_what_i_am_on(look: Look) -> None:
    seen = look()
    owner = next(row.owner for row in seen.api.day.raised() if row.owner.startswith("care_manager:") and row.visit_id)
    dong = owner.partition(":")[2]
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=("11440",), dongs=(dong,))
    wanted = {row.visit_id for row in seen.api.day.raised() if row.owner == owner and row.visit_id}
    seen.open_board()
    seen.page.check("#f-mine")
    seen.until("n => document.querySelector('#list-count').textContent.startsWith(String(n))", len(wanted))
    assert "mine=1" in seen.page.url
    shown = seen.page.eval_on_selector_all(".visit:not([hidden])", "rows => rows.map(r => r.dataset.visit)")
    assert set(shown) == wanted


def test_a_phone_shows_every_shortage_and_no_two_over_one_another(look: Look) -> None:
    seen = look(phone=True)
    for worker_id, row in list(seen.api.day.workers.items())[::2]:
        seen.api.day.workers[worker_id] = msgspec.structs.replace(row, status="out")
    seen.open_board()
    seen.page.tap(".thumb-bar [data-go=day]")
    seen.page.wait_for_selector(".short-mark")
    overlaps = seen.page.evaluate("""() => [...document.querySelectorAll(".strip")].flatMap((strip) => {
      const marks = [...strip.querySelectorAll(".short-mark")].map((m) => m.getBoundingClientRect());
      marks.sort((a, b) => a.left - b.left);
      return marks.filter((mark, i) => i && mark.left < marks[i - 1].right - 1).map((mark) => mark.left);
    })""")
    assert overlaps == []


def test_the_way_in_fits_a_phone(look: Look) -> None:
    seen = look(phone=True)
    seen.open(key="")
    seen.page.wait_for_selector("#gate:visible")
    box = seen.page.locator("#gate-key").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_what_a_story_came_from_is_in_words(look: Look) -> None:
    seen = look()
    visit = next(iter(seen.api.day.rows.values()))
    at = seen.api.day.now_at
    lines = [
        {"at": at, "event": "exception_raised", "reason": "11440-o42", "actor": "coordinator", "cause": "ClockTicked", "offset": 3},
        {"at": at, "event": "exception_raised", "reason": "no_sign_of_life", "actor": "", "cause": "RecordCall", "offset": 2},
        {"at": at, "event": "kitchen_changed", "worker_id": seen.api.day.config.kitchens[0].kitchen_id, "reason": "kitchen_failed",
         "actor": "", "cause": "ReportProviderFailure", "offset": 1},
    ]  # fmt: skip
    seen.api.day.story = lambda visit_id: lines  # type: ignore[method-assign,assignment,return-value]
    seen.open_board()
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(visit.row.reference)
    seen.page.click(".visit:visible >> nth=0")
    seen.page.wait_for_selector("#drawer .story li:nth-child(3)")
    told = seen.text("#drawer .story")
    assert "11440-o42" not in told
    assert "기척 없음" in told
    assert "\n전화\n" in told
    assert seen.api.day.config.kitchens[0].name_ko in told


def test_a_worker_nobody_hears_of_can_be_telephoned(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.keyboard.press("2")
    seen.page.click(".gantt-name >> nth=0")
    seen.page.click("#drawer [data-focus=contact]")
    assert seen.page.wait_for_selector("#drawer .contacts a").inner_text() == "010-7777-1234"
    assert next(path for path in seen.api.requests if path.endswith("/contact")).startswith("/v1/workers/")


def test_a_concern_names_the_person_and_opens_their_visit(look: Look) -> None:
    seen = look()
    day = seen.api.day
    visit = next(iter(day.rows.values())).row
    known = next(iter(day.exceptions.values()))
    day.exceptions["x-concern"] = msgspec.structs.replace(
        known, exception_id="x-concern", kind="concern", subject=visit.recipient_id, visit_id="", dong=visit.dong,
        area_id=visit.area_id, detail="no_sign_of_life", raised_at=day.now_at, settled="", outcomes=("called_well", "visited_well"),
    )  # fmt: skip
    seen.open_board()
    row = "[data-exception=x-concern]"
    seen.page.wait_for_selector(f"{row} .who:has-text('{day.names[visit.recipient_id]}')")
    assert visit.recipient_id not in seen.text(row)
    seen.page.click(f"{row} .who")
    seen.page.wait_for_selector(f"#drawer:has-text('{visit.reference}')")


def test_a_phones_bar_and_the_weeks_table_keep_their_words_apart(look: Look) -> None:
    seen = look(phone=True)
    seen.open_board()
    for _ in range(2):
        name, clock = (seen.page.locator(one).bounding_box() for one in ("#district", "#clock-time"))
        assert name is not None
        assert clock is not None
        assert name["x"] + name["width"] <= clock["x"]
        seen.page.tap("#language")


def open_one(seen: Seen, state: str) -> b.VisitRow:
    """The drawer of a visit in this state."""
    row = next(one.row for one in seen.api.day.rows.values() if one.row.state == state and len(one.row.worker_ids) == 1)
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(row.reference)
    seen.page.click(f".visit:has(.reference:text-is('{row.reference}'))")
    seen.page.wait_for_selector("#drawer .story")
    return row


@pytest.mark.parametrize(("state", "what", "sent"), [
    ("done", "correct", {"outcome": "open", "reason": "told_by_recipient"}), ("planned", "forbid", {"reason": "not_on_good_terms"}),
])  # fmt: skip
def test_a_mistaken_end_is_taken_back_and_a_worker_ruled_out(look: Look, state: str, what: str, sent: dict[str, str]) -> None:
    seen = look()
    seen.open_board()
    row = open_one(seen, state)
    path = f"/v1/visits/{row.visit_id}/{what}"
    if not seen.page.is_visible("#drawer .more-actions select"):
        seen.page.click("#drawer .more-actions summary")
    seen.page.select_option("#drawer .more-actions select >> nth=1", sent["reason"])
    seen.page.click(f"#drawer [data-act={what}]")
    seen.page.click("#drawer .more-actions button:has-text('되돌리기')")
    seen.page.wait_for_selector(f"#drawer [data-act={what}]", state="attached")
    assert not [one for one, _ in seen.api.posts if one == path]
    seen.api.refuse_commands = True
    if not seen.page.is_visible("#drawer .more-actions select"):
        seen.page.click("#drawer .more-actions summary")
    seen.page.select_option("#drawer .more-actions select >> nth=1", sent["reason"])
    seen.page.click(f"#drawer [data-act={what}]")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#drawer .more-actions .failed").inner_text()
    (body,) = [body for one, body in seen.api.posts if one == path]
    assert sent.items() <= body.items()
    assert body["expected_version"] == row.version
    if what == "forbid":
        assert (body["worker_id"],) == row.worker_ids


def test_what_was_assigned_by_hand_is_left_to_the_plan_again(look: Look) -> None:
    seen = look()
    for one in seen.api.day.rows.values():
        if one.row.state == "planned":
            one.row = msgspec.structs.replace(one.row, pinned_id="w-1")
    seen.open_board()
    row = open_one(seen, "planned")
    seen.page.click("#drawer [data-act=let-plan-decide]")
    path = f"/v1/visits/{row.visit_id}/let-plan-decide"
    wait_until(lambda: any(one == path for one, _ in seen.api.posts), "the order", 15.0)


def test_a_stop_is_locked_in_its_place_and_left_to_the_plan_again(look: Look) -> None:
    seen = look()
    seen.open_board()
    row = open_one(seen, "planned")
    seen.page.click("#drawer [data-act=lock]")
    path = f"/v1/visits/{row.visit_id}/lock"
    wait_until(lambda: any(one == path for one, _ in seen.api.posts), "the order", 15.0)
    seen.api.frame(visits=[msgspec.structs.replace(row, locked=True, pinned_id=row.worker_ids[0])])
    seen.page.wait_for_selector("#drawer .locked")
    assert "순서 고정" in seen.text("#drawer .locked")
    assert seen.page.locator("#drawer [data-act=lock]").count() == 0
    assert seen.page.is_visible("#drawer [data-act=let-plan-decide]")


def test_a_care_manager_neither_corrects_nor_rules_out(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=("11440",), dongs=("1144066000",))
    seen.open_board()
    open_one(seen, "done")
    assert seen.page.locator("#drawer .more-actions").count() == 0


@pytest.mark.parametrize(("kind", "detail", "words"), [
    ("notice_not_delivered", "on_the_way", "알림 전달 안 됨 · 출발 안내"), ("claim_to_confirm", "11440-c2", "연계 수임 확인"),
    ("concern", "post_piling_up", "이웃 제보 · 우편물 쌓임"),
])  # fmt: skip
def test_what_an_exception_is_about_is_a_word_and_no_id(look: Look, kind: str, detail: str, words: str) -> None:
    seen = look()
    day = seen.api.day
    known = next(iter(day.exceptions.values()))
    fresh = msgspec.structs.replace(known, exception_id="x-1", kind=kind, detail=detail, settled="", raised_at=day.now_at)
    day.exceptions["x-1"] = fresh
    seen.open_board()
    assert seen.page.wait_for_selector("[data-exception=x-1] .kind").inner_text() == words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_state_is_cut_off_in_the_list(look: Look, language: str) -> None:
    seen = look()
    rows = iter(seen.api.day.rows.values())
    for state in ("handed_over", "picked_up", "en_route", "arrived", "in_service", "no_answer", "cancelled"):
        one = next(rows)
        one.row = msgspec.structs.replace(one.row, state=state)
    seen.open_board(f"?lang={language}&sort=state")
    cut = "cells => cells.filter(c => c.scrollWidth > c.clientWidth).map(c => c.textContent)"
    assert seen.page.eval_on_selector_all(".visit:not([hidden]) .c-state", cut) == []
    seen.page.click("[data-counter=handed_over]")
    seen.page.wait_for_selector(".visit:visible")
    assert seen.page.eval_on_selector_all(".visit:not([hidden]) .c-state", cut) == []
