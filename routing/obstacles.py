"""Which rule of time stands in the way of a worker who may serve a visit, but has no place for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.insert_field import Seat
from routing.model import Route, Stop, Visit
from routing.refusals import Rule
from routing.schedule import fresh_until

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex, Window


def alone_obstacle(index: PlanIndex, visit: Visit, seat: Seat, window: Window) -> Rule:
    """What would break if the worker had nothing else to do; NO_ROOM if nothing: then it is what they do already."""
    worker = seat.worker
    there = visit.place if visit.pickup is None else visit.pickup.place
    leg_s = index.problem.travel.duration_s(worker.mode, worker.place, there)
    if worker.free_s + leg_s > min(visit.latest_s, worker.shift_end_s):
        return Rule.SHIFT
    stops: tuple[Stop, ...] = (Stop(visit.visit_id, "visit"),)
    if visit.pickup is not None:
        stops = (Stop(visit.visit_id, "pickup"), *stops)
    line = index.try_route(Route(worker.worker_id, stops), {visit.visit_id: window.earliest_s})
    begin_s, door = line.begin[-1], len(line.begin) - 1
    if line.begin[0] > line.until[0] and visit.pickup is not None:
        return Rule.PICKUP_WINDOW
    if begin_s > window.latest_s:
        return Rule.TIME_WINDOW
    if begin_s > seat.until_s:
        return Rule.CREDENTIAL_OLD
    if visit.freshness_s and begin_s > fresh_until(line, door, visit):
        return Rule.FRESHNESS
    if line.finish_s > worker.shift_end_s:
        return Rule.SHIFT
    if any(limit > one.latest_s for limit, one in zip(line.break_limits, worker.breaks, strict=True)):
        return Rule.BREAK
    if worker.max_active_s and line.active_s > worker.max_active_s:
        return Rule.ACTIVE_LIMIT
    if worker.max_distance_m and line.distance_m > worker.max_distance_m:
        return Rule.DISTANCE_LIMIT
    return Rule.NO_ROOM
