"""A meal is at the door soon enough after it left the kitchen."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Visit, Worker, check
from tests.worlds import at, meal, plan, rider, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("freshness_s", "expected"), [(660, []), (650, [(Rule.FRESHNESS, "home-2", 10)])])
def test_freshness_from_leaving_the_kitchen_to_the_begin(freshness_s: int, expected: Found) -> None:
    meals = [meal(1, 300), meal(2, 600, freshness_s=freshness_s)]
    assert broken([rider()], meals, route("rider-1", "+home-1", "+home-2", "home-1", "home-2")) == expected


def test_freshness_of_what_is_onboard() -> None:
    onboard = route("rider-1", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider()], [meal(1, 300, freshness_s=900)], onboard) == []
    assert broken([rider()], [meal(1, 300, freshness_s=840)], onboard) == [(Rule.FRESHNESS, "home-1", 60)]
