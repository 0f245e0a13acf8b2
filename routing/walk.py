"""A row of stops driven through once, for what is only tried: begins and sums, without a timeline's promises and slack."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from routing.breaks import reach
from routing.model import Problem, Stop, Visit, Worker

if TYPE_CHECKING:
    from routing.schedule import Timeline


class Walk(NamedTuple):
    """`doors`: visits with when they begin, None for a kitchen stop; the way to the worker's end place counts as travelled."""

    doors: list[tuple[Visit | None, float]]
    travelled_s: float
    worked_s: float


def walked(
    problem: Problem, worker: Worker, stops: Sequence[Stop], floor: Callable[[str], float], line: Timeline | None = None
) -> Walk:
    """`floor`: before when a visit may not begin, for a partner or for a gap. `line`: the worker's timeline, of stops that
    are nearly these: what is the same at both ends is read from it."""
    duration_s, mode, breaks, visits = problem.travel.duration_s, worker.mode, worker.breaks, problem.visits
    no_limit, taken = (inf,) * len(breaks), 0
    now, place = worker.free_s, worker.place
    travelled = worked = 0.0
    doors: list[tuple[Visit | None, float]] = []
    number, count = 0, len(stops)
    alike = count  # from here on the line goes on like this, and like this in time if it leaves the stop before at the same
    if line is not None and not line.linked:  # who hangs on other routes may have a floor of its own here
        block, ends = _same_blocks(line, stops), _same_ends(line, stops)
        if block:
            now, place, taken, number = line.depart[block - 1], line.place[block - 1], line.taken[block - 1], line.first[block]
            travelled, worked = _read(line, 0, block, doors, travelled, worked)
        alike = count - ends + 1
    while number < count:
        if number >= alike and line is not None:
            block = bisect_left(line.first, number - count + len(line.route.stops))
            if now == line.depart[block - 1] and taken == line.taken[block - 1]:
                travelled, worked = _read(line, block, len(line.place), doors, travelled, worked)
                place = line.place[-1]
                break
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


def _same_blocks(line: Timeline, stops: Sequence[Stop]) -> int:
    """How many blocks of the line these stops begin with; a kitchen right before what differs may be another stop now."""
    same = 0
    for stop, old in zip(stops, line.route.stops, strict=False):
        if stop is not old:
            break
        same += 1
    block = bisect_right(line.first, same) - 1
    while block and line.visit[block - 1] is None:
        block -= 1
    return block


def _same_ends(line: Timeline, stops: Sequence[Stop]) -> int:
    """How many stops of the line these end with."""
    same = 0
    for stop, old in zip(reversed(stops), reversed(line.route.stops), strict=False):
        if stop is not old:
            break
        same += 1
    return same


def _read(
    line: Timeline, first: int, end: int, doors: list[tuple[Visit | None, float]], travelled: float, worked: float
) -> tuple[float, float]:
    """Doors of some of the line's blocks, and the sums with them, added up one by one as if they were walked."""
    doors.extend(zip(line.visit[first:end], line.begin[first:end], strict=True))
    for leg, access, service in zip(line.leg[first:end], line.access[first:end], line.service[first:end], strict=True):
        travelled += leg
        worked += access + service
    return travelled, worked
