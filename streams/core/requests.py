"""Requests and other commands of people: file a visit, cancel it, settle an exception, configure, close the day."""

from __future__ import annotations

import math

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import BROUGHT, Place
from streams.contracts.inputs import (
    CancelVisit,
    CloseDay,
    ConfigureDistrict,
    DistrictMessage,
    RequestVisit,
    SettleException,
)  # fmt: skip
from streams.contracts.refusals import Refusal
from streams.core import (
    ask_answers,
    between_districts,
    claims,
    credentials,
    crisis,
    disruptions,
    doorstep,
    exceptions,
    fairness,
    first_visits,
    guests,
    menus,
    postings,
    silence,
)  # fmt: skip
from streams.core.answers import answer_by_call
from streams.core.call_list import CALL
from streams.core.config_check import left_out_of, wrong_in
from streams.core.disruptions import divert
from streams.core.holding import TO_CONFIRM
from streams.core.ladder import hand_over
from streams.core.lifecycle import CLOSED
from streams.core.observations import OBSERVATION, answer_observer
from streams.core.offer_ends import withdraw_offers
from streams.core.pickup_rules import judge_pickup, ready_at
from streams.core.placing import place_or_wait, take_out
from streams.core.plan_terms import judge_terms
from streams.core.refusal_counts import CONFERENCE, settle_conference
from streams.core.turn import Turn
from streams.core.undo import remember
from streams.core.unmet import OPEN_AT_DAY_END, record_unmet


def configure(turn: Turn, command: ConfigureDistrict) -> None:
    """Put a configuration in force that is newer than the present one, and made on it (version 0: on none). The present one
    again is a repeat; another of the same version would overwrite somebody's work unseen."""
    if command.command_id in turn.state.commands:
        return
    if command.config.district != turn.state.district:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_DISTRICT)
        return
    in_force = turn.state.config
    if command.config == in_force:
        turn.settle(command.command_id, "duplicate")
        return
    wrong = wrong_in(command.config) or left_out_of(command.config, turn.state)
    if wrong:
        turn.settle(command.command_id, "refused", code=Refusal.BAD_CONFIGURATION, rules=wrong)
        return
    version = in_force.version if in_force is not None else 0
    if turn.is_stale(version):
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_CONFLICT)
        return
    if command.config.version <= version:
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_NOT_NEWER)
        return
    turn.emit(d.DistrictConfigured(config=command.config))
    for worker_id in list(turn.state.workers):
        credentials.lapse(turn, worker_id)
    menus.recheck_menus(turn)
    _set_fair_shares(turn)
    turn.settle(command.command_id, "accepted")


def _set_fair_shares(turn: Turn) -> None:
    """Once a day, before its first work; who joins in the middle of it has what the shift gives."""
    today = turn.config.service_date
    shares = fairness.shares_of_today(turn.state, turn.config)
    if turn.state.fair_date == today:
        shares |= {worker_id: share for worker_id, share in turn.state.fair_shares.items() if worker_id in shares}
    if shares != turn.state.fair_shares or turn.state.fair_date != today:
        turn.emit(d.FairSharesSet(service_date=today, shares=tuple(sorted(shares.items()))))


def request_visit(turn: Turn, request: RequestVisit) -> None:
    """File a visit: a repeat is a repeat, a conflict is refused, a sound request is placed at once."""
    if request.command_id in turn.state.commands:
        return
    known = turn.state.visits.get(request.visit_id)
    if known is not None:
        same = known.spec.body_hash == request.body_hash
        turn.settle(
            request.command_id, "duplicate" if same else "refused", request.visit_id, None if same else Refusal.KEY_REUSED
        )
        return
    code = judge(turn, request)
    if code is not None:
        other = code in (Refusal.DIET_NOT_COOKED, Refusal.ALLERGEN_IN_MEAL)
        rules = menus.kitchens_that_cook(turn.state, request) if other else ()
        turn.settle(request.command_id, "refused", request.visit_id, code, rules=rules)
        if code in (Refusal.BUDGET_USED_UP, Refusal.STOCK_USED_UP):
            crisis.tell_if_used_up(turn, request.programme)
        return
    take_on(turn, request)
    turn.settle(request.command_id, "accepted", request.visit_id)
    if not divert(turn, request.visit_id):
        place_or_wait(turn, request.visit_id)


