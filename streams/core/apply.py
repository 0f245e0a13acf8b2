"""`apply`: the fold. What a decision makes of the state, and nothing else; no judgement here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from streams.contracts import decisions as d
from streams.contracts.calls import TermsChanged
from streams.contracts.crisis import PostingState
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.disruptions import WorkerAsked, WorkerHeard
from streams.contracts.notes import VisitNoted
from streams.core import apply_help, day_points, fairness
from streams.core.apply_disruptions import APPLY_DISRUPTIONS, tally
from streams.core.cut_offs import late_key, passed_cut_off
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.lifecycle import CLOSED, ON_THE_WAY, TAKEN, next_state
from streams.core.posting_states import next_posting_state
from streams.core.state import (
    Booking,
    CommandRecord,
    Declined,
    DistrictState,
    ExceptionRecord,
    OfferRecord,
    PostingRecord,
    ProgrammeRecord,
    RefusalsRecord,
    VisitRecord,
    WorkerRecord,
)  # fmt: skip


class IllegalTransition(ValueError):
    """A decision that the lifecycle table forbids: a defect of ours, never of a sender."""


def apply(state: DistrictState, decision: d.Decision) -> None:
    """Advance `state` by one decision, in place. Raises IllegalTransition on a step that the table forbids."""
    _APPLY[type(decision)](state, decision)
    day_points.note(state, decision)


def advance(state: DistrictState, now_at: datetime) -> None:
    """The core's clock never runs back."""
    if now_at > state.now_at:
        state.now_at = now_at


def _configured(state: DistrictState, decision: d.DistrictConfigured) -> None:
    config = decision.config
    fairness.begin_week(state, config.service_date)
    state.config = config
    state.closed_date = ""
    for profile in config.workers:
        known = state.workers.get(profile.worker_id)
        if known is None:
            state.workers[profile.worker_id] = WorkerRecord(
                profile=profile, place=profile.start, free_at=profile.shift_start_at
            )
        else:
            known.profile = profile
        record = state.workers[profile.worker_id]
        for credential in profile.credentials:
            held = record.credentials.get(credential.code)
            if held is None or held.issued_at <= credential.issued_at:  # what was recorded since the list was drawn up stays
                record.credentials[credential.code] = credential
    for pair in config.exclusions:
        state.exclusions.setdefault(pair.recipient_id, {})[pair.worker_id] = pair.by
    state.runtime.configured()


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
    if change.event is VisitEvent.ACCEPTED and len(visit.accepted_ids) < visit.spec.worker_count:
        target = visit.state  # the other of two workers has still to say yes
    visit.state = target
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
        _arm_worker(state, state.workers[worker_id])
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
    VisitEvent.DONE: _done,
    VisitEvent.CANCELLED: _cancelled,
    VisitEvent.HANDED_OVER: _handed_over,
    VisitEvent.REOPENED: _reopened,
}


def _route_set(state: DistrictState, decision: d.RouteSet) -> None:
    worker = state.workers[decision.worker_id]
    worker.stops = list(decision.stops)
    key = f"silence:{decision.worker_id}"
    missed_at = state.deadlines.get(key)
    _arm_worker(state, worker)
    if missed_at is None or decision.why not in NO_WORD_OF_THEIRS or missed_at >= state.deadlines.get(key, missed_at):
        return
    under_way = next(stop for stop in worker.stops if state.visits[stop.visit_id].state in TAKEN)
    if under_way.begin_at <= missed_at:
        set_deadline(state, key, missed_at)  # what should have begun is put off, and nothing was heard


NO_WORD_OF_THEIRS = ("plan", "insertion", "offer", "relief")
"""Why a route changes without any news of its worker."""


def _stop_finished(state: DistrictState, decision: d.StopFinished) -> None:
    worker = state.workers[decision.worker_id]
    for position, stop in enumerate(worker.stops):
        if stop.visit_id == decision.visit_id and stop.kind == decision.kind:
            del worker.stops[position]
            break
    _arm_worker(state, worker)


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
    _arm_worker(state, worker)


def lead_at(state: DistrictState, worker: WorkerRecord, position: int) -> datetime:
    """When a stop of the worker's route is offered; where meals are matched, when the rider has to set out."""
    assert state.config is not None
    policy, stop = state.config.policy, worker.stops[position]
    lead_s = policy.offer_lead_s if state.visits[stop.visit_id].spec.kitchen_id else policy.slot_lead_s
    if policy.match_interval_s:
        lead_s += state.runtime.leg_s(worker, position)
    return stop.begin_at - timedelta(seconds=lead_s)


