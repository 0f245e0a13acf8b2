"""A worker has every skill that the visit asks for."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """SKILL; amount: how many are missing."""
    for worker, visit in day.served:
        missing = sum(skill not in worker.skills for skill in visit.required_skills)
        if missing:
            yield Violation(Rule.SKILL, visit.visit_id, worker.worker_id, missing)
