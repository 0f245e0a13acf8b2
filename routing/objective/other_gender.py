"""A visit that would rather have a worker of one gender has one of another."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.other_gender * sum(
        event.visit.preferred_gender not in ("", drive.worker.gender)
        for drive, event in day.doors()
    )
