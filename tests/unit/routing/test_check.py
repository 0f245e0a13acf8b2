"""The checker finds each broken rule, and nothing in a sound plan."""

from __future__ import annotations

import pytest

from routing import Pickup, Place, Plan, Problem, Route, Rule, Visit, Worker, check, judge, price
from tests.small_problems import random_plan, small_problem
from tests.worlds import at, care, carer, meal, plan, rider, route, two_homes, world

GOOD = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")


def rules(problem: Problem, one: Plan, start: Plan | None = None) -> list[str]:
    return [str(violation.rule) for violation in check(problem, one, start)]


def one_care(worker: Worker, visit: Visit) -> list[str]:
    return rules(world([worker], [visit]), plan(route("carer-1", "care-1")))


def test_a_sound_plan_has_no_violations() -> None:
    assert check(two_homes(), plan(GOOD)) == []
    assert check(two_homes(), plan()) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (route("rider-9", "+home-1", "home-1"), Rule.UNKNOWN_WORKER),
        (route("rider-1", "+home-1", "home-1", "home-9"), Rule.UNKNOWN_VISIT),
        (route("rider-1", "+home-1", "home-1", "home-1"), Rule.ASSIGNED_TWICE),
        (route("rider-1", "+home-1", "+home-1", "home-1"), Rule.ASSIGNED_TWICE),
        (route("rider-1", "+home-1"), Rule.HALF_ASSIGNED),
        (route("rider-1", "home-1"), Rule.HALF_ASSIGNED),
        (route("rider-1", "home-1", "+home-1"), Rule.PICKUP_ORDER),
    ],
)
def test_stops_that_make_no_sense(broken: Route, rule: Rule) -> None:
    assert rule in rules(two_homes(), plan(broken))


def test_a_pickup_on_another_route() -> None:
    problem = world([rider(1), rider(2)], [meal(1, 300)])
    assert Rule.PICKUP_ELSEWHERE in rules(problem, plan(route("rider-1", "+home-1"), route("rider-2", "home-1")))


def test_two_workers_for_a_visit_of_one() -> None:
    problem = world([carer(1), carer(2)], [care(1, 100)])
    assert rules(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1"))) == [Rule.ASSIGNED_TWICE]


@pytest.mark.parametrize(
    ("worker", "visit", "rule"),
    [
        (carer(), care(1, 100, required_skills=frozenset({"nursing"})), Rule.SKILL),
        (carer(), care(1, 100, gender="m"), Rule.GENDER),
        (carer(), care(1, 100, excluded_worker_ids=frozenset({"carer-1"})), Rule.EXCLUDED),
        (carer(area_id="B"), care(1, 100), Rule.AREA),
        (carer(), care(1, 100, pinned_worker_ids=frozenset({"carer-2"})), Rule.PINNED),
        (carer(), care(1, 100, latest_s=at("09:01")), Rule.TIME_WINDOW),
        (carer(shift_end_s=at("10:00")), care(1, 100), Rule.SHIFT),
        (carer(kind="rider"), care(1, 100), Rule.KIND),
        (carer(), care(1, 100, worker_count=2), Rule.HALF_ASSIGNED),
    ],
)
def test_who_may_not_or_cannot(worker: Worker, visit: Visit, rule: Rule) -> None:
    assert one_care(worker, visit) == [rule]


def test_amounts_say_by_how_much() -> None:
    problem = world([carer(shift_end_s=at("10:00"))], [care(1, 120, latest_s=at("09:01"))])
    found = {v.rule: v.amount for v in check(problem, plan(route("carer-1", "care-1")))}
    assert found == {Rule.TIME_WINDOW: 60, Rule.SHIFT: 120}


def test_too_many_boxes() -> None:
    problem = world([rider(capacity_boxes=1)], [meal(1, 300), meal(2, 600)])
    assert Rule.CAPACITY in rules(problem, plan(GOOD))
    after_each_other = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert rules(problem, plan(after_each_other)) == []


def test_too_many_boxes_onboard() -> None:
    problem = world([rider(capacity_boxes=1)], [meal(1, 300, boxes=2)])
    onboard = route("rider-1", "home-1", onboard={"home-1": at("08:50")})
    assert rules(problem, plan(onboard)) == [Rule.CAPACITY]


def test_too_large_a_round() -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600)], max_meals_per_round=1)
    assert set(rules(problem, plan(GOOD))) == {Rule.ROUND_SIZE}


