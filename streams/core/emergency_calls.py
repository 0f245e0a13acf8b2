"""Urgency by telephone: yes/no questions that end in "119 now". What was answered is written down, and somebody follows up.

The questions are the district's data (`Policy.urgency_questions`). Who telephones calls 119 themselves, at once; the dong's care
manager asks afterwards what became of it, and sooner or later of whom nothing alarming was said.
"""

from __future__ import annotations

from streams.contracts.inputs import RecordEmergencyCall
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.turn import Turn

EMERGENCY_CALL = "emergency_call"
NOT_URGENT = "not_urgent"


def record_emergency_call(turn: Turn, command: RecordEmergencyCall) -> None:
    """Accepted, `rules` names the answers that mean 119. The same call told twice is one; a graver one is another."""
    if command.command_id in turn.state.commands:
        return
    questions = turn.policy.urgency_questions
    if not command.answers or command.answers.keys() - {one.code for one in questions}:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_QUESTION)
        return
    area_id = turn.state.runtime.geography.area_of_dong.get(command.dong)
    if area_id is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_DONG)
        return
    urgent = tuple(one.code for one in questions if command.answers.get(one.code) is one.urgent_if)
    if urgent:
        exceptions.settle_if_open(turn, EMERGENCY_CALL, command.recipient_id, NOT_URGENT)  # it has become worse
    exceptions.raise_exception(
        turn, EMERGENCY_CALL, command.recipient_id, exceptions.care_manager_of(command.dong), dong=command.dong, area_id=area_id,
        detail=urgent[0] if urgent else NOT_URGENT, reported_by=command.source,
        due_s=turn.policy.emergency_call_s if urgent else turn.policy.not_urgent_call_s,
    )  # fmt: skip
    turn.settle(command.command_id, "accepted", rules=urgent)
