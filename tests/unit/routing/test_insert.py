"""Where one visit goes: the cheapest place that breaks no promise. One test for each rule, prices to the unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing import Insertion, Pickup, Place, Plan, Problem, Route, Unassignable, Visit, Worker, insert
from tests.worlds import KITCHEN, at, care, carer, clock, meal, plan, rider, route, show, world


def placed(problem: Problem, start: Plan, visit: Visit) -> tuple[str, int]:
    """The changed route, shown, and its price."""
    found = insert(problem, start, visit)
    assert isinstance(found, Insertion), found
    (one,) = found.routes
    return show(replace(problem, visits={**problem.visits, visit.visit_id: visit}), one), found.price


def refused(problem: Problem, start: Plan, visit: Visit) -> str:
    found = insert(problem, start, visit)
    assert isinstance(found, Unassignable), found
    return found.code


def test_a_meal_joins_the_pickup_at_its_kitchen() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600)])
    start = plan(route("rider-1", "+home-1", "home-1"))
    shown, price = placed(problem, start, problem.visits["home-2"])
    assert shown == "rider-1 | kitchen 09:00 | home-1 09:08 | home-2 09:14"
    assert price == 300


def test_a_meal_from_another_kitchen_gets_its_own_pickup() -> None:
    hub = meal(2, 600, pickup=Pickup("hub", Place(300, 0), at("09:00"), 60))
    problem = world([rider()], [meal(1, 300), hub])
    shown, price = placed(problem, plan(route("rider-1", "+home-1", "home-1")), hub)
    # the hub is at home-1's door: before it or after it costs the same, so the first position
    assert shown == "rider-1 | kitchen 09:00 | hub 09:08 | home-1 09:09 | home-2 09:15"
    assert price == 300


def test_no_joining_when_it_would_hold_up_what_was_promised() -> None:
    first = meal(1, 300, due_s=at("09:10"))
    late = meal(2, 600, ready="09:30")
    problem = world([rider()], [first, late])
    shown, price = placed(problem, plan(route("rider-1", "+home-1", "home-1")), late)
    assert shown == "rider-1 | kitchen 09:00 | home-1 09:08 | kitchen 09:30 | home-2 09:43"
    assert price == 300 + 600


def test_a_promise_may_move_up_to_its_due_time() -> None:
    first = meal(1, 300, due_s=at("09:38"))
    late = meal(2, 600, ready="09:30")
    shown, _ = placed(world([rider()], [first, late]), plan(route("rider-1", "+home-1", "home-1")), late)
    assert shown == "rider-1 | kitchen 09:30 | home-1 09:38 | home-2 09:44"


def test_who_is_late_already_is_not_made_later() -> None:
    late = care(1, 300, due_s=at("09:01"))
    between = care(2, 100, service_duration_s=600)
    shown, _ = placed(world([carer()], [late, between]), plan(route("carer-1", "care-1")), between)
    assert shown == "carer-1 | care-1 09:05 | care-2 10:08"


def test_nothing_goes_before_locked_stops() -> None:
    problem = world([carer()], [care(1, 300), care(2, 100, service_duration_s=600)])
    shown, _ = placed(problem, plan(route("carer-1", "care-1", locked=1)), problem.visits["care-2"])
    assert shown.startswith("carer-1 | care-1 09:05 | care-2")


def test_a_locked_pickup_may_be_joined_only_without_waiting() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600), meal(3, 600, ready="09:01")])
    start = plan(route("rider-1", "+home-1", "home-1", locked=1))
    assert placed(problem, start, problem.visits["home-2"])[0].count("kitchen") == 1
    assert placed(problem, start, problem.visits["home-3"])[0].count("kitchen") == 2


def test_pickups_of_one_kitchen_are_not_torn_apart() -> None:
    hub = meal(3, 600, pickup=Pickup("hub", KITCHEN, at("09:00"), 60))
    problem = world([rider()], [meal(1, 300), meal(2, 600), hub])
    start = plan(route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
    shown, _ = placed(problem, start, hub)
    assert shown.count("kitchen") == 1


def test_the_nearest_worker_then_the_lower_id() -> None:
    problem = world([carer(1, place=Place(900, 0)), carer(2), carer(3)], [care(1, 100)])
    shown, price = placed(problem, plan(), problem.visits["care-1"])
    assert (shown, price) == ("carer-2 | care-1 09:01", 100)


def test_the_way_home_counts() -> None:
    problem = world([carer(1, end=Place(-500, 0)), carer(2, place=Place(-300, 0))], [care(1, 100)])
    _, price = placed(problem, plan(), problem.visits["care-1"])
    assert price == 400  # carer-1: 100 there and 600 home; carer-2: 400 there


def test_lateness_is_priced() -> None:
    problem = world([carer()], [care(1, 300, due_s=at("09:00"))])
    assert placed(problem, plan(), problem.visits["care-1"])[1] == 300 + 300


def test_help_from_another_area_is_priced() -> None:
    visit = care(1, 100, allowed_area_prices={"A": 0, "B": 450})
    problem = world([carer(1, area_id="B"), carer(2, place=Place(900, 0))], [visit])
    assert placed(problem, plan(), visit) == ("carer-1 | care-1 09:01", 550)
    dearer = replace(visit, allowed_area_prices={"A": 0, "B": 750})
    assert placed(problem, plan(), dearer) == ("carer-2 | care-1 09:13", 800)


@pytest.mark.parametrize(
    ("worker", "visit", "code"),
    [
        (rider(), care(1, 100), "no_skilled_worker"),
        (carer(), meal(1, 100), "no_skilled_worker"),
        (carer(), care(1, 100, required_skills=frozenset({"nursing"})), "no_skilled_worker"),
        (carer(), care(1, 100, gender="m"), "no_skilled_worker"),
        (carer(), care(1, 100, excluded_worker_ids=frozenset({"carer-1"})), "no_skilled_worker"),
        (carer(), care(1, 100, worker_count=2), "no_skilled_worker"),
        (carer(area_id="B"), care(1, 100), "no_worker_in_area"),
        (carer(), care(1, 100, pinned_worker_ids=frozenset({"carer-9"})), "no_worker_free"),
        (carer(), care(1, 100, latest_s=at("09:01")), "no_worker_free"),
        (carer(shift_end_s=at("10:00")), care(1, 100), "no_worker_free"),
        (rider(capacity_boxes=2), meal(1, 100, boxes=3), "no_worker_free"),
        (rider(), meal(1, 100, freshness_s=99), "no_worker_free"),
        (rider(), meal(1, 100, ready="13:00"), "no_worker_free"),
    ],
)  # fmt: skip
def test_why_it_goes_nowhere(worker: Worker, visit: Visit, code: str) -> None:
    assert refused(world([worker], [visit]), plan(), visit) == code


def test_skills_gender_and_pins_that_fit() -> None:
    visit = care(
        1, 100, required_skills=frozenset({"bath"}), gender="f", pinned_worker_ids=frozenset({"carer-2"}),
        excluded_worker_ids=frozenset({"carer-1"}),
    )  # fmt: skip
    assert placed(world([carer(1), carer(2)], [visit]), plan(), visit)[0] == "carer-2 | care-1 09:01"


def test_capacity_along_the_way_not_only_at_the_kitchen() -> None:
    problem = world([rider(capacity_boxes=2)], [meal(1, 300), meal(2, 600), meal(3, 900)])
    start = plan(route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
    shown, price = placed(problem, start, problem.visits["home-3"])
    # back to the kitchen with one box delivered: the second leg out serves two doors
    assert shown == "rider-1 | kitchen 09:00 | home-1 09:08 | kitchen 09:14 | home-2 09:27 | home-3 09:33"
    assert price == 1500 - 600


def test_a_round_has_a_largest_size() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600)], max_meals_per_round=1)
    shown, _ = placed(problem, plan(route("rider-1", "+home-1", "home-1")), problem.visits["home-2"])
    assert shown.count("kitchen") == 2


def test_a_meal_in_the_box_is_kept_fresh() -> None:
    fresh = meal(1, 600, freshness_s=700)
    detour = meal(2, 300, 400, pickup=Pickup("hub", Place(300, 400), at("09:00"), 60))
    problem = world([rider()], [fresh, detour])
    shown, _ = placed(problem, plan(route("rider-1", "+home-1", "home-1")), detour)
    assert "home-1 09:13" in shown


def test_freshness_of_the_meal_itself() -> None:
    fresh = meal(2, 600, freshness_s=600)
    problem = world([rider()], [meal(1, 300), fresh])
    # through home-1 it would be 11 minutes from kitchen to door: it is brought first, straight
    shown, price = placed(problem, plan(route("rider-1", "+home-1", "home-1")), fresh)
    assert shown == "rider-1 | kitchen 09:00 | home-2 09:13 | home-1 09:19"
    assert price == 600


def test_a_route_that_ends_after_the_shift_takes_nothing_on() -> None:
    problem = world([carer(shift_end_s=at("10:00"))], [care(1, 300), care(2, 100, service_duration_s=60)])
    assert refused(problem, plan(route("carer-1", "care-1")), problem.visits["care-2"]) == "no_worker_free"


def test_the_rest_of_the_route_is_as_it_was() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600)])
    start = plan(route("rider-1", "home-1", locked=1, onboard={"home-1": at("08:55")}))
    found = insert(problem, start, problem.visits["home-2"])
    assert isinstance(found, Insertion)
    assert found.routes[0].locked_count == 1
    assert found.routes[0].onboard_since_s == {"home-1": at("08:55")}
    assert start.routes["rider-1"] == Route("rider-1", start.routes["rider-1"].stops, 1, {"home-1": at("08:55")})


def test_two_workers_begin_together() -> None:
    visit = care(1, 300, worker_count=2)
    problem = world([carer(1), carer(2, place=Place(-900, 0)), carer(3, place=Place(5000, 0))], [visit])
    found = insert(problem, plan(), visit)
    assert isinstance(found, Insertion)
    assert [r.worker_id for r in found.routes] == ["carer-1", "carer-2"]
    assert clock(found.begin_s) == "09:20"
    assert found.price == 300 + 1200


def test_two_workers_fit_their_other_visits_around_it() -> None:
    visit = care(9, 0, worker_count=2, earliest_s=at("11:00"))
    problem = world([carer(1), carer(2)], [care(1, 0), care(2, 0, earliest_s=at("10:30"), due_s=at("10:30")), visit])
    start = plan(route("carer-1", "care-1"), route("carer-2", "care-2"))
    found = insert(problem, start, visit)
    assert isinstance(found, Insertion)
    assert clock(found.begin_s) == "11:30"
    assert all(one.stops[-1].visit_id == "care-9" for one in found.routes)


def test_a_visit_for_two_is_not_moved_by_another() -> None:
    both = care(1, 300, worker_count=2)
    quick = care(2, 100, service_duration_s=60)
    problem = world([carer(1), carer(2)], [both, quick])
    start = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    shown, _ = placed(problem, start, quick)
    assert shown == "carer-1 | care-1 09:05 | care-2 10:08"
