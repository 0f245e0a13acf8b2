"""A visit begins by its latest second. (It never begins before its earliest: the worker waits.)"""

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
        if late_s > TOLERANCE:
            yield Violation(Rule.TIME_WINDOW, event.visit.visit_id, drive.worker.worker_id, late_s)
