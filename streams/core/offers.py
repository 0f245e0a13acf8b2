"""Making offers (수락 요청): a round or a single meal to a rider, a slot to a provider who names its worker. Own staff is
assigned. One is asked at a time, or the nearest few at once with the first yes winning (`Offering.rules`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import WorkerKind
from streams.core import call_list, exceptions
from streams.core.apply_workers import lead_at
from streams.core.as_routing import pickup_point
from streams.core.offer_ends import next_planned, settle_offer
from streams.core.offer_policy import asking, fee_krw, is_full, is_own_staff, quiet_end, wait_until
from streams.core.state import WorkerRecord
from streams.core.turn import Turn


def offer_due_stops(turn: Turn, worker_id: str) -> None:
    """The lead time of a worker's next planned stops has come: offer each round, meal or slot (or assign own staff)."""
    worker = turn.state.workers[worker_id]
    while (position := next_planned(turn, worker)) is not None and lead_at(turn.state, worker, position) <= turn.now_at:
        if not _offer_stop(turn, worker_id, worker.stops[position]):
            return
    if position is None:
        turn.silence(f"lead:{worker_id}")


def _offer_stop(turn: Turn, worker_id: str, first: d.PlannedStop) -> bool:
    """Ask for it; False when it waits."""
    worker = turn.state.workers[worker_id]
    visit = turn.state.visits[first.visit_id]
    if visit.spec.worker_count > 1:
        _offer_to_both(turn, first.visit_id)
        return True
    visit_ids = _round_of(turn, worker, first.visit_id)
    if is_own_staff(turn, worker):
        for visit_id in visit_ids:
            turn.change(visit_id, VisitEvent.ACCEPTED, worker_id=worker_id, reason="own_staff")
            exceptions.settle_if_open(turn, "unserved", visit_id)
        return True
    kind = "slot" if worker.profile.kind is WorkerKind.CARER else "round" if len(visit_ids) > 1 else "single"
    later_at = wait_until(turn, worker, kind, visit_ids, first.begin_at)
    if later_at is not None:
        turn.emit(d.DeadlineSet(key=f"lead:{worker_id}", at=later_at))
        return False
    for visit_id in visit_ids:
        turn.change(visit_id, VisitEvent.OFFERED, worker_id=worker_id)
    at_once = asking(turn, worker, visit_ids).at_once
    others = _nearest_others(turn, kind, worker, visit_ids, at_once - 1) if at_once > 1 else []
    group_id = _next_id(turn) if others else ""
    for asked_id in (worker_id, *others):
        _make_offer(turn, kind, asked_id, visit_ids, first.begin_at, group_id)
    return True


def _offer_to_both(turn: Turn, visit_id: str) -> None:
    visit = turn.state.visits[visit_id]
    turn.change(visit_id, VisitEvent.OFFERED, worker_id=",".join(visit.worker_ids))
    for worker_id in list(visit.worker_ids):
        worker = turn.state.workers[worker_id]
        if is_own_staff(turn, worker):
            turn.change(visit_id, VisitEvent.ACCEPTED, worker_id=worker_id, reason="own_staff")
        else:
            begin_at = next(stop.begin_at for stop in worker.stops if stop.visit_id == visit_id)
            _make_offer(turn, "slot", worker_id, [visit_id], begin_at, "")
    exceptions.settle_if_open(turn, "unserved", visit_id)


def _round_of(turn: Turn, worker: WorkerRecord, visit_id: str) -> list[str]:
    """The planned meals loaded at the same stop as `visit_id`; the visit alone for care and on-demand districts."""
    state = turn.state
    if not state.visits[visit_id].spec.kitchen_id or turn.policy.single_offers:
        return [visit_id]
    here = pickup_point(state, state.visits[visit_id])[0]
    run: list[str] = []
    for stop in worker.stops:
        same = stop.kind == "pickup" and pickup_point(state, state.visits[stop.visit_id])[0] == here
        if same:
            run.append(stop.visit_id)
        elif visit_id in run:
            break
        else:
            run = []
    planned = [v for v in run if state.visits[v].state is VisitState.PLANNED]
    return planned if visit_id in planned else [visit_id]


def _nearest_others(turn: Turn, kind: str, planned: WorkerRecord, visit_ids: list[str], count: int) -> list[str]:
    """Who else is asked: able, awake, with room on the phone; known faces first, then the nearest. A provider's desk is
    asked once."""
    runtime = turn.state.runtime
    runtime.catch_up()
    wanted = [replace(runtime.problem.visits[v], pinned_worker_ids=frozenset()) for v in visit_ids]
    first = wanted[0]
    there = first.pickup.place if first.pickup is not None else first.place
    offering = turn.policy.offering
    quiet = quiet_end(offering.quiet_from, offering.quiet_until, turn.now_at) is not None
    ranked: list[tuple[bool, float, str]] = []
    for worker_id, worker in runtime.problem.workers.items():
        record = turn.state.workers[worker_id]
        if (
            worker_id == planned.profile.worker_id or (quiet and record.status != "on") or is_own_staff(turn, record)
            or routing.obstacle(worker, first) is not None or is_full(turn, record, kind)
        ):  # fmt: skip
            continue
        stranger = bool(first.familiar_worker_ids) and worker_id not in first.familiar_worker_ids
        ranked.append((stranger, runtime.geography.travel.duration_s(worker.mode, worker.place, there), worker_id))
    chosen: list[str] = []
    desks = {planned.profile.organisation}
    for _, _, worker_id in sorted(ranked):
        desk = turn.state.workers[worker_id].profile.organisation
        if len(chosen) == count:
            break
        if kind == "slot" and desk in desks:
            continue
        if all(routing.obstacle(runtime.problem.workers[worker_id], visit) is None for visit in wanted):
            chosen.append(worker_id)
            desks.add(desk)
    return chosen


def _next_id(turn: Turn) -> str:
    return f"{turn.state.district}-o{turn.state.totals.offers + 1}"


def _make_offer(turn: Turn, kind: str, worker_id: str, visit_ids: list[str], begin_at: datetime, group_id: str) -> None:
    worker = turn.state.workers[worker_id]
    how = asking(turn, worker, visit_ids)
    expires_at = turn.after(how.expiry_s)
    made = d.OfferMade(
        offer_id=_next_id(turn), kind=kind, organisation=worker.profile.organisation, worker_id=worker_id,
        visit_ids=tuple(visit_ids), begin_at=begin_at, expires_at=expires_at, group_id=group_id, by_call=how.by_call,
        fee_krw=fee_krw(turn, visit_ids),
        remind_at=expires_at - timedelta(seconds=how.reminder_s) if how.reminder_s else None,
    )  # fmt: skip
    turn.emit(made)
    if made.by_call:
        call_list.list_call(turn, made)


def remind(turn: Turn, offer_id: str) -> None:
    """The offer ends soon: whoever was asked hears of it once more."""
    offer = turn.state.offers[offer_id]
    if not offer.outcome and not offer.reminded:
        turn.emit(d.OfferReminded(offer_id=offer_id, at=turn.now_at))


def take_phone_away(turn: Turn, worker_id: str, reason: str) -> None:
    """The worker cannot go on: offers on their phone are withdrawn. A provider's desk still answers for its slots."""
    for offer_id in turn.state.runtime.offers.of_worker(worker_id):
        settle_offer(turn, turn.state.offers[offer_id], "withdrawn", worker_id, reason)
