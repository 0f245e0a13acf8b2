"""A worker is home, rested and done by the end of the shift. Who has nothing to do always is."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """SHIFT; amount: seconds too late."""
    for worker_id, drive in day.drives.items():
        over_s = drive.finish_s - drive.worker.shift_end_s
        if drive.events and over_s > TOLERANCE:
            yield Violation(Rule.SHIFT, "", worker_id, over_s)