def _arm_worker(state: DistrictState, worker: WorkerRecord) -> None:
    """A route carries two alarms: when the next stops must be offered, and when silence is noticed."""
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
    under_way = next((stop for stop in worker.stops if state.visits[stop.visit_id].state in TAKEN), None)
    if worker.asked_at is None and under_way is not None:
        first = state.visits[under_way.visit_id]
        expected = max(under_way.begin_at, worker.free_at, first.changed_at)
        if first.state is VisitState.IN_SERVICE or first.state is VisitState.ARRIVED:
            expected += timedelta(seconds=first.spec.service_duration_s)
        patience = timedelta(seconds=policy.lone_overdue_s if is_alone(first) else policy.worker_silence_s)
        silence_at = max(expected, worker.heard_at or expected) + patience
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
    _arm_worker(state, worker)
    set_deadline(state, f"asked:{asked.worker_id}", asked.answer_by_at)


def _worker_heard(state: DistrictState, heard: WorkerHeard) -> None:
    worker = state.workers[heard.worker_id]
    worker.asked_at, worker.asked_why, worker.heard_at = None, "", heard.at
    clear_deadline(state, f"asked:{heard.worker_id}")
    _arm_worker(state, worker)


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
    _arm_worker(state, state.workers[decision.worker_id])


def _offer_made(state: DistrictState, made: d.OfferMade) -> None:
    state.offers[made.offer_id] = OfferRecord(made=made)
    state.totals.offers += 1
    _count_offer(state, "by_call" if made.by_call else "made")
    fairness.week_record(state, made.worker_id).offered += len(made.visit_ids)
    state.runtime.offer_made(made)
    set_deadline(state, f"offer:{made.offer_id}", made.expires_at)
    if made.remind_at is not None:
        set_deadline(state, f"remind:{made.offer_id}", made.remind_at)


def _offer_settled(state: DistrictState, settled: d.OfferSettled) -> None:
    offer = state.offers[settled.offer_id]
    made = offer.made
    offer.outcome = settled.outcome
    _count_offer(state, settled.reason if settled.reason in ("late_yes", "not_called") else settled.outcome)
    if settled.declined_visit_ids:
        _count_offer(state, "in_part")
    fairness.book_answer(state, made, settled)
    state.runtime.offer_settled(made)
    clear_deadline(state, f"offer:{settled.offer_id}")
    clear_deadline(state, f"remind:{settled.offer_id}")


def _count_offer(state: DistrictState, what: str) -> None:
    state.totals.by_offer[what] = state.totals.by_offer.get(what, 0) + 1


def _offer_reminded(state: DistrictState, decision: d.OfferReminded) -> None:
    state.offers[decision.offer_id].reminded = True
    _count_offer(state, "reminded")


def _decline_remembered(state: DistrictState, decision: d.DeclineRemembered) -> None:
    visit = state.visits[decision.visit_id]
    visit.declined_ids += [worker_id for worker_id in decision.worker_ids if worker_id not in visit.declined_ids]
    visit.declines.append(
        Declined(
            worker_ids=decision.worker_ids, begin_at=decision.begin_at, window_start_at=visit.spec.window_start_at,
            window_end_at=visit.spec.window_end_at, place=visit.spec.place, fee_krw=visit.extra_fee_krw,
        )
    )  # fmt: skip
    state.runtime.visit_changed(decision.visit_id)


def _declines_lifted(state: DistrictState, decision: d.DeclinesLifted) -> None:
    visit = state.visits[decision.visit_id]
    lifted = set(decision.worker_ids)
    visit.declined_ids = [worker_id for worker_id in visit.declined_ids if worker_id not in lifted]
    visit.declines = [declined for declined in visit.declines if not lifted.issuperset(declined.worker_ids)]
    state.runtime.visit_changed(decision.visit_id)


def _fair_shares(state: DistrictState, decision: d.FairSharesSet) -> None:
    state.fair_date = decision.service_date
    state.fair_shares = dict(decision.shares)
    for worker_id in state.fair_shares:
        state.runtime.worker_changed(worker_id)


def _fee_raised(state: DistrictState, decision: d.FeeRaised) -> None:
    state.visits[decision.visit_id].extra_fee_krw = decision.extra_krw


def _substituted(state: DistrictState, decision: d.WorkerSubstituted) -> None:
    _count_offer(state, "substituted")


