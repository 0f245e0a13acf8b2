"""Paid work beyond a worker's fair share of the day: travel, access and service."""

from __future__ import annotations

from math import fsum

from routing.constraints.day import Day


def cost(day: Day) -> float:
    return day.problem.prices.over_share_per_min * fsum(
        max(0, drive.active_s - drive.worker.fair_active_s) / 60
        for drive in day.drives.values()
        if drive.events and drive.worker.fair_active_s is not None
    )
