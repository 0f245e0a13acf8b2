"""Expected late: somebody has taken the visit and will be at the door well after what was promised. The recipient is told, and
the coordinator has it until the time is right again, the worker is there, or a person has said so.

What is only planned is the next plan's to mend; who is not heard of is `silence`'s.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.core import exceptions
from streams.core.apply_exceptions import EXPECTED_LATE
from streams.core.begins import expected_at
from streams.core.turn import Turn

COMES = frozenset({VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.PICKED_UP})


def route_set(turn: Turn, worker_id: str) -> None:
    """A route's times have moved: look at each door of it as it stands now."""
    visits = turn.state.visits
    for stop in turn.state.workers[worker_id].stops:
        visit = visits[stop.visit_id]
        if (stop.begin_at > visit.spec.due_at or visit.late_raised_at is not None) and stop.kind == "visit":
            _look(turn, stop.visit_id, stop.begin_at)


def visit_moved(turn: Turn, visit_id: str) -> None:
    """Somebody has said yes to it as it was planned; or it is nobody's any more, at the door, or over."""
    visit = turn.state.visits[visit_id]
    if visit.state is VisitState.ACCEPTED:
        begin_at = expected_at(turn.state, visit)
        if begin_at is not None:
            _look(turn, visit_id, begin_at)
    elif visit.late_raised_at is not None and visit.state not in COMES:
        exceptions.settle_if_open(turn, EXPECTED_LATE, visit_id)


def _look(turn: Turn, visit_id: str, begin_at: datetime) -> None:
    visit = turn.state.visits[visit_id]
    if visit.state not in COMES:
        return
    spec = visit.spec
    grace = timedelta(seconds=turn.policy.expected_late_s)
    if begin_at <= spec.due_at + grace:
        exceptions.settle_if_open(turn, EXPECTED_LATE, visit_id)
        return
    if visit.late_told_at is None or begin_at > visit.late_told_at + grace:
        turn.emit(d.NoticeDue(visit_id=visit_id, kind="late", due_at=begin_at))
    if visit.late_raised_at is not None and begin_at <= visit.late_raised_at + grace:
        return  # so late it was when a person had it
    exceptions.raise_about(turn, EXPECTED_LATE, visit_id, exceptions.COORDINATOR)
