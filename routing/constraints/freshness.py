"""A meal is at the door soon enough after it left the kitchen."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """FRESHNESS; amount: seconds over the limit."""
    for drive in day.drives.values():
        left_s = dict(drive.route.onboard_since_s)
        for event in drive.events:
            visit = event.visit
            if not event.at_door:
                left_s[visit.visit_id] = event.leave_s
            elif visit.freshness_s and visit.visit_id in left_s:
                stale_s = event.begin_s - left_s[visit.visit_id] - visit.freshness_s
                if stale_s > TOLERANCE:
                    yield Violation(Rule.FRESHNESS, visit.visit_id, drive.worker.worker_id, stale_s)
