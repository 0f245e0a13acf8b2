"""Parcels go into spare time: no meal begins later than it would without the parcels of its route that are still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE, drive
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """PARCEL_DELAYS at the meal; amount: seconds later. The route without parcels is driven alone, its linked visits
    (for two, or in a gap) no earlier than in the plan. Locked stops are driven in any case: a parcel that is under way
    must not keep a meal out that comes after it."""
    visits = day.problem.visits
    for worker_id, full in day.drives.items():
        locked = day.locked_count(worker_id)
        stops = enumerate(full.route.stops)
        kept = tuple(stop for at, stop in stops if at < locked or visits[stop.visit_id].kind != "parcel")
        if not kept or len(kept) == len(full.route.stops):
            continue
        alone = drive(day.problem, replace(full.route, stops=kept), day.floors)
        due_s = {event.visit.visit_id: event.begin_s for event in alone.events if event.at_door}
        for event in full.events:
            if event.at_door and event.visit.kind == "meal":
                later_s = event.begin_s - due_s[event.visit.visit_id]
                if later_s > TOLERANCE:
                    yield Violation(Rule.PARCEL_DELAYS, event.visit.visit_id, worker_id, later_s)
