"""The price of one route by term of the objective, from its timeline (docs/model.md has the terms)."""

from __future__ import annotations

from collections.abc import Mapping

from routing.model import Problem, Visit
from routing.pair_rules import order_price, per_minute
from routing.schedule import Timeline, share_price

ROUTE_TERMS = (
    "travel", "lateness", "promise", "help", "unfamiliar", "not_preferred", "other_gender", "order_change", "over_share",
    "worker_used",
)  # fmt: skip
"""Terms that routes have; `unserved`, `move` and `greatest_lateness` belong to whole plans."""


def line_terms(problem: Problem, line: Timeline) -> dict[str, float]:
    """What the route costs, by term; all terms of `ROUTE_TERMS`. They add up to `line.price`."""
    prices, worker = problem.prices, line.worker
    found: dict[str, float] = dict.fromkeys(ROUTE_TERMS, 0.0)
    if not line.place:
        return found
    found["travel"] = prices.travel_per_s * (sum(line.leg) + line.end_leg)
    found["worker_used"] = prices.worker_used
    found["over_share"] = share_price(worker, line.active_s, prices)
    before: Visit | None = None
    for visit, begin_s in zip(line.visit, line.begin, strict=True):
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
            found["order_change"] += order_price(before, visit, prices)
        before = visit
    return found


def more_by_term(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What `after` costs more, by term; terms that do not change are left out."""
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in (*after, *before)}
    return {name: change for name, change in changes.items() if abs(change) > 1e-9}
