"""Travel, access and service of a route stay within the limit on hours."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """ACTIVE_LIMIT; amount: seconds over it."""
    for worker_id, drive in day.drives.items():
        over_s = drive.active_s - drive.worker.max_active_s
        if drive.worker.max_active_s and over_s > TOLERANCE:
            yield Violation(Rule.ACTIVE_LIMIT, "", worker_id, over_s)
