"""Meals that leave their kitchen too early for their doors."""

from __future__ import annotations

from routing.plan_index import PlanIndex
from routing.schedule import fresh_until


def stale_pickups(index: PlanIndex, worker_id: str) -> dict[str, float]:
    """Visits of this worker's route whose meals are fetched on it and stale at the door, and when to begin the pickup (seconds)
    for the meal to be fresh there, if the door is no later for it: because it waits for something else."""
    line = index.line(worker_id)
    found = {}
    for block, (visit, picked) in enumerate(zip(line.visit, line.picked, strict=True)):
        if visit is not None and visit.freshness_s and picked >= 0:
            stale_s = line.begin[block] - fresh_until(line, block, visit)
            if stale_s > 0:
                found[visit.visit_id] = line.begin[picked] + stale_s
    return found
