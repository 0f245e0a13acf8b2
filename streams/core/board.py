"""Rows of the live board: pure functions of the state, so that a rebuilt board equals the one that lived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from streams.contracts import decisions as d
from streams.contracts.batches import PlacingPostponed
from streams.contracts.board import (
    ClaimRow,
    Counters,
    DisruptionRow,
    ExceptionRow,
    HelpWantedRow,
    OfferRow,
    StopRow,
    SuppliedRow,
    UnmetNeedRow,
    VisitRow,
    WeekRow,
    WorkerRow,
)  # fmt: skip
from streams.contracts.calls import TermsChanged
from streams.contracts.crisis import PostingRow, PostingState, ProgrammeRow
from streams.contracts.decisions import Decision, LedgerClass, VisitState
from streams.contracts.disruptions import KitchenChanged, PickupPutOff, WorkerAsked, WorkerHeard
from streams.contracts.district import Place
from streams.contracts.work import WorkerRested
from streams.core import begins, exceptions
from streams.core.as_routing import pickup_point
from streams.core.disruption_record import DisruptionRecord, going_on
from streams.core.fairness import week_of
from streams.core.ledger import ledger
from streams.core.lifecycle import CLOSED, LEDGER_CLASS
from streams.core.rest_rows import rest_rows
from streams.core.state import DistrictState, PostingRecord, VisitRecord, WorkerRecord, WorkerWeek
from streams.core.tallies import helped_from, lateness_min

__all__ = ["Touched", "counters", "exception_row", "ledger", "offer_row", "touched", "unmet_need_row", "visit_row", "worker_row"]


class Touched(NamedTuple):
    """Whose rows a batch of decisions may have changed."""

    visits: set[str]
    workers: set[str]
    exceptions: set[str]
    offers: set[str]
    needs: set[str]
    config: bool


def touched(decisions: Iterable[Decision]) -> Touched:
    """Ids whose rows must be drawn again; a superset is fine, a gap is not."""
    found = Touched(set(), set(), set(), set(), set(), False)
    configured = False
    for decision in decisions:
        match decision:
            case (
                d.VisitRequested(visit_id=v) | d.RungClimbed(visit_id=v) | d.PickupMoved(visit_id=v)
                | KitchenChanged(visit_id=v) | PickupPutOff(visit_id=v) | d.VisitOverruled(visit_id=v) | d.NeedOpened(visit_id=v)
                | d.NeedClosed(visit_id=v) | d.ClaimMade(visit_id=v)
                | TermsChanged(visit_id=v) | d.ClaimSettled(visit_id=v) | d.NeedSupplied(visit_id=v) | d.HelpMoved(visit_id=v)
            ):  # fmt: skip
                found.visits.add(v)
            case PlacingPostponed(visit_ids=ids):
                found.visits.update(ids)
            case d.VisitChanged(visit_id=v, worker_id=w):
                found.visits.add(v)
                found.workers.update(filter(None, w.split(",")))
            case d.RouteSet(worker_id=w, stops=stops):
                found.workers.add(w)
                found.visits.update(stop.visit_id for stop in stops)
            case d.StopFinished(worker_id=w, visit_id=v):
                found.workers.add(w)
                found.visits.add(v)
            case d.WorkerChanged(worker_id=w) | WorkerAsked(worker_id=w) | WorkerHeard(worker_id=w) | WorkerRested(worker_id=w):
                found.workers.add(w)
            case d.OfferMade(offer_id=o) | d.OfferSettled(offer_id=o) | d.OfferReminded(offer_id=o):
                found.offers.add(o)
            case d.FairSharesSet(shares=shares):
                found.workers.update(worker_id for worker_id, _ in shares)
            case d.ExceptionRaised(exception_id=x, subject=s) :
                found.exceptions.add(x)
                found.visits.add(s)
            case (
                d.ExceptionSettled(exception_id=x) | d.ExceptionEscalated(exception_id=x) | d.ExceptionAcknowledged(exception_id=x)
            ):
                found.exceptions.add(x)
            case d.PostingChanged(worker_id=w) if w:
                found.workers.add(w)
            case d.UnmetNeedRecorded(need_id=n):
                found.needs.add(n)
            case d.DistrictConfigured(config=config):
                found.workers.update(profile.worker_id for profile in config.workers)
                configured = True
            case _:
                pass
    return found._replace(config=configured)


def subjects(state: DistrictState, touched_: Touched) -> Touched:
    """Add the visits behind touched exceptions, and drop ids that are no visits (an exception may be about a worker)."""
    visits = {v for v in touched_.visits if v in state.visits}
    visits.update(
        s for x in touched_.exceptions if x in state.exceptions and (s := state.exceptions[x].raised.subject) in state.visits
    )
    # their week: who is paid for a visit, and who was asked
    workers = touched_.workers.union(w for v in touched_.visits if v in state.visits for w in state.visits[v].past_worker_ids)
    workers.update(state.offers[o].made.worker_id for o in touched_.offers if o in state.offers)
    return touched_._replace(visits=visits, workers=workers)


def visit_row(state: DistrictState, visit_id: str) -> VisitRow:
    visit = state.visits[visit_id]
    spec = visit.spec
    expected_at = _comes_at(state, visit)
    late = lateness_min(visit)
    if late is None and expected_at is not None:
        late = max(0.0, (expected_at - spec.due_at).total_seconds() / 60)
    first = state.workers[visit.worker_ids[0]].profile if visit.worker_ids else None
    return VisitRow(
        visit_id=visit_id,
        reference=spec.reference,
        recipient_id=spec.recipient_id,
        service=spec.service.value,
        meal_kind=spec.meal_kind.value if spec.meal_kind else "",
        dong=spec.dong,
        area_id=spec.area_id,
        place=spec.place,
        state=visit.state.value,
        ledger_class=LEDGER_CLASS[visit.state].value,
        priority=spec.priority,
        window_start_at=spec.window_start_at,
        window_end_at=spec.window_end_at,
        due_at=spec.due_at,
        expected_at=expected_at,
        done_at=visit.done_at,
        late_min=int(late or 0),
        worker_ids=tuple(visit.worker_ids),
        organisation=first.organisation if first else "",
        requested_by=spec.organisation,
        kitchen_id=spec.kitchen_id,
        rung=visit.rung,
        helped_from=helped_from(state, visit),
        reason=visit.reason,
        owner=visit.owner,
        pinned_id=visit.pinned_id,
        locked=visit_id in state.locked,
        version=visit.changes,
        changed_at=visit.changed_at,
        tasks=spec.tasks,
        tasks_done=tuple(visit.tasks_done),
        boxes_returned=visit.boxes_returned,
        open_to=tuple(visit.open_to),
        claim=_claim_row(state, visit.claim_id),
        supplied=None if visit.supplied is None else SuppliedRow(
            rung=visit.supplied.rung, supplier=visit.supplied.supplier, after_s=visit.supplied.after_s,
            price_krw=visit.supplied.price_krw,
        ),
        guest_of=visit.guest_of,
    )  # fmt: skip


def _claim_row(state: DistrictState, claim_id: str) -> ClaimRow | None:
    claim = state.claims.get(claim_id)
    if claim is None:
        return None
    made = claim.made
    return ClaimRow(
        claim_id=claim_id, organisation=made.organisation, worker_id=made.worker_id, rung=made.rung, price_krw=made.price_krw,
        expires_at=made.expires_at, outcome=claim.outcome,
    )  # fmt: skip


def _comes_at(state: DistrictState, visit: VisitRecord) -> datetime | None:
    if visit.arrived_at is not None:
        return visit.arrived_at
    if visit.state in CLOSED:
        return None
    return begins.expected_at(state, visit)


def worker_row(state: DistrictState, worker_id: str) -> WorkerRow:
    worker = state.workers[worker_id]
    pickups = {stop.visit_id for stop in worker.stops if stop.kind == "pickup"}
    onboard = sum(
        state.visits[stop.visit_id].spec.boxes
        for stop in worker.stops
        if stop.kind == "visit" and stop.visit_id not in pickups and state.visits[stop.visit_id].spec.kitchen_id
    )
    return WorkerRow(
        worker_id=worker_id,
        kind=worker.profile.kind.value,
        organisation=worker.profile.organisation,
        area_id=worker.profile.area_id,
        mode=worker.profile.mode,
        status="posted" if _is_posted(state, worker) else worker.status,
        place=worker.place,
        free_at=worker.free_at,
        onboard=onboard,
        stops=tuple(
            StopRow(stop.visit_id, stop.kind, _place_of(state, stop.visit_id, stop.kind), stop.begin_at)
            for stop in worker.stops
        ),
        week=_week_row(state, worker_id),
        rests=rest_rows(state, worker),
    )


def _week_row(state: DistrictState, worker_id: str) -> WeekRow:
    assert state.config is not None
    week = week_of(state.config.service_date)
    sums = state.weeks.get(week, {}).get(worker_id, WorkerWeek())
    return WeekRow(
        week=week, visits=sums.visits, active_s=sums.active_s, distance_m=sums.distance_m, income_krw=sums.income_krw,
        offered=sums.offered, accepted=sums.accepted, declined=sums.declined, silent=sums.silent,
        fair_today_s=state.fair_shares.get(worker_id),
    )  # fmt: skip


def _is_posted(state: DistrictState, worker: WorkerRecord) -> bool:
    return bool(worker.posting_id) and state.postings[worker.posting_id].state is PostingState.UNDER_WAY


def _place_of(state: DistrictState, visit_id: str, kind: str) -> Place:
    visit = state.visits[visit_id]
    return pickup_of(state, visit_id)[1] if kind == "pickup" else visit.spec.place


def pickup_of(state: DistrictState, visit_id: str) -> tuple[str, Place]:
    """Where a meal is taken up: its kitchen, or the worker who cannot go on ("worker:<id>")."""
    kitchen_id, place, _ = pickup_point(state, state.visits[visit_id])
    return kitchen_id, place


def exception_row(state: DistrictState, exception_id: str) -> ExceptionRow:
    record = state.exceptions[exception_id]
    raised = record.raised
    return ExceptionRow(
        exception_id=exception_id,
        kind=raised.kind,
        subject=raised.subject,
        visit_id=raised.subject if raised.subject in state.visits else "",
        owner=record.owner,
        dong=raised.dong,
        area_id=raised.area_id,
        raised_at=raised.at,
        due_at=record.due_at,
        next_owner=exceptions.next_owner(record),
        outcomes=exceptions.KINDS[raised.kind].outcomes,
        settled=record.outcome,
        version=record.changes,
        detail=raised.detail,
        acknowledged_by=record.acknowledged_by,
    )


def unmet_need_row(need: d.UnmetNeedRecorded) -> UnmetNeedRow:
    return UnmetNeedRow(
        need_id=need.need_id, visit_id=need.visit_id, recipient_id=need.recipient_id, service=need.service.value,
        dong=need.dong, area_id=need.area_id, rung=need.rung, stage=need.stage, reasons=need.reasons, at=need.at,
    )  # fmt: skip


def offer_row(state: DistrictState, offer_id: str) -> OfferRow:
    offer = state.offers[offer_id]
    made = offer.made
    return OfferRow(
        offer_id=offer_id,
        kind=made.kind,
        organisation=made.organisation,
        worker_id=made.worker_id,
        visit_ids=made.visit_ids,
        begin_at=made.begin_at,
        expires_at=made.expires_at,
        outcome=offer.outcome,
        group_id=made.group_id,
        by_call=made.by_call,
        fee_krw=made.fee_krw,
        reminded=offer.reminded,
    )


def counters(state: DistrictState) -> Counters:
    """They add up to all visits, by state, by class and by area."""
    by_state = dict.fromkeys((s.value for s in VisitState), 0)
    by_class = dict.fromkeys((c.value for c in LedgerClass), 0)
    by_area: dict[str, dict[str, int]] = {}
    for (visit_state, area_id), count in state.runtime.tallies.counts.items():
        by_state[visit_state.value] += count
        by_class[LEDGER_CLASS[visit_state].value] += count
        by_area.setdefault(area_id, {})[visit_state.value] = count
    return Counters(
        visits=len(state.visits),
        by_state=by_state,
        by_class=by_class,
        by_area={area_id: dict(sorted(by_area[area_id].items())) for area_id in sorted(by_area)},
        open_exceptions=sum(1 for record in state.exceptions.values() if not record.outcome),
        helps=_help_wanted_rows(state),
        shorts=state.shorts,
        programmes=tuple(_programme_row(state, programme_id) for programme_id in sorted(state.programmes)),
        postings=tuple(_posting_row(posting) for _, posting in sorted(state.postings.items())),
        disruptions=tuple(_disruption_row(state, one) for one in going_on(state)),
        asked_workers=tuple(w for w, worker in state.workers.items() if worker.asked_at is not None),
    )


def _programme_row(state: DistrictState, programme_id: str) -> ProgrammeRow:
    record = state.programmes[programme_id]
    named = state.runtime.rules.programmes.get(programme_id)
    return ProgrammeRow(
        programme_id=programme_id, name_ko=named.name_ko if named else programme_id,
        name_en=named.name_en if named else programme_id, is_on=record.is_on, from_date=record.from_date,
        until_date=record.until_date, budget_krw=record.budget_krw, booked_krw=record.booked_krw, stock=record.stock,
        booked_equipment={item: count for item, count in record.booked_equipment.items() if count},
        visits=sum(1 for booking in record.bookings.values() if booking.kind == "visit"), version=record.version,
    )  # fmt: skip


def _posting_row(posting: PostingRecord) -> PostingRow:
    spec = posting.spec
    return PostingRow(
        posting_id=spec.posting_id, programme_id=spec.programme_id, recipient_id=spec.recipient_id, dong=spec.dong,
        state=posting.state.value, worker_id=posting.worker_id, from_at=spec.from_at, until_at=spec.until_at, reason=posting.reason,
    )  # fmt: skip


def _disruption_row(state: DistrictState, one: DisruptionRecord) -> DisruptionRow:
    return DisruptionRow(
        disruption_id=one.disruption_id, kind=one.kind, provider_id=one.provider_id, kitchen_id=one.kitchen_id, mode=one.mode,
        area_id=one.area_id, reason=one.reason, from_at=one.from_at, until_at=one.until_at, moved=one.moved, left=len(one.todo),
        waiting=sum(state.visits[v].state is VisitState.WAITING for v in one.waiting),
    )  # fmt: skip


def _help_wanted_rows(state: DistrictState) -> tuple[HelpWantedRow, ...]:
    together: dict[tuple[datetime, str, str, datetime], list[str]] = {}
    for one in state.helps:
        together.setdefault((one.from_at, one.area_id, one.home_area_id, one.until_at), []).append(one.worker_id)
    return tuple(
        HelpWantedRow(home_area_id=home, area_id=area, from_at=begin, until_at=end, worker_ids=tuple(ids))
        for (begin, area, home, end), ids in sorted(together.items())
    )
