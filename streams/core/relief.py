"""A worker cannot go on: everything they had is freed and placed anew; a meal in the box is rescued."""

from __future__ import annotations

from datetime import datetime

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core.offer_ends import withdraw_offers
from streams.core.offers import take_phone_away
from streams.core.placing import place_or_wait, take_out
from streams.core.rescue import rescue
from streams.core.substitutes import cover_from_pool
from streams.core.turn import Turn

SICK_CALL = "sick_call"  # out before the shift began


def relieve(turn: Turn, worker_id: str, reason: str, *, reachable: bool = True) -> None:
    """Free a worker's route. Visits already at the door or in service are freed too: someone has to look. Of a sick call
    before the shift, the substitute pool (대체인력) has the visits first. `reachable`: they can say where they are."""
    take_phone_away(turn, worker_id, reason)
    worker = turn.state.workers[worker_id]
    freed: dict[str, datetime | None] = {}  # visit -> since when its box is with the worker
    for stop in list(worker.stops):
        visit = turn.state.visits[stop.visit_id]
        if stop.visit_id in freed or not turn.can(visit, VisitEvent.RELIEVED):
            continue
        onboard = bool(visit.spec.kitchen_id) and visit.picked_up_at is not None and not visit.pickup_worker
        freed[stop.visit_id] = visit.picked_up_at if onboard else None
        withdraw_offers(turn, stop.visit_id, reason=reason)
        take_out(turn, stop.visit_id, why="relief")
        turn.change(stop.visit_id, VisitEvent.RELIEVED, worker_id=worker_id, reason=reason)
    if reason == SICK_CALL:
        cover_from_pool(turn, worker_id, list(freed))
    for visit_id, picked_up_at in freed.items():
        if turn.state.visits[visit_id].state is not VisitState.WAITING:
            continue
        if picked_up_at is not None:
            if rescue(turn, visit_id, worker_id, picked_up_at, reachable=reachable):
                continue
            # Nobody can yet: it stays to be collected, and the ladder looks for somebody.
            turn.emit(d.PickupMoved(visit_id=visit_id, worker_id=worker_id, ready_at=turn.now_at))
        place_or_wait(turn, visit_id)
