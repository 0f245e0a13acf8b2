"""A neighbour telephones: the questions on the page, "call 119 now", written down at once; or only a worry to report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.api.models import ConcernBody, EmergencyCallBody
from services.api.roles import Role, Scope
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import COORDINATOR, open_one
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def posted(seen: Seen, path: str) -> list[Any]:
    return [body for one, body in seen.api.posts if one == path]


def opened(look: Look, phone: bool = False) -> tuple[Seen, b.VisitRow]:
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = COORDINATOR
    row = next(one.row for one in seen.api.day.rows.values())
    seen.open_board()
    open_one(seen, row)
    seen.page.click("#drawer [data-emergency]")
    seen.page.wait_for_selector("#emergency[open] .question")
    return seen, row


def answer(seen: Seen, code: str, words: str) -> None:
    seen.page.click(f"#emergency [data-question={code}] label:has-text('{words}')")


@pytest.mark.parametrize("phone", [False, True])
def test_an_alarming_answer_says_119_and_is_written_down_without_a_further_click(look: Look, phone: bool) -> None:
    seen, row = opened(look, phone)
    answer(seen, "conscious", "아니요")
    said = seen.page.wait_for_selector("#emergency .call-119:has-text('10분 안에')").inner_text()
    assert "지금 119에 전화하세요" in said
    assert seen.page.get_attribute("#emergency .call-119 a", "href") == "tel:119"
    (told,) = posted(seen, "/v1/emergency-calls")
    body = EmergencyCallBody.model_validate(told)
    assert (body.recipient_id, body.dong, body.district) == (row.recipient_id, row.dong, DISTRICT)
    assert (body.answers, body.source) == ({"conscious": False}, "other")
    assert seen.page.eval_on_selector("#emergency", "one => one.scrollWidth <= one.clientWidth")
    assert seen.complaints == []


def test_who_needs_no_119_is_written_down_by_a_click_and_followed_up(look: Look) -> None:
    seen, _ = opened(look)
    seen.page.select_option("#emergency-source", "kin")
    answer(seen, "conscious", "예")
    answer(seen, "bleeding", "아니요")
    assert "60분 안에" in seen.page.wait_for_selector("#emergency .request-follows").inner_text()
    assert posted(seen, "/v1/emergency-calls") == []
    seen.page.click("#emergency-write")
    seen.page.wait_for_selector("#emergency:has-text('기록되었습니다')")
    (told,) = posted(seen, "/v1/emergency-calls")
    assert (told["answers"], told["source"]) == ({"conscious": True, "bleeding": False}, "kin")


def test_what_could_not_be_written_down_keeps_119_on_the_page(look: Look) -> None:
    seen, _ = opened(look)
    seen.api.refuse_commands = True
    answer(seen, "breathing", "아니요")
    seen.page.wait_for_selector("#emergency .failed:has-text('119가 먼저입니다')")
    assert seen.page.is_visible("#emergency .call-119 a")
    seen.api.refuse_commands = False
    seen.page.click("#emergency-write")
    seen.page.wait_for_selector("#emergency .call-119:has-text('10분 안에')")


def test_a_worry_alone_is_reported(look: Look) -> None:
    seen, row = opened(look)
    seen.page.select_option("#emergency-source", "neighbour")
    seen.page.click("#emergency-concern")
    seen.page.select_option("#emergency-seen", "post_piling_up")
    seen.page.click("#emergency-report")
    seen.page.wait_for_selector("#emergency-reported:has-text('기록되었습니다')")
    (told,) = posted(seen, "/v1/concerns")
    body = ConcernBody.model_validate(told)
    assert (body.recipient_id, body.observation, body.source) == (row.recipient_id, "post_piling_up", "neighbour")


def test_a_co_operative_has_no_such_button(look: Look) -> None:
    seen = look()
    row = next(one.row for one in seen.api.day.rows.values())
    seen.api.role, seen.api.scope = Role.DISTRICT_OFFICER, Scope(districts=(DISTRICT,))
    seen.open_board()
    open_one(seen, row)
    assert seen.page.locator("[data-emergency]").count() == 1, "a district officer answers calls too"
    seen.api.role, seen.api.scope = Role.AUDITOR, Scope(districts=(DISTRICT,))
    seen.page.reload()
    seen.page.wait_for_selector(".visit:visible")
    if not seen.page.is_visible("#drawer"):
        open_one(seen, row)
    wait_until(lambda: seen.page.locator("#drawer .story").count() == 1, "the drawer")
    assert seen.page.locator("[data-emergency]").count() == 0
