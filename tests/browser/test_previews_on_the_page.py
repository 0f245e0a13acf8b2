"""What an order would do is read in its place before anything is sent: who comes, who comes later, what is in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.api.roles import Role
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.browser.fake_district import SEOUL
from tests.browser.test_orders_on_the_page import opened

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
ORDERS = ("/assign", "/forbid", "/lock", "/swap", "/let-plan-decide", "/cancel")


def asked(seen: Seen, what: str) -> list[Any]:
    return [body for path, body in seen.api.posts if path.endswith(f"/{what}:preview")]


def ordered(seen: Seen) -> list[str]:
    return [path for path, _ in seen.api.posts if path.endswith(ORDERS)]


def other_than(seen: Seen, row: b.VisitRow) -> b.VisitRow:
    return next(one.row for one in seen.api.day.rows.values() if one.row.visit_id != row.visit_id and one.row.state == "planned")


@pytest.mark.parametrize("phone", [False, True])
def test_who_would_come_later_is_read_by_name_with_both_times_before_a_cancellation(look: Look, phone: bool) -> None:
    seen, row = opened(look, phone=phone)
    other = other_than(seen, row)
    until_at = other.due_at + timedelta(minutes=7)
    seen.api.order_preview = {
        "state": "cancelled", "worker_ids": [], "begin_at": None, "rules": ["changes_a_promise"],
        "moved": [
            {"visit_id": one.visit_id, "from_at": at, "until_at": then, "from_worker_ids": who, "until_worker_ids": who}
            for one, at, then, who in (
                (row, row.due_at, None, row.worker_ids), (other, other.due_at - timedelta(minutes=5), until_at, other.worker_ids),
            )
        ],
    }  # fmt: skip
    seen.page.focus("[data-previews=cancel]")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#drawer-actions .preview li")
    said = seen.text("#drawer-actions .preview")
    clock = [f"{at.astimezone(SEOUL):%H:%M}" for at in (other.due_at - timedelta(minutes=5), until_at)]
    name = seen.api.day.names[other.recipient_id]
    times = (f"{clock[0]} → {clock[1]}", "+12분", "+7분 늦음")
    for words in ("취소되고 아무도 가지 않습니다", name, *times, "다른 건이 약속보다 늦어짐"):
        assert words in said, (words, said)
    assert seen.page.locator("#drawer-actions .preview li").count() == 1, "the visit itself is the sentence, not in the list"
    assert seen.page.evaluate("document.activeElement.dataset.previews") == "cancel"
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked(seen, "cancel") == [{"reason": "recipient_asked"}]
    assert ordered(seen) == []
    assert seen.complaints == []


def test_a_choice_made_anew_or_a_row_that_changed_takes_the_preview_away(look: Look) -> None:
    seen, row = opened(look)
    seen.page.click("[data-focus='f:more']")
    seen.page.click("[data-previews=forbid]")
    seen.page.wait_for_selector(".preview:has-text('시작합니다')")
    assert "다른 건은 그대로입니다" in seen.text("details[open] .preview")
    body = {"worker_id": row.worker_ids[0], "reason": "recipient_asked", "expected_version": row.version}
    assert asked(seen, "forbid") == [body]
    seen.page.select_option("[data-focus='f:why']", "office")
    seen.page.wait_for_selector(".preview:has-text('시작합니다')", state="detached")
    seen.page.click("[data-previews=forbid]")
    seen.page.wait_for_selector(".preview:has-text('시작합니다')")
    change(seen, msgspec.structs.replace(row, version=row.version + 1))
    seen.page.wait_for_selector(".preview:has-text('시작합니다')", state="detached")
    assert ordered(seen) == []


def change(seen: Seen, row: b.VisitRow) -> None:
    with seen.api.lock:
        seen.api.day.rows[row.visit_id].row = row
        seen.api.frame(visits=[row])


def test_what_people_said_of_a_visit_takes_the_preview_away_though_its_version_stays(look: Look) -> None:
    seen, row = opened(look)
    seen.page.click("[data-previews=lock]")
    seen.page.wait_for_selector(".preview:has-text('시작합니다')")
    change(seen, msgspec.structs.replace(row, locked=True, pinned_id=row.worker_ids[0]))
    seen.page.wait_for_selector("[data-previews=let-plan-decide]")
    assert seen.page.locator(".preview:has-text('시작합니다')").count() == 0
    seen.page.click("[data-previews=let-plan-decide]")
    seen.page.wait_for_selector(".preview:has-text('다음 배차안이 다른 인력이나 시각으로')")
    assert asked(seen, "lock") == asked(seen, "let-plan-decide") == [{"expected_version": row.version}]


def test_giving_it_by_hand_is_previewed_with_the_reason_that_was_chosen(look: Look) -> None:
    seen, row = opened(look, phone=True)
    seen.page.click("[data-focus='h:more']")
    seen.page.wait_for_selector("[data-act=assign]")
    who = seen.page.eval_on_selector_all("[data-focus='h:what'] option", "all => all.map(one => one.value)")[1]
    seen.page.select_option("[data-focus='h:what']", who)
    seen.page.select_option("[data-focus='h:why']", "office")
    seen.api.order_preview = {"worker_ids": [who]}
    seen.page.click("details[open] [data-previews=assign]")
    seen.page.wait_for_selector(f"details[open] .preview:has-text('{seen.api.day.names[who]} 님이')")
    assert asked(seen, "assign") == [{"worker_id": who, "reason": "office", "expected_version": row.version}]
    assert ordered(seen) == []


def test_a_refusal_says_what_is_in_the_way_and_what_to_do_in_both_languages(look: Look) -> None:
    seen, _ = opened(look)
    seen.api.order_preview = {
        "outcome": "refused", "code": "worker_not_able", "rules": ["skill", "area"],
        "remedy": {"ko": "다른 인력을 고르세요.", "en": "Choose somebody else."},
    }  # fmt: skip
    seen.page.click("[data-focus='why']")
    seen.page.wait_for_selector(".why [data-give='rider-other']")
    seen.page.click(".why [data-previews=assign]")
    seen.page.wait_for_selector(".why .preview .failed:has-text('다른 인력을 고르세요. · 자격 없음, 다른 생활권')")
    seen.page.click("#language")
    seen.page.wait_for_selector(".why .preview .failed:has-text('Choose somebody else.')")
    assert "without the skill" in seen.text(".why .preview")
    assert ordered(seen) == []


def test_two_who_swap_are_previewed_with_who_would_have_which(look: Look) -> None:
    seen, row = opened(look, query="?lang=en")
    seen.page.click("[data-focus='s:more']")
    seen.page.wait_for_selector("[data-previews=swap]")
    other_id = seen.page.input_value("[data-focus='s:what']")
    other = seen.api.day.rows[other_id].row
    seen.api.order_preview = {
        "worker_ids": other.worker_ids, "hidden": 2,
        "moved": [
            {"visit_id": other_id, "from_at": other.due_at, "until_at": other.due_at, "from_worker_ids": other.worker_ids,
             "until_worker_ids": row.worker_ids}
        ],
    }  # fmt: skip
    seen.page.click("[data-previews=swap]")
    seen.page.wait_for_selector(f".preview [data-moved='{other_id}']")
    said = seen.text("details[open] .preview")
    names = seen.api.day.names
    assert f"{names[other.worker_ids[0]]}, beginning at" in said
    assert f"{names[other.worker_ids[0]]} → {names[row.worker_ids[0]]}" in said
    assert "2 more change" in said
    assert asked(seen, "swap") == [{"other_visit_id": other_id, "expected_version": row.version}]


def test_what_somebody_changed_meanwhile_is_said_and_can_be_asked_again(look: Look) -> None:
    seen, _ = opened(look, query="?lang=en")
    seen.api.order_preview = {"status": 409}
    seen.page.click("[data-previews=cancel]")
    seen.page.wait_for_selector(".preview .failed:has-text('Somebody changed it first.')")
    seen.api.order_preview = {"state": "cancelled"}
    seen.page.click("[data-previews=cancel]")
    seen.page.wait_for_selector(".preview:has-text('nobody goes')")


def test_who_may_not_order_has_no_preview(look: Look) -> None:
    seen, _ = opened(look, role=Role.CARE_MANAGER)
    assert seen.page.is_visible("[data-previews=cancel]"), "a cancellation they may order"
    assert seen.page.locator("[data-previews=forbid], [data-previews=swap], [data-previews=assign]").count() == 0
