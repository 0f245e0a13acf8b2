"""A pickup begins before the shop closes."""

from __future__ import annotations

import pytest

from routing import Pickup, Place, Route, Rule, Visit, Worker, check
from tests.worlds import KITCHEN, at, meal, plan, rider, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("closes", "expected"), [("09:10", []), ("09:09", [(Rule.PICKUP_WINDOW, "home-1", 60)])])
def test_a_shop_closes(closes: str, expected: Found) -> None:
    errand = meal(1, 900, kind="errand", pickup=Pickup("shop", Place(600, 0), at("09:00"), 60, at(closes)))
    assert broken([rider()], [errand], route("rider-1", "+home-1", "home-1")) == expected


def test_a_kitchen_stop_begins_when_its_last_meal_is_ready() -> None:
    soon = meal(1, 300, pickup=Pickup("kitchen", KITCHEN, at("09:00"), 180, at("09:20")))
    late = meal(2, 600, ready="09:21")
    both = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    assert broken([rider()], [soon, late], both) == [(Rule.PICKUP_WINDOW, "home-1", 60)]
    apart = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider()], [soon, late], apart) == []
