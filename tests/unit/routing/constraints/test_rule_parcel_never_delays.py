"""Parcels go into spare time."""

from __future__ import annotations

import pytest

from routing import Pickup, Place, Route, Rule, Violation, Visit, Worker, check
from tests.worlds import at, meal, plan, rider, route, world


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


def parcel(number: int, x: float) -> Visit:
    return meal(number, x, kind="parcel", pickup=Pickup("shop", Place(-100, 0), at("09:00"), 60))


def test_a_parcel_never_delays_a_meal() -> None:
    visits = [meal(1, 300), parcel(2, 200)]
    after = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider()], visits, after) == []
    before = route("rider-1", "+home-2", "home-2", "+home-1", "home-1")
    # 100 to the shop, 60 there, 300 to the door, 60 there, 200 back
    assert broken([rider()], visits, before) == [Violation(Rule.PARCEL_DELAYS, "home-1", "rider-1", 720)]


@pytest.mark.parametrize(("ready", "later"), [("09:12", []), ("09:11", [60])])
def test_a_parcel_may_use_the_wait_for_a_meal(ready: str, later: list[float]) -> None:
    visits = [meal(1, 300, ready=ready), parcel(2, 200)]
    before = route("rider-1", "+home-2", "home-2", "+home-1", "home-1")
    assert [one.amount for one in broken([rider()], visits, before)] == later


def test_parcels_may_delay_parcels_and_errands() -> None:
    errand = meal(1, 300, kind="errand")
    assert broken([rider()], [errand, parcel(2, 200)], route("rider-1", "+home-2", "home-2", "+home-1", "home-1")) == []
