"""Ruin and recreate under every rule at once: plans that the checker passes, at the price that the kernel reckons with."""

from __future__ import annotations

import pytest

from routing import Budget, Plan, check, price
from routing.improve import build, improve
from tests.small_problems import random_plan, running_day, small_problem


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_from_nothing_breaks_no_rule(seed: int) -> None:
    problem = small_problem(seed)
    found = improve(problem, build(problem, Plan({}), None, 1), Budget(2), 1).plan
    assert check(problem, found) == []


@pytest.mark.parametrize("seed", range(12))
def test_a_running_day_keeps_what_has_begun(seed: int) -> None:
    problem, start = running_day(small_problem(seed), seed)
    if any(problem.visits[stop.visit_id].kind == "parcel" for route in start.routes.values() for stop in route.stops):
        pytest.skip("parcels are planned last, by insertion")
    before = {(v.rule, v.visit_id, v.worker_id) for v in check(problem, start)}
    found = improve(problem, start, Budget(2), 1, start).plan
    assert {(v.rule, v.visit_id, v.worker_id) for v in check(problem, found, start)} <= before
    assert price(problem, found, start) <= price(problem, start, start) + 1e-6


@pytest.mark.parametrize("seed", range(12))
def test_pooled_routes_cost_what_they_say(seed: int) -> None:
    problem = small_problem(seed)
    plan = random_plan(problem, seed)
    if any(problem.visits[stop.visit_id].kind == "parcel" for route in plan.routes.values() for stop in route.stops):
        pytest.skip("parcels are planned last, by insertion")
    pool = improve(problem, plan, Budget(1), 1).pool
    for row in range(len(pool)):
        worker_id = pool.classes[int(pool.owner[row])][0]
        from routing import Route, price_of_route

        assert price_of_route(problem, Route(worker_id, pool.stops_of(row))) == pytest.approx(float(pool.price[row]))
