"""Beginning after the time that the recipient was told, for each worker at the door."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.promise_per_min * fsum(
        max(0, event.begin_s - event.visit.promised_s) / 60 for _, event in day.doors() if event.visit.promised_s is not None
    )
