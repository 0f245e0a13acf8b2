"""Observation at the door (안부 관찰): one tap becomes a deadline of the dong's care manager; the outcome goes back.

What may be seen, and how soon somebody is to look, is the district's data (`Policy.observations`). A concern that a
neighbour or a gatekeeper reports takes the same way.
"""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.district import Observation
from streams.contracts.inputs import ReportConcern, WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.state import ExceptionRecord
from streams.core.turn import Turn

OBSERVATION = "observation"
CONCERN = "concern"


def find_kind(turn: Turn, code: str) -> Observation | None:
    """The district's observation of that code."""
    return next((one for one in turn.policy.observations if one.code == code), None)


def observed(turn: Turn, report: WorkerReported) -> None:
    """A rider or carer saw something at the doors of `report.visit_ids`; `report.reason` says what."""
    kind = find_kind(turn, report.reason)
    if kind is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_OBSERVATION, report.reason)
        return
    for visit_id in report.visit_ids:
        visit = turn.state.visits.get(visit_id)
        if visit is None:
            turn.refuse_report(report.report_id, Refusal.UNKNOWN_VISIT, visit_id)
        elif report.worker_id not in (*visit.accepted_ids, *visit.past_worker_ids):
            turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, visit_id)
        else:
            exceptions.raise_about(
                turn, OBSERVATION, visit_id, exceptions.care_manager_of(visit.spec.dong), detail=kind.code,
                reported_by=f"{report.worker_id}:{report.report_id}", due_s=kind.due_s,
            )  # fmt: skip


def report_concern(turn: Turn, command: ReportConcern) -> None:
    """Somebody outside is worried about a recipient."""
    if command.command_id in turn.state.commands:
        return
    kind = find_kind(turn, command.observation)
    if kind is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_OBSERVATION)
        return
    area_id = turn.state.runtime.geography.area_of_dong.get(command.dong)
    if area_id is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_DONG)
        return
    owner = exceptions.care_manager_of(command.dong)
    exceptions.raise_exception(
        turn, CONCERN, command.recipient_id, owner, dong=command.dong, area_id=area_id, detail=kind.code,
        reported_by=command.source, due_s=kind.due_s,
    )  # fmt: skip
    turn.settle(command.command_id, "accepted")


def answer_observer(turn: Turn, record: ExceptionRecord, outcome: str) -> None:
    """Tell who tapped what came of it: who is heard taps again."""
    raised = record.raised
    worker_id, _, report_id = raised.reported_by.partition(":")
    worker = turn.state.workers.get(worker_id)
    if worker is None:
        return
    turn.emit(
        d.ObservationAnswered(
            report_id=report_id, organisation=worker.profile.organisation, worker_id=worker_id, visit_id=raised.subject,
            observation=raised.detail, outcome=outcome, at=turn.now_at,
        )
    )  # fmt: skip
