"""The page leaves out what a role may not use, says who is signed in, and lets them out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.api.roles import Role, Scope
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def as_role(look: Look, role: Role, scope: Scope, phone: bool = False) -> Seen:
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = role, scope
    seen.open_board()
    return seen


def test_an_operator_has_everything_and_can_leave(look: Look) -> None:
    seen = as_role(look, Role.OPERATOR, Scope())
    assert seen.page.is_visible("#speeds button")
    assert seen.page.is_visible("nav.tabs [data-go=ledger]")
    assert seen.page.is_visible("#attention-rows [data-outcome]")
    seen.page.click("#me summary")
    assert "운영자" in seen.text("#me-menu")
    assert seen.page.is_visible("#me-menu a[href='/accounts']")
    seen.page.click("#sign-out")
    seen.page.wait_for_url("**/sign-in")
    assert "/v1/session" in seen.api.requests


def test_a_co_operative_sees_its_scope_and_no_button_that_is_not_for_it(look: Look) -> None:
    seen = look()
    organisation = next(iter(seen.api.day.workers.values())).organisation
    seen.api.role, seen.api.scope = Role.COOP_DISPATCHER, Scope(districts=(DISTRICT,), organisation=organisation)
    seen.open_board()
    for hidden in ("#speeds button", "nav.tabs [data-go=ledger]", "#attention-rows [data-outcome]", "#disruptions summary"):
        assert not seen.page.is_visible(hidden), hidden
    seen.page.click(".visit:visible")
    seen.page.wait_for_selector("#drawer .facts")
    assert not seen.page.is_visible("#drawer-actions .cancel")
    assert not seen.page.is_visible("[data-focus=why]")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("3")
    assert seen.page.get_attribute("body", "data-tab") == "board"
    seen.page.click("#me summary")
    assert "라이더 협동조합" in seen.text("#me-menu")
    assert not seen.page.is_visible("#me-menu a[href='/accounts']")
    assert seen.complaints == []


def test_an_auditor_asks_for_no_names(look: Look) -> None:
    seen = as_role(look, Role.AUDITOR, Scope(districts=(DISTRICT,)))
    seen.page.click("nav.tabs [data-go=ledger]")
    seen.page.wait_for_selector("#ledger .equation")
    assert not any(path == "/v1/people/names" for path, _ in seen.api.posts)


def test_a_care_manager_on_a_phone_sees_her_dong(look: Look) -> None:
    dong = look().api.day.config.areas[0].dong_codes[0]
    seen = as_role(look, Role.CARE_MANAGER, Scope(districts=(DISTRICT,), dongs=(dong,)), phone=True)
    seen.page.tap("#me summary")
    menu = seen.page.locator("#me-menu").bounding_box()
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= 390
    name = next(one.name_ko for one in seen.api.day.config.dongs if one.code == dong)
    assert name in seen.text("#me-menu")
    seen.page.tap("#language")
    seen.page.tap("#me summary")
    assert "Care manager" in seen.text("#me-menu")


def test_who_has_several_districts_changes_between_them(look: Look) -> None:
    seen = look(phone=True)
    seen.api.role, seen.api.scope = Role.COORDINATOR, Scope(districts=(DISTRICT, "11410"))
    seen.api.districts = [
        {"district": "11410", "name_ko": "서대문구", "name_en": "Seodaemun-gu"},
        {"district": DISTRICT, "name_ko": "마포구", "name_en": "Mapo-gu"},
    ]
    seen.open_board()
    switch = seen.page.locator("#district-switch")
    switch.wait_for()
    assert switch.locator("option:checked").inner_text() == "마포구"
    assert seen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
    switch.select_option("11410")
    seen.page.wait_for_url("**/?district=11410")
    seen.page.wait_for_selector("#district-switch option:checked:text('서대문구')", state="attached")
    assert any(request.startswith("/v1/live?district=11410") for request in seen.api.requests)
    assert seen.complaints == []


def test_who_has_one_district_has_nothing_to_choose(look: Look) -> None:
    seen = as_role(look, Role.COORDINATOR, Scope(districts=(DISTRICT,)))
    assert not seen.page.is_visible("#district-switch")
    assert "/v1/districts" not in seen.api.requests
