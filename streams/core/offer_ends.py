"""How offers end without a yes: declined, expired, withdrawn, or taken by somebody else. Nobody is left unasked for it."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core import call_list, exceptions
from streams.core.actors import CORE
from streams.core.apply_workers import lead_at
from streams.core.declines import remember_decline
from streams.core.placing import place, place_or_wait, take_out
from streams.core.refusal_counts import count_refusal
from streams.core.state import OfferRecord, WorkerRecord
from streams.core.turn import Turn

ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, TAKEN = "accepted", "declined", "expired", "withdrawn", "taken"


def offer_expired(turn: Turn, offer_id: str) -> None:
    """Silence. Where nobody called who should have, it is not the worker's."""
    made = turn.state.offers[offer_id].made
    by_call = made.by_call or call_list.is_listed(turn, made)
    close_offer(turn, offer_id, EXPIRED, reason="not_called" if by_call else "silence")


def close_offer(turn: Turn, offer_id: str, outcome: str, reason: str, by: str = CORE) -> None:
    """An offer ends without a yes: its visits go to the next who was asked, or are placed anew, with others."""
    offer = turn.state.offers[offer_id]
    settle_offer(turn, offer, outcome, offer.made.worker_id, reason, by=by)
    if offer.made.kind == "slot" and outcome == DECLINED:
        for visit_id in offer.made.visit_ids:
            count_refusal(turn, visit_id, offer.made.organisation, reason)
    excluded = _who_said_no(turn, offer, outcome)
    for visit_id in offer.made.visit_ids:
        visit = turn.state.visits[visit_id]
        if visit.state is VisitState.WAITING:
            place_or_wait(turn, visit_id)
        elif visit.state is VisitState.OFFERED and offer.made.worker_id in visit.worker_ids:
            _let_go(turn, offer, visit_id, excluded, outcome, reason)
        elif visit.state is VisitState.OFFERED and outcome != WITHDRAWN and _same_group(turn, offer, visit_id):
            remember_decline(turn, visit_id, excluded, offer.made.begin_at, reason)


def let_go_doors(turn: Turn, offer: OfferRecord, visit_ids: list[str], reason: str) -> None:
    """Doors of an accepted round that the worker cannot take go to others."""
    for visit_id in visit_ids:
        if turn.state.visits[visit_id].state is VisitState.OFFERED:
            _let_go(turn, offer, visit_id, offer.made.worker_id, DECLINED, reason)


def _who_said_no(turn: Turn, offer: OfferRecord, outcome: str) -> str:
    if offer.made.kind != "slot" or outcome != DECLINED:
        return offer.made.worker_id
    # a provider answers for all its people
    return ",".join(sorted(w for w, record in turn.state.workers.items()
                           if record.profile.organisation == offer.made.organisation))  # fmt: skip


def _let_go(turn: Turn, offer: OfferRecord, visit_id: str, excluded: str, outcome: str, reason: str) -> None:
    _tell_who_chose(turn, visit_id, excluded)
    others = [one for one in turn.state.runtime.offers.of_group(offer.made.group_id) if one != offer.made.offer_id]
    if not others:
        withdraw_offers(turn, visit_id, reason="other_worker_missing", but=offer.made.offer_id)
    take_out(turn, visit_id, why="offer")
    turn.change(visit_id, VisitEvent.OFFER_LAPSED, worker_id=excluded, reason=f"offer_{outcome}")
    remember_decline(turn, visit_id, excluded, offer.made.begin_at, reason)
    if not _keep_for_next(turn, visit_id, others):
        place_or_wait(turn, visit_id)


def _same_group(turn: Turn, offer: OfferRecord, visit_id: str) -> bool:
    return bool(offer.made.group_id) and any(
        turn.state.offers[one].made.group_id == offer.made.group_id for one in turn.state.runtime.offers.about(visit_id)
    )


