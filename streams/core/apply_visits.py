"""The fold of a visit: asked for, each step of the lifecycle table, its terms, what a person laid down for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from streams.contracts import decisions as d
from streams.contracts.calls import TermsChanged
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.notes import VisitNoted
from streams.core import fairness
from streams.core.actors import CORE
from streams.core.apply_workers import arm_worker
from streams.core.cut_offs import late_key, passed_cut_off
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.lifecycle import CLOSED, IllegalTransition, next_state
from streams.core.plan_terms import note_told
from streams.core.state import DistrictState, VisitRecord


def _arm_give_up(state: DistrictState, spec: d.VisitRequested, at: datetime) -> None:
    assert state.config is not None
    policy = state.config.policy
    give_up_at = max(spec.window_end_at, at) + timedelta(seconds=max(policy.handover_grace_s, policy.late_grace_s))
    set_deadline(state, f"give_up:{spec.visit_id}", give_up_at)


def _requested(state: DistrictState, spec: d.VisitRequested) -> None:
    state.visits[spec.visit_id] = VisitRecord(
        spec=spec, state=VisitState.REQUESTED, changed_at=spec.at, ready_at=spec.ready_at
    )
    if spec.late_boxes:
        cut_off = passed_cut_off(state.runtime.geography.kitchens[spec.kitchen_id], spec.meal_kind, spec.at)
        key = late_key(spec.kitchen_id, cut_off.meal_kind if cut_off else "")
        state.late_boxes[key] = state.late_boxes.get(key, 0) + spec.late_boxes
    state.runtime.visit_requested(spec)
    _arm_give_up(state, spec, spec.at)


def _changed(state: DistrictState, change: d.VisitChanged) -> None:
    visit = state.visits[change.visit_id]
    target = next_state(visit.state, change.event)
    if target is None:
        raise IllegalTransition(f"{change.event} in {visit.state} ({change.visit_id})")
    for worker_id in visit.worker_ids:
        state.runtime.worker_changed(worker_id)
    if change.event is VisitEvent.REOPENED:
        fairness.take_back(state, visit)
    _STEPS.get(change.event, _no_step)(visit, change)
    note_told(state, visit, change)
    if change.event is VisitEvent.ACCEPTED and len(visit.accepted_ids) < visit.spec.worker_count:
        target = visit.state  # the other of two workers has still to say yes
    visit.state = target
    if change.visit_id in state.locked and (target is VisitState.WAITING or target in CLOSED):
        state.locked.remove(change.visit_id)
    if target is VisitState.DONE:
        fairness.book_done(state, visit)
    visit.changes += 1
    visit.changed_at = change.at
    if change.reason:
        visit.reason = change.reason
    if change.report:
        visit.counted.append(change.report)
    state.runtime.visit_changed(change.visit_id)
    for worker_id in visit.worker_ids:
        arm_worker(state, state.workers[worker_id], heard=change.actor != CORE)
    if target in CLOSED:
        for kind in ("give_up", "rung", "retry"):
            clear_deadline(state, f"{kind}:{change.visit_id}")
    elif target is not VisitState.WAITING:
        clear_deadline(state, f"rung:{change.visit_id}")
    if change.event is VisitEvent.REOPENED:
        _arm_give_up(state, visit.spec, change.at)


def _no_step(visit: VisitRecord, change: d.VisitChanged) -> None:
    pass


def _queued(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.waiting_since_at = visit.waiting_since_at or change.at
    visit.worker_ids = []
    visit.accepted_ids = []


def _planned(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.worker_ids = change.worker_id.split(",")
    visit.accepted_ids = []
    visit.insertions += 1
    if not visit.rung:
        visit.waiting_since_at = None


def _accepted(visit: VisitRecord, change: d.VisitChanged) -> None:
    if change.worker_id not in visit.worker_ids:
        visit.worker_ids = [change.worker_id] if visit.spec.worker_count == 1 else [*visit.worker_ids, change.worker_id]
    visit.accepted_ids.append(change.worker_id)
    visit.access_ids = [worker_id for worker_id in visit.access_ids if worker_id != change.worker_id]
    if change.worker_id not in visit.past_worker_ids:
        visit.past_worker_ids.append(change.worker_id)


def _lapsed(visit: VisitRecord, change: d.VisitChanged) -> None:
    for worker_id in filter(None, change.worker_id.split(",")):
        if worker_id not in visit.declined_ids:
            visit.declined_ids.append(worker_id)
    _drop_choice(visit, change)
    _queued(visit, change)


def _drop_choice(visit: VisitRecord, change: d.VisitChanged) -> None:
    """Whom a person chose said no, or cannot go on: holding on to the choice would leave the visit to nobody."""
    if visit.pinned_id and visit.pinned_id in change.worker_id.split(","):
        visit.pinned_id = ""
        visit.waived_rules = []


def _relieved(visit: VisitRecord, change: d.VisitChanged) -> None:
    _drop_choice(visit, change)
    _queued(visit, change)
    visit.arrived_at = None
    visit.picked_up_at = None
    visit.left_at = None


def _retried(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.left_at = None


def _picked_up(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.picked_up_at = change.at
    visit.pickup_worker = ""


def _arrived(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.arrived_at = visit.arrived_at or change.at


def _no_answer(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.no_answers += 1


def _done(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.done_at = change.at
    visit.arrived_at = visit.arrived_at or change.at
    visit.reason = ""
    visit.owner = ""
    if change.worker_id and not visit.worker_ids:
        visit.worker_ids = [change.worker_id]


def _cancelled(visit: VisitRecord, change: d.VisitChanged) -> None:
    if not visit.accepted_ids:
        visit.worker_ids = []  # nobody had said yes: nobody's visit was cancelled


def _reopened(visit: VisitRecord, change: d.VisitChanged) -> None:
    if visit.state in (VisitState.CANCELLED, VisitState.HANDED_OVER):
        _relieved(visit, change)  # nobody has it: it begins anew
    if visit.arrived_at == visit.done_at:
        visit.arrived_at = None  # nobody had reported an arrival: the mistaken end had set it
    visit.done_at = None
    visit.left_at = None
    visit.owner = ""


def _handed_over(visit: VisitRecord, change: d.VisitChanged) -> None:
    visit.owner = change.actor


_STEPS: dict[VisitEvent, Callable[[VisitRecord, d.VisitChanged], None]] = {
    VisitEvent.QUEUED: _queued,
    VisitEvent.UNPLANNED: _queued,
    VisitEvent.PLANNED: _planned,
    VisitEvent.ACCEPTED: _accepted,
    VisitEvent.OFFER_LAPSED: _lapsed,
    VisitEvent.RELIEVED: _relieved,
    VisitEvent.PICKED_UP: _picked_up,
    VisitEvent.ARRIVED: _arrived,
    VisitEvent.STARTED: _arrived,
    VisitEvent.NO_ANSWER: _no_answer,
    VisitEvent.RETRIED: _retried,
    VisitEvent.DONE: _done,
    VisitEvent.CANCELLED: _cancelled,
    VisitEvent.HANDED_OVER: _handed_over,
    VisitEvent.REOPENED: _reopened,
}


def _overruled(state: DistrictState, decision: d.VisitOverruled) -> None:
    visit = state.visits[decision.visit_id]
    visit.pinned_id = decision.pinned_id
    visit.forbidden_ids = list(decision.forbidden_ids)
    visit.waived_rules = list(decision.waived_rules)
    if decision.locked != (decision.visit_id in state.locked):
        (state.locked.append if decision.locked else state.locked.remove)(decision.visit_id)
        for worker_id in visit.worker_ids:
            state.runtime.worker_changed(worker_id)
    state.runtime.visit_changed(decision.visit_id)


def _visit_noted(state: DistrictState, noted: VisitNoted) -> None:
    visit = state.visits[noted.visit_id]
    visit.tasks_done += [task for task in noted.tasks_done if task not in visit.tasks_done]
    visit.boxes_returned += noted.boxes_returned
    visit.left_at = noted.at if noted.left_at_door else visit.left_at
    state.runtime.visit_changed(noted.visit_id)


def _terms_changed(state: DistrictState, terms: TermsChanged) -> None:
    visit = state.visits[terms.visit_id]
    visit.spec = msgspec.structs.replace(
        visit.spec, window_start_at=terms.window_start_at, window_end_at=terms.window_end_at, due_at=terms.due_at,
        dong=terms.dong, area_id=terms.area_id, place=terms.place,
    )  # fmt: skip
    state.runtime.visit_changed(terms.visit_id)
    _arm_give_up(state, visit.spec, terms.at)


def _notice_due(state: DistrictState, due: d.NoticeDue) -> None:
    visit = state.visits.get(due.visit_id)
    if visit is not None and due.kind == "late":
        visit.late_told_at = due.due_at


APPLY_VISITS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.VisitRequested: _requested,
    d.VisitChanged: _changed,
    d.VisitOverruled: _overruled,
    VisitNoted: _visit_noted,
    TermsChanged: _terms_changed,
    d.NoticeDue: _notice_due,
}
