"""The care manager's own first visit (첫 방문): within 72 hours of the referral, looked after from the day before."""

from __future__ import annotations

from datetime import timedelta

from streams.contracts.inputs import RecordFirstVisit, RecordIntake
from streams.contracts.intake import FirstVisitSettled, IntakeRecorded
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.turn import Turn

NEAR = "first_visit_near"
ALARM = "first_visit"


def record_intake(turn: Turn, command: RecordIntake) -> None:
    """Somebody was referred; from `received_at` the time runs."""
    if command.command_id in turn.state.commands:
        return
    area_id = turn.state.runtime.geography.area_of_dong.get(command.dong)
    if area_id is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_DONG)
        return
    if command.received_at > turn.now_at:
        turn.settle(command.command_id, "refused", code=Refusal.WRONG_FIELD)
        return
    if command.recipient_id in turn.state.intakes:
        turn.settle(command.command_id, "duplicate")
        return
    due_at = command.received_at + timedelta(seconds=turn.policy.first_visit_s)
    turn.emit(
        IntakeRecorded(
            recipient_id=command.recipient_id, dong=command.dong, area_id=area_id, received_at=command.received_at, due_at=due_at,
            by=turn.received.actor, at=turn.now_at,
        )
    )  # fmt: skip
    near_s = int((due_at - turn.now_at).total_seconds()) - turn.policy.first_visit_near_s
    turn.alarm(f"{ALARM}:{command.recipient_id}", max(0, near_s))
    turn.settle(command.command_id, "accepted")


def near(turn: Turn, recipient_id: str) -> None:
    """The time is nearly over, and nobody has said that they were there: the dong's care manager has it until then."""
    record = turn.state.intakes[recipient_id]
    if record.outcome:
        return
    intake = record.recorded
    left_s = max(1, int((intake.due_at - turn.now_at).total_seconds()))
    exceptions.raise_exception(
        turn, NEAR, recipient_id, exceptions.care_manager_of(intake.dong), dong=intake.dong, area_id=intake.area_id, due_s=left_s
    )


def record_first_visit(turn: Turn, command: RecordFirstVisit) -> None:
    """The care manager was there, or need not go."""
    if command.command_id in turn.state.commands:
        return
    record = turn.state.intakes.get(command.recipient_id)
    if record is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_RECIPIENT)
    elif record.outcome:
        turn.settle(command.command_id, "duplicate")
    elif command.outcome not in exceptions.KINDS[NEAR].outcomes:
        turn.settle(command.command_id, "refused", code=Refusal.OUTCOME_NOT_ALLOWED)
    else:
        settled(turn, command.recipient_id, command.outcome, turn.received.actor)
        exceptions.settle_if_open(turn, NEAR, command.recipient_id)
        turn.settle(command.command_id, "accepted")


def settled(turn: Turn, recipient_id: str, outcome: str, by: str) -> None:
    """Said in the queue, or before it came there."""
    turn.emit(FirstVisitSettled(recipient_id=recipient_id, outcome=outcome, by=by, at=turn.now_at))
    turn.silence(f"{ALARM}:{recipient_id}")