def _keep_for_next(turn: Turn, visit_id: str, offer_ids: list[str]) -> bool:
    """Of those asked at once, the next who still has room holds the place while the answer is awaited."""
    for offer_id in offer_ids:
        asked = turn.state.offers[offer_id].made
        if visit_id in asked.visit_ids and asked.worker_id in turn.state.runtime.problem.workers:
            if place(turn, visit_id, only_worker_id=asked.worker_id):
                turn.change(visit_id, VisitEvent.OFFERED, worker_id=asked.worker_id)
                return True
            if not _holds_any(turn, asked):
                settle_offer(turn, turn.state.offers[offer_id], WITHDRAWN, asked.worker_id, "no_room")
    return False


def _holds_any(turn: Turn, asked: d.OfferMade) -> bool:
    """Other doors of the round are with this worker by now, who has still to answer for them."""
    visits = (turn.state.visits[visit_id] for visit_id in asked.visit_ids)
    return any(visit.state is VisitState.OFFERED and asked.worker_id in visit.worker_ids for visit in visits)


def _tell_who_chose(turn: Turn, visit_id: str, worker_ids: str) -> None:
    """A person's choice said no or kept silent: the plan goes on without it, and the coordinator hears."""
    visit = turn.state.visits[visit_id]
    if visit.pinned_id and visit.pinned_id in worker_ids.split(","):
        exceptions.raise_about(turn, "choice_failed", visit_id, exceptions.COORDINATOR)


def withdraw_offers(turn: Turn, visit_id: str, reason: str, but: str = "", outcome: str = WITHDRAWN) -> None:
    """Open offers that hold nothing but this visit are withdrawn, and whoever was asked is told."""
    for offer_id in turn.state.runtime.offers.about(visit_id):
        offer = turn.state.offers[offer_id]
        if offer_id != but and _asks_only_for(turn, offer, visit_id):
            settle_offer(turn, offer, outcome, offer.made.worker_id, reason)


def withdraw_from(turn: Turn, visit_id: str, worker_id: str, reason: str) -> None:
    """A rider who was asked together with others is not to have this visit any more. A provider's desk names whom it likes."""
    for offer_id in turn.state.runtime.offers.about(visit_id):
        offer = turn.state.offers[offer_id]
        if offer.made.worker_id == worker_id and offer.made.kind != "slot" and _asks_only_for(turn, offer, visit_id):
            settle_offer(turn, offer, WITHDRAWN, worker_id, reason)


def _asks_only_for(turn: Turn, offer: OfferRecord, visit_id: str) -> bool:
    visits = turn.state.visits
    return all(other == visit_id or visits[other].state is not VisitState.OFFERED for other in offer.made.visit_ids)


def settle_offer(
    turn: Turn, offer: OfferRecord, outcome: str, worker_id: str, reason: str, *, by: str = CORE,
    declined_visit_ids: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """End an offer; a call for it is struck from the list, and who waited for a free phone is asked now."""
    made = offer.made
    turn.emit(
        d.OfferSettled(
            offer_id=made.offer_id, outcome=outcome, worker_id=worker_id, reason=reason, at=turn.now_at,
            declined_visit_ids=declined_visit_ids,
        )
    )  # fmt: skip
    if made.by_call or call_list.is_listed(turn, made):
        unanswered = call_list.NO_REPLY if outcome == EXPIRED else exceptions.RESOLVED_ITSELF
        ended = outcome if outcome in call_list.ANSWERS else unanswered
        call_list.strike_out(turn, made, ended, by)
    _ask_what_waited(turn, made.worker_id)


def _ask_what_waited(turn: Turn, worker_id: str) -> None:
    """A full phone has room again: planned stops whose time to ask has come do not wait for the expiry of another offer."""
    key = f"lead:{worker_id}"
    waiting_at = turn.state.deadlines.get(key)
    if waiting_at is None or waiting_at <= turn.now_at:
        return
    worker = turn.state.workers[worker_id]
    position = next_planned(turn, worker)
    if position is not None and lead_at(turn.state, worker, position) <= turn.now_at:
        turn.emit(d.DeadlineSet(key=key, at=turn.now_at))


def next_planned(turn: Turn, worker: WorkerRecord) -> int | None:
    """Where the first stop stands that nobody was asked for yet."""
    visits = turn.state.visits
    return next((n for n, stop in enumerate(worker.stops) if visits[stop.visit_id].is_to_offer), None)
