"""Nobody goes where they declined to, or where the recipient does not want them."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """EXCLUDED."""
    for worker, visit in day.served:
        if worker.worker_id in visit.excluded_worker_ids:
            yield Violation(Rule.EXCLUDED, visit.visit_id, worker.worker_id)
