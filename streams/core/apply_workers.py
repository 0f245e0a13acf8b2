"""The fold of what has to do with a worker: the route, its alarms, what was heard of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.disruptions import WorkerAsked, WorkerHeard
from streams.contracts.work import WorkerRested
from streams.core import fairness, work
from streams.core.apply_disruptions import tally
from streams.core.as_routing import leg_s
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.holdings import hold
from streams.core.lifecycle import ON_THE_WAY, TAKEN
from streams.core.state import DistrictState, VisitRecord, WorkerRecord


def _route_set(state: DistrictState, decision: d.RouteSet) -> None:
    worker = state.workers[decision.worker_id]
    worker.stops = list(decision.stops)
    arm_worker(state, worker, heard=decision.why not in NO_WORD_OF_THEIRS)


NO_WORD_OF_THEIRS = ("plan", "insertion", "offer", "relief")
"""Why a route changes without any news of its worker."""


def _stop_finished(state: DistrictState, decision: d.StopFinished) -> None:
    worker = state.workers[decision.worker_id]
    for position, stop in enumerate(worker.stops):
        if stop.visit_id == decision.visit_id and stop.kind == decision.kind:
            del worker.stops[position]
            break
    arm_worker(state, worker)


def _worker_changed(state: DistrictState, decision: d.WorkerChanged) -> None:
    worker = state.workers[decision.worker_id]
    if decision.status == "lost" and worker.status != "lost":
        tally(state, "workers_lost")
    worker.status = decision.status
    worker.place = decision.place
    worker.free_at = decision.free_at
    worker.travel_s += decision.travel_s
    worker.busy_s += decision.busy_s
    if decision.busy_s or decision.travel_m:
        fairness.book_work(state, decision.worker_id, decision.busy_s, decision.travel_m)
    arm_worker(state, worker)


def lead_at(state: DistrictState, worker: WorkerRecord, position: int) -> datetime:
    """When a stop of the worker's route is offered; where meals are matched, when the rider has to set out."""
    assert state.config is not None
    policy, stop = state.config.policy, worker.stops[position]
    lead_s = policy.offer_lead_s if state.visits[stop.visit_id].spec.kitchen_id else policy.slot_lead_s
    if policy.match_interval_s:
        lead_s += leg_s(state, worker, position)
    return stop.begin_at - timedelta(seconds=lead_s)


def arm_worker(state: DistrictState, worker: WorkerRecord, *, heard: bool = True) -> None:
    """A route carries two alarms: when the next stops must be offered, and when silence is noticed. `heard`: this comes of
    something that the worker, or somebody for them, has said; anything else puts the second alarm off only together with
    the time at which they have to set out."""
    worker_id = worker.profile.worker_id
    state.runtime.worker_changed(worker_id)
    assert state.config is not None
    policy = state.config.policy
    offer_at: datetime | None = None
    silence_at: datetime | None = None
    for position, stop in enumerate(worker.stops):
        visit = state.visits[stop.visit_id]
        if visit.is_to_offer:
            offer_at = lead_at(state, worker, position)
            break
    # What is only planned or offered may stand before what was said yes to: that is no reason not to miss anybody.
    taken = (position for position, stop in enumerate(worker.stops) if state.visits[stop.visit_id].state in TAKEN)
    next_taken = next(taken, None)
    if worker.asked_at is None and next_taken is not None:
        under_way = worker.stops[next_taken]
        first = state.visits[under_way.visit_id]
        expected = max(under_way.begin_at, worker.free_at, first.changed_at)
        if first.state is VisitState.IN_SERVICE or first.state is VisitState.ARRIVED:
            expected += timedelta(seconds=first.spec.service_duration_s)
        patience = timedelta(seconds=policy.lone_overdue_s if is_alone(first) else policy.worker_silence_s)
        silence_at = max(expected, worker.heard_at or expected) + patience
        missed_at = None if heard else state.deadlines.get(f"silence:{worker_id}")
        if missed_at is not None and missed_at < silence_at:
            sets_out_at = under_way.begin_at - timedelta(seconds=leg_s(state, worker, next_taken))
            silence_at = missed_at if sets_out_at <= missed_at else silence_at
    for kind, at in (("lead", offer_at), ("silence", silence_at), ("access", _access_at(state, worker))):
        key = f"{kind}:{worker_id}"
        if at is None:
            clear_deadline(state, key)
        else:
            set_deadline(state, key, at)


def is_alone(visit: VisitRecord) -> bool:
    """A carer by themselves in somebody's home."""
    inside = visit.state is VisitState.IN_SERVICE or visit.state is VisitState.ARRIVED
    return inside and not visit.spec.kitchen_id and visit.spec.worker_count == 1


def _worker_asked(state: DistrictState, asked: WorkerAsked) -> None:
    worker = state.workers[asked.worker_id]
    worker.asked_at, worker.asked_why = asked.at, asked.why
    tally(state, "workers_asked")
    arm_worker(state, worker)
    set_deadline(state, f"asked:{asked.worker_id}", asked.answer_by_at)


def _worker_heard(state: DistrictState, heard: WorkerHeard) -> None:
    worker = state.workers[heard.worker_id]
    worker.asked_at, worker.asked_why, worker.heard_at = None, "", heard.at
    clear_deadline(state, f"asked:{heard.worker_id}")
    arm_worker(state, worker)


def _access_at(state: DistrictState, worker: WorkerRecord) -> datetime | None:
    """When the worker is to be told how to get in at the next home of which they were not."""
    assert state.config is not None
    worker_id = worker.profile.worker_id
    for stop in worker.stops:
        visit = state.visits[stop.visit_id]
        if visit.state not in ON_THE_WAY or worker_id not in visit.accepted_ids:
            if visit.state is VisitState.PLANNED or visit.state is VisitState.OFFERED:
                return None  # what comes after it comes later
            continue
        if stop.kind == "visit" and worker_id not in visit.access_ids:
            return stop.begin_at - timedelta(seconds=state.config.policy.door_code_lead_s)
    return None


def _access_opened(state: DistrictState, decision: d.AccessOpened) -> None:
    state.visits[decision.visit_id].access_ids.append(decision.worker_id)
    arm_worker(state, state.workers[decision.worker_id], heard=False)


def _credential_changed(state: DistrictState, decision: d.CredentialChanged) -> None:
    worker = state.workers[decision.worker_id]
    hold(worker, decision.credential)
    worker.credentials_said[decision.credential.code] = True
    state.runtime.worker_changed(decision.worker_id)


APPLY_WORKERS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.RouteSet: _route_set,
    d.StopFinished: _stop_finished,
    d.WorkerChanged: _worker_changed,
    d.CredentialChanged: _credential_changed,
    d.AccessOpened: _access_opened,
    WorkerAsked: _worker_asked,
    WorkerHeard: _worker_heard,
    WorkerRested: work.rested,
}
