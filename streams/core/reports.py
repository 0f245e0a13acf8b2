"""Reports from the road: who may say what about which visit, what it makes of it, and what is refused."""

from __future__ import annotations

from datetime import timedelta

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import Place
from streams.contracts.inputs import KitchenReported, ReportKind, WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import exceptions, rescue, silence
from streams.core.access import open_now
from streams.core.answers import answer_offer
from streams.core.as_routing import pickup_point
from streams.core.begins import ahead_of, expected_at, has_finished
from streams.core.claims import claim_withdrawn, claimed
from streams.core.corrections import take_back
from streams.core.doorstep import AT_DOOR, left_at_door, no_answer, note_left, settle_steps, unseen_after_all
from streams.core.lifecycle import CLOSED
from streams.core.observations import observed
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place_or_wait, retime, take_out
from streams.core.postings import worker_lost
from streams.core.relief import SICK_CALL, relieve
from streams.core.state import VisitRecord, WorkerRecord
from streams.core.substitutes import substitute
from streams.core.turn import Turn
from streams.core.visit_notes import note_end
from streams.core.work import note_rests

EVENTS = {
    ReportKind.EN_ROUTE: VisitEvent.EN_ROUTE,
    ReportKind.PICKED_UP: VisitEvent.PICKED_UP,
    ReportKind.ARRIVED: VisitEvent.ARRIVED,
    ReportKind.STARTED: VisitEvent.STARTED,
    ReportKind.DONE: VisitEvent.DONE,
    ReportKind.NO_ANSWER: VisitEvent.NO_ANSWER,
    ReportKind.FAILED: VisitEvent.FAILED,
}

PROGRESS = {
    VisitState.ACCEPTED: 0, VisitState.EN_ROUTE: 1, VisitState.PICKED_UP: 2, VisitState.ARRIVED: 3,
    VisitState.NO_ANSWER: 4, VisitState.IN_SERVICE: 4, VisitState.DONE: 5,
}  # fmt: skip
"""How far a visit has come: a report of a step already taken is a repeat and changes nothing."""

GIVEN_ON = frozenset({VisitState.WAITING, VisitState.PLANNED, VisitState.OFFERED, VisitState.ACCEPTED})
"""A visit that was taken from its worker, and that nobody else has begun."""

DONE_AFTER_ALL = "done_after_all"
BOX_NOT_FOUND = "box_not_found"  # reason of a "failed" where boxes were to be collected from a colleague

REPORTED = {
    VisitEvent.EN_ROUTE: 1, VisitEvent.PICKED_UP: 2, VisitEvent.ARRIVED: 3, VisitEvent.STARTED: 4, VisitEvent.DONE: 5,
}  # fmt: skip


def worker_reported(turn: Turn, report: WorkerReported) -> None:
    """One report of a worker or of an organisation for its worker."""
    if report.kind is ReportKind.OFFER_ACCEPTED or report.kind is ReportKind.OFFER_DECLINED:
        answer_offer(turn, report, accepted=report.kind is ReportKind.OFFER_ACCEPTED)
        return
    if report.kind is ReportKind.CLAIMED:
        claimed(turn, report)
        return
    if report.kind is ReportKind.CLAIM_WITHDRAWN:
        claim_withdrawn(turn, report)
        return
    worker = turn.state.workers.get(report.worker_id)
    if worker is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_WORKER, report.worker_id)
        return
    if worker.profile.organisation != turn.received.organisation:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_WORKER, report.worker_id)
        return
    if report.kind is ReportKind.ALARM:
        silence.alarm(turn, report)
        return
    silence.heard(turn, report.worker_id)
    if report.kind is ReportKind.HERE:
        return
    if report.kind in (ReportKind.SHIFT_ON, ReportKind.SHIFT_OFF, ReportKind.DROPPED_OUT):
        _shift(turn, report, worker)
        return
    if report.kind is ReportKind.OBSERVED:
        observed(turn, report)
        return
    if report.kind is ReportKind.REOPENED:
        take_back(turn, report)
        return
    if report.kind is ReportKind.SUBSTITUTED:
        substitute(turn, report)
        return
    if report.kind is ReportKind.RETURNED:
        return  # the box is back at its kitchen: in the journal for who counts boxes, and nobody's state moves
    for visit_id in report.visit_ids:
        _visit_reported(turn, report, worker, visit_id)
    retime(turn, report.worker_id, why="report")


