"""Wishes, gaps and times of a home, as routing asks for them; where a request's are impossible, the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import routing
from streams.contracts.decisions import VisitEvent
from streams.contracts.plan_terms import PlanPrices, PlanTerms
from streams.contracts.refusals import Refusal
from streams.core.begins import expected_at
from streams.core.instants import seconds
from streams.core.lifecycle import CLOSED

if TYPE_CHECKING:
    from datetime import datetime

    from streams.contracts.decisions import VisitChanged, VisitRequested
    from streams.contracts.district import Policy
    from streams.contracts.inputs import RequestVisit
    from streams.core.state import DistrictState, VisitRecord
    from streams.core.turn import Turn

NONE = PlanTerms()
NO_PRICES = PlanPrices()
ANY_TIME_S = 86_400  # a gap without an upper limit: the day


def terms_of(spec: VisitRequested | RequestVisit) -> PlanTerms:
    return spec.plan or NONE


def prices_of(policy: Policy) -> routing.Prices:
    """The district's prices as routing's."""
    own, usual = policy.prices or NO_PRICES, routing.Prices()
    return routing.Prices(
        late_per_min=policy.late_price_per_min, unserved=policy.unserved_price, move=policy.move_price,
        over_share_per_min=policy.fairness.over_share_per_min, unfamiliar=policy.fairness.unfamiliar,
        not_preferred=own.not_preferred, other_gender=own.other_gender, order_change=own.order_change,
        promise_per_min=own.promise_per_min or usual.promise_per_min,
    )  # fmt: skip


def with_terms(state: DistrictState, record: VisitRecord, visit: routing.Visit) -> routing.Visit:
    """The visit with what its request, and the district's prices, say beside the usual."""
    assert state.config is not None
    terms, prices = terms_of(record.spec), state.config.policy.prices or NO_PRICES
    if terms is NONE and prices is NO_PRICES:
        return visit
    leave_out = terms.leave_out_price
    if leave_out is None and prices.leave_out:
        leave_out = prices.leave_out[min(record.spec.priority, len(prices.leave_out)) - 1]
    told_at = record.told_at if prices.promise_per_min else None
    visit = replace(
        visit, preferred_worker_ids=frozenset(terms.preferred_workers), access_duration_s=terms.access_s,
        boxes_back=terms.boxes_back, round_id=terms.round_id, round_rank=terms.round_rank, leave_out_price=leave_out,
        promised_s=seconds(told_at) if told_at is not None else None,
    )  # fmt: skip
    return _after_one_that_began(state, terms, visit) if terms.after_visit_id else visit


def _after_one_that_began(state: DistrictState, terms: PlanTerms, visit: routing.Visit) -> routing.Visit:
    """The visit before is under way or over: what is left of the gap is this one's own time. Too soon is never; too late is
    late, and after the district's grace never, as with every window."""
    assert state.config is not None
    begun_at = _begun_at(state.visits.get(terms.after_visit_id))
    if begun_at is None:
        return visit
    begun_s = seconds(begun_at)
    earliest_s = max(visit.earliest_s, begun_s + terms.gap_min_s)
    by_s = max(earliest_s, begun_s + terms.gap_max_s if terms.gap_max_s else visit.due_s)
    return replace(
        visit, earliest_s=earliest_s, due_s=max(earliest_s, min(visit.due_s, by_s)),
        latest_s=max(earliest_s, min(visit.latest_s, by_s + state.config.policy.late_grace_s)),
        excluded_worker_ids=visit.excluded_worker_ids.union(state.visits[terms.after_visit_id].worker_ids)
        if terms.gap_other_worker else visit.excluded_worker_ids,
    )  # fmt: skip


def _begun_at(first: VisitRecord | None) -> datetime | None:
    return first.arrived_at if first is not None else None


def note_told(state: DistrictState, visit: VisitRecord, change: VisitChanged) -> None:
    """Apply: with the yes of its worker, the time of the visit is what its recipient hears; with nobody, no time is."""
    assert state.config is not None
    if change.event is VisitEvent.ACCEPTED and (state.config.policy.prices or NO_PRICES).promise_per_min:
        visit.told_at = expected_at(state, visit)
    elif not visit.accepted_ids:
        visit.told_at = None


def gaps_of(state: DistrictState, then_ids: dict[str, None]) -> tuple[routing.Gap, ...]:
    """Between visits that both are still to begin."""
    return tuple(_open_gaps(state, then_ids))


def _open_gaps(state: DistrictState, then_ids: dict[str, None]) -> Iterator[routing.Gap]:
    for then_id in then_ids:
        then = state.visits[then_id]
        terms = terms_of(then.spec)
        first = state.visits.get(terms.after_visit_id)
        if first is None or any(one.state in CLOSED or one.held_by or one.arrived_at is not None for one in (first, then)):
            continue
        max_s = terms.gap_max_s or ANY_TIME_S
        yield routing.Gap(terms.after_visit_id, then_id, terms.gap_min_s, max_s, different_workers=terms.gap_other_worker)


def partners_of(state: DistrictState, visit_id: str) -> Iterator[str]:
    """Visits whose begin hangs on this one's."""
    for gap in state.runtime.problem.gaps:
        if visit_id == gap.first_visit_id:
            yield gap.then_visit_id
        elif visit_id == gap.then_visit_id:
            yield gap.first_visit_id


def judge_terms(turn: Turn, request: RequestVisit) -> Refusal | None:
    """Why a request's terms cannot be planned with, or None."""
    terms = terms_of(request)
    if min(terms.gap_min_s, terms.gap_max_s, terms.access_s, terms.boxes_back, terms.leave_out_price or 0) < 0:
        return Refusal.WRONG_FIELD
    if not terms.after_visit_id:
        return Refusal.WRONG_FIELD if terms.gap_min_s or terms.gap_max_s or terms.gap_other_worker else None
    first = turn.state.visits.get(terms.after_visit_id)
    if first is None:
        return Refusal.UNKNOWN_VISIT
    most = timedelta(seconds=terms.gap_max_s or ANY_TIME_S)
    impossible = (
        first.spec.recipient_id != request.recipient_id
        or terms.after_visit_id == request.visit_id
        or (terms.gap_max_s and terms.gap_max_s < terms.gap_min_s)
        or request.window_end_at < first.spec.window_start_at + timedelta(seconds=terms.gap_min_s)
        or request.window_start_at > first.spec.window_end_at + most
    )
    return Refusal.IMPOSSIBLE_GAP if impossible else None