def _substitute_called(state: DistrictState, decision: d.SubstituteCalled) -> None:
    state.workers[decision.worker_id].called_in_for = decision.for_worker_id
    if decision.for_worker_id:
        _count_offer(state, "called_in")
    state.runtime.worker_changed(decision.worker_id)


def _climbed(state: DistrictState, decision: d.RungClimbed) -> None:
    state.visits[decision.visit_id].rung = decision.rung
    state.runtime.visit_changed(decision.visit_id)


def _kitchen_delayed(state: DistrictState, decision: d.KitchenDelayed) -> None:
    for visit_id, visit in state.visits.items():
        if (
            visit.spec.kitchen_id == decision.kitchen_id and visit.picked_up_at is None and visit.state not in CLOSED
            and visit.ready_at is not None and visit.ready_at < decision.ready_at
        ):  # fmt: skip
            visit.ready_at = decision.ready_at
            state.runtime.visit_changed(visit_id)


def _pickup_moved(state: DistrictState, decision: d.PickupMoved) -> None:
    visit = state.visits[decision.visit_id]
    visit.pickup_worker = decision.worker_id
    visit.ready_at = decision.ready_at
    state.runtime.visit_changed(decision.visit_id)


def _solve_requested(state: DistrictState, decision: d.SolveRequested) -> None:
    assert state.config is not None
    policy = state.config.policy
    state.solve_pending = decision.solve_id
    state.plan_dirty = False
    state.totals.solves += 1
    set_deadline(state, "replan:", decision.at + timedelta(seconds=policy.match_interval_s or policy.replan_interval_s))
    set_deadline(state, f"solve:{decision.solve_id}", decision.at + timedelta(seconds=policy.replan_timeout_s))


def _solve_settled(state: DistrictState, decision: d.SolveSettled) -> None:
    if state.solve_pending == decision.solve_id:
        state.solve_pending = ""
    clear_deadline(state, f"solve:{decision.solve_id}")
    if decision.outcome not in ("lost", "failed", "stale"):
        state.totals.plans_proposed += 1
    if decision.outcome == "adopted":
        state.totals.plans_adopted += 1
        state.totals.visits_moved += decision.moved_count


def _areas_balanced(state: DistrictState, decision: d.AreasBalanced) -> None:
    state.helps, state.shorts = decision.helps, decision.shorts


def _dirtied(state: DistrictState, decision: d.PlanDirtied) -> None:
    state.plan_dirty = True


def _raised(state: DistrictState, raised: d.ExceptionRaised) -> None:
    state.exceptions[raised.exception_id] = ExceptionRecord(raised=raised, owner=raised.owner, due_at=raised.due_at)
    state.totals.exceptions += 1
    state.runtime.exception_raised(raised)
    if raised.subject in state.visits:
        state.visits[raised.subject].owner = raised.owner
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


def _overruled(state: DistrictState, decision: d.VisitOverruled) -> None:
    visit = state.visits[decision.visit_id]
    visit.pinned_id = decision.pinned_id
    visit.forbidden_ids = list(decision.forbidden_ids)
    visit.waived_rules = list(decision.waived_rules)
    state.runtime.visit_changed(decision.visit_id)


def _undo_kept(state: DistrictState, decision: d.UndoKept) -> None:
    for command_id in [key for key, kept in state.undo.items() if kept.until_at < state.now_at]:
        del state.undo[command_id]
    state.undo[decision.command_id] = decision


def _undo_spent(state: DistrictState, decision: d.UndoSpent) -> None:
    state.undo.pop(decision.command_id, None)


def _escalated(state: DistrictState, decision: d.ExceptionEscalated) -> None:
    record = state.exceptions[decision.exception_id]
    record.changes += 1
    record.owner = decision.owner
    record.acknowledged_by = ""
    record.due_at = decision.due_at
    if record.raised.subject in state.visits:
        state.visits[record.raised.subject].owner = decision.owner
    set_deadline(state, f"exception:{decision.exception_id}", decision.due_at)


def _command_settled(state: DistrictState, decision: d.CommandSettled) -> None:
    state.commands[decision.command_id] = CommandRecord(decision.outcome, decision.visit_id, decision.code)


def _help_moved(state: DistrictState, moved: d.HelpMoved) -> None:
    for worker_id in apply_help.help_moved(state, moved):
        _arm_worker(state, state.workers[worker_id])



