"""What a person at the desk sees: counters that add up, a list that follows, a story, actions, two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from streams.contracts import board as b
from streams.contracts.area_balance import Shortage
from streams.contracts.crisis import PostingRow, ProgrammeRow
from streams.contracts.eligibility import PostingRule, Programme
from tests.browser.conftest import Seen
from tests.browser.fake_api import KEY
from tests.browser.fake_district import SEOUL
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]

GROUPS = (
    "requested",
    "waiting",
    "planned",
    "offered",
    "accepted",
    "moving",
    "door",
    "no_answer",
    "done",
    "cancelled",
    "failed",
    "handed_over",
)


def assert_adds_up(seen: Seen) -> None:
    assert seen.number("all") == sum(seen.number(group) for group in GROUPS)


def shown(seen: Seen) -> int:
    return int("".join(c for c in seen.text("#list-count") if c.isdigit()))


def row_of(seen: Seen, reference: str) -> str:
    return f".visit:has(.reference:text-is('{reference}'))"


def test_counters_add_up_and_a_click_filters_to_exactly_that_number(look: Look) -> None:
    seen = look()
    seen.open_board()
    assert seen.number("all") == shown(seen) == 170
    assert_adds_up(seen)
    for group in ("done", "moving", "waiting"):
        seen.page.click(f"[data-counter={group}]")
        seen.until("g => document.querySelector(`[data-counter=${g}]`).getAttribute('aria-pressed') === 'true'", group)
        assert shown(seen) == seen.number(group) > 0
        assert f"state={group}" in seen.page.url
        assert_adds_up(seen)
    seen.page.click("[data-counter=waiting]")
    assert shown(seen) == 170
    seen.page.select_option("#f-area", "MP-C")
    assert shown(seen) == seen.number("all") < 170
    assert_adds_up(seen)
    assert "area=MP-C" in seen.page.url
    assert seen.complaints == []


def test_filter_in_the_address_is_taken_up(look: Look) -> None:
    seen = look()
    seen.open_board("?state=done&area=MP-B")
    assert seen.page.get_attribute("[data-counter=done]", "aria-pressed") == "true"
    assert seen.page.input_value("#f-area") == "MP-B"
    assert shown(seen) == seen.number("done") > 0


def test_frame_changes_the_row_and_the_counters_together(look: Look) -> None:
    seen = look()
    seen.open_board()
    visit = next(v.row for v in seen.api.day.rows.values() if v.row.state == "picked_up")
    before = seen.number("done"), seen.number("moving")
    assert seen.page.get_attribute(row_of(seen, visit.reference), "data-state") == "picked_up"
    seen.page.fill("#search", visit.reference)
    seen.until("() => document.querySelector('#list-count').textContent.startsWith('1')")
    seen.api.change(visit.visit_id, "done", done_at=seen.api.day.now_at, expected_at=None)
    seen.page.wait_for_selector(row_of(seen, visit.reference) + "[data-state=done]")
    assert "완료" in seen.text(row_of(seen, visit.reference))
    seen.page.fill("#search", "")
    seen.until("n => document.querySelector('[data-counter=done] .n').textContent === String(n)", before[0] + 1)
    assert seen.number("moving") == before[1] - 1
    assert_adds_up(seen)


def test_an_area_says_who_is_wanted_there_and_where_workers_are_short(look: Look) -> None:
    seen = look()
    seen.open_board()
    before, now, later, end = (seen.api.day.now_at + timedelta(hours=n) for n in (-2, 0, 1, 2))
    helper, area = sorted(seen.page.eval_on_selector_all("#areas-rows tr", "rows => rows.map(r => r.dataset.area)"))[:2]
    seen.api.day.helps = (
        b.HelpWantedRow(home_area_id=helper, area_id=area, from_at=later, until_at=end, worker_ids=("w-1", "w-2")),
        b.HelpWantedRow(home_area_id=helper, area_id=area, from_at=before, until_at=now, worker_ids=("w-3",)),
    )  # fmt: skip
    half = later + timedelta(minutes=30)
    seen.api.day.shorts = tuple(
        Shortage(area_id=area, group="meal", from_at=at, workers=n, why="all_busy") for at, n in ((later, 0.5), (half, 1.5))
    )
    seen.api.frame()
    seen.until(f"() => document.querySelectorAll('#areas-rows tr[data-area=\"{area}\"] .balance').length === 2")
    help_line, short_line = seen.page.locator("#areas-rows .balance").all_inner_texts()
    assert "2명" in help_line
    hours = "–".join(f"{at.astimezone(SEOUL):%H:%M}" for at in (later, end))
    assert short_line == f"배송 1.5명분 부족 {hours}: 모두 배차됨", "two half hours are one stretch"


def test_a_crisis_programme_shows_what_is_left_and_who_is_posted(look: Look) -> None:
    seen = look()
    seen.open_board()
    assert seen.page.locator("#programmes").is_hidden()
    now = seen.api.day.now_at
    seen.api.day.programmes = (
        ProgrammeRow(
            programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", is_on=True, from_date="2026-03-02",
            until_date="2026-03-20", budget_krw=1_000_000, booked_krw=640_000, stock={"mask": 20},
            booked_equipment={"mask": 5}, visits=1,
        ),
    )  # fmt: skip
    seen.api.day.postings = (
        PostingRow(
            posting_id="p-1", programme_id="crisis", recipient_id="r-1", dong="1144066000", state="waiting", worker_id="",
            from_at=now, until_at=now + timedelta(days=2), reason="",
        ),
    )  # fmt: skip
    seen.api.frame()
    seen.page.wait_for_selector("#programmes li[data-posting]")
    said = seen.text("#programmes")
    for words in ("긴급돌봄지원단", "640,000 / 1,000,000원, 방문 1건", "마스크 15/20", "입소 파견: 인력 없음", "인력 찾는 중"):
        assert words in said


def test_the_operator_opens_a_crisis_programme_and_sees_what_is_left_of_it(look: Look) -> None:
    seen = look()
    programme = Programme(
        programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", services=("temporary_home_care",), switched=True,
        visit_price_krw=40_000, visit_equipment={"mask": 1}, posting=PostingRule(day_equipment={"suit": 1}),
    )  # fmt: skip
    seen.api.day.config = msgspec.structs.replace(seen.api.day.config, programmes=(programme,))
    seen.open_board()
    seen.page.click("#programme-say summary")
    assert "예산(원)" in seen.text("#programme-form")
    assert seen.page.input_value("#programme-form [name=from]") == "2026-11-24"
    assert seen.page.input_value("#programme-form [name=until]") == "2026-12-24"
    seen.page.fill("#programme-form [name=budget]", "3000000")
    seen.page.fill("#programme-form [name='stock/mask']", "200")
    seen.api.frame()  # what somebody types stays while the board goes on
    assert seen.page.input_value("#programme-form [name=budget]") == "3000000"
    seen.page.click("#programme-form button[type=submit]")
    path = "/v1/programmes/crisis/switch-on"
    wait_until(lambda: any(post[0] == path for post in seen.api.posts), "the programme is opened", 15.0)
    (body,) = [post[1] for post in seen.api.posts if post[0] == path]
    assert (body["from_date"], body["until_date"], body["budget_krw"]) == ("2026-11-24", "2026-12-24", 3_000_000)
    assert body["stock"] == {"mask": 200, "suit": 0}
    assert (path, "") in seen.api.matches  # nothing was there
    seen.api.day.programmes = (
        ProgrammeRow(
            programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", is_on=True, from_date="2026-11-24",
            until_date="2026-12-24", budget_krw=3_000_000, booked_krw=40_000, stock={"mask": 200, "suit": 0},
            booked_equipment={"mask": 1}, visits=1, version=1,
        ),
    )  # fmt: skip
    seen.api.frame()
    seen.page.wait_for_selector("#programmes li[data-programme]")
    assert "40,000 / 3,000,000원, 방문 1건" in seen.text("#programmes")
    assert "마스크 199/200" in seen.text("#programmes")
    seen.until("() => document.querySelector('#programme-state').textContent !== '보내는 중'")  # one command at a time
    seen.page.wait_for_selector("#programme-form [name=version][value='\"1\"']", state="attached")
    seen.page.fill("#programme-form [name=budget]", "5000000")
    seen.api.day.programmes = (msgspec.structs.replace(seen.api.day.programmes[0], budget_krw=4_000_000, version=2),)
    seen.api.frame()  # somebody else sets it meanwhile: what is typed stays, and is of the version that was seen
    seen.until("() => document.querySelector('#programmes').textContent.includes('4,000,000')")
    assert seen.page.input_value("#programme-form [name=budget]") == "5000000"
    seen.page.click("#programme-form button[type=button]")
    wait_until(lambda: any(post[0].endswith("/switch-off") for post in seen.api.posts), "the programme is closed", 15.0)
    assert (path.replace("-on", "-off"), '"1"') in seen.api.matches
    seen.page.wait_for_selector("#programme-form [name=version][value='\"2\"']", state="attached")  # done: drawn as it is now
    assert seen.page.input_value("#programme-form [name=budget]") == "4000000"
    assert seen.complaints == []


def test_nothing_jumps_while_the_pointer_is_over_the_list(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.hover("#list-space .visit >> nth=3")
    first = seen.text(".visit[aria-rowindex='1'] .reference")
    visit = next(v.row for v in seen.api.day.rows.values() if v.row.reference == first)
    seen.api.change(visit.visit_id, "done", done_at=seen.api.day.now_at)
    seen.page.wait_for_selector(".visit[aria-rowindex='1'][data-state=done]")
    assert seen.text(".visit[aria-rowindex='1'] .reference") == first
    seen.page.wait_for_selector("#pending-order:visible")
    seen.page.mouse.move(700, 20)
    seen.until("r => document.querySelector(\".visit[aria-rowindex='1'] .reference\").textContent !== r", first)


def test_lateness_has_a_word_and_a_sign_not_only_a_colour(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.click("[data-counter=late]")
    seen.until("() => document.querySelector('[data-counter=late]').getAttribute('aria-pressed') === 'true'")
    late = seen.page.locator(".visit:visible .late")
    assert late.count() > 0
    text = late.first.inner_text()
    assert text.startswith("+")
    assert "늦음" in text
    assert late.first.locator("svg.icon use[href='#i-late']").count() == 1
    assert seen.page.locator(".visit:visible .c-state svg.icon").count() == seen.page.locator(".visit:visible").count()


def test_keyboard_alone_searches_moves_opens_and_closes(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("M-00")
    seen.until(
        "() => [...document.querySelectorAll('.visit:not([hidden]) .reference')].every(e => e.textContent.startsWith('M-00'))"
    )
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#drawer:visible")
    assert seen.text(".visit.active .reference") in seen.text("#drawer .facts")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#drawer", state="hidden")
    seen.page.keyboard.press("?")
    seen.page.wait_for_selector("#help[open]")


def test_settling_can_be_undone_and_then_posts(look: Look) -> None:
    seen = look()
    seen.open_board()
    row = ".need:has-text('안부 확인 필요')"
    exception_id = seen.page.get_attribute(row, "data-exception")
    path = f"/v1/exceptions/{exception_id}/settle"
    seen.page.click(f"{row} [data-outcome=found_well]")
    seen.page.click(f"{row} button:has-text('되돌리기')")
    seen.page.wait_for_selector(f"{row} [data-outcome=found_well]")
    assert not [post for post in seen.api.posts if post[0] == path]
    seen.page.click(f"{row} [data-outcome=found_well]")
    seen.page.mouse.move(700, 20)
    seen.page.wait_for_selector(row, state="detached")
    assert [post for post in seen.api.posts if post[0] == path] == [(path, {"outcome": "found_well"})]


def test_who_is_on_it_is_seen_and_the_outcomes_stay(look: Look) -> None:
    seen = look()
    seen.open_board()
    row = ".need:has-text('안부 확인 필요')"
    exception_id = seen.page.get_attribute(row, "data-exception")
    seen.page.click(f"{row} [data-acknowledge]")
    seen.page.mouse.move(700, 20)
    seen.page.wait_for_selector(f"{row} .on-it:has-text('확인 중')", timeout=15_000)
    assert (f"/v1/exceptions/{exception_id}/acknowledge", {}) in seen.api.posts
    assert seen.page.is_visible(f"{row} [data-outcome=found_well]")


DISRUPTING = ("/v1/disruptions", "/v1/provider-failures", "/v1/mode-pauses")


def test_a_failed_kitchen_and_snow_are_said_in_the_form_and_ended_from_their_row(look: Look) -> None:
    seen = look()
    kitchen = next(iter(seen.api.day.config.kitchens))
    until_at = seen.api.day.now_at + timedelta(hours=2)
    seen.api.day.disruptions = (
        b.DisruptionRow(
            disruption_id="fail-1", kind="provider", provider_id=kitchen.provider_id, kitchen_id=kitchen.kitchen_id, mode="",
            area_id="", reason="gas", from_at=seen.api.day.now_at, until_at=until_at, moved=12, left=3, waiting=1,
        ),
    )  # fmt: skip
    seen.open_board()
    row = seen.page.locator("[data-disruption=fail-1]")
    row.wait_for()
    assert kitchen.name_ko in row.inner_text()
    assert "12건 옮김" in row.inner_text()
    row.locator("button").click()
    seen.page.click("#disruptions summary")
    seen.page.select_option("#disruption-forms [name=who]", f"kitchen/{kitchen.kitchen_id}")
    seen.page.select_option("#disruption-forms [name=span]", "meal_window")
    seen.page.click("#disruption-forms form:first-child button[type=submit]")
    seen.page.click("#disruption-forms form:last-child button[type=submit]")
    wait_until(lambda: len([post for post in seen.api.posts if post[0].startswith(DISRUPTING)]) == 3, "what was said", 15.0)
    said = {post[0]: post[1] for post in seen.api.posts}
    assert "/v1/disruptions/fail-1/end" in said
    failure = said["/v1/provider-failures"]
    assert (failure["kitchen_id"], failure["provider_id"]) == (kitchen.kitchen_id, kitchen.provider_id)
    assert failure["span"] == "meal_window"
    assert said["/v1/mode-pauses"]["mode"] in seen.api.day.config.travel.modes


def test_refused_settling_says_what_to_do_and_offers_the_actions_again(look: Look) -> None:
    seen = look()
    seen.api.refuse_settling = True
    seen.open_board()
    row = ".need:has-text('안부 확인 필요')"
    seen.page.click(f"{row} [data-outcome=found_well]")
    seen.page.wait_for_selector(f"{row} .failed:has-text('이미 끝난 제공 건입니다')")
    assert seen.page.is_visible(f"{row} [data-outcome=found_well]")


def test_new_exception_is_announced_politely(look: Look) -> None:
    seen = look()
    seen.open_board()
    late = next(x for x in seen.api.day.exceptions.values() if x.kind == "kitchen_late")
    seen.api.day.now_at = late.raised_at
    seen.api.frame(exceptions=[late])
    seen.page.wait_for_selector(".need:has-text('조리 지연')")
    seen.until("() => document.getElementById('announcer').textContent.includes('조리 지연')")
    assert seen.page.get_attribute("#announcer", "aria-live") == "polite"


def test_language_switch_changes_every_word_and_stays(look: Look) -> None:
    seen = look()
    seen.open_board()
    assert seen.page.get_attribute("html", "lang") == "ko"
    assert "조치 필요" in seen.text("#attention")
    seen.page.click("#language")
    seen.page.wait_for_selector("#attention:has-text('Needs a person')")
    assert seen.page.get_attribute("html", "lang") == "en"
    assert "Welfare check" in seen.text("#attention-rows")
    assert "Done" in seen.text("#counters")
    fixed = ".bar, #counters, .list-head, .filter-bar h2, .areas thead, .legend, #attention header"
    words = seen.page.locator(fixed).all_inner_texts()
    hangul = re.findall("[가-힣]+", " ".join(words).replace("한국어", ""))
    assert hangul == []
    seen.page.reload()
    seen.page.wait_for_selector("#attention:has-text('Needs a person')")


def test_the_page_wears_its_policy_and_asks_for_nothing_elsewhere(look: Look) -> None:
    seen = look()
    hosts: set[str] = set()
    seen.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    seen.open_board()
    seen.page.click("[data-go=day]")
    seen.page.click("[data-go=ledger]")
    seen.page.wait_for_selector("#ledger .equation")
    assert hosts == {seen.api.url.removeprefix("http://")}
    assert seen.complaints == []  # a breach of the policy would be one


def test_key_leaves_the_address_and_no_name_ever_enters_one(look: Look) -> None:
    seen = look()
    seen.open_board()
    assert KEY not in seen.page.url
    name = seen.api.day.names[next(iter(seen.api.day.rows.values())).row.recipient_id]
    seen.page.fill("#search", name)
    seen.page.select_option("#f-area", "MP-A")
    seen.page.wait_for_timeout(300)
    asked = [*seen.api.requests, seen.page.url]
    assert not any("*" in path or "%2A" in path or KEY in path for path in asked)
    assert not any(character >= "가" for path in asked for character in path)
    assert ("/v1/session", {"token": KEY}) in seen.api.posts


def test_names_are_asked_only_for_rows_on_screen(look: Look) -> None:
    seen = look(2000)
    seen.open_board()
    seen.until("() => !document.querySelector('.visit:not([hidden]) .c-who .name.unknown')")
    asked = {i for path, body in seen.api.posts if path == "/v1/people/names" for i in body["recipient_ids"]}
    assert 0 < len(asked) < 80


def test_ledger_adds_up_and_leads_to_its_visits(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.keyboard.press("3")
    seen.page.wait_for_selector("#ledger .equation")
    total, *parts = (int(n.rstrip("건").replace(",", "")) for n in seen.page.locator("#ledger .equation b").all_inner_texts())
    assert total == sum(parts) == 170
    happened = [row.split("\t") for row in seen.page.locator("#ledger .happened tr").all_inner_texts()]
    assert happened == [["수락 요청", "보냄", "61"], ["", "늦은 수락", "1"], ["담당자 조정", "직접 배차", "2"]]
    seen.page.click("#ledger .equation .tone-done button")
    seen.page.wait_for_selector("body[data-tab=board]")
    assert shown(seen) == parts[0]


def test_paper_holds_every_row_of_the_list_not_only_those_on_screen(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen.page.locator("#print tbody tr").count() == 170
