"""Each break of a worker who is out long enough to need it begins inside its window."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """BREAK; amount: seconds too late."""
    for worker_id, drive in day.drives.items():
        for rest, begin_s in zip(drive.worker.breaks, drive.breaks, strict=False):
            if begin_s - rest.latest_s > TOLERANCE:
                yield Violation(Rule.BREAK, "", worker_id, begin_s - rest.latest_s)
