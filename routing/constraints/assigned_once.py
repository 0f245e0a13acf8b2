"""A visit has as many workers at its door as it wants, or none; its goods are taken up at most once, and not for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """ASSIGNED_TWICE and HALF_ASSIGNED; amount: how many are there."""
    pickups: dict[str, int] = defaultdict(int)
    for drive in day.drives.values():
        for stop in drive.route.stops:
            if stop.kind == "pickup":
                pickups[stop.visit_id] += 1
    for visit_id in sorted({*day.holders, *pickups}):
        at_door, taken_up = len(day.holders.get(visit_id, ())), pickups.get(visit_id, 0)
        wanted = day.problem.visits[visit_id].worker_count
        if at_door > wanted or taken_up > 1:
            yield Violation(Rule.ASSIGNED_TWICE, visit_id, "", max(at_door, taken_up))
        elif at_door < wanted:
            yield Violation(Rule.HALF_ASSIGNED, visit_id, "", at_door)
