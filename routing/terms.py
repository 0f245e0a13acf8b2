"""The price of one route by term of the objective, from its timeline (docs/model.md has the terms)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from routing.model import Problem, Stop, Visit, Worker
from routing.pair_rules import order_price, per_minute
from routing.schedule import Timeline, share_price
from routing.walk import walked

ROUTE_TERMS = (
    "travel", "lateness", "promise", "help", "unfamiliar", "not_preferred", "other_gender", "order_change", "over_share",
    "worker_used",
)  # fmt: skip
"""Terms that routes have; `unserved`, `move` and `greatest_lateness` belong to whole plans."""


def line_terms(problem: Problem, line: Timeline) -> dict[str, float]:
    """What the route costs, by term; all terms of `ROUTE_TERMS`. They add up to `line.price`."""
    if not line.place:
        return dict.fromkeys(ROUTE_TERMS, 0.0)
    doors = [(visit, begin_s) for visit, begin_s in zip(line.visit, line.begin, strict=True)]
    return _terms(problem, line.worker, doors, sum(line.leg) + line.end_leg, line.active_s)


def tried_terms(
    problem: Problem, worker: Worker, stops: Sequence[Stop], floor: Callable[[str], float], line: Timeline | None = None
) -> dict[str, float]:
    """`line_terms` of stops that are only tried: the same times without a timeline's promises and slack, which nobody asks
    for then. `floor`, `line`: see `walked`."""
    if not stops:
        return dict.fromkeys(ROUTE_TERMS, 0.0)
    walk = walked(problem, worker, stops, floor, line)
    return _terms(problem, worker, walk.doors, walk.travelled_s, walk.travelled_s + walk.worked_s)


def _terms(
    problem: Problem, worker: Worker, doors: Sequence[tuple[Visit | None, float]], travelled_s: float, active_s: float
) -> dict[str, float]:
    """`doors`: visits with their begins, None for a kitchen stop."""
    prices = problem.prices
    found: dict[str, float] = dict.fromkeys(ROUTE_TERMS, 0.0)
    found["travel"] = prices.travel_per_s * travelled_s
    found["worker_used"] = prices.worker_used
    found["over_share"] = share_price(worker, active_s, prices)
    before: Visit | None = None
    for visit, begin_s in doors:
        if visit is not None:
            if begin_s > visit.due_s:
                per_min = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
                found["lateness"] += per_minute(begin_s - visit.due_s, per_min)
            if visit.promised_s is not None and begin_s > visit.promised_s:
                found["promise"] += per_minute(begin_s - visit.promised_s, prices.promise_per_min)
            found["help"] += visit.allowed_area_prices.get(worker.area_id, 0)
            if visit.familiar_worker_ids and worker.worker_id not in visit.familiar_worker_ids:
                found["unfamiliar"] += prices.unfamiliar
            if visit.preferred_worker_ids and worker.worker_id not in visit.preferred_worker_ids:
                found["not_preferred"] += prices.not_preferred
            if visit.preferred_gender and visit.preferred_gender != worker.gender:
                found["other_gender"] += prices.other_gender
            if visit.round_id:
                found["order_change"] += order_price(before, visit, prices)
        before = visit
    return found


def more_by_term(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What `after` costs more, by term; terms that do not change are left out."""
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in (*after, *before)}
    return {name: change for name, change in changes.items() if abs(change) > 1e-9}
