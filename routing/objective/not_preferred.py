"""A visit with preferred workers is served by another."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.not_preferred * sum(
        len(event.visit.preferred_worker_ids) > 0 and drive.worker.worker_id not in event.visit.preferred_worker_ids
        for drive, event in day.doors()
    )
