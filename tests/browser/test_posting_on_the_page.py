"""A posting (입소 파견) asked for beside the programmes: whom the search found, the days, who asks, and who goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.api.models_care import PostingBody
from services.api.roles import Role, Scope
from streams.contracts.crisis import ProgrammeRow
from streams.contracts.eligibility import PostingRule, Programme
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import COORDINATOR

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def posted(seen: Seen) -> list[Any]:
    return [body for path, body in seen.api.posts if path == "/v1/postings"]


def switched_on(look: Look, phone: bool = False, is_on: bool = True) -> Seen:
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = COORDINATOR
    day = seen.api.day
    programme = Programme(
        programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", services=("temporary_home_care",), switched=True,
        posting=PostingRule(who_may_ask=("public_health_centre", "recipient"), max_days=14),
    )  # fmt: skip
    day.config = msgspec.structs.replace(day.config, programmes=(programme,))
    day.programmes = (
        ProgrammeRow(
            programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", is_on=is_on, from_date="2026-11-24",
            until_date="2026-12-24", budget_krw=3_000_000, booked_krw=0, stock={}, booked_equipment={}, visits=0, version=1,
        ),
    )  # fmt: skip
    dong = day.config.dongs[0].code
    seen.api.people["9731"] = [
        {"recipient_id": f"R-{n}", "name": name, "whose": "own", "district": DISTRICT, "dong": dong, "visit_ids": []}
        for n, name in ((7, "김*용"), (8, "이*희"))
    ]
    return seen


@pytest.mark.parametrize("phone", [False, True])
def test_a_posting_is_asked_for_whom_the_search_found(look: Look, phone: bool) -> None:
    seen = switched_on(look, phone)
    seen.open("?tab=map" if phone else "")
    seen.page.click("#ask-posting")
    seen.page.wait_for_selector("#posting[open]")
    seen.page.fill("#posting-text", "9731")
    seen.page.press("#posting-text", "Enter")
    seen.page.click("#posting label:has-text('이*희')")
    assert seen.page.eval_on_selector("#posting", "one => one.scrollWidth <= one.clientWidth")
    assert seen.page.locator("#posting-asked_by option").all_inner_texts() == ["보건소", "이용자"]
    carers = {one.worker_id for one in seen.api.day.workers.values() if one.kind == "carer"}
    assert set(seen.page.eval_on_selector_all("#posting-worker option", "all => all.map(one => one.value)")) == carers | {""}
    seen.page.fill("#posting-from_day", "2026-11-25")
    seen.page.fill("#posting-from_clock", "10:00")
    seen.page.fill("#posting-until_day", "2026-11-28")
    seen.page.fill("#posting-until_clock", "18:00")
    seen.page.select_option("#posting-gender", "female")
    seen.page.click("#posting-send")
    seen.page.wait_for_selector("#posting:has-text('신청되었습니다')")
    (told,) = posted(seen)
    body = PostingBody.model_validate(told)
    assert (body.recipient_id, body.programme_id, body.asked_by, body.gender, body.worker_id) == (
        "R-8", "crisis", "public_health_centre", "female", "",
    )  # fmt: skip
    assert (body.from_at.isoformat(), body.until_at.isoformat()) == ("2026-11-25T01:00:00+00:00", "2026-11-28T09:00:00+00:00")
    assert seen.complaints == []


def test_a_refusal_says_what_is_in_the_way_and_keeps_what_was_typed(look: Look) -> None:
    seen = switched_on(look)
    seen.open_board()
    seen.page.click("#ask-posting")
    seen.page.click("#posting-find")
    seen.page.wait_for_selector("#posting-people:has-text('찾지 못했습니다')")
    seen.page.click("#posting-send")
    seen.page.wait_for_selector("#posting .failed:has-text('먼저 이용자를 찾으세요')")
    seen.page.fill("#posting-text", "9731")
    seen.page.click("#posting-find")
    seen.page.click("#posting label:has-text('김*용')")
    seen.api.refuse_commands = True
    seen.page.fill("#posting-until_clock", "20:00")
    seen.page.click("#posting-send")
    assert "자격 없음" in seen.page.wait_for_selector("#posting .failed").inner_text()
    assert seen.page.input_value("#posting-until_clock") == "20:00"
    first = posted(seen)[0]["reference"]
    seen.api.refuse_commands = False
    seen.page.click("#posting-send")
    seen.page.wait_for_selector("#posting:has-text('신청되었습니다')")
    assert posted(seen)[1]["reference"] != first, "what was refused is judged anew"


def test_it_is_for_the_window_while_a_programme_with_postings_is_on(look: Look) -> None:
    seen = switched_on(look, is_on=False)
    seen.open_board()
    assert seen.page.locator("#ask-posting").count() == 0
    seen.api.day.programmes = (msgspec.structs.replace(seen.api.day.programmes[0], is_on=True),)
    seen.api.frame()
    seen.page.wait_for_selector("#ask-posting")
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=(DISTRICT,))
    seen.page.reload()
    seen.page.wait_for_selector("#programmes li[data-programme]")
    assert seen.page.locator("#ask-posting").count() == 0
