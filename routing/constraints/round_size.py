"""No more is taken up in one kitchen stop than a round may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """ROUND_SIZE at every pickup of the stop; amount: meals too many."""
    for drive in day.drives.values():
        sizes = Counter(event.group for event in drive.events if not event.at_door)
        for event in drive.events:
            over = sizes[event.group] - day.problem.max_meals_per_round
            if not event.at_door and over > 0:
                yield Violation(Rule.ROUND_SIZE, event.visit.visit_id, drive.worker.worker_id, over)
