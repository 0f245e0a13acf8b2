"""Better plans where routes wait for one another: visits for two, and gaps between two visits of one recipient.

`improve_coupled` takes the routes that serve homes only (no pickups, no boxes) and all visits that such routes could serve, and
searches on exact begins across routes. Everything else stays as it is.
"""

from __future__ import annotations

from math import exp, log
from time import monotonic

import numpy as np

from routing.coupled.build import build, empty_draft, put_routes, read_routes
from routing.coupled.facts import REMOVED, ROAD, WHO, Draft, Facts, Ints
from routing.coupled.search import copy_ints, recreate, resettle, run
from routing.coupled.weighing import add_up, keep, limit_price
from routing.kernel.rng import thresholds
from routing.model import Budget, Gap, Plan, Problem, Route, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel

UNLIMITED = 2**31 - 1  # iterations: the seconds decide
# Of annealing, as shares of the average way of a leg, and how many steps for each leg one cooling takes where there is time for
# several: docs/optimisation.md
HOT, COLD, COOLING = 1.0, 0.015, 1500
STEPS = 200  # between two looks at the clock
SIZE = 6.0  # legs taken out in a step, on average, partners apart


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


def anneal(facts: Facts, draft: Draft, budget: Budget) -> Ints:
    """Search within the budget; returns the best chains. Cooled down once, or several times where there is time for it,
    each time from the best plan."""
    by_time = budget.iterations <= 0 or budget.iterations >= UNLIMITED
    begun = monotonic()
    _settle_all(facts, draft)
    start_price = add_up(facts, draft)
    best = draft.links.copy()
    draft.counts[REMOVED] = 0
    recreate(facts, draft, 0, len(facts.units))  # whatever waits
    now = add_up(facts, draft)
    if now > start_price:  # cannot be, but for the last bit
        restart(facts, draft, best)
        now = add_up(facts, draft)
    prices = np.array([now, now])
    copy_ints(draft.links, best)
    links, times, limits = draft.links.copy(), draft.times.copy(), draft.limits.copy()
    legs = facts.fit.shape[1]
    way = max(1e-6, draft.totals[ROAD] / max(1, int((draft.links[:legs, WHO] >= 0).sum())))
    chances = thresholds()
    fall = log(COLD / HOT)
    steps, spent, done, cycles, cycle = 0, 0.0, 0.0, 0, 0
    while done < 1.0 and (budget.seconds > 0 or not by_time):
        if cycles == 0 and (not by_time or spent > 0.0):
            total = steps / max(spent, 1e-9) if by_time else float(budget.iterations)
            cycles = max(1, round(total / (COOLING * legs)))
        count = STEPS if by_time else min(STEPS, budget.iterations - steps)
        part = done * max(1, cycles)
        if int(part) > cycle:
            cycle = int(part)
            restart(facts, draft, best)
            prices[0] = prices[1] = add_up(facts, draft)
        heat = HOT * way * exp(fall * (part - cycle))
        cooling = 1.0 if by_time else exp(fall * cycles / budget.iterations)
        run(facts, draft, best, links, times, limits, chances, prices, count, heat, cooling, SIZE)
        steps += count
        if budget.seconds > 0:
            spent = (monotonic() - begun) / budget.seconds
        done = spent if by_time else steps / budget.iterations
        if spent >= 1.0:
            break
    return best


def restart(facts: Facts, draft: Draft, best: Ints) -> None:
    """Go on from these chains."""
    copy_ints(best, draft.links)
    _settle_all(facts, draft)


def warm_up() -> None:
    """Load or compile the kernel, before the first solve asks for it."""
    place, other = Place(0, 0), Place(100, 0)
    worker = Worker("w", "carer", "", "a", "walk", 0, 10_000, place)
    visits = {v: Visit(v, "care", "a", other, 0, 500, 9_000, 60, {"a": 0}) for v in ("u", "v")}
    problem = Problem({"w": worker}, visits, TravelModel({"walk": Mode(1.0, 1.0)}), gaps=(Gap("u", "v", 100, 1_000),))
    improve_coupled(problem, Plan({}), Budget(5), 1)


def _settle_all(facts: Facts, draft: Draft) -> None:
    resettle(facts, draft)
    keep(facts, draft)
    for worker in range(len(facts.workers)):
        draft.limits[worker] = limit_price(facts, draft, worker)
