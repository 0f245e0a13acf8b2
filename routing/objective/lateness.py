"""Beginning after the due time, for each worker who begins late: proportional, by the visit's own price or the plan's."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day


def cost(day: Day) -> float:
    common = day.problem.prices.late_per_min
    return fsum(
        (event.begin_s - event.visit.due_s) / 60 * (common if event.visit.late_per_min is None else event.visit.late_per_min)
        for _, event in day.doors()
        if event.begin_s > event.visit.due_s
    )
