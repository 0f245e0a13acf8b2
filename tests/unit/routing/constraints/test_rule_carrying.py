"""What is taken up, carried and brought: pickups and doors, the box, rounds and parcels."""

from __future__ import annotations

import pytest

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


def test_taken_up_twice() -> None:
    found = broken([rider()], TWO[:1], route("rider-1", "+home-1", "+home-1", "home-1"))
    assert Violation(Rule.ASSIGNED_TWICE, "home-1", "", 2) in found


def test_unknown_ids_are_told_and_looked_at_no_further() -> None:
    found = broken([rider()], TWO, route("rider-1", "home-9"), route("rider-7", "home-1"))
    assert found == [Violation(Rule.UNKNOWN_VISIT, "home-9", "rider-1"), Violation(Rule.UNKNOWN_WORKER, "", "rider-7")]


@pytest.mark.parametrize(("boxes", "over"), [(2, []), (3, [1, 1])])
def test_the_box_on_leaving_a_kitchen(boxes: int, over: list[int]) -> None:
    visits = [meal(1, 300, boxes=boxes - 1), meal(2, 600)]
    found = broken([rider(capacity_boxes=2)], visits, route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
    assert [(one.rule, one.amount) for one in found] == [(Rule.CAPACITY, amount) for amount in over]


def test_empties_fill_the_box_until_the_route_ends() -> None:
    visits = [meal(1, 300, boxes_back=2), meal(2, 600, boxes_back=1)]
    good = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider(capacity_boxes=3)], visits, good) == []
    assert broken([rider(capacity_boxes=2)], visits, good) == [
        Violation(Rule.CAPACITY, "home-2", "rider-1", 1)  # at the kitchen again: two empties and a meal
    ]
    assert broken([rider(capacity_boxes=1)], visits[:1], route("rider-1", "+home-1", "home-1")) == [
        Violation(Rule.CAPACITY, "home-1", "rider-1", 1)
    ]


def test_what_is_loaded_at_the_start_is_in_the_box() -> None:
    loaded = [meal(number, 300, kind="errand", pickup=None, boxes=2) for number in (1, 2)]
    assert broken([rider(capacity_boxes=4)], loaded, route("rider-1", "home-1", "home-2")) == []
    found = broken([rider(capacity_boxes=3)], loaded, route("rider-1", "home-1", "home-2"))
    assert found == [Violation(Rule.CAPACITY, "", "rider-1", 1)]
    onboard = route("rider-1", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider(capacity_boxes=1)], [meal(1, 300, boxes=3)], onboard) == [Violation(Rule.CAPACITY, "", "rider-1", 2)]


@pytest.mark.parametrize(("most", "over"), [(2, []), (1, [1, 1])])
def test_as_many_meals_as_a_round_may_have(most: int, over: list[int]) -> None:
    found = broken([rider()], TWO, route("rider-1", "+home-1", "+home-2", "home-1", "home-2"), most=most)
    assert [(one.rule, one.amount) for one in found] == [(Rule.ROUND_SIZE, amount) for amount in over]


def test_a_round_leaves_together() -> None:
    north = [meal(1, 300, round_id="north"), meal(2, 600, round_id="north"), meal(3, 900, round_id="south")]
    once = route("rider-1", "+home-1", "+home-2", "home-1", "home-2", "+home-3", "home-3")
    assert broken([rider()], north, once) == []
    twice = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider()], north, twice) == [Violation(Rule.ROUND_DEPARTURE, "home-2", "rider-1", 1)]
    split = (route("rider-1", "+home-1", "home-1"), route("rider-2", "+home-2", "home-2"))
    assert broken([rider(1), rider(2)], north, *split) == []
    onboard = route("rider-1", "+home-2", "home-2", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider()], north, onboard) == []


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


def test_locked_stops_and_meals_onboard_stay() -> None:
    problem = world([rider(1), rider(2)], [*TWO, meal(3, 50)])
    start = plan(route("rider-1", "home-3", "+home-1", "home-1", locked=3, onboard={"home-3": at("08:55")}))
    assert check(problem, start, start) == []
    moved = plan(route("rider-1", "home-3", "+home-2", "home-2", "+home-1", "home-1", onboard={"home-3": at("08:55")}))
    assert check(problem, moved, start) == [Violation(Rule.LOCKED, "home-1", "rider-1", 2)]
    handed = plan(route("rider-2", "home-3", onboard={"home-3": at("08:55")}))
    assert check(problem, handed, plan(route("rider-1", "home-3", onboard={"home-3": at("08:55")}))) == [
        Violation(Rule.PICKUP_ELSEWHERE, "home-3", "rider-1")
    ]


def test_one_kitchen_stop_is_where_its_first_pickup_is() -> None:
    there = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    moved = meal(2, 600, pickup=Pickup("kitchen", Place(5000, 0), at("09:00"), 180))
    assert broken([rider(max_distance_m=600)], [meal(1, 300), moved], there) == []
    assert Place(0, 0) == KITCHEN
