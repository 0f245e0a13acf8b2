"""A visit that is accepted, offered or onboard is served by those who have it."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """PINNED."""
    for worker, visit in day.served:
        if visit.pinned_worker_ids and worker.worker_id not in visit.pinned_worker_ids:
            yield Violation(Rule.PINNED, visit.visit_id, worker.worker_id)
