"""Going along the rest of a route with later times than before: does every promise hold?"""

from __future__ import annotations

from routing.breaks import finish, reach
from routing.model import Problem
from routing.place import Place
from routing.schedule import FAR_S, Timeline

BROKEN = (-1.0, 0)


def pass_block(
    line: Timeline, block: int, leave: float, leg: float, taken: int, departs: dict[int, float]
) -> tuple[float, int]:
    """When a block is left that is come to by `leg` from a place left at `leave` (with `taken` breaks behind), and the
    breaks taken by then; `BROKEN` if a promise breaks. `departs` remembers new departures from kitchens, which
    freshness counts from."""
    arrive = leave + leg
    if arrive > line.latest[block]:
        return BROKEN
    visit, ready = line.visit[block], line.ready[block]
    breaks = line.worker.breaks
    if breaks:
        _, begin, taken, too_late = reach(breaks, line.break_limits, taken, leave, leg, line.access[block], ready)
        if too_late or begin > line.bound[block]:
            return BROKEN
    else:
        begin = max(arrive + line.access[block], ready)
    depart = begin + line.service[block]
    if visit is None:
        departs[block] = depart
        return depart, taken
    if visit.freshness_s:
        picked = line.picked[block]
        if picked >= 0:
            left, left_before = departs.get(picked, line.depart[picked]), line.depart[picked]
        else:
            left = left_before = line.route.onboard_since_s.get(visit.visit_id, FAR_S)
        if begin - left > max(visit.freshness_s, line.begin[block] - left_before):
            return BROKEN
    if begin < line.begin[block] and visit.visit_id in line.linked and line.bound[block] == line.begin[block]:
        return BROKEN  # a visit in a gap: begun sooner, too long a time might pass until the next
    return depart, taken


def keeps_promises(
    problem: Problem, line: Timeline, block: int, depart: float, taken: int, place: Place, departs: dict[int, float]
) -> bool:
    """Do all blocks from `block` on keep their promises, and the shift its end, when `place` is left at `depart`?"""
    worker = line.worker
    duration_s, mode = problem.travel.duration_s, worker.mode
    leg: float
    if block < len(line.place):
        departs = dict(departs)
        leg = duration_s(mode, place, line.place[block])
        while True:
            depart, taken = pass_block(line, block, depart, leg, taken, departs)
            if depart < 0:
                return False
            block += 1
            if block == len(line.place):
                break
            leg = line.leg[block]
        leg = line.end_leg
    else:
        leg = 0 if worker.end is None else duration_s(mode, place, worker.end)
    if worker.breaks:
        over_s, too_late = finish(worker.breaks, line.break_limits, taken, depart, leg)
        return not too_late and over_s <= worker.shift_end_s
    return depart + leg <= worker.shift_end_s