@pytest.mark.parametrize(("freshness_s", "expected"), [(660, []), (659, [Rule.FRESHNESS])])
def test_freshness_counts_from_leaving_the_kitchen(freshness_s: int, expected: list[Rule]) -> None:
    problem = world([rider()], [meal(1, 300), meal(2, 600, freshness_s=freshness_s)])
    assert rules(problem, plan(GOOD)) == expected


def test_freshness_of_a_meal_onboard() -> None:
    problem = world([rider()], [meal(1, 300, freshness_s=600)])
    assert rules(problem, plan(route("rider-1", "home-1", onboard={"home-1": at("08:55") - 1}))) == [Rule.FRESHNESS]


def test_a_care_visit_has_no_pickup() -> None:
    problem = world([carer()], [care(1, 100)])
    assert Rule.KIND in rules(problem, plan(route("carer-1", "+care-1", "care-1")))


def test_locked_stops_stay() -> None:
    start = plan(Route("rider-1", GOOD.stops, locked_count=3))
    assert rules(two_homes(), plan(GOOD), start) == []
    swapped = route("rider-1", "+home-1", "+home-2", "home-2", "home-1")
    assert rules(two_homes(), plan(swapped), start) == [Rule.LOCKED]
    assert rules(two_homes(), plan(), start) == [Rule.LOCKED]


def test_meals_onboard_stay_with_their_rider() -> None:
    problem = world([rider(1), rider(2)], [meal(1, 300)])
    onboard = {"home-1": at("08:50")}
    start = plan(route("rider-1", "home-1", onboard=onboard))
    assert rules(problem, start, start) == []
    assert rules(problem, plan(route("rider-2", "home-1", onboard=onboard)), start) == [Rule.PICKUP_ELSEWHERE]


def test_two_workers_of_one_visit() -> None:
    problem = world([carer(1), carer(2, place=Place(-900, 0))], [care(1, 300, worker_count=2)])
    both = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    assert check(problem, both) == []
    assert Rule.TOGETHER in rules(problem, plan(route("carer-1", "care-1", "care-1")))


def test_waiting_for_the_second_worker_can_be_too_late() -> None:
    visit = care(1, 300, worker_count=2, latest_s=at("09:19"))
    problem = world([carer(1), carer(2, place=Place(-900, 0))], [visit])
    assert set(rules(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))) == {Rule.TIME_WINDOW}


def test_waiting_in_a_circle_is_found() -> None:
    problem = world([carer(1), carer(2)], [care(1, 0, worker_count=2), care(2, 0, worker_count=2)])
    circle = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-2", "care-1"))
    assert Rule.TOGETHER in rules(problem, circle)


def test_the_price_of_a_plan_to_the_unit() -> None:
    late = meal(2, 600, due_s=at("09:10"), allowed_area_prices={"A": 500})
    waiting = [care(number, 0, priority=number) for number in (1, 2, 3)]
    problem = world([rider(end=Place(0, 0))], [meal(1, 300), late, *waiting])
    assert price(problem, plan(GOOD)) == 1200 + 240 + 500 + 800_000 + 200_000 + 100_000


def test_the_price_of_moving_a_visit() -> None:
    problem = world([rider(1), rider(2)], [meal(1, 300)])
    before, after = plan(route("rider-1", "+home-1", "home-1")), plan(route("rider-2", "+home-1", "home-1"))
    assert price(problem, before, before) == 300
    assert price(problem, after, before) == 300 + 600
    assert price(problem, after, plan()) == 300


def test_a_kitchen_visited_once_is_travelled_to_once() -> None:
    far = [meal(n, 900, pickup=Pickup("hub", Place(900, 0), at("09:00"), 60)) for n in (1, 2)]
    problem = world([rider()], far)
    assert price(problem, plan(GOOD)) == 900


def test_judging_a_plan_beside_another_says_what_check_and_price_say() -> None:
    """Whatever the two plans share, and whoever waits for whom."""
    for seed in range(60):
        problem, before = small_problem(seed), random_plan(small_problem(seed), seed)
        after = random_plan(problem, seed + 1)
        known = judge(problem, before)
        mixed = Plan({w: (after if n % 2 else before).routes[w] for n, w in enumerate(sorted(before.routes))})
        for one in (before, after, mixed):
            found = judge(problem, one, before, like=known)
            assert found.violations == check(problem, one, before)
            assert found.price == price(problem, one, before)