def _watermark(state: DistrictState, decision: d.WatermarkRaised) -> None:
    state.watermarks[decision.sender] = decision.index


OVER_WITH_THE_DAY = ("replan:", "lead:", "silence:", "asked:", "moving:", "disruption:", "access:")


def _endpoint_changed(state: DistrictState, decision: d.EndpointChanged) -> None:
    if decision.status == "up":
        state.organisations_down.pop(decision.organisation, None)
    else:
        state.organisations_down[decision.organisation] = decision.status


def _day_closed(state: DistrictState, decision: d.DayClosed) -> None:
    state.closed_date = decision.service_date
    state.helps, state.shorts = (), ()
    for key in [key for key in state.deadlines if key.startswith(OVER_WITH_THE_DAY)]:
        clear_deadline(state, key)


def _credential_changed(state: DistrictState, decision: d.CredentialChanged) -> None:
    state.workers[decision.worker_id].credentials[decision.credential.code] = decision.credential
    state.runtime.worker_changed(decision.worker_id)


def _pair_excluded(state: DistrictState, decision: d.PairExcluded) -> None:
    state.exclusions.setdefault(decision.recipient_id, {})[decision.worker_id] = decision.by
    state.runtime.recipient_changed(decision.recipient_id)


def _exclusion_lifted(state: DistrictState, decision: d.ExclusionLifted) -> None:
    state.exclusions[decision.recipient_id].pop(decision.worker_id)
    if not state.exclusions[decision.recipient_id]:
        del state.exclusions[decision.recipient_id]
    state.runtime.recipient_changed(decision.recipient_id)


def _refusal_counted(state: DistrictState, decision: d.RefusalCounted) -> None:
    record = state.refusals.setdefault(decision.recipient_id, RefusalsRecord())
    record.by_provider[decision.provider_id] = record.by_provider.get(decision.provider_id, 0) + 1
    record.public_only = record.public_only or decision.public_only
    state.runtime.recipient_changed(decision.recipient_id)


def _refusals_forgotten(state: DistrictState, decision: d.RefusalsForgotten) -> None:
    state.refusals.pop(decision.recipient_id, None)
    state.runtime.recipient_changed(decision.recipient_id)


def _programme_switched(state: DistrictState, decision: d.ProgrammeSwitched) -> None:
    known = state.programmes.get(decision.programme_id)
    record = ProgrammeRecord(
        is_on=decision.is_on, from_date=decision.from_date, until_date=decision.until_date, budget_krw=decision.budget_krw,
        stock=dict(decision.stock),
    )  # fmt: skip
    if known is not None:
        record.booked_krw, record.booked_equipment, record.bookings = known.booked_krw, known.booked_equipment, known.bookings
    state.programmes[decision.programme_id] = record


def _programme_booked(state: DistrictState, decision: d.ProgrammeBooked) -> None:
    record = state.programmes[decision.programme_id]
    booking = record.bookings.setdefault(decision.subject, Booking(decision.kind, 0, {}))
    record.booked_krw += decision.krw
    booking.krw += decision.krw
    for item, count in decision.equipment.items():
        for books in (record.booked_equipment, booking.equipment):
            books[item] = books.get(item, 0) + count
    if not booking.krw and not any(booking.equipment.values()):
        del record.bookings[decision.subject]


def _posting_requested(state: DistrictState, spec: d.PostingRequested) -> None:
    state.postings[spec.posting_id] = PostingRecord(spec=spec)
    set_deadline(state, f"posting:{spec.posting_id}", spec.from_at)


def _posting_changed(state: DistrictState, change: d.PostingChanged) -> None:
    posting = state.postings[change.posting_id]
    target = next_posting_state(posting.state, change.event)
    if target is None:
        raise IllegalTransition(f"{change.event} in {posting.state} ({change.posting_id})")
    if posting.worker_id and target not in (PostingState.ASSIGNED, PostingState.UNDER_WAY):
        worker = state.workers[posting.worker_id]
        worker.posting_id, worker.posted_from_at = "", None
        state.runtime.worker_changed(posting.worker_id)
    posting.state, posting.reason = target, change.reason
    key = f"posting:{change.posting_id}"
    if target is PostingState.ASSIGNED:
        posting.worker_id = change.worker_id
        worker = state.workers[change.worker_id]
        worker.posting_id, worker.posted_from_at = change.posting_id, posting.spec.from_at
        state.runtime.worker_changed(change.worker_id)
        set_deadline(state, key, posting.spec.from_at)
    elif target is PostingState.WAITING:
        posting.worker_id = ""
        set_deadline(state, key, posting.spec.until_at)
    elif target is PostingState.UNDER_WAY:
        posting.begun_at = change.at
        set_deadline(state, key, posting.spec.until_at)
    else:
        clear_deadline(state, key)


