"""Silence of a worker (연락 두절): asked, called, then relieved; and a carer alone in a home who does not check out.

Nothing heard for `Policy.worker_silence_s` with a stop under way: the worker's app asks. No answer: the coordinator calls,
with a deadline. Nobody reached: others take the visits over, and somebody looks for the worker until they are found. Any
report ends it, and so does a position that comes in after the question; but a position says nothing about a carer who
lies on the floor of a home, so an overdue check-out is answered by a person only. A silent alarm goes to people at once.
"""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.disruptions import WorkerAsked, WorkerHeard
from streams.contracts.inputs import PositionHeard, WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.apply_workers import is_alone
from streams.core.lifecycle import TAKEN
from streams.core.relief import relieve
from streams.core.turn import Turn

SILENT, OVERDUE, ALARM = "silent", "overdue", "alarm"
CALL, LONE, MISSING = "worker_silent", "lone_worker", "worker_missing"
LOST = "lost"
REPORT, POSITION, BY_CALL, NOTHING_LEFT = "report", "position", "call", "nothing_left"
UNATTENDED = "unattended"


def ask(turn: Turn, worker_id: str) -> None:
    """Nothing was heard for too long: the worker is asked."""
    worker = turn.state.workers[worker_id]
    taken = tuple(dict.fromkeys(s.visit_id for s in worker.stops if turn.state.visits[s.visit_id].state in TAKEN))
    if not taken:
        turn.silence(f"silence:{worker_id}")
        return
    why = OVERDUE if is_alone(turn.state.visits[taken[0]]) else SILENT
    turn.emit(
        WorkerAsked(
            worker_id=worker_id, organisation=worker.profile.organisation, visit_ids=taken, why=why, at=turn.now_at,
            answer_by_at=turn.after(turn.policy.silence_answer_s),
        )
    )  # fmt: skip


def call(turn: Turn, worker_id: str) -> None:
    """No answer: somebody calls. Of a lone carer it is the exception with the short deadline."""
    worker = turn.state.workers[worker_id]
    if not any(turn.state.visits[stop.visit_id].state in TAKEN for stop in worker.stops):
        _heard(turn, worker_id, NOTHING_LEFT)
        return
    turn.silence(f"asked:{worker_id}")
    if worker.asked_why == OVERDUE:
        _raise(turn, LONE, worker_id, OVERDUE, turn.policy.lone_due_s)
    else:
        _raise(turn, CALL, worker_id, "", turn.policy.silence_call_s)


def _raise(turn: Turn, kind: str, worker_id: str, detail: str, due_s: int | None) -> None:
    area_id = turn.state.workers[worker_id].profile.area_id
    exceptions.raise_exception(turn, kind, worker_id, exceptions.COORDINATOR, area_id=area_id, detail=detail, due_s=due_s)


def overdue(turn: Turn, exception_id: str) -> None:
    """Nobody made the call in time: the worker is relieved. What is about a person alone climbs on until somebody acts."""
    raised = turn.state.exceptions[exception_id].raised
    if raised.kind == CALL:
        exceptions.settle_exception(turn, exception_id, UNATTENDED)
        relieve_silent(turn, raised.subject)
        return
    exceptions.escalate(turn, exception_id, turn.policy.alarm_due_s if raised.detail == ALARM else turn.policy.lone_due_s)
    if raised.detail == OVERDUE:
        relieve_silent(turn, raised.subject)


def settled(turn: Turn, worker_id: str, kind: str, outcome: str, by: str) -> None:
    """What the call found."""
    if outcome in ("reached", "found_well"):
        _heard(turn, worker_id, BY_CALL)
    elif kind != MISSING and outcome in ("relieved", "called_119"):
        relieve_silent(turn, worker_id, look_for=outcome == "relieved" and kind == CALL)


def relieve_silent(turn: Turn, worker_id: str, *, look_for: bool = True) -> None:
    """Others take over; somebody looks for the worker."""
    worker = turn.state.workers[worker_id]
    if worker.status in (LOST, "ended", "out"):
        return  # nothing is theirs any more; and who is heard of again after that is not back at work
    turn.emit(d.WorkerChanged(worker_id=worker_id, status=LOST, place=worker.place, free_at=turn.now_at))
    relieve(turn, worker_id, reason="worker_silent", reachable=False)
    if look_for and exceptions.find_open(turn, LONE, worker_id, OVERDUE) is None:
        area_id = worker.profile.area_id
        owner = exceptions.enterprise_of(turn, area_id)
        exceptions.raise_exception(turn, MISSING, worker_id, owner, area_id=area_id)


def heard(turn: Turn, worker_id: str, by: str = REPORT) -> None:
    """The worker is there. Who had been relieved goes on with what is given to them from now."""
    worker = turn.state.workers[worker_id]
    if worker.asked_at is not None or worker.status == LOST:
        _heard(turn, worker_id, by)


def _heard(turn: Turn, worker_id: str, by: str) -> None:
    turn.emit(WorkerHeard(worker_id=worker_id, by=by, at=turn.now_at))
    for kind, detail in ((CALL, ""), (LONE, OVERDUE), (MISSING, "")):
        exceptions.settle_if_open(turn, kind, worker_id, detail)
    worker = turn.state.workers[worker_id]
    if worker.status == LOST and by != BY_CALL:
        turn.emit(d.WorkerChanged(worker_id=worker_id, status="on", place=worker.place, free_at=turn.now_at))
        turn.dirty()


def position_heard(turn: Turn, position: PositionHeard) -> None:
    """A position came in of somebody who is being asked: not of somebody alone in a home, where the phone may lie beside
    them, and not one from before the question."""
    worker = turn.state.workers.get(position.worker_id)
    if worker is None or worker.profile.organisation != turn.received.organisation:
        return
    if worker.asked_at is not None and worker.asked_why == SILENT and position.at >= worker.asked_at:
        _heard(turn, position.worker_id, POSITION)


def alarm(turn: Turn, report: WorkerReported) -> None:
    """A silent alarm: nobody rings the phone that it came from. A report does not end it, only a person does."""
    if report.worker_id not in turn.state.workers:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_WORKER, report.worker_id)
        return
    _raise(turn, LONE, report.worker_id, ALARM, turn.policy.alarm_due_s)


