"""A worker cannot go on: everything they had is freed and placed anew; a meal in the box is collected from them."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core.offers import withdraw_offers
from streams.core.placing import place_or_wait, take_out
from streams.core.turn import Turn


def relieve(turn: Turn, worker_id: str, reason: str) -> None:
    """Free a worker's route. Visits already at the door or in service are freed too: someone has to look."""
    worker = turn.state.workers[worker_id]
    freed: list[str] = []
    for stop in list(worker.stops):
        visit = turn.state.visits[stop.visit_id]
        if stop.visit_id in freed or not turn.can(visit, VisitEvent.RELIEVED):
            continue
        onboard = bool(visit.spec.kitchen_id) and visit.picked_up_at is not None and not visit.pickup_worker
        withdraw_offers(turn, stop.visit_id, reason=reason)
        take_out(turn, stop.visit_id, why="relief")
        turn.change(stop.visit_id, VisitEvent.RELIEVED, worker_id=worker_id, reason=reason)
        if onboard:
            turn.emit(d.PickupMoved(visit_id=stop.visit_id, worker_id=worker_id, ready_at=turn.now_at))
        freed.append(stop.visit_id)
    for visit_id in freed:
        if turn.state.visits[visit_id].state is VisitState.WAITING:
            place_or_wait(turn, visit_id)
