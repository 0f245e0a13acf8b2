"""What is to be taken up is taken up by the worker who brings it, before the door; or it is onboard already."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """PICKUP_ORDER (amount: stops too late), PICKUP_ELSEWHERE, HALF_ASSIGNED (a door without its goods), KIND (a pickup of
    something that has none)."""
    for worker_id, drive in day.drives.items():
        stops = drive.route.stops
        picked = {stop.visit_id: index for index, stop in enumerate(stops) if stop.kind == "pickup"}
        for index, stop in enumerate(stops):
            visit = day.problem.visits[stop.visit_id]
            if stop.kind == "pickup":
                holders = day.holders.get(stop.visit_id, [])
                if visit.pickup is None:
                    yield Violation(Rule.KIND, stop.visit_id, worker_id)
                if holders and worker_id not in holders:
                    yield Violation(Rule.PICKUP_ELSEWHERE, stop.visit_id, worker_id)
            elif stop.visit_id in picked:
                if picked[stop.visit_id] > index:
                    yield Violation(Rule.PICKUP_ORDER, stop.visit_id, worker_id, picked[stop.visit_id] - index)
            elif visit.pickup is not None and stop.visit_id not in drive.route.onboard_since_s:
                yield Violation(Rule.HALF_ASSIGNED, stop.visit_id, worker_id)
