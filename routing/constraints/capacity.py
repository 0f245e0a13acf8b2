"""The box holds what is in it: loaded at the start, taken up, and the empties that come back."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """CAPACITY at the start (no visit) and on leaving a stop that adds to the load; amount: boxes too many."""
    for drive in day.drives.values():
        worker = drive.worker
        if drive.start_load > worker.capacity_boxes:
            yield Violation(Rule.CAPACITY, "", worker.worker_id, drive.start_load - worker.capacity_boxes)
        for event in drive.events:
            over, adds = event.load - worker.capacity_boxes, not event.at_door or event.visit.boxes_back > event.visit.boxes
            if adds and over > 0:
                yield Violation(Rule.CAPACITY, event.visit.visit_id, worker.worker_id, over)
