"""Exclusions on both sides: who a recipient will not have, and whom a worker will not go to. They hold until lifted."""

from __future__ import annotations

import routing
from streams.contracts import decisions as d
from streams.contracts.inputs import ExcludePair, LiftExclusion
from streams.contracts.refusals import Refusal
from streams.core.losing import recheck
from streams.core.offer_ends import withdraw_from
from streams.core.turn import Turn

SIDES = ("recipient", "worker")


def exclude_pair(turn: Turn, command: ExcludePair) -> None:
    """These two are not to meet: what is planned for them goes to somebody else."""
    if command.command_id in turn.state.commands:
        return
    if command.worker_id not in turn.state.workers:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_WORKER)
        return
    if command.by not in SIDES:
        turn.settle(command.command_id, "refused", code=Refusal.WRONG_FIELD)
        return
    held = turn.state.exclusions.get(command.recipient_id, {}).get(command.worker_id)
    if held is not None and held.by == command.by:
        turn.settle(command.command_id, "duplicate")
        return
    turn.emit(
        d.PairExcluded(
            recipient_id=command.recipient_id, worker_id=command.worker_id, by=command.by, reason=command.reason, at=turn.now_at
        )
    )
    recheck(turn, command.worker_id, command.recipient_id)
    for visit_id in turn.state.runtime.visits_of.get(command.recipient_id, ()):
        if command.worker_id not in turn.state.visits[visit_id].worker_ids:
            withdraw_from(turn, visit_id, command.worker_id, reason=routing.Rule.EXCLUDED.value)
    turn.settle(command.command_id, "accepted")


def lift_exclusion(turn: Turn, command: LiftExclusion) -> None:
    """They may meet again."""
    if command.command_id in turn.state.commands:
        return
    if command.worker_id not in turn.state.exclusions.get(command.recipient_id, {}):
        turn.settle(command.command_id, "refused", code=Refusal.NOTHING_TO_LIFT)
        return
    turn.emit(d.ExclusionLifted(recipient_id=command.recipient_id, worker_id=command.worker_id, at=turn.now_at))
    turn.settle(command.command_id, "accepted")
    turn.dirty()