def take_on(turn: Turn, request: RequestVisit) -> None:
    """The visit is there, and booked; nobody has it yet."""
    meal = bool(request.kitchen_id)
    late = meal and menus.missed_cut_off(turn, request) is not None
    turn.emit(
        d.VisitRequested(
            visit_id=request.visit_id, reference=request.reference, body_hash=request.body_hash,
            organisation=turn.received.organisation or turn.received.actor, recipient_id=request.recipient_id,
            service=request.service,
            dong=request.dong, area_id=turn.state.runtime.geography.area_of_dong[request.dong], place=request.place,
            window_start_at=request.window_start_at, window_end_at=request.window_end_at, due_at=request.due_at,
            service_duration_s=request.service_duration_s, priority=request.priority,
            worker_count=request.worker_count, required_skills=request.required_skills,
            excluded_workers=request.excluded_workers, gender=request.gender, kitchen_id=request.kitchen_id,
            meal_kind=request.meal_kind, ready_at=ready_at(turn, request) if meal else None,
            freshness_s=request.freshness_s, boxes=request.boxes, may_leave_at_door=request.may_leave_at_door,
            risk=request.risk, diet=request.diet, avoid_allergens=request.avoid_allergens,
            preferred_gender=request.preferred_gender, programme=request.programme, asked_by=request.asked_by,
            late_boxes=request.boxes if late else 0, at=turn.now_at, tasks=request.tasks, plan=request.plan,
        )
    )  # fmt: skip
    turn.book(request.visit_id)


def judge(turn: Turn, request: RequestVisit) -> Refusal | None:
    geography = turn.state.runtime.geography
    if request.dong not in geography.area_of_dong:
        return Refusal.UNKNOWN_DONG
    if not request.window_start_at <= request.due_at <= request.window_end_at:
        return Refusal.TIME_INVERTED
    if request.window_end_at < turn.now_at:
        return Refusal.TIME_IN_PAST
    if request.service == "meal_support" and not request.kitchen_id:
        return Refusal.MEAL_WITHOUT_KITCHEN
    if request.kitchen_id and request.kitchen_id not in geography.kitchens:
        return Refusal.UNKNOWN_KITCHEN
    if request.service_duration_s < 0 or request.worker_count not in (1, 2) or request.boxes < 0:
        return Refusal.WRONG_FIELD
    if not (math.isfinite(request.place.x) and math.isfinite(request.place.y)):
        return Refusal.WRONG_FIELD
    outside = refuse_place(turn, request.place)
    if outside is not None:
        return outside
    pickup = judge_pickup(turn, request) if request.kitchen_id or request.service in BROUGHT else None
    return pickup or judge_terms(turn, request) or crisis.judge_visit(turn, request)


def refuse_place(turn: Turn, place: Place) -> Refusal | None:
    """Why nobody lives there, or None."""
    outside = turn.state.runtime.geography.find_outside(place)
    if outside is None:
        return None
    return Refusal.POINT_IN_RIVER if outside is routing.Outside.IN_RIVER else Refusal.OUTSIDE_DISTRICT


def cancel_visit(turn: Turn, command: CancelVisit) -> None:
    visit = turn.find_commanded(command.command_id, command.visit_id)
    if visit is None:
        return
    if visit.state is VisitState.CANCELLED:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    if not turn.can(visit, VisitEvent.CANCELLED):
        code = Refusal.ALREADY_CLOSED if visit.state in CLOSED else Refusal.OUT_OF_ORDER
        turn.settle(command.command_id, "refused", command.visit_id, code)
        return
    remember(turn, command.command_id, [command.visit_id])
    cancel(turn, command.visit_id, turn.received.actor, command.reason)
    turn.settle(command.command_id, "accepted", command.visit_id)
    turn.dirty()


def cancel(turn: Turn, visit_id: str, actor: str, reason: str) -> None:
    """It is not wanted any more: out of offers, routes and lists."""
    withdraw_offers(turn, visit_id, reason="cancelled")
    take_out(turn, visit_id, why="offer")
    turn.change(visit_id, VisitEvent.CANCELLED, actor=actor, reason=reason)
    exceptions.settle_if_open(turn, "unserved", visit_id)
    doorstep.settle_steps(turn, visit_id)


