"""Offers (수락 요청): a round or a single meal to a rider, a slot to a provider who names its worker. Own staff is assigned.

An offer has an expiry; yes, no (remembered: nobody is asked again for what they declined) and silence are its ends.
"""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import WorkerKind
from streams.contracts.inputs import WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.placing import place, place_or_wait, take_out
from streams.core.refusal_counts import count_refusal
from streams.core.state import OfferRecord, WorkerRecord
from streams.core.turn import Turn


def offer_due_stops(turn: Turn, worker_id: str) -> None:
    """The lead time of a worker's next planned stop has come: offer its round, meal or slot (or assign own staff)."""
    worker = turn.state.workers[worker_id]
    first = next((s for s in worker.stops if turn.state.visits[s.visit_id].is_to_offer), None)
    if first is None:
        turn.silence(f"lead:{worker_id}")
        return
    visit = turn.state.visits[first.visit_id]
    if visit.spec.worker_count > 1:
        _offer_to_both(turn, first.visit_id)
        return
    visit_ids = _round_of(turn, worker, first.visit_id)
    if _is_own_staff(turn, worker):
        for visit_id in visit_ids:
            turn.change(visit_id, VisitEvent.ACCEPTED, worker_id=worker_id, reason="own_staff")
            exceptions.settle_if_open(turn, "unserved", visit_id)
        return
    for visit_id in visit_ids:
        turn.change(visit_id, VisitEvent.OFFERED, worker_id=worker_id)
    kind = "slot" if worker.profile.kind is WorkerKind.CARER else "round" if len(visit_ids) > 1 else "single"
    _make_offer(turn, kind, worker_id, visit_ids)


def _offer_to_both(turn: Turn, visit_id: str) -> None:
    visit = turn.state.visits[visit_id]
    turn.change(visit_id, VisitEvent.OFFERED, worker_id=",".join(visit.worker_ids))
    for worker_id in list(visit.worker_ids):
        if _is_own_staff(turn, turn.state.workers[worker_id]):
            turn.change(visit_id, VisitEvent.ACCEPTED, worker_id=worker_id, reason="own_staff")
        else:
            _make_offer(turn, "slot", worker_id, [visit_id])
    exceptions.settle_if_open(turn, "unserved", visit_id)


def _is_own_staff(turn: Turn, worker: WorkerRecord) -> bool:
    provider = turn.state.runtime.geography.providers.get(worker.profile.organisation)
    return provider is not None and provider.own_staff


def _round_of(turn: Turn, worker: WorkerRecord, visit_id: str) -> list[str]:
    """The planned meals loaded at the same stop as `visit_id`; the visit alone for care and on-demand districts."""
    state = turn.state
    if not state.visits[visit_id].spec.kitchen_id or turn.policy.single_offers:
        return [visit_id]
    here = state.runtime.pickup_point(state.visits[visit_id])[0]
    run: list[str] = []
    for stop in worker.stops:
        same = stop.kind == "pickup" and state.runtime.pickup_point(state.visits[stop.visit_id])[0] == here
        if same:
            run.append(stop.visit_id)
        elif visit_id in run:
            break
        else:
            run = []
    planned = [v for v in run if state.visits[v].state is VisitState.PLANNED]
    return planned if visit_id in planned else [visit_id]


def _make_offer(turn: Turn, kind: str, worker_id: str, visit_ids: list[str]) -> None:
    worker = turn.state.workers[worker_id]
    begin_at = next(stop.begin_at for stop in worker.stops if stop.visit_id == visit_ids[0])
    urgent = any(turn.state.visits[v].spec.priority <= 1 for v in visit_ids)
    expiry_s = turn.policy.offer_expiry_s // 2 if urgent else turn.policy.offer_expiry_s
    turn.emit(
        d.OfferMade(
            offer_id=f"{turn.state.district}-o{turn.state.totals.offers + 1}",
            kind=kind, organisation=worker.profile.organisation, worker_id=worker_id, visit_ids=tuple(visit_ids),
            begin_at=begin_at, expires_at=turn.after(expiry_s),
        )
    )  # fmt: skip


