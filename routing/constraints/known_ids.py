"""Routes name workers and visits of the problem. A route that does not is looked at no further."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """UNKNOWN_WORKER and UNKNOWN_VISIT."""
    for key, route in day.plan.routes.items():
        if key not in day.problem.workers or route.worker_id != key:
            yield Violation(Rule.UNKNOWN_WORKER, "", key)
            continue
        for stop in route.stops:
            if stop.visit_id not in day.problem.visits:
                yield Violation(Rule.UNKNOWN_VISIT, stop.visit_id, key)
