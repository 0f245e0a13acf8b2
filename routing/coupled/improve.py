"""Better plans where routes wait for one another: visits for two, and gaps between two visits of one recipient.

`improve_coupled` takes the routes that serve homes only (no pickups, no boxes) and all visits that such routes could serve, and
searches on exact begins across routes. Everything else stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from time import monotonic

import numpy as np

from routing.coupled.build import Case, build, empty_draft, put_routes, read_routes
from routing.coupled.facts import Draft, Facts
from routing.coupled.search import recreate, resettle, run
from routing.coupled.weighing import add_up, keep, limit_price
from routing.kernel.rng import thresholds
from routing.model import Budget, Plan, Problem, Route

UNLIMITED = 2**31 - 1  # iterations: the seconds decide
HOT, COLD = 0.1, 0.002  # temperatures of annealing, as shares of the price of a leg
STEPS = 200  # between two looks at the clock
SIZE = 6.0


@dataclass
class Search:
    """One run: the arrays, and how far it came."""

    case: Case
    draft: Draft
    price: float


def improve_coupled(problem: Problem, plan: Plan, budget: Budget, seed: int, start: Plan | None = None) -> Plan:
    """The best plan found, never worse than `plan`. The same seed and iterations give the same plan, bit for bit. With
    2**31 - 1 iterations (or 0) the seconds decide; else they are the safety stop only."""
    start = start or plan
    worker_ids, visit_ids = scope(problem, plan)
    if not worker_ids or not visit_ids:
        return plan
    case = build(problem, worker_ids, visit_ids, start, plan)
    draft = empty_draft(case.facts, seed)
    put_routes(case, draft, plan.routes)
    best = anneal(case.facts, draft, budget)
    return Plan({**plan.routes, **read_routes(case, best, plan.routes)})


def scope(problem: Problem, plan: Plan) -> tuple[list[str], list[str]]:
    """Workers and visits that the search may touch."""
    simple = {v for v, visit in problem.visits.items() if visit.pickup is None and not visit.boxes and not visit.boxes_back
              and visit.kind in ("care", "errand")}  # fmt: skip
    tied: dict[str, set[str]] = {}
    for gap in problem.gaps:
        tied.setdefault(gap.first_visit_id, set()).add(gap.then_visit_id)
        tied.setdefault(gap.then_visit_id, set()).add(gap.first_visit_id)
    holders: dict[str, set[str]] = {}
    for worker_id, route in plan.routes.items():
        for stop in route.stops:
            holders.setdefault(stop.visit_id, set()).add(worker_id)
    fixed = {w for w, route in plan.routes.items() if any(stop.visit_id not in simple for stop in route.stops)}
    fixed |= {w for w, worker in problem.workers.items() if worker.kind != "carer"}
    out: set[str] = set()
    todo = sorted(fixed)
    while todo:
        for stop in plan.routes.get(todo.pop(), Route("")).stops:
            for visit_id in {stop.visit_id, *tied.get(stop.visit_id, ())} - out:
                out.add(visit_id)
                more = holders.get(visit_id, set()) - fixed
                fixed |= more
                todo.extend(sorted(more))
    return sorted(set(problem.workers) - fixed), sorted(simple - out)


def anneal(facts: Facts, draft: Draft, budget: Budget) -> np.ndarray:
    """Search within the budget; returns the best chains."""
    by_time = budget.iterations in (0, UNLIMITED)
    begun = monotonic()
    _settle_all(facts, draft)
    add_up(facts, draft)
    draft.counts[3] = 0
    recreate(facts, draft, 0)
    now = add_up(facts, draft)
    prices = np.array([now, now])
    best = draft.links.copy()
    links, times, limits = draft.links.copy(), draft.times.copy(), draft.limits.copy()
    legs = facts.fit.shape[1]
    unit = max(1e-9, (draft.totals[0] + draft.totals[1]) / max(1, legs))
    chances = thresholds()
    done, part = 0, 0.0
    hot, cold = log(HOT * unit), log(COLD * unit)
    while part < 1.0:
        steps = STEPS if by_time else min(STEPS, budget.iterations - done)
        heat = exp(hot + (cold - hot) * part)
        cooling = 1.0 if by_time else exp((cold - hot) / budget.iterations)
        run(facts, draft, best, links, times, limits, chances, prices, steps, heat, cooling, SIZE)
        done += steps
        spent = (monotonic() - begun) / budget.seconds if budget.seconds > 0 else 0.0
        part = spent if by_time else done / budget.iterations
        if spent >= 1.0:
            break
    return best


def _settle_all(facts: Facts, draft: Draft) -> None:
    resettle(facts, draft)
    keep(facts, draft)
    for worker in range(len(facts.workers)):
        draft.limits[worker] = limit_price(facts, draft, worker)
