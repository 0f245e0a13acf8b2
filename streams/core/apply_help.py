"""The fold of what has to do with help: claims, and what is said between districts."""

from __future__ import annotations

from msgspec import structs

from streams.contracts import decisions as d
from streams.core.between_districts import HELD, AskState, GuestState, Kind, guest_id_of
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.state import AskRecord, ClaimRecord, DistrictState, GuestRecord


def need_opened(state: DistrictState, decision: d.NeedOpened) -> None:
    seen = (state.visits[decision.visit_id] if decision.guest is None else state.guests[decision.visit_id]).open_to
    seen.extend(one for one in decision.organisations if one not in seen)


def need_closed(state: DistrictState, decision: d.NeedClosed) -> None:
    guest = state.guests.get(decision.visit_id)
    (state.visits[decision.visit_id] if guest is None else guest).open_to.clear()
    clear_deadline(state, f"open:{decision.visit_id}")


def claim_made(state: DistrictState, made: d.ClaimMade) -> None:
    state.claims[made.claim_id] = ClaimRecord(made=made)
    state.totals.claims += 1
    visit = state.visits[made.visit_id]
    visit.claim_id = visit.held_by = made.claim_id
    state.runtime.visit_changed(made.visit_id)
    set_deadline(state, f"claim:{made.claim_id}", made.expires_at)


def claim_settled(state: DistrictState, settled: d.ClaimSettled) -> None:
    claim = state.claims[settled.claim_id]
    claim.outcome, claim.settled_by = settled.outcome, settled.by
    visit = state.visits[claim.made.visit_id]
    if visit.held_by == settled.claim_id:
        visit.held_by = ""
    if settled.outcome == "confirmed" and claim.made.worker_id in visit.declined_ids:
        visit.declined_ids.remove(claim.made.worker_id)  # they think otherwise now
    state.runtime.visit_changed(claim.made.visit_id)
    clear_deadline(state, f"claim:{settled.claim_id}")


def supplied(state: DistrictState, supplied: d.NeedSupplied) -> None:
    visit = state.visits[supplied.visit_id]
    visit.supplied, visit.waiting_since_at = supplied, None


def help_asked(state: DistrictState, asked: d.HelpAsked) -> None:
    state.asks[asked.ask_id] = AskRecord(asked=asked, state=AskState.ASKED.value, moved_at=asked.at)
    state.visits[asked.visit_id].ask_ids.append(asked.ask_id)


def help_heard(state: DistrictState, heard: d.HelpHeard) -> None:
    first = GuestState.ASKED if heard.terms is not None else GuestState.ENDED  # released before we had heard of it
    state.guests[heard.guest_id] = GuestRecord(asked=heard, state=first.value, moved_at=heard.at)


def help_moved(state: DistrictState, moved: d.HelpMoved) -> list[str]:
    """A step between districts; returns the workers whose alarms it may change."""
    record: AskRecord | GuestRecord = state.asks[moved.key] if moved.side == "asker" else state.guests[moved.key]
    record.heard = max(record.heard, moved.heard)
    if record.state != moved.state:
        record.state, record.tries, record.moved_at = moved.state, 0, moved.at
    if isinstance(record, AskRecord):
        record.declined = record.declined or moved.event == Kind.DECLINED
        _hold(state, record, moved.key)
        return []
    record.claimed_by = moved.worker_id or record.claimed_by
    return _reserve(state, record, moved)


def _hold(state: DistrictState, ask: AskRecord, ask_id: str) -> None:
    """From the acceptance until they let it go nobody else may be given the visit."""
    visit = state.visits[ask.asked.visit_id]
    claim = state.claims.get(ask_id)
    if ask.state in HELD:
        visit.held_by = ask_id
    elif visit.held_by == ask_id and (claim is None or claim.outcome):
        visit.held_by = ""
    state.runtime.visit_changed(ask.asked.visit_id)


def _reserve(state: DistrictState, guest: GuestRecord, moved: d.HelpMoved) -> list[str]:
    visit = state.visits.get(moved.key)
    if visit is None:
        return []
    visit.guest_of = guest.asked.district
    visit.reserved = guest.state == GuestState.RESERVED
    if moved.recipient_id and moved.recipient_id != visit.spec.recipient_id:
        visit.spec = structs.replace(visit.spec, recipient_id=moved.recipient_id)
        state.runtime.recipient_told(visit)
    return visit.worker_ids


def message_sent(state: DistrictState, decision: d.DistrictMessageSent) -> None:
    state.totals.messages = decision.index
    guest_id = guest_id_of(decision.to, decision.ask_id)
    record = state.asks.get(decision.ask_id) or state.guests.get(guest_id)
    if record is not None:
        record.tries += 1
