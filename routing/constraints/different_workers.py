"""Two visits of a gap that asks for different workers share none."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """DIFFERENT_WORKERS at the second visit."""
    for gap in day.problem.gaps:
        if gap.different_workers:
            both = set(day.holders.get(gap.first_visit_id, ())) & set(day.holders.get(gap.then_visit_id, ()))
            for worker_id in sorted(both):
                yield Violation(Rule.DIFFERENT_WORKERS, gap.then_visit_id, worker_id)
