"""A visit that nobody wants is paid better; who declined it for less may be asked again."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.inputs import RaiseFee
from streams.contracts.refusals import Refusal
from streams.core.lifecycle import CLOSED
from streams.core.placing import place_or_wait
from streams.core.turn import Turn


def raise_fee(turn: Turn, command: RaiseFee) -> None:
    """Only ever more: what was offered is not taken back."""
    visit = turn.find_commanded(command.command_id, command.visit_id)
    if visit is None:
        return
    if visit.state in CLOSED:
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.ALREADY_CLOSED)
        return
    if command.extra_krw < visit.extra_fee_krw or command.extra_krw <= 0:
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.WRONG_FIELD)
        return
    if command.extra_krw == visit.extra_fee_krw:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    turn.emit(
        d.FeeRaised(
            visit_id=command.visit_id, extra_krw=command.extra_krw, by=turn.received.actor, reason=command.reason, at=turn.now_at
        )
    )
    turn.settle(command.command_id, "accepted", command.visit_id)
    if visit.state is VisitState.WAITING:
        place_or_wait(turn, command.visit_id)
