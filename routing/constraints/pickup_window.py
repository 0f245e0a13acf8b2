"""A pickup begins before the shop or the kitchen closes."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """PICKUP_WINDOW; amount: seconds too late."""
    for drive in day.drives.values():
        for event in drive.events:
            if event.at_door or event.visit.pickup is None:
                continue
            late_s = event.begin_s - event.visit.pickup.latest_s
            if late_s > TOLERANCE:
                yield Violation(Rule.PICKUP_WINDOW, event.visit.visit_id, drive.worker.worker_id, late_s)
