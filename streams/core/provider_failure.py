"""A kitchen or a centre fails for an hour, a meal or a day: another organisation of the unit supplies instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts.disruptions import ProviderFailed
from streams.contracts.inputs import ProviderReported, ReportProviderFailure
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.disruption_record import PROVIDER, DisruptionRecord, going_on
from streams.core.disruptions import ENDED, FAILED, end, move_chunk, subject_of, whom_it_hits
from streams.core.instants import SEOUL
from streams.core.turn import Turn

HOUR, MEAL_WINDOW, DAY = "hour", "meal_window", "day"
SPANS = (HOUR, MEAL_WINDOW, DAY)


def report_failure(turn: Turn, command: ReportProviderFailure) -> None:
    """A coordinator says that a provider cannot supply."""
    if command.command_id in turn.state.commands:
        return
    code = _judge(turn, command.provider_id, command.kitchen_id, command.span)
    if code is not None:
        turn.settle(command.command_id, "refused", code=code)
        return
    began = _begin(
        turn, command.command_id, command.provider_id, command.kitchen_id, command.span, command.reason, turn.received.actor
    )
    turn.settle(command.command_id, "accepted" if began else "duplicate")


def provider_reported(turn: Turn, report: ProviderReported) -> None:
    """A provider says itself that it has failed, or that it is back."""
    provider_id = turn.received.organisation
    by = f"organisation:{provider_id}"
    code = _judge(turn, provider_id, report.kitchen_id, report.span)
    if code is not None or report.kind not in ("failed", "back"):
        turn.refuse_report(report.report_id, code or Refusal.WRONG_FIELD, report.kitchen_id or provider_id)
    elif report.kind == "failed":
        if report.report_id not in turn.state.disruptions:
            _begin(turn, report.report_id, provider_id, report.kitchen_id, report.span, report.reason, by)
    else:
        for record in going_on(turn.state):
            if record.kind == PROVIDER and record.provider_id == provider_id and report.kitchen_id in ("", record.kitchen_id):
                end(turn, record.disruption_id, ENDED, by)


def _judge(turn: Turn, provider_id: str, kitchen_id: str, span: str) -> Refusal | None:
    geography = turn.state.runtime.geography
    if provider_id not in geography.providers:
        return Refusal.UNKNOWN_PROVIDER
    if kitchen_id:
        kitchen = geography.kitchens.get(kitchen_id)
        if kitchen is None or kitchen.provider_id != provider_id:
            return Refusal.UNKNOWN_KITCHEN
    return None if span in SPANS else Refusal.WRONG_FIELD


def _begin(
    turn: Turn, disruption_id: str, provider_id: str, kitchen_id: str, span: str, reason: str, by: str
) -> bool:
    """False when it was known already, for as long or longer."""
    until_at = back_at(turn, span)
    record = DisruptionRecord(
        disruption_id=disruption_id, kind=PROVIDER, provider_id=provider_id, kitchen_id=kitchen_id, span=span,
        reason=reason, by=by, from_at=turn.now_at, until_at=until_at,
    )  # fmt: skip
    for known in going_on(turn.state):
        same = known.kind == PROVIDER and known.provider_id == provider_id and known.kitchen_id in ("", kitchen_id)
        if same and known.until_at >= until_at:
            return False
    turn.emit(
        ProviderFailed(
            disruption_id=disruption_id, provider_id=provider_id, kitchen_id=kitchen_id, span=span, reason=reason, by=by,
            at=turn.now_at, until_at=until_at, visit_ids=whom_it_hits(turn, record),
        )
    )  # fmt: skip
    exceptions.raise_exception(turn, FAILED, subject_of(record), exceptions.COORDINATOR, detail=span)
    move_chunk(turn, disruption_id)
    turn.dirty()
    return True


def back_at(turn: Turn, span: str) -> datetime:
    """When the span is over: in an hour, after the meal that is going on or comes next, or at the day's end."""
    if span == HOUR:
        return turn.after(3600)
    midnight = datetime.fromisoformat(turn.config.service_date).replace(tzinfo=SEOUL)
    ends = [midnight + timedelta(minutes=meal.until_min) for meal in turn.policy.meal_windows]
    if span == MEAL_WINDOW:
        coming = min((at for at in ends if at > turn.now_at), default=None)
        if coming is not None:
            return coming.astimezone(turn.now_at.tzinfo)
    return max(turn.now_at, midnight + timedelta(days=1)).astimezone(turn.now_at.tzinfo)
