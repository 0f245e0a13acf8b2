"""Explanations agree with the checker: what a worker adds by term, what another would add instead, and who cannot."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from routing import (
    Insertion,
    Plan,
    PlanIndex,
    Problem,
    Route,
    Rule,
    Stop,
    Unassignable,
    check,
    explain_plan,
    price_by_term,
    say,
)
from routing.terms import tried_terms
from tests.rich_world import rich_world

SEEDS = st.integers(0, 1_000_000)
some = settings(derandomize=True, deadline=None, max_examples=40)
PAIR_RULES = {Rule.KIND, Rule.SKILL, Rule.GENDER, Rule.EXCLUDED, Rule.AREA, Rule.BANNED_AREA, Rule.CREDENTIAL, Rule.CAPACITY}


def by_term(problem: Problem, plan: Plan) -> dict[str, float]:
    """Without what is not a route's: left out visits and the greatest lateness."""
    return {k: v for k, v in price_by_term(problem, plan).items() if k not in ("unserved", "greatest_lateness", "move")}


def without(plan: Plan, visit_id: str) -> Plan:
    return Plan({
        w: replace(r, stops=tuple(s for s in r.stops if s.visit_id != visit_id), locked_count=0) for w, r in plan.routes.items()
    })  # fmt: skip


def planned(problem: Problem) -> PlanIndex:
    """One visit after the other where it is cheapest."""
    index = PlanIndex(problem)
    for visit_id in sorted(problem.visits):
        found = index.insert(problem.visits[visit_id])
        if isinstance(found, Insertion):
            for route in found.routes:
                index.set_route(route)
    return index


@some
@given(seed=SEEDS)
def test_prices_by_term_are_the_checkers_own(seed: int) -> None:
    # One route at a time: without what makes routes hang on one another, and without the terms of whole plans.
    problem = rich_world(seed)
    visits = {visit_id: replace(visit, worker_count=1) for visit_id, visit in problem.visits.items()}
    problem = replace(problem, visits=visits, gaps=(), prices=replace(problem.prices, greatest_lateness_per_s=0))
    index = planned(problem)
    plan = index.plan()
    held = {stop.visit_id for route in plan.routes.values() for stop in route.stops}
    assert sum(by_term(problem, plan).values()) == pytest.approx(sum(index.price(w) for w in index.worker_ids()))
    for visit_id, explained in explain_plan(problem, plan).items():
        visit = problem.visits[visit_id]
        assert say(explained, "ko").endswith(".")
        assert say(explained, "en").endswith(".")
        assert bool(explained.chosen) == (visit_id in held)
        if visit_id not in held:
            assert len(explained.obstacles) + len(explained.others) == len(problem.workers)
            assert (not explained.others) == isinstance(index.insert(visit), Unassignable)
            continue
        (chosen,) = explained.chosen
        apart = without(plan, visit_id)
        before, now = by_term(problem, apart), by_term(problem, plan)
        assert dict(chosen.terms) == pytest.approx({k: v - before[k] for k, v in now.items() if abs(v - before[k]) > 1e-9})
        prices = [other.price for other in explained.others]
        assert prices == sorted(prices)
        for other in explained.others:
            assert sum(other.terms.values()) == pytest.approx(other.price)
            stay = index.insert(replace(visit, pinned_worker_ids=frozenset({other.worker_id})))
            assert isinstance(stay, Insertion)
            (route,) = stay.routes
            moved = by_term(problem, Plan({**apart.routes, route.worker_id: route}))
            assert dict(other.terms) == pytest.approx(
                {k: v - before[k] for k, v in moved.items() if abs(v - before[k]) > 1e-9}, abs=1e-6
            )


@some
@given(seed=SEEDS)
def test_whom_a_rule_forbids_the_checker_forbids_too(seed: int) -> None:
    problem = rich_world(seed)
    for visit_id, explained in explain_plan(problem, Plan({})).items():
        visit = problem.visits[visit_id]
        for worker_id, rule in explained.obstacles:
            stops = (Stop(visit_id, "visit"),) if visit.pickup is None else (Stop(visit_id, "pickup"), Stop(visit_id, "visit"))
            broken = {v.rule for v in check(problem, Plan({worker_id: Route(worker_id, stops)}))}
            if rule in PAIR_RULES | {Rule.TIME_WINDOW, Rule.FRESHNESS, Rule.BREAK, Rule.ACTIVE_LIMIT, Rule.DISTANCE_LIMIT}:
                assert rule in broken
            assert broken - {Rule.HALF_ASSIGNED}


@some
@given(seed=SEEDS)
def test_the_next_two_are_the_cheapest_of_all_who_could(seed: int) -> None:
    problem = rich_world(seed, whole=seed % 2 == 0, workers=10, visits=16)
    index = planned(problem)
    for visit_id, explained in explain_plan(problem, index.plan()).items():
        if len(explained.chosen) != 1:
            continue
        could = []
        for worker_id in problem.workers.keys() - {explained.chosen[0].worker_id}:
            alone = replace(problem.visits[visit_id], pinned_worker_ids=frozenset({worker_id}))
            found = index.insert(alone)
            if isinstance(found, Insertion):
                could.append((found.price, worker_id, found.begin_s))
        assert [(other.price, other.worker_id, other.begin_s) for other in explained.others] == sorted(could)[:2]


@some
@given(seed=SEEDS)
def test_a_tried_route_costs_the_same_whether_read_from_the_present_one_or_driven_through(seed: int) -> None:
    rng = random.Random(seed)
    problem = rich_world(seed, whole=seed % 2 == 0, workers=4, visits=20)
    index = planned(problem)
    for worker_id in index.worker_ids():
        line = index.line(worker_id)
        held = {stop.visit_id for stop in line.route.stops}
        tried = [tuple(s for s in line.route.stops if s.visit_id != visit_id) for visit_id in sorted(held)]
        for visit_id in sorted(problem.visits.keys() - held):
            stops = list(line.route.stops)
            door = rng.randint(0, len(stops))
            stops.insert(door, Stop(visit_id, "visit"))
            if problem.visits[visit_id].pickup is not None:
                stops.insert(rng.randint(0, door), Stop(visit_id, "pickup"))
            tried.append(tuple(stops))
        for one in tried:
            driven = tried_terms(problem, line.worker, one, index.floor)
            assert tried_terms(problem, line.worker, one, index.floor, line) == driven
