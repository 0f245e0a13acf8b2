"""The window's phone, as somebody at the desk uses it: number, promises, what follows, and only then the button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from streams.contracts.calls import CallOption, CallPromise
from tests.browser.conftest import Seen
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
NUMBER = "010-1234-5678"


def caller(seen: Seen) -> dict[str, Any]:
    """Mr Kim's lunch, with the rider at the kitchen."""
    row = next(v.row for v in seen.api.day.rows.values() if v.row.state == "accepted")
    promise = CallPromise(
        visit_id=row.visit_id, recipient_id=row.recipient_id, service=row.service, meal_kind=row.meal_kind, state=row.state,
        dong=row.dong, window_start_at=row.window_start_at, window_end_at=row.window_end_at, due_at=row.due_at,
        expected_at=row.expected_at, done_at=None, worker_ids=row.worker_ids, version=row.version,
        options=(
            CallOption(wish="not_today", follows=("meal_is_cooked", "worker_told")),
            CallOption(wish="later", code="started_stays"),
            CallOption(wish="did_not_come", follows=("not_due_yet",)),
            CallOption(wish="change_address", follows=("planned_anew", "worker_told")),
        ),
    )  # fmt: skip
    shown = {"district": row.visit_id, **msgspec.to_builtins(promise)}
    shown["options"][1]["remedy"] = {"ko": "이미 출발했습니다.", "en": "It is under way."}
    return {"recipient_id": row.recipient_id, "name": "김*용", "whose": "own", "promises": [shown]}


def ring(seen: Seen) -> None:
    seen.open()
    seen.api.callers[NUMBER] = [caller(seen)]
    seen.page.click("#phone-open")
    seen.page.fill("#phone-number", NUMBER)
    seen.page.press("#phone-number", "Enter")
    seen.page.wait_for_selector("#phone [data-visit]")


@pytest.mark.parametrize("phone", [True, False])
def test_what_follows_is_read_before_it_is_written_down(look: Look, phone: bool) -> None:
    seen = look(phone=phone)
    ring(seen)
    seen.page.click("#phone [data-wish='later']")
    assert "이미 출발했습니다." in seen.text("#phone .phone-follows")
    assert not [path for path, _ in seen.api.posts if path.endswith("/call")]
    seen.page.click("#phone [data-wish='not_today']")
    assert "이미 조리된 식사" in seen.text("#phone [data-follows='meal_is_cooked']")
    assert seen.page.evaluate("document.querySelector('#phone').scrollWidth <= document.querySelector('#phone').clientWidth")
    seen.page.click("#phone .phone-say .primary")
    wait_until(lambda: any(path.endswith("/call") for path, _ in seen.api.posts), "the wish is posted")
    (body,) = [body for path, body in seen.api.posts if path.endswith("/call")]
    assert (body["wish"], body["expected_version"]) == ("not_today", caller(seen)["promises"][0]["version"])
    seen.page.wait_for_selector("#phone .phone-follows[role=status]")


def test_the_number_is_in_no_address_and_gone_when_the_dialog_closes(look: Look) -> None:
    seen = look()
    ring(seen)
    assert not any("1234" in path for path in seen.api.requests)
    assert ("/v1/calls", {"number": NUMBER}) in seen.api.posts
    seen.page.click("#phone-close")
    seen.page.click("#phone-open")
    assert seen.page.input_value("#phone-number") == ""
    assert seen.page.locator("#phone [data-visit]").count() == 0


def test_how_they_are_told_is_set_beside_it(look: Look) -> None:
    seen = look()
    ring(seen)
    seen.page.click("#phone .notices summary")
    seen.page.select_option("#phone select[name=channel0]", "voice")
    seen.page.select_option("#phone select[name=channel2]", "")
    seen.page.check("#phone input[name=kin0]")
    seen.page.select_option("#phone select[name=kin-language0]", "en")
    seen.page.click("#phone .notices-form button[type=submit]")
    wait_until(lambda: any(path.endswith("/notices") for path, _ in seen.api.posts), "the wishes are stored")
    (body,) = [body for path, body in seen.api.posts if path.endswith("/notices")]
    assert (body["channels"], body["kin"][0]["notify"], body["kin"][0]["language"]) == (["voice", "sms"], True, "en")
