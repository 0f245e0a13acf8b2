"""A visit with faces that the recipient knows is served by another."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.unfamiliar * sum(
        len(event.visit.familiar_worker_ids) > 0 and drive.worker.worker_id not in event.visit.familiar_worker_ids
        for drive, event in day.doors()
    )
