"""Seconds on the way, home too."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.travel_per_s * fsum(drive.travel_s for drive in day.drives.values())