def answer_offer(turn: Turn, report: WorkerReported, accepted: bool) -> None:
    """A worker, co-operative or provider answers."""
    offer = turn.state.offers.get(report.offer_id)
    if offer is None:
        turn.refuse_report(report.report_id, Refusal.UNKNOWN_OFFER, report.offer_id)
        return
    if offer.made.organisation != turn.received.organisation:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_VISIT, report.offer_id)
        return
    if offer.outcome:
        if offer.outcome != ("accepted" if accepted else "declined"):
            turn.refuse_report(report.report_id, Refusal.OFFER_CLOSED, report.offer_id)
        return  # the same answer again
    if not accepted:
        close_offer(turn, report.offer_id, "declined", reason=report.reason or "unstated")
        return
    named = report.worker_id or offer.made.worker_id
    worker = turn.state.workers.get(named)
    if worker is None or worker.profile.organisation != offer.made.organisation:
        turn.refuse_report(report.report_id, Refusal.NOT_YOUR_WORKER, named)
        return
    if named != offer.made.worker_id and not _substitute(turn, offer, named):
        turn.refuse_report(report.report_id, Refusal.WORKER_NOT_ABLE, named)
        close_offer(turn, report.offer_id, "withdrawn", reason="worker_not_able")
        return
    _settle_offer(turn, offer, "accepted", named, "")
    for visit_id in offer.made.visit_ids:
        if turn.state.visits[visit_id].state is VisitState.OFFERED:
            turn.change(visit_id, VisitEvent.ACCEPTED, actor=f"organisation:{offer.made.organisation}", worker_id=named)
            exceptions.settle_if_open(turn, "unserved", visit_id)


def _substitute(turn: Turn, offer: OfferRecord, named: str) -> bool:
    """The provider names another of its workers: the slot moves into that worker's route, if the worker is able."""
    turn.state.runtime.catch_up()
    for visit_id in offer.made.visit_ids:
        visit = turn.state.visits[visit_id]
        if visit.state is not VisitState.OFFERED:
            continue
        if visit.spec.worker_count > 1 or named not in turn.state.runtime.problem.workers:
            return False
        take_out(turn, visit_id, why="offer")
        turn.change(visit_id, VisitEvent.OFFER_LAPSED)
        if not place(turn, visit_id, only_worker_id=named, named=True):
            return False
        turn.change(visit_id, VisitEvent.OFFERED, worker_id=named)
    return True


def close_offer(turn: Turn, offer_id: str, outcome: str, reason: str) -> None:
    """An offer ends without a yes: its visits are placed anew, with others."""
    offer = turn.state.offers[offer_id]
    _settle_offer(turn, offer, outcome, offer.made.worker_id, reason)
    if offer.made.kind == "slot" and outcome == "declined":
        for visit_id in offer.made.visit_ids:
            count_refusal(turn, visit_id, offer.made.organisation, reason)
    excluded = offer.made.worker_id
    if offer.made.kind == "slot" and outcome == "declined":
        # a provider answers for all its people
        excluded = ",".join(sorted(w for w, record in turn.state.workers.items()
                                   if record.profile.organisation == offer.made.organisation))  # fmt: skip
    for visit_id in offer.made.visit_ids:
        visit = turn.state.visits[visit_id]
        if visit.state not in (VisitState.OFFERED, VisitState.WAITING):
            continue
        if visit.state is VisitState.OFFERED:
            _tell_who_chose(turn, visit_id, excluded)
            withdraw_offers(turn, visit_id, reason="other_worker_missing", but=offer_id)
            take_out(turn, visit_id, why="offer")
            turn.change(visit_id, VisitEvent.OFFER_LAPSED, worker_id=excluded, reason=f"offer_{outcome}")
        place_or_wait(turn, visit_id)


def _tell_who_chose(turn: Turn, visit_id: str, worker_ids: str) -> None:
    """A person's choice said no or kept silent: the plan goes on without it, and the coordinator hears."""
    visit = turn.state.visits[visit_id]
    if visit.pinned_id and visit.pinned_id in worker_ids.split(","):
        exceptions.raise_exception(
            turn, "choice_failed", visit_id, exceptions.COORDINATOR, dong=visit.spec.dong, area_id=visit.spec.area_id
        )


def withdraw_offers(turn: Turn, visit_id: str, reason: str, but: str = "") -> None:
    """Open offers that hold nothing but this visit are withdrawn."""
    visits = turn.state.visits
    for offer_id, offer in turn.state.offers.items():
        if offer.outcome or offer_id == but or visit_id not in offer.made.visit_ids:
            continue
        if all(other == visit_id or visits[other].state is not VisitState.OFFERED for other in offer.made.visit_ids):
            _settle_offer(turn, offer, "withdrawn", offer.made.worker_id, reason)


def _settle_offer(turn: Turn, offer: OfferRecord, outcome: str, worker_id: str, reason: str) -> None:
    turn.emit(
        d.OfferSettled(
            offer_id=offer.made.offer_id, outcome=outcome, worker_id=worker_id, reason=reason, at=turn.now_at
        )
    )