def _shift(turn: Turn, report: WorkerReported, worker: WorkerRecord) -> None:
    worker_id = report.worker_id
    place = report.place or worker.place
    if report.kind is ReportKind.SHIFT_ON:
        if worker.status == "off":
            turn.emit(d.WorkerChanged(worker_id=worker_id, status="on", place=place, free_at=turn.now_at))
            turn.dirty()
        return
    status = "ended" if report.kind is ReportKind.SHIFT_OFF else "out"
    before = worker.status
    if before == status:
        return
    turn.emit(d.WorkerChanged(worker_id=worker_id, status=status, place=place, free_at=turn.now_at))
    if report.kind is ReportKind.DROPPED_OUT:
        area_id = worker.profile.area_id
        exceptions.raise_exception(
            turn, "worker_dropped_out", worker_id, exceptions.enterprise_of(turn, area_id), area_id=area_id
        )
        worker_lost(turn, worker_id)
    sick = status == "out" and before == "off" and turn.now_at < worker.profile.shift_start_at
    relieve(turn, worker_id, reason="shift_over" if status == "ended" else SICK_CALL if sick else "worker_dropped_out")


def _visit_reported(turn: Turn, report: WorkerReported, worker: WorkerRecord, visit_id: str) -> None:
    visit = turn.state.visits.get(visit_id)
    if visit is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_VISIT, visit_id)
        return
    event = EVENTS[report.kind]
    mine = report.worker_id in visit.accepted_ids
    was_mine = report.worker_id in visit.past_worker_ids
    if not mine and not was_mine:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, visit_id)
        return
    if event is VisitEvent.NO_ANSWER and visit.state is VisitState.DONE and visit.left_at is not None:
        unseen_after_all(turn, visit_id)
        return
    if _is_repeat(visit, event, mine) or turn.received.id in visit.counted:
        return
    if visit.left_at is not None and _is_unseen(report, visit):  # said before
        return
    if mine and has_finished(turn.state, visit, report.worker_id):
        if event not in REPORTED:  # a step that comes late is a repeat; at the door is who is still there
            turn.refuse_report(report.report_id, Refusal.OUT_OF_ORDER, visit_id)
        return
    if not mine and event is VisitEvent.DONE and visit.state in GIVEN_ON:
        _done_after_all(turn, report, visit)
        return
    if not mine and not (event is VisitEvent.DONE and visit.state in CLOSED):
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, visit_id)
        return
    if not turn.can(visit, event) or not _fits(visit, event):
        code = Refusal.ALREADY_CLOSED if visit.state in CLOSED else Refusal.OUT_OF_ORDER
        turn.refuse_report(report.report_id, code, visit_id)
        return
    _take(turn, report, worker, visit, event)


def _done_after_all(turn: Turn, report: WorkerReported, visit: VisitRecord) -> None:
    """It was taken from a worker nobody heard of, who had reached the door all the same: nobody else need go."""
    visit_id = visit.spec.visit_id
    if visit.state is not VisitState.WAITING:
        withdraw_offers(turn, visit_id, reason=DONE_AFTER_ALL)
        take_out(turn, visit_id, why="report")
        turn.change(visit_id, VisitEvent.RELIEVED, worker_id=",".join(visit.worker_ids), reason=DONE_AFTER_ALL)
    at = min(turn.now_at, turn.received.occurred_at)
    note_end(turn, report, visit, at)
    turn.change(visit_id, VisitEvent.DONE, actor=f"worker:{report.worker_id}", worker_id=report.worker_id, reason=report.how, at=at)
    exceptions.settle_if_open(turn, "unserved", visit_id)
    settle_steps(turn, visit_id)
    turn.dirty()


def _fits(visit: VisitRecord, event: VisitEvent) -> bool:
    """A meal is picked up before it reaches a door, and is not served in the house; care is never picked up."""
    if not visit.spec.kitchen_id:
        return event is not VisitEvent.PICKED_UP
    if event is VisitEvent.STARTED:
        return False
    return visit.picked_up_at is not None or event not in (VisitEvent.DONE, VisitEvent.ARRIVED, VisitEvent.NO_ANSWER)


def _is_repeat(visit: VisitRecord, event: VisitEvent, mine: bool) -> bool:
    reported = REPORTED.get(event)
    if reported is None:
        return False
    if visit.spec.worker_count > 1 and visit.state is not VisitState.DONE and event is not VisitEvent.EN_ROUTE:
        return False  # each of two workers reports every step at the home
    if visit.state is VisitState.DONE:
        return True
    return mine and visit.state in PROGRESS and PROGRESS[visit.state] >= reported


def _is_unseen(report: WorkerReported, visit: VisitRecord) -> bool:
    """ "Delivered" where nobody opened: nobody has seen the recipient."""
    return report.kind is ReportKind.DONE and report.how == AT_DOOR and visit.state is VisitState.NO_ANSWER


