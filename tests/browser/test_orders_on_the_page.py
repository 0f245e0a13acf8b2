"""What the window orders from the page: a swap, more pay, a posting, the day closed; asked first where nothing undoes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.api.roles import Role, Scope
from streams.contracts import board as b
from streams.contracts.crisis import PostingRow
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
WHO = "[data-posting=p-1] select[data-focus$=':who']"
COORDINATOR = (Role.COORDINATOR, Scope(districts=(DISTRICT,)))


def posted(seen: Seen, end: str) -> list[Any]:
    return [body for path, body in seen.api.posts if path.endswith(end)]


def open_one(seen: Seen, row: b.VisitRow) -> None:
    seen.page.fill("#search", row.reference)
    # Once it stands alone: where it stood before, the list may change under the pointer.
    seen.page.click(f".visit[aria-rowindex='1']:visible:has(.reference:text-is('{row.reference}'))")
    seen.page.wait_for_selector("#drawer .story")


def in_state(seen: Seen, state: str, **changes: Any) -> b.VisitRow:
    """One visit of one worker, put into this state before the page is opened."""
    visit = next(one for one in seen.api.day.rows.values() if one.row.state == "planned" and len(one.row.worker_ids) == 1)
    visit.row = msgspec.structs.replace(visit.row, state=state, **changes)
    return visit.row


def opened(
    look: Look, state: str = "planned", *, phone: bool = False, query: str = "", role: Role = Role.COORDINATOR, **changes: Any
) -> tuple[Seen, b.VisitRow]:
    """The drawer of one visit in this state, open before the district's coordinator, or before who has this role in its dong."""
    seen = look(phone=phone)
    row = in_state(seen, state, **changes)
    dongs = () if role is Role.COORDINATOR else (row.dong,)
    seen.api.role, seen.api.scope = role, Scope(districts=(DISTRICT,), dongs=dongs)
    seen.open_board(query)
    open_one(seen, row)
    return seen, row


def test_two_workers_exchange_their_visits_and_a_refusal_names_what_is_in_the_way(look: Look) -> None:
    seen, row = opened(look)
    seen.page.click("[data-focus='s:more']")
    seen.page.wait_for_selector("[data-act=swap]")
    options = seen.page.eval_on_selector_all("[data-focus='s:what'] option", "all => all.map(one => one.value)")
    offered = [seen.api.day.rows[one].row for one in options]
    kind = seen.api.day.workers[row.worker_ids[0]].kind
    assert 1 < len(offered) <= 20
    assert {seen.api.day.workers[one.worker_ids[0]].kind for one in offered} == {kind}
    assert all(one.worker_ids != row.worker_ids for one in offered)
    seen.api.refuse_commands = True
    seen.page.select_option("[data-focus='s:what']", options[1])
    seen.page.click("[data-act=swap]")
    said = seen.page.wait_for_selector("#drawer .failed").inner_text()
    assert "통합창구에 알리세요" in said
    assert "자격 없음" in said
    assert posted(seen, f"{row.visit_id}/swap") == [{"other_visit_id": options[1], "expected_version": row.version}]
    assert seen.complaints == []


def test_a_stop_is_locked_let_go_and_locked_again(look: Look) -> None:
    seen, row = opened(look)
    seen.page.click("[data-act=lock]")
    wait_until(lambda: bool(posted(seen, f"{row.visit_id}/lock")), "the order")
    locked = msgspec.structs.replace(row, locked=True)  # of the same version: what people say of it is no step of the visit's
    seen.api.day.rows[row.visit_id].row = locked
    seen.api.frame([locked])
    seen.page.wait_for_selector("[data-act=lock]", state="detached")
    seen.page.click("[data-act=let-plan-decide]")
    wait_until(lambda: bool(posted(seen, "/let-plan-decide")), "it is let go")
    seen.api.day.rows[row.visit_id].row = row
    seen.api.frame([row])
    seen.page.wait_for_selector("[data-act=lock]")
    assert seen.complaints == []


def test_pay_is_raised_after_it_was_confirmed_by_keyboard(look: Look) -> None:
    seen, row = opened(look, "waiting", worker_ids=())
    seen.page.focus("[data-focus='m:more']")
    seen.page.keyboard.press("Enter")
    seen.page.fill("[data-focus='m:krw']", "3500")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#confirm[open]:has-text('3,500원')")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#confirm", state="hidden")
    assert seen.page.is_visible("#drawer"), "no is no: the drawer stays"
    assert posted(seen, "/raise-fee") == []
    seen.page.click("[data-act=raise-fee]")
    seen.page.wait_for_selector("#confirm[open]:has-text('내릴 수 없습니다')")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    wait_until(lambda: bool(posted(seen, f"{row.visit_id}/raise-fee")), "the order")
    assert posted(seen, "/raise-fee") == [{"extra_krw": 3500, "reason": "nobody", "expected_version": row.version}]
    seen.page.wait_for_selector("#drawer-actions:has-text('추가 수당이 모두 3,500원입니다')")
    assert seen.page.is_visible("[data-act=raise-fee]"), "it may be raised again"


