"""The fold of what needs a person: exceptions, who has them, and needs that were not met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.state import DistrictState, ExceptionRecord

EXPECTED_LATE = "expected_late"


def _raised(state: DistrictState, raised: d.ExceptionRaised) -> None:
    state.exceptions[raised.exception_id] = ExceptionRecord(raised=raised, owner=raised.owner, due_at=raised.due_at)
    state.totals.exceptions += 1
    state.runtime.exception_raised(raised)
    visit = state.visits.get(raised.subject)
    if visit is not None:
        visit.owner = raised.owner
        if raised.kind == EXPECTED_LATE:
            visit.late_raised_at = visit.late_told_at
    set_deadline(state, f"exception:{raised.exception_id}", raised.due_at)


def _settled(state: DistrictState, decision: d.ExceptionSettled) -> None:
    record = state.exceptions[decision.exception_id]
    record.changes += 1
    record.outcome = decision.outcome
    record.settled_by = decision.by
    state.runtime.exception_settled(record.raised)
    visit = state.visits.get(record.raised.subject)
    if visit is not None and visit.state is not VisitState.HANDED_OVER:
        visit.owner = ""
    clear_deadline(state, f"exception:{decision.exception_id}")


def _acknowledged(state: DistrictState, decision: d.ExceptionAcknowledged) -> None:
    record = state.exceptions[decision.exception_id]
    record.changes += 1
    record.acknowledged_by = decision.by
    record.due_at = decision.due_at
    set_deadline(state, f"exception:{decision.exception_id}", decision.due_at)


def _unmet(state: DistrictState, decision: d.UnmetNeedRecorded) -> None:
    state.unmet_needs.append(decision)


def _escalated(state: DistrictState, decision: d.ExceptionEscalated) -> None:
    record = state.exceptions[decision.exception_id]
    record.changes += 1
    record.owner = decision.owner
    record.acknowledged_by = ""
    record.due_at = decision.due_at
    if record.raised.subject in state.visits:
        state.visits[record.raised.subject].owner = decision.owner
    set_deadline(state, f"exception:{decision.exception_id}", decision.due_at)


APPLY_EXCEPTIONS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.ExceptionRaised: _raised,
    d.ExceptionSettled: _settled,
    d.ExceptionAcknowledged: _acknowledged,
    d.ExceptionEscalated: _escalated,
    d.UnmetNeedRecorded: _unmet,
}
