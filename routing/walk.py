"""A row of stops driven through once, for what is only tried: begins and sums, without a timeline's promises and slack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

from routing.breaks import reach
from routing.model import Problem, Stop, Visit, Worker


class Walk(NamedTuple):
    """`doors`: visits with when they begin, None for a kitchen stop; the way to the worker's end place counts as travelled."""

    doors: list[tuple[Visit | None, float]]
    travelled_s: float
    worked_s: float


def walked(problem: Problem, worker: Worker, stops: Sequence[Stop], floor: Callable[[str], float]) -> Walk:
    """`floor`: before when a visit may not begin, for a partner or for a gap."""
    duration_s, mode, breaks, visits = problem.travel.duration_s, worker.mode, worker.breaks, problem.visits
    no_limit, taken = (inf,) * len(breaks), 0
    now, place = worker.free_s, worker.place
    travelled = worked = 0.0
    doors: list[tuple[Visit | None, float]] = []
    number, count = 0, len(stops)
    while number < count:
        stop = stops[number]
        number += 1
        visit = visits[stop.visit_id]
        pickup = visit.pickup
        door: Visit | None = None
        if stop.kind == "pickup" and pickup is not None:
            there, ready, access, service = pickup.place, pickup.ready_s, 0.0, pickup.service_duration_s
            while number < count and stops[number].kind == "pickup":
                other = visits[stops[number].visit_id].pickup
                if other is None or other.kitchen_id != pickup.kitchen_id:
                    break
                ready, service = max(ready, other.ready_s), max(service, other.service_duration_s)
                number += 1
        else:
            door, there, access, service = visit, visit.place, visit.access_duration_s, visit.service_duration_s
            ready = max(visit.earliest_s, floor(stop.visit_id))
        leg = duration_s(mode, place, there)
        if breaks:
            _, begin_s, taken, _ = reach(breaks, no_limit, taken, now, leg, access, ready)
        else:
            begin_s = max(now + leg + access, ready)
        doors.append((door, begin_s))
        travelled += leg
        worked += access + service
        now, place = begin_s + service, there
    if worker.end is not None:
        travelled += duration_s(mode, place, worker.end)
    return Walk(doors, travelled, worked)
