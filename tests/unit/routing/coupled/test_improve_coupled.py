"""Plans where routes wait for one another: the checker's price, locks, the same plan twice and without numba."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from routing.check import check, price
from routing.constraints.day import simulate
from routing.coupled.improve import improve_coupled
from routing.model import Budget, Gap, Pickup, Plan, Prices, Problem, Route, Stop, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel
from tests.unit.routing.coupled.coupled_worlds import locked_start, random_day, route

ROOT = Path(__file__).parents[4]
STREET = TravelModel({"walk": Mode(1.0, 1.0)})  # a metre a second


def carer(name: str, x_m: float, **more: object) -> Worker:
    here = Place(x_m, 0)
    return replace(Worker(name, "carer", "", "a", "walk", 0, 100_000, here, here), **more)  # type: ignore[arg-type]


def care(name: str, x_m: float, earliest_s: float = 0, due_s: float = 50_000, **more: object) -> Visit:
    return replace(Visit(name, "care", "a", Place(x_m, 0), earliest_s, due_s, inf, 600, {"a": 0}), **more)  # type: ignore[arg-type]


def begins(problem: Problem, plan: Plan) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for drive in simulate(problem, plan, None).drives.values():
        for event in drive.events:
            found.setdefault(event.visit.visit_id, []).append(event.begin_s)
    return found


def test_two_workers_meet_and_nobody_is_late_who_need_not_be() -> None:
    visits = {"both": care("both", 500, due_s=1_000, worker_count=2), "near": care("near", 0), "far": care("far", 1_000)}
    problem = Problem({"left": carer("left", 0), "right": carer("right", 1_000)}, visits, STREET)
    plan = improve_coupled(problem, Plan({}), Budget(30), seed=1)
    assert check(problem, plan) == []
    assert begins(problem, plan)["both"] == [500, 500]
    assert price(problem, plan) == 2_000  # each out and back, one door on the way


def test_the_second_visit_keeps_its_distance_from_the_first() -> None:
    visits = {"pill": care("pill", 300, earliest_s=1_000), "meal": care("meal", 300)}
    problem = Problem({"w": carer("w", 0), "u": carer("u", 0)}, visits, STREET, gaps=(Gap("pill", "meal", 1_800, 2_400, True),))
    plan = improve_coupled(problem, Plan({}), Budget(30), seed=1)
    assert check(problem, plan) == []
    at = begins(problem, plan)
    assert 1_800 <= at["meal"][0] - at["pill"][0] <= 2_400


def test_only_the_latest_visit_of_the_plan_costs_greatest_lateness() -> None:
    visits = {f"v{n}": care(f"v{n}", 100 * n, due_s=100) for n in range(1, 4)}
    problem = Problem({"w": carer("w", 0)}, visits, STREET, Prices(late_per_min=0, greatest_lateness_per_s=1))
    plan = improve_coupled(problem, Plan({}), Budget(30), seed=1)
    assert price(problem, plan) == 600 + (300 + 2 * 600 - 100)


@pytest.mark.parametrize("seed", range(12))
def test_random_days_are_clean_and_a_second_search_is_never_worse(seed: int) -> None:
    problem = random_day(seed)
    plan = improve_coupled(problem, Plan({}), Budget(20), seed)
    assert check(problem, plan) == []
    assert price(problem, plan) <= price(problem, Plan({}))
    start = locked_start(problem, plan)
    again = improve_coupled(problem, start, Budget(20), seed + 1, start)
    assert check(problem, again, start) == []
    assert price(problem, again, start) <= price(problem, start, start)


def test_a_route_with_a_pickup_stays_as_it_is() -> None:
    shop = Pickup("shop", Place(50, 0), 0, 60)
    visits = {"bread": replace(care("bread", 100), kind="errand", pickup=shop), "wash": care("wash", 200)}
    problem = Problem({"w": carer("w", 0), "u": carer("u", 0)}, visits, STREET)
    kept = Route("w", (Stop("bread", "pickup"), Stop("bread", "visit")))
    plan = improve_coupled(problem, Plan({"w": kept}), Budget(10), seed=1)
    assert plan.routes["w"] == kept
    assert plan.routes["u"] == route("u", "wash")


def test_the_same_seed_gives_the_same_plan_also_without_numba() -> None:
    script = (
        "from routing.coupled.improve import improve_coupled\n"
        "from routing.model import Budget, Plan\n"
        "from tests.unit.routing.coupled.coupled_worlds import random_day\n"
        "for seed in (3, 4):\n"
        "    plan = improve_coupled(random_day(seed), Plan({}), Budget(25), 7)\n"
        "    print({w: [s.visit_id for s in r.stops] for w, r in sorted(plan.routes.items())})\n"
    )
    plainly = {**os.environ, "DOLBOM_NO_NUMBA": "1"}
    plain = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=plainly, capture_output=True, text=True, check=True)
    ours = []
    for seed in (3, 4):
        plan = improve_coupled(random_day(seed), Plan({}), Budget(25), 7)
        assert plan == improve_coupled(random_day(seed), Plan({}), Budget(25), 7)
        ours.append(str({w: [s.visit_id for s in r.stops] for w, r in sorted(plan.routes.items())}))
    assert plain.stdout.splitlines() == ours
