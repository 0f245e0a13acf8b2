"""The ways of a route, home too, stay within the limit on distance."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """DISTANCE_LIMIT; amount: metres over it."""
    for worker_id, drive in day.drives.items():
        over_m = drive.distance_m - drive.worker.max_distance_m
        if drive.worker.max_distance_m and over_m > TOLERANCE:
            yield Violation(Rule.DISTANCE_LIMIT, "", worker_id, over_m)
