"""Taken up before it is brought, by the same rider, or onboard."""

from __future__ import annotations

from routing import Pickup, Place, Route, Rule, Violation, Visit, Worker, check
from tests.worlds import KITCHEN, at, meal, plan, rider, route, world

TWO = [meal(1, 300), meal(2, 600)]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


def test_nothing_broken() -> None:
    assert broken([rider()], TWO, route("rider-1", "+home-1", "+home-2", "home-1", "home-2")) == []


def test_the_door_before_the_pickup() -> None:
    found = broken([rider()], TWO[:1], route("rider-1", "home-1", "+home-1"))
    assert Violation(Rule.PICKUP_ORDER, "home-1", "rider-1", 1) in found


def test_a_door_without_its_meal_and_a_meal_without_its_door() -> None:
    assert broken([rider()], TWO[:1], route("rider-1", "home-1")) == [Violation(Rule.HALF_ASSIGNED, "home-1", "rider-1")]
    assert broken([rider()], TWO[:1], route("rider-1", "+home-1")) == [Violation(Rule.HALF_ASSIGNED, "home-1", "")]


def test_taken_up_by_one_and_brought_by_another() -> None:
    found = broken([rider(1), rider(2)], TWO[:1], route("rider-1", "+home-1"), route("rider-2", "home-1"))
    assert Violation(Rule.PICKUP_ELSEWHERE, "home-1", "rider-1") in found


def test_one_kitchen_stop_is_where_its_first_pickup_is() -> None:
    there = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    moved = meal(2, 600, pickup=Pickup("kitchen", Place(5000, 0), at("09:00"), 180))
    assert broken([rider(max_distance_m=600)], [meal(1, 300), moved], there) == []
    assert Place(0, 0) == KITCHEN
