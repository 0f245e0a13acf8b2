"""Looking for a person from the search box: by the end of a telephone number or a whole name, asked for and written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.api.roles import Role, Scope
from streams.contracts import board as b
from streams.contracts.district import OtherDistrict
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
COUNT = "n => document.querySelector('#list-count').textContent.startsWith(String(n))"


def person(row: b.VisitRow, **changes: Any) -> dict[str, Any]:
    values = {
        "recipient_id": row.recipient_id, "name": "김*용", "whose": "own", "district": DISTRICT, "dong": row.dong,
        "visit_ids": [row.visit_id],
    }  # fmt: skip
    return values | changes


def asked(seen: Seen) -> list[Any]:
    return [body for path, body in seen.api.posts if path == "/v1/people/search"]


@pytest.mark.parametrize("phone", [False, True])
def test_the_end_of_a_number_leads_to_the_visits_of_whose_it_is(look: Look, phone: bool) -> None:
    seen = look(phone=phone)
    rows = [visit.row for visit in seen.api.day.rows.values()]
    seen.api.people["9731"] = [
        person(rows[3]), person(rows[5], whose="kin"), person(rows[0], recipient_id="r-none", name="이*자", visit_ids=[]),
    ]  # fmt: skip
    wanted = sum(row.recipient_id in (rows[3].recipient_id, rows[5].recipient_id) for row in rows)
    seen.open_board()
    seen.page.fill("#search", "9731")
    seen.page.wait_for_selector("#people-search button")
    assert asked(seen) == [], "nobody is looked up by typing"
    seen.page.press("#search", "Enter")
    seen.until(COUNT, wanted)
    said = seen.text("#people-search")
    assert "3명" in said
    assert "보호자 번호" in said
    assert "오늘 제공 건 없음" in said
    assert asked(seen) == [{"ending": "9731"}]
    assert "9731" not in seen.page.url
    assert not any("9731" in path for path in seen.api.requests)
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen.page.click(f"#people-search [data-found='{rows[3].recipient_id}'] button")
    seen.page.wait_for_selector(f"#drawer:has-text('{rows[3].reference}')")
    seen.page.keyboard.press("Escape")
    seen.page.press("#search", "Enter")  # the second one goes on to the list
    assert seen.page.evaluate("document.activeElement.id") == "list-scroll"
    seen.page.click("#language")
    assert "3 people" in seen.text("#people-search")
    seen.page.fill("#search", "")
    seen.until(COUNT, len(rows))
    assert not seen.page.is_visible("#people-search")
    assert "이*자" not in seen.page.content()
    assert seen.complaints == []


def test_a_whole_name_and_nobody(look: Look) -> None:
    seen = look()
    row = next(iter(seen.api.day.rows.values())).row
    seen.api.people["선우은숙"] = [person(row)]
    seen.open_board()
    seen.page.fill("#search", "선우은숙")
    seen.page.click("[data-focus=ask-people]")
    seen.page.wait_for_selector(f"#people-search [data-found='{row.recipient_id}']")
    seen.page.fill("#search", "0000")
    seen.page.click("[data-focus=ask-people]")
    seen.page.wait_for_selector("#people-search:has-text('끝나는 이용자나 보호자가 없습니다')")
    assert asked(seen) == [{"name": "선우은숙"}, {"ending": "0000"}]


def test_what_did_not_work_is_said_and_can_be_tried_again(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.page.fill("#search", "9731")
    seen.page.wait_for_selector("#people-search button")
    seen.api.refused = 503
    seen.page.click("[data-focus=ask-people]")
    seen.page.wait_for_selector("#people-search .failed:has-text('잠시 뒤 다시 보세요')")
    seen.api.refused = 0
    seen.page.click("[data-focus=ask-people]")
    seen.page.wait_for_selector("#people-search:has-text('9731')")
    wait_until(lambda: len(asked(seen)) == 2, "asked again")


def test_who_may_not_telephone_is_offered_no_search_for_people(look: Look) -> None:
    seen = look()
    seen.api.role, seen.api.scope = Role.AREA_MANAGER, Scope(districts=(DISTRICT,), areas=("MP-A",))
    seen.open_board()
    seen.page.fill("#search", "9731")
    seen.page.wait_for_selector("#list-empty:visible")
    assert not seen.page.is_visible("#people-search")
    seen.page.press("#search", "Enter")
    assert asked(seen) == []


def test_another_district_is_called_by_its_name(look: Look) -> None:
    seen = look()
    other = OtherDistrict(district="11410", name_ko="서대문구", name_en="Seodaemun-gu")
    seen.api.day.config = msgspec.structs.replace(seen.api.day.config, other_districts=(other,))
    visit = next(one for one in seen.api.day.rows.values() if one.row.state == "accepted")
    visit.row = msgspec.structs.replace(
        visit.row, guest_of="11410", dong="1141055000",
        supplied=b.SuppliedRow(rung="region", supplier="district:11410", after_s=960, price_krw=2500),
    )  # fmt: skip
    seen.open_board()
    seen.page.fill("#search", visit.row.reference)
    seen.until("() => document.querySelector('#list-count').textContent === '1건'")
    seen.page.click(".visit:visible")
    seen.page.wait_for_selector("#drawer .facts")
    drawer = seen.text("#drawer")
    assert drawer.count("서대문구") >= 3
    assert "11410" not in drawer
    seen.page.click("#language")
    seen.page.wait_for_selector("#drawer:has-text('Seodaemun-gu')")
    assert "서대문구" not in seen.text("#drawer")
