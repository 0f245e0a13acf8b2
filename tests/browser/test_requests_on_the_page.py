"""A new visit for somebody who is known: from the search, from a visit, from a call; what follows is read before it is filed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.api.models import VisitBody
from services.api.roles import Role, Scope
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def posted(seen: Seen, path: str) -> list[Any]:
    return [body for one, body in seen.api.posts if one == path]


def as_care_manager(look: Look, phone: bool = False) -> tuple[Seen, b.VisitRow]:
    seen = look(phone=phone)
    row = next(one.row for one in seen.api.day.rows.values() if one.row.service == "check_in")
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=(DISTRICT,), dongs=(row.dong,))
    return seen, row


@pytest.mark.parametrize("phone", [False, True])
def test_a_care_manager_files_for_whom_the_search_found(look: Look, phone: bool) -> None:
    seen, row = as_care_manager(look, phone)
    seen.api.people["9731"] = [
        {"recipient_id": "R-7", "name": "김*용", "whose": "own", "district": DISTRICT, "dong": row.dong, "visit_ids": []}
    ]
    seen.open_board()
    seen.page.fill("#search", "9731")
    seen.page.press("#search", "Enter")
    seen.page.click("[data-request=R-7]")
    seen.page.wait_for_selector("#request[open]:has-text('김*용')")
    assert seen.page.evaluate("document.querySelector('#request').scrollWidth <= document.querySelector('#request').clientWidth")
    seen.page.select_option("#request-service", "temporary_home_care")
    seen.page.fill("#request-from", "1400")
    seen.page.fill("#request-until", "16:00")
    seen.page.press("#request-until", "Enter")
    said = seen.page.wait_for_selector("#request ul.request-follows").inner_text()
    assert "맡을 수 있습니다" in said
    assert posted(seen, "/v1/visits") == [], "nothing is filed before it was read"
    assert seen.page.evaluate("document.activeElement.id") == "request-file"
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#request:has-text('접수되었습니다')")
    (asked,), (filed,) = posted(seen, "/v1/visits:preview"), posted(seen, "/v1/visits")
    assert asked == filed
    body = VisitBody.model_validate(filed)
    assert (body.recipient_id, body.service, body.dong, body.district) == ("R-7", "temporary_home_care", row.dong, DISTRICT)
    assert body.window_start_at.isoformat() == "2026-11-24T05:00:00+00:00"
    assert body.window_end_at.isoformat() == "2026-11-24T07:00:00+00:00"
    assert seen.complaints == []


def test_a_meal_from_a_visits_own_drawer_takes_its_kitchen_and_place(look: Look) -> None:
    seen = look()
    row = next(one.row for one in seen.api.day.rows.values() if one.row.meal_kind == "hot_lunch")
    seen.open_board()
    seen.page.fill("#search", row.reference)
    seen.page.click(f".visit:has(.reference:text-is('{row.reference}'))")
    seen.page.click("#drawer [data-focus=request]")
    seen.page.select_option("#request-meal_kind", "hot_dinner")
    seen.page.fill("#request-from", "17:00")
    seen.page.fill("#request-until", "18:30")
    seen.page.fill("#request-ready", "16:30")
    seen.page.click("#request-preview")
    seen.page.click("#request-file")
    wait_until(lambda: bool(posted(seen, "/v1/visits")), "it is filed")
    (filed,) = posted(seen, "/v1/visits")
    body = VisitBody.model_validate(filed)
    assert (body.recipient_id, body.meal_kind, body.kitchen_id) == (row.recipient_id, "hot_dinner", row.kitchen_id)
    assert (filed["place"]["x"], filed["place"]["y"]) == (row.place.x, row.place.y)
    fresh = msgspec.structs.replace(row, visit_id="new-1", reference=filed["reference"], state="planned")
    seen.api.frame(visits=[fresh])
    seen.page.wait_for_selector("#request-open")
    seen.until("id => [...document.querySelectorAll('.visit')].length >= 1", "new-1")
    seen.page.click("#request-open")
    seen.page.wait_for_selector("#request", state="hidden")
    assert seen.page.is_visible("#drawer")


def test_what_would_be_refused_says_what_to_do_and_is_not_filed(look: Look) -> None:
    seen, row = as_care_manager(look)
    seen.api.preview = {
        "outcome": "refused", "code": "time_inverted", "changes": [],
        "remedy": {"ko": "시작이 끝보다 늦습니다.", "en": "It ends before it starts."},
    }  # fmt: skip
    seen.open_board(f"?dong={row.dong}&lang=en")
    seen.page.click(".visit:visible")
    seen.page.click("#drawer [data-focus=request]")
    seen.page.click("#request-preview")
    seen.page.wait_for_selector("#request .failed:has-text('It ends before it starts.')")
    assert seen.page.locator("#request-file").count() == 0
    seen.api.preview = {"outcome": "accepted", "code": "", "changes": []}
    seen.page.select_option("#request-service", "accompaniment")
    assert seen.page.locator("#request .failed").count() == 0, "what was answered was of what was asked"
    seen.page.click("#request-preview")
    seen.page.wait_for_selector("#request:has-text('Nobody can take it now')")
    seen.api.refuse_commands = True
    seen.page.click("#request-file")
    seen.page.wait_for_selector("#request .failed:has-text('The visit is closed')")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#request", state="hidden")
    assert seen.page.is_visible("#drawer")


def test_who_may_not_file_has_no_button_for_it(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = Role.AREA_MANAGER, Scope(districts=(DISTRICT,), areas=("MP-A",))
    seen.open_board()
    seen.page.click(".visit:visible")
    seen.page.wait_for_selector("#drawer .story")
    assert seen.page.locator("#drawer [data-focus=request]").count() == 0
