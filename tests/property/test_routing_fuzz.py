"""Random small problems with every rule switched on and off: whatever the planner answers keeps every rule that the plan
before kept, never costs more, and never less than the optimum that CP-SAT proves."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from routing import Budget, Insertion, Plan, PlanIndex, Problem, Violation, check, price, solve, validate
from tests.exact_model import TooHard, has_exact_model, solve_exactly
from tests.small_problems import in_fractions, random_plan, running_day, small_problem
from tests.stack import Tell

QUICK, NIGHTLY, BLOCK, LANES = 500, 10_000, 50, 10
QUICK_EFFORT, NIGHTLY_EFFORT, NIGHTLY_ITERATIONS = 0.05, 0.2, 100  # of CP-SAT, about seconds
ITERATIONS = 30
LAST_BITS = 1e-6


def day(seed: int, most_visits: int = 8) -> tuple[Problem, Plan]:
    """Every second one a day under way, every third one in double precision."""
    problem, start = small_problem(seed, most_visits), Plan({})
    if seed % 2:
        problem, start = running_day(problem, seed)
    return in_fractions(problem, start, seed) if seed % 3 == 2 else (problem, start)


def newly_broken(problem: Problem, plan: Plan, start: Plan) -> list[Violation]:
    """What the plan breaks, beyond what the plan before did (a rider who is late is late already)."""
    known = {(one.rule, one.visit_id, one.worker_id): one.amount for one in check(problem, start, start)}
    found = check(problem, plan, start)
    return [one for one in found if one.amount > known.get((one.rule, one.visit_id, one.worker_id), -1) + LAST_BITS]


def insert_and_solve(seed: int) -> None:
    problem, start = day(seed)
    assert validate(problem, start) == [], seed
    index = PlanIndex(problem, start)
    held = {stop.visit_id for route in start.routes.values() for stop in route.stops}
    for visit_id in sorted(set(problem.visits) - held):
        found = index.insert(problem.visits[visit_id])
        if isinstance(found, Insertion):
            for route in found.routes:
                index.set_route(route)
            assert newly_broken(problem, index.plan(), start) == [], (seed, visit_id)
    plan = solve(problem, Budget(ITERATIONS), seed, start)
    assert newly_broken(problem, plan, start) == [], seed
    assert price(problem, plan, start) <= price(problem, start, start) + LAST_BITS, seed


@pytest.mark.parametrize("block", range(QUICK // BLOCK))
def test_every_plan_keeps_every_rule(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        insert_and_solve(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(QUICK // BLOCK, NIGHTLY // BLOCK))
def test_every_plan_keeps_every_rule_nightly(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        insert_and_solve(seed)


class Compared(NamedTuple):
    """How far above the proved optimum the planner ends, as shares of it; `parcels`: the problem has some."""

    gap: float
    parcels: bool


def compared(seed: int, iterations: int, effort: float) -> Compared | None:
    """Checker, price and exact model must agree, and nothing be cheaper than the optimum. None: no model, no plan that
    keeps every rule, or no proof in the time given."""
    problem, start = small_problem(seed), Plan({})
    if not has_exact_model(problem):
        return None
    if seed % 2:
        problem, start = running_day(problem, seed)
    try:
        exact = solve_exactly(problem, start, effort)
    except TooHard:
        return None
    if exact is None:
        assert check(problem, start, start) != [], seed
        return None
    assert check(problem, exact.plan, start) == [], seed
    assert price(problem, exact.plan, start) == pytest.approx(exact.price, abs=LAST_BITS), seed
    found = solve(problem, Budget(iterations), seed, start)
    for tried in (start if seed % 2 else random_plan(problem, seed), found):
        if not check(problem, tried, start):
            assert price(problem, tried, start) >= exact.price - LAST_BITS, seed
    gap = (price(problem, found, start) - exact.price) / max(1.0, exact.price)
    return Compared(max(0.0, gap), any(visit.kind == "parcel" for visit in problem.visits.values()))


def told(found: list[Compared]) -> str:
    gaps = sorted(one.gap for one in found)
    equal, mean, most = sum(gap < 1e-9 for gap in gaps), sum(gaps) / len(gaps), gaps[int((len(gaps) - 1) * 0.95)]
    return f"{len(gaps)}: {equal} at the optimum, mean gap {mean:.3%}, 95 % below {most:.3%}, greatest {gaps[-1]:.3%}"


@pytest.mark.parametrize("block", range(QUICK // BLOCK))
def test_never_cheaper_than_the_optimum(block: int) -> None:
    found = [compared(seed, ITERATIONS, QUICK_EFFORT) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    assert sum(one is not None for one in found) > BLOCK // 2


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("lane", range(LANES))
def test_never_cheaper_than_the_optimum_nightly(lane: int, tell: Tell) -> None:
    """All the problems of the night, each with more effort than by day."""
    tried = [compared(seed, NIGHTLY_ITERATIONS, NIGHTLY_EFFORT) for seed in range(QUICK + lane, NIGHTLY, LANES)]
    found = [one for one in tried if one is not None]
    tell(f"lane {lane}: of {len(tried)} problems proved {told(found)}")
    tell(f"lane {lane}: without parcels {told([one for one in found if not one.parcels])}")
    assert len(found) > len(tried) // 2
