"""What has begun or was promised stays: the locked beginning of a route, and what is onboard."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Route, Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """LOCKED at the first stop that moved (amount: locked stops from there), PICKUP_ELSEWHERE for what left its rider."""
    if day.start is None:
        return
    for worker_id, before in day.start.routes.items():
        now = day.plan.routes.get(worker_id, Route(worker_id))
        locked = before.stops[: before.locked_count]
        for index, stop in enumerate(locked):
            if index >= len(now.stops) or now.stops[index] != stop:
                yield Violation(Rule.LOCKED, stop.visit_id, worker_id, len(locked) - index)
                break
        ours = {stop.visit_id for stop in now.stops if stop.kind == "visit"}
        for stop in before.stops:
            if stop.kind == "visit" and stop.visit_id in before.onboard_since_s and stop.visit_id not in ours:
                yield Violation(Rule.PICKUP_ELSEWHERE, stop.visit_id, worker_id)
