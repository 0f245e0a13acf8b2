"""Workers of another living area: the price that the visit gives for theirs."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return fsum(event.visit.allowed_area_prices.get(drive.worker.area_id, 0) for drive, event in day.doors())
