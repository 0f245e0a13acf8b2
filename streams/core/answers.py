"""Answers to offers: a round whole or without the doors that cannot be taken, a named worker, a no with its reason, and a
yes that comes late. They come from a worker's app, from a provider's desk, or from a coordinator who called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.inputs import AnswerOffer, WorkerReported
from streams.contracts.offering import UNSTATED
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.call_list import ANSWERS
from streams.core.declines import lift
from streams.core.offer_ends import (
    ACCEPTED,
    DECLINED,
    EXPIRED,
    TAKEN,
    WITHDRAWN,
    close_offer,
    let_go_doors,
    settle_offer,
    withdraw_offers,
)  # fmt: skip
from streams.core.placing import can_take, place_named, place_or_wait, room_for, take_out
from streams.core.state import ExceptionRecord, OfferRecord
from streams.core.turn import Turn

BEFORE_A_YES = (VisitState.WAITING, VisitState.PLANNED, VisitState.OFFERED)


class Answer(NamedTuple):
    """What was answered, by whom (an actor)."""

    accepted: bool
    worker_id: str  # named by a provider; "" for the one who was asked
    reason: str
    cannot: tuple[str, ...]  # doors of the round that are not taken
    actor: str


class Refused(NamedTuple):
    code: Refusal
    subject: str


def answer_offer(turn: Turn, report: WorkerReported, accepted: bool) -> None:
    """A worker, co-operative or provider answers."""
    offer = turn.state.offers.get(report.offer_id)
    if offer is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_OFFER, report.offer_id)
        return
    if offer.made.organisation != turn.received.organisation:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, report.offer_id)
        return
    actor = f"organisation:{offer.made.organisation}"
    answer = Answer(accepted, report.worker_id, report.reason, report.declined_visit_ids, actor)
    for refused in take_answer(turn, offer, answer):
        turn.refuse_report(report.report_id, refused.code, refused.subject)


def record_answer(turn: Turn, command: AnswerOffer) -> None:
    """A coordinator records what was said on the phone."""
    if command.command_id in turn.state.commands:
        return
    offer = turn.state.offers.get(command.offer_id)
    if offer is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_OFFER)
        return
    visit_id = offer.made.visit_ids[0]
    if command.answer not in ANSWERS:
        turn.settle(command.command_id, "refused", visit_id, Refusal.OUTCOME_NOT_ALLOWED)
        return
    accepted = ANSWERS[command.answer]
    if offer.outcome == command.answer:
        turn.settle(command.command_id, "duplicate", visit_id)
        return
    answer = Answer(accepted, command.worker_id, command.reason, command.declined_visit_ids, turn.received.actor)
    refused = take_answer(turn, offer, answer)
    if refused:
        turn.settle(command.command_id, "refused", visit_id, refused[0].code)
    else:
        turn.settle(command.command_id, "accepted", visit_id)


def answer_by_call(turn: Turn, called: ExceptionRecord, outcome: str) -> None:
    """The coordinator ticked off a call: what was said is the answer; no reply is silence."""
    offer = turn.state.offers.get(called.raised.detail)
    if offer is None or offer.outcome:
        return
    if outcome not in ANSWERS:
        close_offer(turn, offer.made.offer_id, EXPIRED, reason="silence", by=turn.received.actor)
        return
    take_answer(turn, offer, Answer(ANSWERS[outcome], "", "", (), turn.received.actor))


def take_answer(turn: Turn, offer: OfferRecord, answer: Answer) -> list[Refused]:
    """Act on an answer. What is refused changed nothing; of a late yes the doors that are taken are refused one by one."""
    offer_id = offer.made.offer_id
    if answer.reason and answer.reason not in {reason.code for reason in turn.policy.offering.reasons}:
        return [Refused(Refusal.UNKNOWN_DECLINE_REASON, answer.reason)]
    strange = [visit_id for visit_id in answer.cannot if visit_id not in offer.made.visit_ids]
    if strange:
        return [Refused(Refusal.UNKNOWN_VISIT, strange[0])]
    late = offer.outcome in (EXPIRED, TAKEN) and answer.accepted
    if offer.outcome and not late:
        same = offer.outcome == (ACCEPTED if answer.accepted else DECLINED)
        return [] if same else [Refused(Refusal.OFFER_CLOSED, offer_id)]
    if not answer.accepted or set(answer.cannot) >= set(offer.made.visit_ids):
        if not late:
            close_offer(turn, offer_id, DECLINED, reason=answer.reason or UNSTATED, by=answer.actor)
        return []
    named = answer.worker_id or offer.made.worker_id
    worker = turn.state.workers.get(named)
    if worker is None or worker.profile.organisation != offer.made.organisation:
        return [Refused(Refusal.NOT_YOUR_WORKER, named)]
    return _late_yes(turn, offer, answer, named) if late else _yes(turn, offer, answer, named)


def _yes(turn: Turn, offer: OfferRecord, answer: Answer, named: str) -> list[Refused]:
    """The first yes wins: those who were asked at the same time hear that it is taken."""
    visits, made = turn.state.visits, offer.made
    asked = [v for v in made.visit_ids if visits[v].state is VisitState.OFFERED and _is_of(turn, offer, v)]
    wanted = [v for v in asked if v not in answer.cannot]
    if any(visits[v].spec.worker_count > 1 and named in visits[v].worker_ids for v in wanted) and named != made.worker_id:
        return [Refused(Refusal.WORKER_NOT_ABLE, named)]  # they are the other one of the two
    to_move = [v for v in wanted if named not in visits[v].worker_ids]
    if to_move and not _may_move(turn, to_move, named):
        if made.worker_id in visits[to_move[0]].worker_ids:
            close_offer(turn, made.offer_id, WITHDRAWN, reason="worker_not_able")
        else:
            settle_offer(turn, offer, WITHDRAWN, named, "no_room")
        return [Refused(Refusal.WORKER_NOT_ABLE, named)]
    cannot = tuple(v for v in made.visit_ids if v in answer.cannot)
    settle_offer(turn, offer, ACCEPTED, named, answer.reason if cannot else "", by=answer.actor, declined_visit_ids=cannot)
    for other_id in turn.state.runtime.offers.of_group(made.group_id):
        other = turn.state.offers[other_id]
        settle_offer(turn, other, TAKEN, other.made.worker_id, "somebody_was_first")
    _hand_to(turn, wanted, named, answer.actor)
    for visit_id in wanted:  # a door that was put to the same worker again, alone, is not asked for any more
        if visits[visit_id].state is not VisitState.OFFERED:
            withdraw_offers(turn, visit_id, reason="accepted_already" if visits[visit_id].accepted_ids else "no_room")
    let_go_doors(turn, offer, [v for v in asked if v in cannot], answer.reason)
    return []


def _late_yes(turn: Turn, offer: OfferRecord, answer: Answer, named: str) -> list[Refused]:
    """The offer had expired: what nobody else has accepted is still theirs, for the rest it is too late."""
    visits = turn.state.visits
    wanted = [v for v in offer.made.visit_ids if v not in answer.cannot]
    free = [
        v for v in wanted
        if visits[v].state in BEFORE_A_YES and not visits[v].accepted_ids and visits[v].spec.worker_count == 1
        and named not in visits[v].forbidden_ids and visits[v].pinned_id in ("", named)
    ]  # fmt: skip
    free = [v for v in free if named in visits[v].worker_ids or can_take(turn, v, named)]
    if not free:
        return [Refused(Refusal.OFFER_TAKEN, offer.made.offer_id)]
    settle_offer(turn, offer, ACCEPTED, named, "late_yes", by=answer.actor)
    for visit_id in free:
        if named in visits[visit_id].declined_ids:
            lift(turn, visit_id, _declined_with(turn, visit_id, named), "late_yes")
    _hand_to(turn, free, named, answer.actor)
    for visit_id in free:  # now that none of them is asked for, also rounds of several doors are over
        withdraw_offers(turn, visit_id, reason="somebody_was_first", outcome=TAKEN)
    return [Refused(Refusal.OFFER_TAKEN, v) for v in wanted if named not in visits[v].worker_ids]


def _declined_with(turn: Turn, visit_id: str, worker_id: str) -> tuple[str, ...]:
    declines = turn.state.visits[visit_id].declines
    return next((declined.worker_ids for declined in declines if worker_id in declined.worker_ids), (worker_id,))


def _is_of(turn: Turn, offer: OfferRecord, visit_id: str) -> bool:
    """The visit is still asked for by this offer, or by one of those made at the same time."""
    holders = turn.state.visits[visit_id].worker_ids
    if offer.made.worker_id in holders:
        return True
    group = turn.state.runtime.offers.of_group(offer.made.group_id)
    return any(turn.state.offers[other].made.worker_id in holders for other in group)


def _may_move(turn: Turn, visit_ids: Sequence[str], named: str) -> bool:
    first = turn.state.visits[visit_ids[0]]
    return first.spec.worker_count == 1 and can_take(turn, visit_ids[0], named)


def _hand_to(turn: Turn, visit_ids: Sequence[str], named: str, actor: str) -> None:
    """Each visit into the named worker's route and accepted; a door that finds no room there goes to others."""
    for visit_id in visit_ids:
        visit = turn.state.visits[visit_id]
        if named not in visit.worker_ids:
            room = room_for(turn, visit_id, named)
            take_out(turn, visit_id, why="offer")
            if visit.state is VisitState.OFFERED:
                turn.change(visit_id, VisitEvent.OFFER_LAPSED)
            elif visit.state is VisitState.PLANNED:
                turn.change(visit_id, VisitEvent.UNPLANNED, reason="offer")
            if not place_named(turn, visit_id, named, room):
                place_or_wait(turn, visit_id)
                continue
        turn.change(visit_id, VisitEvent.ACCEPTED, actor=actor, worker_id=named)
        exceptions.settle_if_open(turn, "unserved", visit_id)

