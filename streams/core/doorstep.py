"""Nobody answers the door: wait and ring again, then a welfare check by the dong's care manager. Never ends silently."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core import exceptions
from streams.core.ladder import hand_over
from streams.core.turn import CORE, Turn

RETRY_LIMIT = 2  # rings before the care manager is asked


def no_answer(turn: Turn, visit_id: str, worker_id: str, actor: str) -> None:
    """A worker reports a closed door."""
    turn.change(visit_id, VisitEvent.NO_ANSWER, actor=actor, worker_id=worker_id)
    if turn.state.visits[visit_id].no_answers >= RETRY_LIMIT:
        ask_for_welfare_check(turn, visit_id)
    else:
        turn.alarm(f"retry:{visit_id}", 3 * turn.policy.no_answer_retry_s)  # the worker rings again before that


def ask_for_welfare_check(turn: Turn, visit_id: str) -> None:
    """The worker goes on; the dong's care manager has the person now."""
    visit = turn.state.visits[visit_id]
    turn.silence(f"retry:{visit_id}")
    if visit.state is not VisitState.NO_ANSWER:
        return
    for worker_id in list(visit.worker_ids):
        worker = turn.state.workers[worker_id]
        if any(stop.visit_id == visit_id for stop in worker.stops):
            turn.emit(d.StopFinished(worker_id=worker_id, visit_id=visit_id, kind="visit"))
    exceptions.raise_exception(
        turn, "welfare_check", visit_id, exceptions.care_manager_of(visit.spec.dong), dong=visit.spec.dong,
        area_id=visit.spec.area_id,
    )  # fmt: skip


def settle_welfare_check(turn: Turn, visit_id: str, outcome: str, by: str) -> None:
    """What the care manager found ends the visit."""
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.NO_ANSWER:
        return
    if outcome == "not_found":
        hand_over(turn, visit_id, exceptions.care_manager_of(visit.spec.dong), reason="recipient_not_found", known=True)
    else:
        reason = "recipient_absent" if outcome == "found_well" else outcome
        turn.change(visit_id, VisitEvent.FAILED, actor=by or CORE, reason=reason)
