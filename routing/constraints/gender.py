"""A visit that asks for a gender gets it."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """GENDER."""
    for worker, visit in day.served:
        if visit.gender and visit.gender != worker.gender:
            yield Violation(Rule.GENDER, visit.visit_id, worker.worker_id)
