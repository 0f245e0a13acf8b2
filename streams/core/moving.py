"""Which visits a person may still move, and taking one out of its route for it."""

from __future__ import annotations

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.refusals import Refusal
from streams.core.asks import release_all
from streams.core.config_check import missed_by
from streams.core.holding import find_open_claim, withdraw_claim
from streams.core.lifecycle import CLOSED
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import take_out
from streams.core.state import VisitRecord
from streams.core.turn import Turn

BACK_TO_WAITING = {
    VisitState.PLANNED: VisitEvent.UNPLANNED, VisitState.OFFERED: VisitEvent.RELIEVED, VisitState.ACCEPTED: VisitEvent.RELIEVED,
    VisitState.HANDED_OVER: VisitEvent.REOPENED,
}  # fmt: skip
"""States from which a person may still move a visit, and the event that frees it; WAITING is free already."""


def find_movable(turn: Turn, command_id: str, visit_id: str) -> VisitRecord | None:
    """The visit that a command is about, unless the command is a repeat or the visit may not be moved; then the command
    is settled here."""
    visit = turn.find_commanded(command_id, visit_id)
    if visit is None:
        return None
    if visit.guest_of and visit.state in CLOSED:
        turn.settle(command_id, "refused", visit_id, Refusal.NEED_NOT_OPEN)  # its own district may have it with others by now
        return None
    if visit.held_by and find_open_claim(turn, visit) is None:
        turn.settle(command_id, "refused", visit_id, Refusal.WITH_ANOTHER_DISTRICT)
        return None
    if visit.state is not VisitState.WAITING and visit.state not in BACK_TO_WAITING:
        turn.settle(command_id, "refused", visit_id, Refusal.ALREADY_CLOSED if visit.state in CLOSED else Refusal.STARTED_STAYS)
        return None
    if visit.state in CLOSED and (missed := missed_by(visit, turn.config)):
        turn.settle(command_id, "refused", visit_id, Refusal.LEFT_CONFIGURATION, rules=missed)
        return None
    return visit


def free(turn: Turn, visit: VisitRecord) -> None:
    """Out of its route and waiting."""
    visit_id = visit.spec.visit_id
    withdraw_claim(turn, visit, reason="overruled")
    release_all(turn, visit)
    withdraw_offers(turn, visit_id, reason="overruled")
    take_out(turn, visit_id, why="person")
    event = BACK_TO_WAITING.get(visit.state)
    if event is not None:
        turn.change(visit_id, event, actor=turn.received.actor, worker_id=",".join(visit.worker_ids), reason="overruled")
