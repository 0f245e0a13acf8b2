"""Timetables, read like timetables; feasibility and price of a route."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing import Mode, Pickup, Place, Problem, TravelModel, Visit, feasible, price_of_route, timetable, timetables
from tests.worlds import at, care, carer, clock, meal, plan, rider, route, show, two_homes, world

ROUND = ("+home-1", "+home-2", "home-1", "home-2")


def test_meals_taken_up_together_are_one_stop() -> None:
    problem = two_homes()
    # 3 minutes to load once, 5 minutes to each door, a minute there.
    assert show(problem, route("rider-1", *ROUND)) == "rider-1 | kitchen 09:00 | home-1 09:08 | home-2 09:14"


def test_the_round_leaves_when_its_last_meal_is_ready() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600, ready="09:30")])
    one = route("rider-1", *ROUND)
    assert show(problem, one) == "rider-1 | kitchen 09:30 | home-1 09:38 | home-2 09:44"
    first, second, *_ = timetable(problem, one)
    assert first == second
    assert clock(first.arrive_s) == "09:00"


def test_two_journeys_are_loaded_twice() -> None:
    problem = two_homes()
    shown = show(problem, route("rider-1", "+home-1", "home-1", "+home-2", "home-2"))
    assert shown == "rider-1 | kitchen 09:00 | home-1 09:08 | kitchen 09:14 | home-2 09:27"


def test_another_kitchen_is_another_stop() -> None:
    other = meal(2, 600, pickup=Pickup("hub", Place(0, 0), at("09:00"), 60))
    problem = world([rider()], [meal(1, 300), other])
    shown = show(problem, route("rider-1", *ROUND))
    assert shown == "rider-1 | kitchen 09:00 | hub 09:03 | home-1 09:09 | home-2 09:15"


def test_who_comes_early_waits_at_the_door() -> None:
    problem = world([carer()], [care(1, 300, earliest_s=at("10:00"))])
    assert show(problem, route("carer-1", "care-1")) == "carer-1 | care-1 10:00"
    (time,) = timetable(problem, route("carer-1", "care-1"))
    assert (clock(time.arrive_s), clock(time.depart_s)) == ("09:05", "11:00")


def test_boxes_in_hand_along_the_way() -> None:
    times = timetable(two_homes(), route("rider-1", *ROUND))
    assert [time.load for time in times] == [2, 2, 1, 0]


def test_a_meal_onboard_is_in_the_box_from_the_start() -> None:
    one = route("rider-1", "home-1", "+home-2", "home-2", onboard={"home-1": at("08:50")})
    assert [time.load for time in timetable(two_homes(), one)] == [0, 1, 0]


def test_an_empty_route_has_no_stops_and_no_price() -> None:
    problem = world([rider(end=Place(5000, 0))], [])
    assert timetable(problem, route("rider-1")) == []
    assert price_of_route(problem, route("rider-1")) == 0
    assert feasible(problem, route("rider-1"))


@pytest.mark.parametrize(
    ("changed", "is_feasible"),
    [
        (meal(2, 600, latest_s=at("09:14")), True),
        (meal(2, 600, latest_s=at("09:14") - 1), False),
        (meal(2, 600, boxes=9), True),
        (meal(2, 600, boxes=10), False),
        (meal(2, 600, freshness_s=660), True),
        (meal(2, 600, freshness_s=659), False),
    ],
)
def test_the_last_second_the_last_box_and_the_last_fresh_minute(changed: Visit, is_feasible: bool) -> None:
    problem = world([rider()], [meal(1, 300), changed])
    assert feasible(problem, route("rider-1", *ROUND)) is is_feasible


@pytest.mark.parametrize(("end", "is_feasible"), [("09:25", True), ("09:24", False)])
def test_home_by_the_end_of_the_shift(end: str, is_feasible: bool) -> None:
    problem = world([rider(end=Place(0, 0), shift_end_s=at(end))], [meal(1, 300), meal(2, 600)])
    assert feasible(problem, route("rider-1", *ROUND)) is is_feasible


def test_a_meal_onboard_stays_fresh_from_when_it_left() -> None:
    problem = world([rider()], [meal(1, 300, freshness_s=600)])
    assert feasible(problem, route("rider-1", "home-1", onboard={"home-1": at("08:55")}))
    assert not feasible(problem, route("rider-1", "home-1", onboard={"home-1": at("08:55") - 1}))


def test_price_is_travel_lateness_and_help() -> None:
    late = meal(2, 600, due_s=at("09:10"), allowed_area_prices={"A": 500})
    problem = world([rider(end=Place(0, 0))], [meal(1, 300), late])
    # 600 m out and 600 m home, 4 minutes late, 500 for the area
    assert price_of_route(problem, route("rider-1", *ROUND)) == 1200 + 240 + 500


def test_access_time_is_paid_at_every_new_place() -> None:
    travel = TravelModel({"walk": Mode(1.0, 1.0, access_s=120)})
    assert show(two_homes_in(travel), route("rider-1", *ROUND)) == "rider-1 | kitchen 09:00 | home-1 09:10 | home-2 09:18"


def two_homes_in(travel: TravelModel) -> Problem:
    return replace(two_homes(), travel=travel)


def test_two_workers_wait_for_each_other() -> None:
    problem = world([carer(1), carer(2, place=Place(-900, 0))], [care(1, 300, worker_count=2), care(2, 600)])
    both = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1"))
    found = timetables(problem, both)
    assert [clock(t.begin_s) for t in found["carer-1"]] == ["09:20", "10:25"]
    assert [clock(t.begin_s) for t in found["carer-2"]] == ["09:20"]
    assert clock(found["carer-1"][0].arrive_s) == "09:05"
