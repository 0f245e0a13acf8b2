"""Only workers of the areas that may help, and none where they are banned."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """AREA and BANNED_AREA."""
    for worker, visit in day.served:
        if worker.area_id not in visit.allowed_area_prices:
            yield Violation(Rule.AREA, visit.visit_id, worker.worker_id)
        if visit.area_id in worker.banned_area_ids:
            yield Violation(Rule.BANNED_AREA, visit.visit_id, worker.worker_id)
