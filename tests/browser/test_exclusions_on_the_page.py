"""Who is not to meet whom: seen when asked for from either side, said for the worker of a visit, lifted when confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.api.models_care import ExclusionBody, LiftBody
from services.api.roles import Role, Scope
from streams.contracts.board import VisitRow
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import COORDINATOR, in_state, open_one
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def posted(seen: Seen, path: str) -> list[Any]:
    return [body for posted_to, body in seen.api.posts if posted_to == path]


def apart(row: VisitRow, worker_id: str, **changes: str) -> dict[str, str]:
    said = {
        "district": DISTRICT, "recipient_id": row.recipient_id, "worker_id": worker_id, "by": "recipient", "reason": "unsafe_home",
        "since_at": "2026-11-20T02:00:00Z",
    }  # fmt: skip
    return said | changes


def opened(look: Look, phone: bool = False, who: tuple[Role, Scope] = COORDINATOR) -> tuple[Seen, VisitRow, str]:
    """A planned visit whose recipient is not to meet another worker of the trade."""
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = who
    row = in_state(seen, "planned")
    own = seen.api.day.workers[row.worker_ids[0]]
    other = next(one for one, at in seen.api.day.workers.items() if at.kind == own.kind and one != own.worker_id)
    seen.api.apart = [apart(row, other), apart(row, "who-left", by="worker", reason="")]
    seen.open_board()
    open_one(seen, row)
    assert not any("/exclusions?" in path for path in seen.api.requests), "a look is logged: nobody looks unasked"
    seen.page.click("#drawer [data-exclusions]")
    seen.page.wait_for_selector("#exclusions[open] [data-exclusion]")
    return seen, row, other


@pytest.mark.parametrize("phone", [False, True])
def test_who_is_not_sent_stands_with_who_wants_it_so_why_and_since_when(look: Look, phone: bool) -> None:
    seen, row, other = opened(look, phone)
    assert f"/v1/recipients/{row.recipient_id}/exclusions?limit=1000&district={DISTRICT}" in seen.api.requests
    said = f"{seen.api.day.names[other]} 이용자가 원하지 않음 · 안전하지 않은 댁 · 2026년 11월 20일 (금)부터"
    assert seen.text(f"[data-exclusion={other}] span") == said
    assert "제공인력이 원하지 않음 · 자치구 설정" in seen.text("[data-exclusion=who-left]")
    assert seen.page.eval_on_selector("#exclusions", "one => one.scrollWidth <= one.clientWidth")
    if phone:
        for control in seen.page.locator("#exclusions button, #exclusions select").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 40
    seen.page.evaluate("import('/static/board/texts.js').then((texts) => texts.setLanguage('en'))")
    seen.page.wait_for_selector("#exclusions:has-text('the recipient does not want it')")
    assert seen.page.eval_on_selector("#exclusions", "one => one.scrollWidth <= one.clientWidth"), "long names in English too"
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#exclusions", state="hidden")
    assert seen.complaints == []


def test_the_worker_of_the_visit_is_kept_from_this_recipient(look: Look) -> None:
    seen, row, other = opened(look)
    options = seen.page.eval_on_selector_all("#exclusion-worker_id option", "all => all.map(one => one.value)")
    assert options[0] == row.worker_ids[0]
    assert other not in options, "that is said already"
    assert {seen.api.day.workers[one].kind for one in options} == {seen.api.day.workers[row.worker_ids[0]].kind}
    seen.page.select_option("#exclusion-by", "worker")
    seen.page.select_option("#exclusion-reason", "difficult_case")
    seen.page.focus("#exclusion-send")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#exclusions:has-text('다른 인력에게 갑니다')")
    (told,) = posted(seen, "/v1/exclusions")
    body = ExclusionBody.model_validate(told)
    assert (body.recipient_id, body.worker_id) == (row.recipient_id, row.worker_ids[0])
    assert (body.by, body.reason) == ("worker", "difficult_case")
    assert seen.complaints == []


def test_a_refusal_says_what_to_do_and_keeps_what_was_chosen(look: Look) -> None:
    seen, _, _ = opened(look)
    seen.api.refuse_commands = True
    seen.page.select_option("#exclusion-by", "worker")
    seen.page.click("#exclusion-send")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#exclusions .failed").inner_text()
    assert seen.page.input_value("#exclusion-by") == "worker"


def test_it_is_lifted_after_it_was_confirmed(look: Look) -> None:
    seen, row, other = opened(look)
    seen.page.click(f"[data-lift={other}]")
    seen.page.wait_for_selector("#confirm[open]:has-text('다시 배정될 수 있습니다')")
    assert seen.api.day.names[other] in seen.text("#confirm")
    seen.page.click("#confirm-no")
    assert posted(seen, "/v1/exclusions:lift") == []
    seen.page.click(f"[data-lift={other}]")
    seen.page.click("#confirm-yes")
    wait_until(lambda: bool(posted(seen, "/v1/exclusions:lift")), "the order")
    body = LiftBody.model_validate(posted(seen, "/v1/exclusions:lift")[0])
    assert (body.recipient_id, body.worker_id) == (row.recipient_id, other)


def test_a_workers_own_are_read_in_english_from_the_workers_drawer(look: Look) -> None:
    seen, row, _ = opened(look)
    seen.page.keyboard.press("Escape")
    seen.api.apart = [apart(row, row.worker_ids[0])]
    seen.page.click(f"#drawer [data-focus='w:{row.worker_ids[0]}']")
    seen.page.click("#drawer [data-exclusions]")
    seen.page.wait_for_selector(f"#exclusions [data-exclusion='{row.recipient_id}']")
    assert seen.text("#exclusions h2").startswith("가지 않는 이용자")
    assert seen.page.locator("#exclusions form").count() == 0, "said where the visit is"
    seen.page.keyboard.press("Escape")
    seen.page.evaluate("import('/static/board/texts.js').then((texts) => texts.setLanguage('en'))")
    seen.page.click("#drawer [data-exclusions]")
    said = seen.page.wait_for_selector(f"#exclusions [data-exclusion='{row.recipient_id}'] span").inner_text()
    assert said.endswith("the recipient does not want it · Unsafe home · since Fri 20 Nov 2026")
    assert seen.text(f"[data-lift='{row.recipient_id}']") == "Lift"


def test_a_care_manager_reads_a_recipients_and_lifts_nothing(look: Look) -> None:
    seen = look()
    row = in_state(seen, "planned")
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=(DISTRICT,), dongs=(row.dong,))
    seen.api.apart = [apart(row, "rider-77")]
    seen.open_board()
    open_one(seen, row)
    seen.page.click("#drawer [data-exclusions]")
    seen.page.wait_for_selector("#exclusions [data-exclusion=rider-77]")
    assert seen.page.locator("#exclusions form, #exclusions [data-lift]").count() == 0
    seen.page.keyboard.press("Escape")
    seen.page.click(f"#drawer [data-focus='w:{row.worker_ids[0]}']")
    seen.page.wait_for_selector("#drawer h3:has-text('남은 방문')")
    assert seen.page.locator("#drawer [data-exclusions]").count() == 0
