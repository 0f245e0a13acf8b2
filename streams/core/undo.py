"""Undo for ten minutes: what a person's command changed goes back to how it was, as far as the day has not gone on."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import BeforeOverrule, VisitEvent, VisitState
from streams.contracts.inputs import UndoCommand
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.config_check import missed_by
from streams.core.lifecycle import CLOSED
from streams.core.moving import BACK_TO_WAITING, free
from streams.core.placing import place, place_or_wait
from streams.core.turn import Turn


def remember(turn: Turn, command_id: str, visit_ids: list[str]) -> None:
    """Keep how these visits are now, so that the command can be undone."""
    visits = turn.state.visits
    turn.emit(
        d.UndoKept(
            command_id=command_id, until_at=turn.after(turn.policy.undo_s),
            before=tuple(
                BeforeOverrule(
                    visit_id=visit_id, worker_ids=tuple(visits[visit_id].worker_ids), pinned_id=visits[visit_id].pinned_id,
                    forbidden_ids=tuple(visits[visit_id].forbidden_ids), waived_rules=tuple(visits[visit_id].waived_rules),
                    locked=visit_id in turn.state.locked,
                )
                for visit_id in visit_ids
            ),
        )
    )  # fmt: skip


def undo_command(turn: Turn, command: UndoCommand) -> None:
    """Put the visits of a command back with whom they were, unless the time is over or they have been started."""
    if command.command_id in turn.state.commands:
        return
    kept = turn.state.undo.get(command.undone_command_id)
    if kept is None:
        turn.settle(command.command_id, "refused", code=Refusal.NOTHING_TO_UNDO)
        return
    visits = turn.state.visits
    first = kept.before[0].visit_id
    if turn.now_at > kept.until_at:
        turn.settle(command.command_id, "refused", first, Refusal.UNDO_TOO_LATE)
        return
    allowed = {VisitState.WAITING, VisitState.CANCELLED, *BACK_TO_WAITING}
    if any(visits[before.visit_id].state not in allowed for before in kept.before):
        turn.settle(command.command_id, "refused", first, Refusal.STARTED_STAYS)
        return
    if any(visits[before.visit_id].guest_of and visits[before.visit_id].state is VisitState.CANCELLED for before in kept.before):
        turn.settle(command.command_id, "refused", first, Refusal.NEED_NOT_OPEN)  # its own district was told that we do not come
        return
    closed = [visits[before.visit_id] for before in kept.before if visits[before.visit_id].state in CLOSED]
    if missed := tuple(dict.fromkeys(name for visit in closed for name in missed_by(visit, turn.config))):
        turn.settle(command.command_id, "refused", first, Refusal.LEFT_CONFIGURATION, rules=missed)
        return
    for before in kept.before:
        visit = visits[before.visit_id]
        if visit.state is VisitState.CANCELLED:
            turn.change(before.visit_id, VisitEvent.REOPENED, actor=turn.received.actor, reason="undone")
            exceptions.settle_if_open(turn, "meal_left_over", before.visit_id)
        elif tuple(visit.worker_ids) != before.worker_ids:
            free(turn, visit)
        turn.emit(
            d.VisitOverruled(
                visit_id=before.visit_id, pinned_id=before.pinned_id, forbidden_ids=before.forbidden_ids,
                waived_rules=before.waived_rules, by=turn.received.actor, reason="undone", at=turn.now_at,
                locked=before.locked,
            )
        )  # fmt: skip
    for before in kept.before:
        _put_back(turn, before)
    turn.emit(d.UndoSpent(command_id=command.undone_command_id))
    turn.settle(command.command_id, "accepted", first)
    # Whoever looks, or sends it again, is told that it is no longer done.
    turn.emit(
        d.CommandSettled(command_id=command.undone_command_id, outcome="undone", visit_id=first, by=turn.received.actor)
    )
    turn.dirty()


def _put_back(turn: Turn, before: BeforeOverrule) -> None:
    visit = turn.state.visits[before.visit_id]
    if visit.state is not VisitState.WAITING:
        return
    turn.state.runtime.catch_up()
    single = before.worker_ids[0] if len(before.worker_ids) == 1 else ""
    known = single in turn.state.runtime.problem.workers
    if not (single and known and place(turn, before.visit_id, only_worker_id=single)):
        place_or_wait(turn, before.visit_id)
