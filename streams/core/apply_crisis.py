"""The fold of the crisis programme: its switch, its books, its postings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts import decisions as d
from streams.contracts.crisis import PostingState
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.lifecycle import IllegalTransition
from streams.core.posting_states import next_posting_state
from streams.core.state import Booking, DistrictState, PostingRecord, ProgrammeRecord


def _programme_switched(state: DistrictState, decision: d.ProgrammeSwitched) -> None:
    known = state.programmes.get(decision.programme_id)
    record = ProgrammeRecord(
        is_on=decision.is_on, from_date=decision.from_date, until_date=decision.until_date, budget_krw=decision.budget_krw,
        stock=dict(decision.stock), version=1 if known is None else known.version + 1,
    )  # fmt: skip
    if known is not None:
        record.booked_krw, record.booked_equipment, record.bookings = known.booked_krw, known.booked_equipment, known.bookings
    state.programmes[decision.programme_id] = record


def _programme_booked(state: DistrictState, decision: d.ProgrammeBooked) -> None:
    record = state.programmes[decision.programme_id]
    booking = record.bookings.setdefault(decision.subject, Booking(decision.kind, 0, {}, decision.at))
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


APPLY_CRISIS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.ProgrammeSwitched: _programme_switched,
    d.ProgrammeBooked: _programme_booked,
    d.PostingRequested: _posting_requested,
    d.PostingChanged: _posting_changed,
}
