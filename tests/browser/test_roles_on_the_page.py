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
