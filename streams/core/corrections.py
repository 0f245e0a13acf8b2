"""Corrections without punishment: a mis-tapped end is taken back; history keeps the tap and the correction.

By the worker alone within `Policy.self_correction_s`, later by a coordinator with a reason. The ledger and its figures
follow, because they are drawn from the state as it then is.
"""

from __future__ import annotations

from datetime import timedelta

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.inputs import CorrectVisit, WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.begins import has_finished
from streams.core.config_check import missed_by
from streams.core.doorstep import STEPS
from streams.core.lifecycle import CLOSED
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place_or_wait, put_first, take_out
from streams.core.state import VisitRecord
from streams.core.turn import Turn

TAPPED = (VisitState.DONE, VisitState.FAILED)
OPEN, DONE, FAILED = "open", "done", "failed"
RAISED_BY_END = ("visit_failed", "unserved", "meal_left_over", *STEPS)


def take_back(turn: Turn, report: WorkerReported) -> None:
    """A worker takes back "delivered" or "failed" of a moment ago: the visit is theirs again, at the door."""
    alone = timedelta(seconds=turn.policy.self_correction_s)
    for visit_id in report.visit_ids:
        visit = turn.state.visits.get(visit_id)
        if visit is None:
            turn.refuse_report(report.report_id, Refusal.UNKNOWN_VISIT, visit_id)
        elif report.worker_id not in visit.past_worker_ids:
            turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, visit_id)
        elif visit.state not in TAPPED:
            if visit.state in CLOSED:
                turn.refuse_report(report.report_id, Refusal.ALREADY_CLOSED, visit_id)
            elif report.worker_id not in visit.accepted_ids:
                turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, visit_id)
            elif has_finished(turn.state, visit, report.worker_id):
                _back_beside_the_other(turn, report, visit_id, alone)
            continue  # or it is theirs again already: said twice
        elif (
            visit.guest_of  # how their need has ended is written down there: a coordinator tells them that it was not so
            or report.worker_id not in visit.accepted_ids
            or turn.now_at > visit.changed_at + alone
            or missed_by(visit, turn.config)
        ):
            turn.refuse_report(report.report_id, Refusal.CORRECTION_TOO_LATE, visit_id)
        else:
            _reopen(turn, visit_id, f"worker:{report.worker_id}", ",".join(visit.accepted_ids), report.reason or "mis_tap")
            _go_back(turn, visit_id, visit)


def _back_beside_the_other(turn: Turn, report: WorkerReported, visit_id: str, alone: timedelta) -> None:
    """One of two workers has said "done" too early, and the other one is still there: both have the door again."""
    worker = turn.state.workers[report.worker_id]
    if worker.status != "on" or turn.now_at > worker.free_at + alone:  # free since they said so
        turn.refuse_report(report.report_id, Refusal.CORRECTION_TOO_LATE, visit_id)
    else:
        put_first(turn, report.worker_id, visit_id)


def correct_visit(turn: Turn, command: CorrectVisit) -> None:
    """A coordinator says how it really ended, or that it has not."""
    visit = turn.find_commanded(command.command_id, command.visit_id)
    if visit is None:
        return
    if command.outcome not in (OPEN, DONE, FAILED):
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.OUTCOME_NOT_ALLOWED)
        return
    if _is_so_already(visit, command.outcome):
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    if visit.guest_of and command.outcome == OPEN:  # its district has been told, and has it again or has written it down
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.NEED_NOT_OPEN)
        return
    if command.outcome == OPEN and (missed := missed_by(visit, turn.config)):
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.LEFT_CONFIGURATION, rules=missed)
        return
    if not _correct(turn, command.visit_id, visit, command.outcome, command.reason):
        turn.settle(command.command_id, "refused", command.visit_id, Refusal.OUT_OF_ORDER)
        return
    turn.settle(command.command_id, "accepted", command.visit_id)
    turn.dirty()


def _is_so_already(visit: VisitRecord, outcome: str) -> bool:
    ended = {VisitState.DONE: DONE, VisitState.FAILED: FAILED}
    reopenable = (*TAPPED, VisitState.CANCELLED, VisitState.HANDED_OVER)
    return ended.get(visit.state, OPEN if visit.state not in reopenable else "") == outcome


def _correct(turn: Turn, visit_id: str, visit: VisitRecord, outcome: str, reason: str) -> bool:
    actor = turn.received.actor
    if outcome == DONE:
        if not turn.can(visit, VisitEvent.DONE):
            return False
        withdraw_offers(turn, visit_id, reason="corrected")
        take_out(turn, visit_id, why="person")
        turn.change(visit_id, VisitEvent.DONE, actor=actor, worker_id=next(iter(visit.past_worker_ids), ""), reason=reason)
        _settle_raised(turn, visit_id)
        return True
    if not turn.can(visit, VisitEvent.REOPENED):
        return False
    if outcome == FAILED:
        _reopen(turn, visit_id, actor, "", reason)
        if not turn.can(visit, VisitEvent.FAILED):
            return False
        turn.change(visit_id, VisitEvent.FAILED, actor=actor, reason=reason)
        return True
    open_again(turn, visit_id, visit, reason)
    return True


def open_again(turn: Turn, visit_id: str, visit: VisitRecord, reason: str) -> None:
    """It has not ended: somebody goes."""
    actor = turn.received.actor
    _reopen(turn, visit_id, actor, "", reason)
    if turn.can(visit, VisitEvent.RELIEVED):  # whoever had it has gone on: it is placed anew, with whoever can
        turn.change(visit_id, VisitEvent.RELIEVED, actor=actor, reason=reason)
    place_or_wait(turn, visit_id)


def _reopen(turn: Turn, visit_id: str, actor: str, worker_id: str, reason: str) -> None:
    turn.change(visit_id, VisitEvent.REOPENED, actor=actor, worker_id=worker_id, reason=reason)
    _settle_raised(turn, visit_id)


def _settle_raised(turn: Turn, visit_id: str) -> None:
    """What the mistaken end had raised is settled by the correction."""
    for kind in RAISED_BY_END:
        exceptions.settle_if_open(turn, kind, visit_id)


def _go_back(turn: Turn, visit_id: str, visit: VisitRecord) -> None:
    """The door is the next stop again of everybody who had it; when one of them has left, it is placed anew."""
    workers = {worker_id: turn.state.workers[worker_id] for worker_id in visit.accepted_ids}
    if any(worker.status in ("ended", "out") for worker in workers.values()):
        turn.change(visit_id, VisitEvent.RELIEVED, worker_id=",".join(workers), reason="worker_gone")
        place_or_wait(turn, visit_id)
        return
    for worker_id, worker in workers.items():
        if visit_id not in {stop.visit_id for stop in worker.stops}:
            put_first(turn, worker_id, visit_id)
