"""Each worker with something to do."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.worker_used * sum(1 for drive in day.drives.values() if drive.events)
