"""A visit begins by its latest second. (It never begins before its earliest: the worker waits.) A parcel that is taken up
already gives way to meals: it may come late, at the price of lateness."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """TIME_WINDOW; amount: seconds too late."""
    for drive, event in day.doors():
        late_s = event.begin_s - event.visit.latest_s
        if late_s > TOLERANCE and not (event.visit.kind == "parcel" and day.is_taken_up(drive.worker.worker_id, event.visit)):
            yield Violation(Rule.TIME_WINDOW, event.visit.visit_id, drive.worker.worker_id, late_s)
