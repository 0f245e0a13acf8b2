"""Putting visits into routes at once, taking them out, and keeping the times of a route true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core.as_routing import route_of
from streams.core.declines import lift_changed
from streams.core.eligibility import ruled_out
from streams.core.gap_room import room_before_next
from streams.core.instants import instant, seconds
from streams.core.plan_terms import partners_of
from streams.core.rungs import wait_s
from streams.core.turn import Turn

RETIME_S = 60  # a route whose times moved by less is not written anew


def place(turn: Turn, visit_id: str, *, only_worker_id: str = "", named: bool = False) -> bool:
    """Cheapest feasible insertion of a waiting visit, breaking no promise. False when nobody can. `named`: the worker's
    own organisation names them, which is an answer to what they had declined and to which area they are from."""
    if turn.state.visits[visit_id].held_by:
        return False  # claimed, or another district may be on its way
    lift_changed(turn, visit_id)
    runtime = turn.state.runtime
    runtime.catch_up()
    visit = runtime.problem.visits[visit_id]
    if only_worker_id and not named:
        visit = replace(visit, pinned_worker_ids=frozenset({only_worker_id}))
    elif only_worker_id:
        visit = _only(turn, visit, only_worker_id)
    found = find_room(turn, visit)
    if found is None:
        return False
    put_in(turn, visit_id, found)
    return True


def find_room(turn: Turn, visit: routing.Visit, index: routing.PlanIndex | None = None) -> routing.Insertion | None:
    """The cheapest place for it as routing sees it now (or in another plan's `index`); None where there is none. Nothing moves."""
    index = index or turn.state.runtime.index
    found = index.insert(visit)
    return found if isinstance(found, routing.Insertion) else room_before_next(turn.state, index, visit)


def put_in(turn: Turn, visit_id: str, found: routing.Insertion) -> None:
    """Write down an insertion that was found for a waiting visit; what comes after it in a gap waits for it."""
    workers = ",".join(route.worker_id for route in found.routes)
    turn.change(visit_id, VisitEvent.PLANNED, worker_id=workers)
    set_routes(turn, found.routes, why="insertion")
    _retime_partners(turn, [visit_id], {route.worker_id for route in found.routes}, why="insertion")


def room_for(turn: Turn, visit_id: str, worker_id: str) -> routing.Insertion | None:
    """Where the visit fits into this worker's route, while whoever has it still has it. Nothing moves. Kept until it
    is free: what comes after it in a gap may begin earlier without it, and leave it no room then."""
    runtime = turn.state.runtime
    runtime.catch_up()
    if worker_id not in runtime.problem.workers or visit_id not in runtime.problem.visits:
        return None  # nobody plans for this worker; or another district may be on its way
    return find_room(turn, _only(turn, runtime.problem.visits[visit_id], worker_id))


def place_named(turn: Turn, visit_id: str, worker_id: str, room: routing.Insertion | None) -> bool:
    """Into the route of a worker whom their organisation names, who had `room` for it before it was free: as cheaply as may
    be now, else there."""
    if place(turn, visit_id, only_worker_id=worker_id, named=True):
        return True
    if room is None or turn.state.visits[visit_id].held_by:
        return False
    put_in(turn, visit_id, room)
    return True


def can_take(turn: Turn, visit_id: str, worker_id: str) -> bool:
    """Is there room for it in this worker's route?"""
    return room_for(turn, visit_id, worker_id) is not None


def _only(turn: Turn, visit: routing.Visit, worker_id: str) -> routing.Visit:
    """The visit for this worker alone, who was chosen by whom it concerns: their own no and their home area do not count."""
    area_id = turn.state.workers[worker_id].profile.area_id
    record = turn.state.visits[visit.visit_id]
    own_no = {worker_id} - ruled_out(turn.state, record)
    return replace(
        visit, pinned_worker_ids=frozenset({worker_id}), excluded_worker_ids=visit.excluded_worker_ids - own_no,
        allowed_area_prices={area_id: 0, **visit.allowed_area_prices},
    )  # fmt: skip


def set_routes(turn: Turn, routes: Iterable[routing.Route], why: str) -> None:
    """Write routes with their timetables; workers of a visit for two wait for each other."""
    state, by_worker = turn.state, {route.worker_id: route for route in routes}
    partners = {
        worker_id: route_of(state, state.workers[worker_id])
        for route in by_worker.values()
        for stop in route.stops
        for visit_id in _met_at(turn, stop.visit_id)
        for worker_id in state.visits[visit_id].worker_ids
        if worker_id in state.runtime.problem.workers  # who has done their part and gone home is not waited for
    }
    times = routing.timetables(state.runtime.problem, routing.Plan(partners | by_worker))
    for worker_id, route in by_worker.items():
        turn.emit(d.RouteSet(worker_id=worker_id, stops=_planned_stops(route, times[worker_id]), why=why))


def _met_at(turn: Turn, visit_id: str) -> tuple[str, ...]:
    """Visits whose workers wait for one another at this one: itself where two go, and those in a gap with it."""
    partners = tuple(partners_of(turn.state, visit_id))
    return (visit_id, *partners) if turn.state.visits[visit_id].spec.worker_count > 1 else partners


def put_first(turn: Turn, worker_id: str, visit_id: str) -> None:
    """The visit's door is the worker's next stop, whatever else they have."""
    stop = d.PlannedStop(visit_id, "visit", turn.now_at)
    turn.emit(d.RouteSet(worker_id=worker_id, stops=(stop, *turn.state.workers[worker_id].stops), why="report"))
    retime(turn, worker_id, why="report")


def take_out(turn: Turn, visit_id: str, why: str) -> None:
    """Remove a visit's stops from every route that has them."""
    for worker_id in list(turn.state.visits[visit_id].worker_ids):
        worker = turn.state.workers[worker_id]
        stops = [stop for stop in worker.stops if stop.visit_id != visit_id]
        if len(stops) != len(worker.stops):
            turn.emit(d.RouteSet(worker_id=worker_id, stops=tuple(stops), why=why))
            retime(turn, worker_id, why)
            turn.thinned.append(worker_id)


def retime(turn: Turn, worker_id: str, why: str) -> None:
    """Bring a route's expected times up to date when they moved by more than a minute."""
    runtime = turn.state.runtime
    runtime.worker_changed(worker_id)
    if worker_id not in runtime.problem.workers:
        return
    worker = turn.state.workers[worker_id]
    if any(_met_at(turn, stop.visit_id) for stop in worker.stops):
        runtime.catch_up()  # its times hang on the partner's route, which may have been laid out at any time
    times = runtime.index.timetable(worker_id)
    if any(abs(int(new.begin_s) - seconds(old.begin_at)) > RETIME_S for new, old in zip(times, worker.stops, strict=True)):
        stops = _planned_stops(runtime.index.route(worker_id), times)
        turn.emit(d.RouteSet(worker_id=worker_id, stops=stops, why=why))
        _retime_partners(turn, [stop.visit_id for stop in worker.stops], {worker_id}, why)


def _retime_partners(turn: Turn, visit_ids: Iterable[str], known: set[str], why: str) -> None:
    """Who comes after one of these in a gap comes later now; of the workers in `known` that is written down."""
    state = turn.state
    waiting = (partner for visit_id in visit_ids for partner in partners_of(state, visit_id))
    for other_id in sorted({w for visit_id in waiting for w in state.visits[visit_id].worker_ids} - known):
        retime(turn, other_id, why)


def place_or_wait(turn: Turn, visit_id: str) -> None:
    """Place a visit, or leave it waiting with the ladder's alarm set."""
    visit = turn.state.visits[visit_id]
    if place(turn, visit_id):
        turn.dirty()
        return
    if visit.state is VisitState.REQUESTED:
        turn.change(visit_id, VisitEvent.QUEUED)
    wait_on_rung(turn, visit_id)
    turn.dirty()


def wait_on_rung(turn: Turn, visit_id: str) -> None:
    """Look at a waiting visit again when its time on this rung of the ladder is over."""
    turn.alarm(f"rung:{visit_id}", wait_s(turn, turn.state.visits[visit_id]))


def _planned_stops(route: routing.Route, times: list[routing.StopTime]) -> tuple[d.PlannedStop, ...]:
    """A route with the times that its timetable gives."""
    return tuple(
        d.PlannedStop(stop.visit_id, stop.kind, instant(int(time.begin_s))) for stop, time in zip(route.stops, times, strict=True)
    )
