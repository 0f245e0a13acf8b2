"""A visit's story: one line for each thing that was decided about it. Pure, and the same however records are batched.

Only what a record itself says and what never changes in the state (whose offer, whose exception) goes into a line: the
state at hand may be some records further on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from streams.contracts import decisions as d
from streams.contracts.batches import PlacingPostponed
from streams.contracts.board import StoryLine
from streams.contracts.calls import TermsChanged
from streams.contracts.decisions import VisitEvent
from streams.contracts.disruptions import (
    KitchenChanged,
    MealRescued,
    ModePaused,
    PickupPutOff,
    PromiseChanged,
    ProviderFailed,
    WorkerAsked,
)
from streams.contracts.notes import VisitNoted
from streams.contracts.refusals import Refusal
from streams.core.between_districts import DISTRICT_PREFIX, Kind, guest_id_of

if TYPE_CHECKING:
    from datetime import datetime

    from streams.contracts.envelope import DecisionsRecord
    from streams.core.state import DistrictState

_VISIT_IS_KNOWN = frozenset(
    {
        Refusal.ALREADY_CLOSED, Refusal.KEY_REUSED, Refusal.VERSION_CONFLICT, Refusal.OUT_OF_ORDER,
        Refusal.NOT_YOUR_VISIT,
    }
)  # fmt: skip
"""Refusals that are about a visit that exists. The others may carry the id of a visit that never came to be."""


def story_lines(record: DecisionsRecord, state: DistrictState) -> Iterator[tuple[str, StoryLine]]:
    """(visit_id, line) for each line that this record adds, in order."""
    for decision in record.decisions:
        teller = _TELLERS.get(type(decision))
        if teller is not None:
            # A worker or a kitchen may be the subject of an exception: no visit, no story.
            yield from ((id_, line) for id_, line in teller(decision, record, state) if id_ in state.visits)


def begins_story(record: DecisionsRecord) -> set[str]:
    """Visits that enter by this record: whatever stands under their name is of an earlier life of the board."""
    return {decision.visit_id for decision in record.decisions if isinstance(decision, d.VisitRequested)}


def _line(
    record: DecisionsRecord, event: str, *, at: datetime | None = None, actor: str = "", worker_id: str = "",
    reason: str = "", off_s: int = 0,
) -> StoryLine:  # fmt: skip
    return StoryLine(
        at=at or record.now_at, event=event, actor=actor or record.actor, worker_id=worker_id, reason=reason,
        cause=record.cause, offset=record.journal_offset, off_s=off_s,
    )  # fmt: skip


_Lines = Iterator[tuple[str, StoryLine]]


def _requested(x: d.VisitRequested, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "requested", at=x.at, reason=x.service.value)


def _placing_postponed(x: PlacingPostponed, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in x.visit_ids:
        yield visit_id, _line(record, VisitEvent.QUEUED.value, at=x.at, reason="large_batch")


def _changed(x: d.VisitChanged, record: DecisionsRecord, state: DistrictState) -> _Lines:
    line = _line(record, x.event.value, at=x.at, actor=x.actor, worker_id=x.worker_id, reason=x.reason, off_s=x.off_s)
    yield x.visit_id, line


def _noted(x: VisitNoted, record: DecisionsRecord, state: DistrictState) -> _Lines:
    told = (("tasks_done", " ".join(x.tasks_done)), ("tasks_left", " ".join(x.tasks_left)))
    left = ("left_at_door", "at_door" if x.left_at_door else "")
    for event, reason in (*told, ("boxes_returned", str(x.boxes_returned or "")), left):
        if reason:
            yield x.visit_id, _line(record, event, at=x.at, worker_id=x.worker_id, reason=reason)


def _offer_made(x: d.OfferMade, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in x.visit_ids:
        yield visit_id, _line(record, "offer_made", actor=x.organisation, worker_id=x.worker_id, reason=x.kind)


def _offer_settled(x: d.OfferSettled, record: DecisionsRecord, state: DistrictState) -> _Lines:
    offer = state.offers.get(x.offer_id)
    for visit_id in offer.made.visit_ids if offer else ():
        yield visit_id, _line(record, f"offer_{x.outcome}", at=x.at, worker_id=x.worker_id, reason=x.reason)


def _offer_reminded(x: d.OfferReminded, record: DecisionsRecord, state: DistrictState) -> _Lines:
    offer = state.offers.get(x.offer_id)
    for visit_id in offer.made.visit_ids if offer else ():
        yield visit_id, _line(record, "offer_reminded", at=x.at, worker_id=offer.made.worker_id if offer else "")


def _declines_lifted(x: d.DeclinesLifted, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for worker_id in x.worker_ids:
        yield x.visit_id, _line(record, "may_be_asked_again", at=x.at, worker_id=worker_id, reason=f"terms_{x.why}")


def _fee_raised(x: d.FeeRaised, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "fee_raised", at=x.at, actor=x.by, reason=x.reason)


def _substituted(x: d.WorkerSubstituted, record: DecisionsRecord, state: DistrictState) -> _Lines:
    reason, actor = "last_minute" if x.last_minute else "", f"organisation:{x.organisation}"
    yield x.visit_id, _line(record, "substituted", at=x.at, actor=actor, worker_id=x.by_worker_id, reason=reason)


def _rung_climbed(x: d.RungClimbed, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "rung_climbed", reason=str(x.rung))


def _pickup_moved(x: d.PickupMoved, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "pickup_moved", worker_id=x.worker_id)


def _pickup_put_off(x: PickupPutOff, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "pickup_put_off")


def _exception_raised(x: d.ExceptionRaised, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.subject, _line(record, "exception_raised", at=x.at, actor=x.owner, reason=x.detail or x.kind)


def _exception_settled(x: d.ExceptionSettled, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in _subject(x.exception_id, state):
        yield visit_id, _line(record, "exception_settled", at=x.at, actor=x.by, reason=x.outcome)


def _exception_escalated(x: d.ExceptionEscalated, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in _subject(x.exception_id, state):
        yield visit_id, _line(record, "exception_escalated", actor=x.owner)


def _exception_acknowledged(x: d.ExceptionAcknowledged, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in _subject(x.exception_id, state):
        yield visit_id, _line(record, "exception_acknowledged", at=x.at, actor=x.by)


def _overruled(x: d.VisitOverruled, record: DecisionsRecord, state: DistrictState) -> _Lines:
    event = "stop_locked" if x.locked else "pinned" if x.pinned_id else "worker_forbidden" if x.forbidden_ids else "plan_decides"
    worker_id = x.pinned_id or (x.forbidden_ids[-1] if x.forbidden_ids else "")
    yield x.visit_id, _line(record, event, at=x.at, actor=x.by, worker_id=worker_id, reason=x.reason)


def _refusal_counted(x: d.RefusalCounted, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "refusal_counted", at=x.at, actor=f"organisation:{x.provider_id}", reason=x.reason)


def _doorstep(x: d.DoorstepInstructed, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "doorstep_instructed", at=x.at, worker_id=x.worker_id, reason=x.instruction)


def _unmet_need(x: d.UnmetNeedRecorded, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "unmet_need", at=x.at, reason=x.stage)


def _notice_due(x: d.NoticeDue, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "notice_due", reason=x.kind)


def _terms_changed(x: TermsChanged, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, f"terms_{x.wish}", at=x.due_at if x.wish == "later" else x.at, actor=x.by)


def _kitchen_changed(x: KitchenChanged, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "kitchen_changed", worker_id=x.kitchen_id, reason=x.why)


def _meal_rescued(x: MealRescued, record: DecisionsRecord, state: DistrictState) -> _Lines:
    """The comparison first, one line for each way; then what was chosen."""
    for option in x.options:
        yield x.visit_id, _line(record, f"rescue_{option.way}", at=option.door_at, reason=option.obstacle or "possible")
    yield x.visit_id, _line(record, "meal_rescued", at=x.at, worker_id=x.worker_id, reason=x.way or "nobody_free")


def _promise_changed(x: PromiseChanged, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "promise_changed", at=x.at, reason=f"promise_{x.kind}")


def _worker_asked(x: WorkerAsked, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in x.visit_ids:
        yield visit_id, _line(record, "worker_asked", at=x.at, worker_id=x.worker_id, reason=x.why)


def _disrupted(x: ProviderFailed | ModePaused, record: DecisionsRecord, state: DistrictState) -> _Lines:
    for visit_id in x.visit_ids:
        event = "provider_failed" if isinstance(x, ProviderFailed) else "mode_paused"
        yield visit_id, _line(record, event, at=x.at, actor=x.by, reason=x.reason)


def _message_sent(x: d.DistrictMessageSent, record: DecisionsRecord, state: DistrictState) -> _Lines:
    if x.kind != Kind.NOTED:
        here = x.visit_id if x.visit_id in state.visits else guest_id_of(x.to, x.ask_id)
        yield here, _line(record, f"help_{x.kind.removeprefix('help_')}", reason=f"{DISTRICT_PREFIX}{x.to}")


def _help_moved(x: d.HelpMoved, record: DecisionsRecord, state: DistrictState) -> _Lines:
    if x.heard and x.event in set(Kind) - {Kind.NOTED, Kind.ASKED}:
        yield x.visit_id, _line(record, f"help_{x.event}", at=x.at)


def _need_opened(x: d.NeedOpened, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "need_opened", at=x.at, reason=x.rung)


def _claim_made(x: d.ClaimMade, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "claim_made", at=x.at, actor=_claimant(x.organisation), worker_id=x.worker_id, reason=x.rung)


def _claim_settled(x: d.ClaimSettled, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, f"claim_{x.outcome}", at=x.at, actor=x.by, reason=x.reason)


def _need_supplied(x: d.NeedSupplied, record: DecisionsRecord, state: DistrictState) -> _Lines:
    yield x.visit_id, _line(record, "need_supplied", at=x.at, actor=_claimant(x.supplier), reason=x.rung)


def _claimant(organisation: str) -> str:
    return organisation if organisation.startswith(DISTRICT_PREFIX) else f"organisation:{organisation}"


def _command_settled(x: d.CommandSettled, record: DecisionsRecord, state: DistrictState) -> _Lines:
    if x.outcome == "refused" and x.code in _VISIT_IS_KNOWN:
        yield x.visit_id, _line(record, "command_refused", reason=x.code)


def _report_refused(x: d.ReportRefused, record: DecisionsRecord, state: DistrictState) -> _Lines:
    if x.code in _VISIT_IS_KNOWN:
        yield x.subject, _line(record, "report_refused", actor=x.organisation, reason=x.code)


def _subject(exception_id: str, state: DistrictState) -> tuple[str, ...]:
    exception = state.exceptions.get(exception_id)
    return (exception.raised.subject,) if exception else ()


_TELLERS: dict[type, Callable[[Any, DecisionsRecord, DistrictState], _Lines]] = {
    d.VisitRequested: _requested,
    d.VisitChanged: _changed,
    d.OfferMade: _offer_made,
    d.OfferSettled: _offer_settled,
    d.OfferReminded: _offer_reminded,
    d.DeclinesLifted: _declines_lifted,
    d.FeeRaised: _fee_raised,
    d.WorkerSubstituted: _substituted,
    d.RungClimbed: _rung_climbed,
    d.PickupMoved: _pickup_moved,
    PickupPutOff: _pickup_put_off,
    d.RefusalCounted: _refusal_counted,
    d.ExceptionRaised: _exception_raised,
    d.ExceptionSettled: _exception_settled,
    d.ExceptionEscalated: _exception_escalated,
    d.ExceptionAcknowledged: _exception_acknowledged,
    d.VisitOverruled: _overruled,
    d.DoorstepInstructed: _doorstep,
    d.UnmetNeedRecorded: _unmet_need,
    d.NoticeDue: _notice_due,
    d.NeedOpened: _need_opened,
    d.ClaimMade: _claim_made,
    d.ClaimSettled: _claim_settled,
    d.NeedSupplied: _need_supplied,
    d.HelpMoved: _help_moved,
    d.DistrictMessageSent: _message_sent,
    d.CommandSettled: _command_settled,
    d.ReportRefused: _report_refused,
    PlacingPostponed: _placing_postponed,
    VisitNoted: _noted,
    TermsChanged: _terms_changed,
    KitchenChanged: _kitchen_changed,
    MealRescued: _meal_rescued,
    PromiseChanged: _promise_changed,
    WorkerAsked: _worker_asked,
    ProviderFailed: _disrupted,
    ModePaused: _disrupted,
}
