"""The dispatcher's core: `decide(state, received, recorded_at)`. Pure: no clock, no environment, no randomness, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from streams.contracts.codec import Malformed
from streams.contracts.decisions import Decision
from streams.contracts.envelope import Envelope
from streams.contracts.inputs import (
    AcknowledgeException,
    AnswerOffer,
    AssignPosting,
    AssignVisit,
    AuthoriseCare,
    CancelVisit,
    ClaimNeed,
    ClockTicked,
    CloseDay,
    ConfigureDistrict,
    CorrectVisit,
    DistrictMessage,
    EndDisruption,
    EndpointReported,
    EndPosting,
    ExcludePair,
    ForbidWorker,
    IssueEquipment,
    KitchenReported,
    LetPlanDecide,
    LiftExclusion,
    LockStop,
    MalformedReceived,
    NoticeFailed,
    PauseMode,
    PlanProposed,
    PositionHeard,
    ProviderReported,
    RaiseFee,
    RecordCall,
    RecordCredential,
    RecordEmergencyCall,
    RecordFirstVisit,
    RecordIntake,
    ReportConcern,
    ReportProviderFailure,
    RequestPosting,
    RequestVisit,
    RequestVisits,
    SettleClaim,
    SettleException,
    SolveFailed,
    SwapVisits,
    SwitchOffProgramme,
    SwitchOnProgramme,
    UndoCommand,
    WithdrawCredential,
    WorkerReported,
)  # fmt: skip
from streams.contracts.refusals import Refusal
from streams.core import (
    access,
    answers,
    asks,
    authorised,
    batches,
    claims,
    corrections,
    credentials,
    crisis,
    disruptions,
    exceptions,
    exclusions,
    fees,
    first_visits,
    guests,
    observations,
    offer_ends,
    offers,
    overrule,
    postings,
    provider_failure,
    replanning,
    reports,
    requests,
    silence,
    undo,
    weather,
)  # fmt: skip
from streams.core.apply import advance
from streams.core.dead_data import data_rejected
from streams.core.doorstep import CALL, KIN, leave_the_door, step_overdue
from streams.core.emergency_calls import record_emergency_call
from streams.core.endpoints import endpoint_reported
from streams.core.following import follow
from streams.core.ladder import climb, give_up
from streams.core.losing import move_to_public
from streams.core.notices import notice_failed
from streams.core.phone import record_call
from streams.core.state import DistrictState, new_state
from streams.core.turn import Turn

__all__ = ["CORE_VERSION", "decide", "new_state"]

CORE_VERSION = "12"
"""Raise when `decide` decides otherwise on the same input; the logs name the version of each decision, and what another version
decided is folded, never decided again (docs/decisions/0013-decisions-outlive-their-core.md)."""

MAX_FIRED = 10_000  # deadlines fired by one input; more is a defect of ours, better stopped than endless


def decide(state: DistrictState, received: Envelope, recorded_at: datetime) -> list[Decision]:
    """What `received` makes of `state`, which advances in place. Deadlines that are due fire before the input that brought
    the time, and those it makes due fire after it."""
    turn = Turn(state, received)
    advance(state, recorded_at)
    _fire_due(turn)
    follow(turn)
    try:
        payload = received.read_payload()
    except Malformed:
        return turn.decisions  # the desk dead-letters these; nothing here depends on them
    if state.config is None and not isinstance(payload, ConfigureDistrict | ClockTicked | MalformedReceived):
        _refuse_unconfigured(turn, payload)
        return turn.decisions
    handler = _HANDLERS.get(type(payload))
    if handler is not None:
        handler(turn, payload)
    follow(turn)
    if state.config is not None:
        replanning.arm_replanning(turn)
    _fire_due(turn)
    follow(turn)
    return turn.decisions


def _refuse_unconfigured(turn: Turn, payload: Any) -> None:
    command_id = getattr(payload, "command_id", "")
    report_id = getattr(payload, "report_id", "")
    if command_id and command_id not in turn.state.commands:
        turn.settle(command_id, "refused", code=Refusal.NOT_CONFIGURED)
    elif report_id:
        turn.refuse_report(report_id, Refusal.NOT_CONFIGURED, turn.state.district)


def _fire_due(turn: Turn) -> None:
    state = turn.state
    for _ in range(MAX_FIRED):
        first = state.runtime.queue.peek()
        if first is None or first[0] > state.now_at:
            return
        at, key = first
        kind, _, subject = key.partition(":")
        _ALARMS[kind](turn, subject)
        if state.deadlines.get(key) == at:
            turn.silence(key)
    raise RuntimeError("deadlines keep firing")


def _escalate(turn: Turn, exception_id: str) -> None:
    record = turn.state.exceptions[exception_id]
    if record.outcome:
        return
    if record.raised.kind in (CALL, KIN):
        step_overdue(turn, exception_id)
    elif record.raised.kind in (silence.CALL, silence.LONE):
        silence.overdue(turn, exception_id)
    else:
        exceptions.escalate(turn, exception_id)


_ALARMS: dict[str, Callable[[Turn, str], None]] = {
    "lead": offers.offer_due_stops,
    "offer": offer_ends.offer_expired,
    "remind": offers.remind,
    "rung": climb,
    "give_up": give_up,
    "retry": leave_the_door,
    "silence": silence.ask,
    "asked": silence.call,
    "moving": disruptions.move_chunk,
    "disruption": disruptions.time_over,
    "access": access.open_due,
    "exception": _escalate,
    "lapse": credentials.lapse,
    "public": move_to_public,
    "posting": postings.posting_due,
    "open": claims.open_need,
    "claim": claims.expire,
    "ask": asks.overdue,
    "guest": guests.overdue,
    "authorised": authorised.tell,
    first_visits.ALARM: first_visits.near,
    "budget": crisis.tell_if_used_up,
    "place": batches.place_chunk,
    "replan": lambda turn, _: replanning.replan_due(turn),
    "solve": replanning.solve_lost,
}

_HANDLERS: dict[type, Callable[[Turn, Any], None]] = {
    ConfigureDistrict: requests.configure,
    RequestVisit: requests.request_visit,
    RequestVisits: batches.request_visits,
    CancelVisit: requests.cancel_visit,
    SettleException: requests.settle_exception,
    AcknowledgeException: exceptions.acknowledge,
    ReportConcern: observations.report_concern,
    RecordEmergencyCall: record_emergency_call,
    MalformedReceived: data_rejected,
    CorrectVisit: corrections.correct_visit,
    AssignVisit: overrule.assign_visit,
    ForbidWorker: overrule.forbid_worker,
    LetPlanDecide: overrule.let_plan_decide,
    LockStop: overrule.lock_stop,
    SwapVisits: overrule.swap_visits,
    UndoCommand: undo.undo_command,
    SwitchOnProgramme: crisis.switch_on,
    SwitchOffProgramme: crisis.switch_off,
    IssueEquipment: crisis.issue_equipment,
    RequestPosting: postings.request_posting,
    AssignPosting: postings.assign_posting,
    EndPosting: postings.end_posting,
    AnswerOffer: answers.record_answer,
    ExcludePair: exclusions.exclude_pair,
    LiftExclusion: exclusions.lift_exclusion,
    ClaimNeed: claims.claim_need,
    SettleClaim: claims.settle,
    RaiseFee: fees.raise_fee,
    RecordCredential: credentials.record_credential,
    WithdrawCredential: credentials.withdraw_credential,
    CloseDay: requests.close_day,
    ReportProviderFailure: provider_failure.report_failure,
    ProviderReported: provider_failure.provider_reported,
    PauseMode: weather.pause_mode,
    EndDisruption: disruptions.end_disruption,
    PositionHeard: silence.position_heard,
    DistrictMessage: requests.district_message,
    WorkerReported: reports.worker_reported,
    KitchenReported: reports.kitchen_reported,
    EndpointReported: endpoint_reported,
    NoticeFailed: notice_failed,
    RecordCall: record_call,
    RecordIntake: first_visits.record_intake,
    RecordFirstVisit: first_visits.record_first_visit,
    AuthoriseCare: authorised.authorise,
    PlanProposed: replanning.plan_proposed,
    SolveFailed: replanning.solve_failed,
}