def _visit_noted(state: DistrictState, noted: VisitNoted) -> None:
    visit = state.visits[noted.visit_id]
    visit.tasks_done += [task for task in noted.tasks_done if task not in visit.tasks_done]
    visit.boxes_returned += noted.boxes_returned
    state.runtime.visit_changed(noted.visit_id)


def _terms_changed(state: DistrictState, terms: TermsChanged) -> None:
    visit = state.visits[terms.visit_id]
    visit.spec = msgspec.structs.replace(
        visit.spec, window_start_at=terms.window_start_at, window_end_at=terms.window_end_at, due_at=terms.due_at,
        dong=terms.dong, area_id=terms.area_id, place=terms.place,
    )  # fmt: skip
    state.runtime.visit_changed(terms.visit_id)
    _arm_give_up(state, visit.spec, terms.at)


def _nothing(state: DistrictState, decision: Any) -> None:
    """The decision is an effect alone."""


_APPLY: dict[type, Callable[[DistrictState, Any], None]] = {
    d.DistrictConfigured: _configured,
    d.VisitRequested: _requested,
    d.VisitChanged: _changed,
    d.RouteSet: _route_set,
    d.StopFinished: _stop_finished,
    d.WorkerChanged: _worker_changed,
    d.OfferMade: _offer_made,
    d.OfferSettled: _offer_settled,
    d.OfferReminded: _offer_reminded,
    d.DeclineRemembered: _decline_remembered,
    d.DeclinesLifted: _declines_lifted,
    d.FairSharesSet: _fair_shares,
    d.FeeRaised: _fee_raised,
    d.WorkerSubstituted: _substituted,
    d.SubstituteCalled: _substitute_called,
    d.RungClimbed: _climbed,
    d.KitchenDelayed: _kitchen_delayed,
    d.PickupMoved: _pickup_moved,
    d.PlanDirtied: _dirtied,
    d.SolveRequested: _solve_requested,
    d.SolveSettled: _solve_settled,
    d.AreasBalanced: _areas_balanced,
    d.ExceptionRaised: _raised,
    d.ExceptionSettled: _settled,
    d.ExceptionAcknowledged: _acknowledged,
    d.ExceptionEscalated: _escalated,
    d.VisitOverruled: _overruled,
    d.UndoKept: _undo_kept,
    d.UndoSpent: _undo_spent,
    d.DoorstepInstructed: _nothing,
    d.ProgrammeSwitched: _programme_switched,
    d.ProgrammeBooked: _programme_booked,
    d.PostingRequested: _posting_requested,
    d.PostingChanged: _posting_changed,
    d.CredentialChanged: _credential_changed,
    d.PairExcluded: _pair_excluded,
    d.ExclusionLifted: _exclusion_lifted,
    d.RefusalCounted: _refusal_counted,
    d.RefusalsForgotten: _refusals_forgotten,
    d.ObservationAnswered: _nothing,
    d.UnmetNeedRecorded: _unmet,
    d.DeadlineSet: lambda state, decision: set_deadline(state, decision.key, decision.at),
    d.DeadlineCleared: lambda state, decision: clear_deadline(state, decision.key),
    d.CommandSettled: _command_settled,
    d.ReportRefused: _nothing,
    d.EndpointChanged: _endpoint_changed,
    d.AccessOpened: _access_opened,
    d.NoticeDue: _nothing,
    d.NeedOpened: apply_help.need_opened,
    d.NeedClosed: apply_help.need_closed,
    d.ClaimMade: apply_help.claim_made,
    d.ClaimSettled: apply_help.claim_settled,
    d.NeedSupplied: apply_help.supplied,
    d.HelpAsked: apply_help.help_asked,
    d.HelpHeard: apply_help.help_heard,
    d.HelpMoved: _help_moved,
    d.DistrictMessageSent: apply_help.message_sent,
    d.WatermarkRaised: _watermark,
    d.DayClosed: _day_closed,
    VisitNoted: _visit_noted,
    TermsChanged: _terms_changed,
    WorkerAsked: _worker_asked,
    WorkerHeard: _worker_heard,
    **APPLY_DISRUPTIONS,
}
