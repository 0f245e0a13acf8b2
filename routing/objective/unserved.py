"""Visits without all the workers they want: their own price, or the plan's by priority (fourfold for 1, half for 3)."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day

WEIGHTS = {1: 4.0, 2: 1.0, 3: 0.5}


def cost(day: Day) -> float:
    unserved = day.problem.prices.unserved
    return fsum(
        unserved * WEIGHTS.get(visit.priority, 0.5) if visit.leave_out_price is None else visit.leave_out_price
        for visit_id, visit in day.problem.visits.items()
        if len(set(day.holders.get(visit_id, ()))) < visit.worker_count
    )
