"""Parcels go into spare time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing import Budget, Insertion, Pickup, Place, Plan, Route, Rule, Violation, Visit, Worker, check, insert, solve
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


def test_a_parcel_under_way_keeps_no_meal_out() -> None:
    """Its locked stops are driven in any case, so the meal that comes after them is not delayed by choice."""
    visits = [meal(1, 300), parcel(2, 200)]
    under_way = plan(route("rider-1", "+home-2", "home-2", locked=2))
    then = route("rider-1", "+home-2", "home-2", "+home-1", "home-1", locked=2)
    problem = world([rider()], visits)
    assert check(problem, plan(then), under_way) == []
    assert [one.rule for one in check(problem, plan(replace(then, locked_count=0)), plan(route("rider-1")))] == ["parcel_delays"]
    for budget in (Budget(0), Budget(20)):
        assert solve(problem, budget, 1, under_way).routes["rider-1"].stops == then.stops
    found = insert(problem, under_way, visits[0])
    assert isinstance(found, Insertion)
    assert found.routes[0].stops == then.stops


def test_a_parcel_still_to_come_makes_room_for_a_meal() -> None:
    """The box holds one: the parcel in the plan waits for another day, the meal is taken."""
    soon = {"due_s": at("09:14"), "latest_s": at("09:14")}
    visits = [meal(1, 300, **soon), replace(parcel(2, 200), **soon)]
    problem = world([rider(1, capacity_boxes=1)], visits)
    start = plan(route("rider-1", "+home-2", "home-2"))
    for budget in (Budget(0), Budget(20)):
        found = solve(problem, budget, 1, start)
        assert [stop.visit_id for stop in found.routes["rider-1"].stops] == ["home-1", "home-1"]


def test_a_parcel_taken_up_comes_after_the_meal() -> None:
    """Its pickup is locked, its door is not: the meal goes first."""
    visits = [meal(1, 300, due_s=at("09:14"), latest_s=at("09:14")), parcel(2, 200)]
    problem = world([rider()], visits)
    start = plan(route("rider-1", "+home-2", "home-2", locked=1))
    for budget in (Budget(0), Budget(20)):
        found = solve(problem, budget, 1, start)
        assert [stop.visit_id for stop in found.routes["rider-1"].stops] == ["home-2", "home-1", "home-1", "home-2"]


def test_a_parcel_taken_up_gives_way_though_it_comes_late() -> None:
    """Both cannot be in time: the meal is, and the parcel pays for its lateness."""
    soon = {"due_s": at("09:14"), "latest_s": at("09:14")}
    visits = [meal(1, 300, **soon), replace(parcel(2, 200), **soon)]
    start = plan(route("rider-1", "+home-2", "home-2", locked=1))
    problem = world([rider()], visits)
    found = solve(problem, Budget(20), 1, start)
    assert [stop.visit_id for stop in found.routes["rider-1"].stops] == ["home-2", "home-1", "home-1", "home-2"]
    assert check(problem, found, start) == []
    # not one that is still to be fetched
    broken = check(problem, replace_lock(found), plan(route("rider-1")))
    assert [one.rule for one in broken] == ["parcel_delays", "time_window"]


def replace_lock(one: Plan) -> Plan:
    return Plan({worker_id: replace(way, locked_count=0) for worker_id, way in one.routes.items()})
