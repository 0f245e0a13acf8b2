"""The latest visit of the whole plan, once, by the second."""

from __future__ import annotations

from routing.constraints.day import Day


def cost(day: Day) -> float:
    late_s = [event.begin_s - event.visit.due_s for _, event in day.doors()]
    return day.problem.prices.greatest_lateness_per_s * max([0.0, *late_s])
