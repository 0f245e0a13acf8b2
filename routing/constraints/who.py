"""Who serves whom: the pairs that the rules of ability look at."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Visit, Worker


def served_by(day: Day) -> Iterator[tuple[Worker, Visit]]:
    """Each worker with each visit that has a stop in the worker's route, once."""
    for drive in day.drives.values():
        for visit_id in dict.fromkeys(stop.visit_id for stop in drive.route.stops):
            yield drive.worker, day.problem.visits[visit_id]
