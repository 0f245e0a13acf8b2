"""A parcel goes where a rider has time to spare. When a visit leaves the route, that time may go with it: the rider would be
at the next kitchen earlier but for the parcel, which then gives way, and is placed elsewhere or waits."""

from __future__ import annotations

import routing
from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.core.losing import take_from
from streams.core.placing import place_or_wait, wait_on_rung
from streams.core.turn import Turn

GIVES_WAY = "gives_way"


def give_way(turn: Turn, worker_id: str) -> None:
    """Take the parcels that now hold up a meal out of the route of a worker who has lost another visit."""
    state, runtime = turn.state, turn.state.runtime
    stops = state.workers[worker_id].stops
    if not any(state.visits[stop.visit_id].spec.service is Service.LOCAL_PARCEL for stop in stops):
        return
    runtime.catch_up()
    if worker_id not in runtime.problem.workers:
        return
    in_the_way = routing.parcels_in_the_way(runtime.index, worker_id)
    for visit_id in in_the_way:  # all of them first: beside one that is still there another one seems to delay nothing
        take_from(turn, visit_id, GIVES_WAY)
    for visit_id in in_the_way:
        if state.visits[visit_id].state is not VisitState.WAITING:
            continue
        if visit_id in turn.gave_way:
            wait_on_rung(turn, visit_id)  # it would give way again
        else:
            place_or_wait(turn, visit_id)
    turn.gave_way.update(in_the_way)
