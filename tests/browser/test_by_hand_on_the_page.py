"""A coordinator gives a visit to whom the plan did not offer, and writes down who took a need by telephone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.api.models import AssignBody, ClaimBody
from services.api.roles import Role
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT, PROVIDERS
from tests.browser.test_orders_on_the_page import opened, posted
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
WHO = "[data-focus='h:what']"


@pytest.mark.parametrize("phone", [False, True])
def test_a_rule_that_may_be_broken_is_broken_with_a_reason(look: Look, phone: bool) -> None:
    seen, row = opened(look, phone=phone)
    seen.api.refused_rules = ["area"]
    seen.page.click("[data-focus='h:more']")
    seen.page.wait_for_selector("[data-act=assign]")
    workers = seen.page.eval_on_selector_all(f"{WHO} option", "all => all.map(one => one.value)")
    assert {seen.api.day.workers[one].kind for one in workers} == {seen.api.day.workers[row.worker_ids[0]].kind}
    assert row.worker_ids[0] not in workers
    seen.api.refuse_commands = True
    seen.page.select_option(WHO, workers[1])
    assert seen.page.locator("#drawer-actions details[open] [data-previews=assign]").count() == 1
    seen.page.click("[data-act=assign]")
    anyway = seen.page.wait_for_selector("[data-act=waive]")
    assert anyway.inner_text() == "그래도 배정: 다른 생활권"
    assert seen.page.eval_on_selector("#drawer-actions", "one => one.scrollWidth <= one.clientWidth")
    assert seen.page.input_value(WHO) == workers[1]
    seen.api.refuse_commands = False
    seen.page.select_option("[data-focus='h:why']", "office")
    seen.page.click("[data-act=waive]")
    wait_until(lambda: len(posted(seen, "/assign")) == 2, "the order")
    first, second = (AssignBody.model_validate(body) for body in posted(seen, "/assign"))
    assert (first.worker_id, first.waive) == (workers[1], ())
    assert (second.worker_id, second.waive, second.reason) == (workers[1], ("area",), "office")
    assert seen.complaints == []


def test_a_rule_that_holds_for_everybody_has_no_such_button(look: Look) -> None:
    seen, _ = opened(look)
    seen.api.refuse_commands = True
    seen.page.click("[data-focus='h:more']")
    seen.page.click("[data-act=assign]")
    assert "자격 없음" in seen.page.wait_for_selector("#drawer-actions .failed").inner_text()
    seen.page.wait_for_selector("[data-act=assign]")
    assert seen.page.locator("[data-act=waive]").count() == 0


def test_a_claim_by_telephone_is_written_down_for_whom_the_need_is_open_to(look: Look) -> None:
    provider = PROVIDERS[0][0]
    seen, _ = opened(look, "waiting", worker_ids=(), open_to=(provider,))
    seen.page.click("[data-focus='o:more']")
    seen.page.click("[data-act=claims]")
    wait_until(lambda: bool(posted(seen, "/claims")), "the claim")
    (told,) = posted(seen, "/claims")
    assert (ClaimBody.model_validate(told).organisation, told["district"]) == (provider, DISTRICT)


def test_a_care_manager_gives_nothing_by_hand(look: Look) -> None:
    seen, _ = opened(look, "waiting", role=Role.CARE_MANAGER, worker_ids=(), open_to=("x",))
    assert seen.page.locator("[data-focus='h:more'], [data-focus='o:more']").count() == 0
