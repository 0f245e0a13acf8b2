"""A visit that has another worker than in the plan it comes from; dearer where that worker had accepted it."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    if day.start is None:
        return 0.0
    before: dict[str, set[str]] = {}
    for worker_id, route in day.start.routes.items():
        for stop in route.stops:
            if stop.kind == "visit":
                before.setdefault(stop.visit_id, set()).add(worker_id)
    total, prices = 0.0, day.problem.prices
    for visit_id, workers in day.holders.items():
        if visit_id in before:
            price = prices.move_accepted if day.problem.visits[visit_id].accepted else prices.move
            total += price * len(set(workers) - before[visit_id])
    return total