def _take(turn: Turn, report: WorkerReported, worker: WorkerRecord, visit: VisitRecord, event: VisitEvent) -> None:
    actor = f"worker:{report.worker_id}"
    visit_id = visit.spec.visit_id
    at = turn.happened_at(visit)
    if event is VisitEvent.PICKED_UP:
        _move(turn, report, worker, visit, event, pickup_point(turn.state, visit)[1])
        turn.emit(d.StopFinished(worker_id=report.worker_id, visit_id=visit_id, kind="pickup"))
        turn.change(visit_id, event, actor=actor, worker_id=report.worker_id, at=at)
        return
    if event in (VisitEvent.EN_ROUTE, VisitEvent.ARRIVED, VisitEvent.NO_ANSWER):
        open_now(turn, visit, report.worker_id)
    if event is not VisitEvent.EN_ROUTE:
        _move(turn, report, worker, visit, event, visit.spec.place)
    if event is VisitEvent.NO_ANSWER:
        no_answer(turn, visit_id, report.worker_id, actor)
    elif _is_unseen(report, visit):
        left_at_door(turn, visit_id, report.worker_id, at)
    elif event is VisitEvent.DONE:
        turn.emit(d.StopFinished(worker_id=report.worker_id, visit_id=visit_id, kind="visit"))
        note_end(turn, report, visit, at)
        if ahead_of(turn.state, visit) - {report.worker_id} and visit.state not in CLOSED:
            return  # the other of two workers is still there
        if report.how == AT_DOOR:
            note_left(turn, visit_id, report.worker_id, at)
        turn.change(visit_id, event, actor=actor, worker_id=report.worker_id, reason=report.how, at=at)
        turn.silence(f"retry:{visit_id}")
        settle_steps(turn, visit_id)
    elif event is VisitEvent.FAILED and report.reason == BOX_NOT_FOUND and visit.pickup_worker:
        _box_not_found(turn, visit_id, report.worker_id)
    elif event is VisitEvent.FAILED:
        take_out(turn, visit_id, why="report")
        turn.change(visit_id, event, actor=actor, worker_id=report.worker_id, reason=report.reason or "unstated")
        exceptions.raise_about(turn, "visit_failed", visit_id, exceptions.care_manager_of(visit.spec.dong))
    else:
        turn.change(visit_id, event, actor=actor, worker_id=report.worker_id, at=at)


def _box_not_found(turn: Turn, visit_id: str, worker_id: str) -> None:
    """The colleague who could not go on is not where the box was to be collected."""
    take_out(turn, visit_id, why="report")
    turn.change(visit_id, VisitEvent.RELIEVED, actor=f"worker:{worker_id}", worker_id=worker_id, reason=BOX_NOT_FOUND)
    if not rescue.not_found(turn, visit_id):
        place_or_wait(turn, visit_id)


def _move(
    turn: Turn, report: WorkerReported, worker: WorkerRecord, visit: VisitRecord, event: VisitEvent, place: Place
) -> None:
    """The worker is there now. Busy since the last stop ended, or since the yes that came after, but for rests."""
    geography = turn.state.runtime.geography
    here, there = geography.project(worker.place), geography.project(place)
    detour = turn.config.travel.modes[worker.profile.mode].detour
    travel_s = geography.travel.duration_s(worker.profile.mode, here, there)
    first = turn.state.visits[worker.stops[0].visit_id] if worker.stops else None
    since = worker.free_at
    if first is not None and first.state is VisitState.ACCEPTED:
        since = max(since, min(first.changed_at, turn.now_at))
    rested_s = note_rests(turn, worker, visit, event, travel_s, since)
    busy_s = max(0, int((turn.now_at - since) / timedelta(seconds=1)) - rested_s)
    turn.emit(
        d.WorkerChanged(
            worker_id=report.worker_id, status="on" if worker.status == "off" else worker.status, place=place,
            free_at=turn.now_at, travel_s=travel_s, travel_m=round(geography.travel.distance_m(here, there) * detour),
            busy_s=busy_s,
        )
    )  # fmt: skip


def kitchen_reported(turn: Turn, report: KitchenReported) -> None:
    """A kitchen says when its meals will be ready."""
    kitchen = turn.state.runtime.geography.kitchens.get(report.kitchen_id)
    if kitchen is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_KITCHEN, report.kitchen_id)
        return
    if kitchen.provider_id != turn.received.organisation:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, report.kitchen_id)
        return
    state = turn.state
    before = {visit_id: visit.ready_at for visit_id, visit in state.visits.items()
              if visit.spec.kitchen_id == report.kitchen_id}  # fmt: skip
    turn.emit(d.KitchenDelayed(kitchen_id=report.kitchen_id, ready_at=report.ready_at))
    delayed = [visit_id for visit_id, ready_at in before.items() if state.visits[visit_id].ready_at != ready_at]
    if not delayed:
        return
    exceptions.raise_exception(turn, "kitchen_late", report.kitchen_id, exceptions.COORDINATOR)
    for worker_id in sorted({w for visit_id in delayed for w in state.visits[visit_id].worker_ids}):
        retime(turn, worker_id, why="kitchen")
    for visit_id in delayed:
        begin_at = expected_at(state, state.visits[visit_id])
        if begin_at is not None and begin_at > state.visits[visit_id].spec.due_at:
            turn.emit(d.NoticeDue(visit_id=visit_id, kind="late", due_at=begin_at))
    turn.dirty()