def settle_exception(turn: Turn, command: SettleException) -> None:
    """A person says how an exception ended; the visit or worker behind it follows."""
    if command.command_id in turn.state.commands:
        return
    record = turn.state.exceptions.get(command.exception_id)
    if record is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_EXCEPTION)
        return
    if record.outcome:
        same = record.outcome == command.outcome
        turn.settle(command.command_id, "duplicate" if same else "refused",
                    code=None if same else Refusal.ALREADY_CLOSED)  # fmt: skip
        return
    if turn.is_stale(record.changes):  # it climbed, or somebody else took it on
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_CONFLICT)
        return
    kind, subject, by = record.raised.kind, record.raised.subject, turn.received.actor
    if command.outcome not in exceptions.KINDS[kind].outcomes:
        turn.settle(command.command_id, "refused", code=Refusal.OUTCOME_NOT_ALLOWED)
        return
    exceptions.settle_exception(turn, command.exception_id, command.outcome, by)
    visit = turn.state.visits.get(subject)
    if kind == CONFERENCE:
        settle_conference(turn, subject, command.outcome)
    elif kind == first_visits.NEAR:
        first_visits.settled(turn, subject, command.outcome, by)
    elif kind == postings.UNFILLED:
        postings.settle_unfilled(turn, subject, command.outcome)
    elif kind == CALL:
        answer_by_call(turn, record, command.outcome)
    elif kind == OBSERVATION:
        answer_observer(turn, record, command.outcome)
    elif kind in doorstep.STEPS:
        doorstep.settle_step(turn, subject, kind, command.outcome, by)
    elif kind == TO_CONFIRM:
        claims.answer(turn, record.raised.detail, command.outcome, by)
    elif kind == "help_asked":
        guests.answer_asked(turn, subject, command.outcome)
    elif kind == "unserved" and visit is not None and visit.state not in CLOSED:
        if command.outcome == "cancelled_with_recipient":
            cancel(turn, subject, by, "with_recipient")
        else:
            hand_over(turn, subject, by, reason=command.outcome, known=True)
    elif kind == "unserved" and visit is not None and visit.state is VisitState.HANDED_OVER:
        if command.outcome == "cancelled_with_recipient":
            turn.change(subject, VisitEvent.CANCELLED, actor=by, reason="with_recipient")
    elif kind in (silence.CALL, silence.LONE, silence.MISSING):
        silence.settled(turn, subject, kind, command.outcome, by)
    elif kind == disruptions.FAILED and command.outcome == "back":
        disruptions.ended_by_person(turn, subject, by)
    turn.settle(command.command_id, "accepted", subject if visit is not None else "")


def close_day(turn: Turn, command: CloseDay) -> None:
    """Whatever is still open gets a named owner; then the ledger stands."""
    if command.command_id in turn.state.commands:
        return
    for visit_id, visit in list(turn.state.visits.items()):
        if visit.state in CLOSED:
            continue
        door = visit.state is VisitState.NO_ANSWER
        owner = exceptions.care_manager_of(visit.spec.dong) if door else exceptions.COORDINATOR
        if visit.state in (VisitState.WAITING, VisitState.PLANNED, VisitState.OFFERED):
            record_unmet(turn, visit_id, OPEN_AT_DAY_END)
        hand_over(turn, visit_id, owner, reason=OPEN_AT_DAY_END, known=door)
    turn.emit(d.DayClosed(service_date=command.service_date))
    turn.settle(command.command_id, "accepted")


def district_message(turn: Turn, message: DistrictMessage) -> None:
    """Another district speaks: as the one that asks, or as one that we asked."""
    if message.kind in between_districts.ASKER_SAYS:
        guests.heard(turn, message)
        return
    if message.kind in between_districts.HELPER_SAYS:
        ask_answers.heard(turn, message)
        return
    if message.index <= turn.state.watermarks.get(message.sender, 0):
        return
    turn.emit(d.WatermarkRaised(sender=message.sender, index=message.index))
    if message.kind == "help_asked":
        exceptions.raise_exception(turn, "help_asked", f"{message.sender}:{message.visit_id}", exceptions.COORDINATOR)