@pytest.mark.parametrize("phone", [False, True])
def test_the_day_is_closed_after_it_was_said_what_follows(look: Look, phone: bool) -> None:
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = COORDINATOR
    seen.open("?tab=ledger")
    seen.page.wait_for_selector("#close-day")
    open_visits = sum(one.row.ledger_class == "open" for one in seen.api.day.rows.values())
    seen.page.click("#close-day")
    said = seen.page.wait_for_selector("#confirm[open]").inner_text()
    assert f"{open_visits}건이 담당자 이름으로 인계" in said
    assert "되돌릴 수 없습니다" in said
    box = seen.page.locator("#confirm").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= (390 if phone else 1440)
    seen.page.click("#confirm-no")
    assert posted(seen, "/day/close") == []
    seen.page.click("#close-day")
    seen.page.click("#confirm-yes")
    wait_until(lambda: bool(posted(seen, "/day/close")), "the order")
    assert posted(seen, "/day/close") == [{"district": DISTRICT, "service_date": "2026-11-24"}]
    seen.page.wait_for_selector("#close-day", state="hidden")
    assert seen.complaints == []


def test_a_day_that_could_not_be_closed_says_why_and_can_be_tried_again(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = COORDINATOR
    seen.api.refuse_commands = True
    seen.open("?tab=ledger&lang=en")
    seen.page.wait_for_selector("#ledger .equation")
    seen.page.click("#close-day")
    seen.page.click("#confirm-yes")
    seen.page.wait_for_selector("#close-day-state:has-text('The visit is closed')")
    assert seen.page.is_visible("#close-day")


def posting(seen: Seen, state: str, worker_id: str = "") -> PostingRow:
    day = seen.api.day
    return PostingRow(
        posting_id="p-1", programme_id="crisis-1", recipient_id="r-9", dong=day.config.dongs[0].code, state=state,
        worker_id=worker_id, from_at=day.now_at, until_at=day.now_at + timedelta(days=3), reason="",
    )  # fmt: skip


def test_somebody_is_named_for_a_posting(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = COORDINATOR
    seen.api.day.postings = (posting(seen, "waiting"),)
    seen.open_board()
    seen.page.click("[data-posting=p-1] summary:has-text('보낼 인력')")
    seen.page.wait_for_selector("[data-posting=assign]")
    options = seen.page.eval_on_selector_all(f"{WHO} option", "all => all.map(one => one.value)")
    assert set(options) == {one.worker_id for one in seen.api.day.workers.values() if one.kind == "carer"}
    seen.page.select_option(WHO, options[2])
    seen.page.evaluate("document.querySelector('#areas-rows tr').marked = true")
    seen.api.frame()  # what others do takes nothing out of the hand
    seen.until("() => !document.querySelector('#areas-rows tr').marked")
    assert seen.page.input_value(WHO) == options[2]
    seen.api.refuse_commands = True
    seen.page.click("[data-posting=assign]")
    assert "자격 없음" in seen.page.wait_for_selector("[data-posting=p-1] .failed").inner_text()
    assert posted(seen, "/p-1/assign") == [{"district": DISTRICT, "worker_id": options[2]}]


def test_a_posting_is_ended_after_it_was_confirmed(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = COORDINATOR
    seen.api.day.postings = (posting(seen, "under_way", "carer-01"),)
    seen.open_board()
    seen.page.click("[data-posting=p-1] summary")
    seen.page.click("[data-posting=end]")
    seen.page.wait_for_selector("#confirm[open]:has-text('지금 끝나고')")
    seen.page.click("#confirm-yes")
    wait_until(lambda: bool(posted(seen, "/p-1/end")), "the order")
    assert posted(seen, "/p-1/end") == [{"district": DISTRICT, "reason": "recipient_asked"}]


def test_a_care_manager_has_none_of_it(look: Look) -> None:
    seen = look()
    row = in_state(seen, "planned")
    seen.api.day.postings = (posting(seen, "waiting"),)
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=(DISTRICT,), dongs=(row.dong,))
    seen.open_board()
    open_one(seen, row)
    for hidden in ("[data-focus='s:more']", "[data-focus='m:more']", "#close-day", "[data-posting=p-1] summary"):
        assert not seen.page.is_visible(hidden), hidden
