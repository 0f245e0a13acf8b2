"""A parcel goes where a rider has time to spare. When a visit leaves the route, that time may go with it: the rider would be
at the next kitchen earlier but for the parcel, which then gives way, and is placed elsewhere or waits."""

from __future__ import annotations

import routing
from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.core.losing import take_from
from streams.core.placing import place_or_wait
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
    for visit_id in routing.parcels_in_the_way(runtime.index, worker_id):
        take_from(turn, visit_id, GIVES_WAY)
        if state.visits[visit_id].state is VisitState.WAITING:
            place_or_wait(turn, visit_id)
