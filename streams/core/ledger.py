"""The day's ledger (일일 마감표): every visit in one class, and the figures beside it. A pure function of the state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import fsum

from streams.contracts.board import Ledger
from streams.contracts.decisions import LedgerClass, UnmetNeedRecorded, VisitState
from streams.contracts.district import WorkerKind
from streams.core.day_points import by_point
from streams.core.lifecycle import LEDGER_CLASS
from streams.core.state import DistrictState
from streams.core.tallies import Tallies


def ledger(state: DistrictState) -> Ledger:
    """The ledger as the state has it now; `closed` once the day was closed."""
    tallies: Tallies = state.runtime.tallies
    classes: Counter[LedgerClass] = Counter()
    for (visit_state, _), count in tallies.counts.items():
        classes[LEDGER_CLASS[visit_state]] += count
    lines = tallies.done.values()
    done = [state.visits[visit_id] for visit_id in tallies.done]
    late = sorted([line.late_min for line in lines if line.late_min is not None])
    meals = [line for line in lines if line.is_meal]
    travel_s = sum(worker.travel_s for worker in state.workers.values())
    rider_busy_s = sum(w.busy_s for w in state.workers.values() if w.profile.kind is WorkerKind.RIDER)
    helped = sum([line.is_helped for line in lines])
    accounted = sum(classes[c] for c in LedgerClass)
    return Ledger(
        service_date=state.config.service_date if state.config else "",
        closed=bool(state.closed_date),
        visits=len(state.visits),
        done=classes[LedgerClass.DONE],
        cancelled=classes[LedgerClass.CANCELLED],
        failed=classes[LedgerClass.FAILED],
        handed_over=classes[LedgerClass.HANDED_OVER],
        open=classes[LedgerClass.OPEN],
        unaccounted=len(state.visits) - accounted + (classes[LedgerClass.OPEN] if state.closed_date else 0),
        failed_by_reason=_count(state.visits[v].reason or "unstated" for v in tallies.missed[VisitState.FAILED]),
        handed_over_to=_count(state.visits[v].owner for v in tallies.missed[VisitState.HANDED_OVER]),
        on_time_share=_round(sum(1 for minutes in late if minutes == 0) / len(late)) if late else None,
        lateness_mean_min=_round(fsum(late) / len(late)) if late else None,
        lateness_p95_min=_round(late[min(len(late) - 1, int(0.95 * len(late)))]) if late else None,
        travel_per_visit_min=_round(travel_s / 60 / len(done)) if done else None,
        helped_share=_round(helped / len(done)) if done else None,
        plans_proposed=state.totals.plans_proposed,
        plans_adopted=state.totals.plans_adopted,
        visits_moved=state.totals.visits_moved,
        click_to_door_mean_min=_mean([line.click_to_door_min for line in meals]),
        ready_to_pickup_mean_min=_mean([line.ready_to_pickup_min for line in meals]),
        orders_per_busy_hour=_round(len(meals) / (rider_busy_s / 3600)) if rider_busy_s else None,
        unmet_needs=len({need.visit_id for need in state.unmet_needs}),
        unmet_by_reason=_unmet_by_reason(state),
        disruptions=dict(sorted(state.totals.broken.items())),
        offers=dict(sorted(state.totals.by_offer.items())),
        crisis=_crisis(state),
        eligibility=_eligibility(state),
        claims=len(state.claims),
        claims_confirmed=sum(claim.outcome == "confirmed" for claim in state.claims.values()),
        supplied_by_rung=dict(sorted(Counter(visit.supplied.rung for visit in done if visit.supplied).items())),
        help_price_krw=sum(visit.supplied.price_krw for visit in done if visit.supplied),
        guest_visits=sum(bool(visit.guest_of) for visit in done),
        by_point=by_point(state),
    )


ELIGIBILITY_KINDS = ("no_longer_eligible", "case_conference", "menu_conflict")


def _crisis(state: DistrictState) -> dict[str, int]:
    if not state.programmes:
        return {}
    bookings = [booking for record in state.programmes.values() for booking in record.bookings.values()]
    return {
        "visits": sum(1 for booking in bookings if booking.kind == "visit"), "postings": len(state.postings),
        "booked_krw": sum(record.booked_krw for record in state.programmes.values()),
    }  # fmt: skip


def _eligibility(state: DistrictState) -> dict[str, int]:
    raised = Counter(record.raised.kind for record in state.exceptions.values())
    figures = {kind: raised[kind] for kind in ELIGIBILITY_KINDS}
    figures["refusals_counted"] = sum(sum(one.by_provider.values()) for one in state.refusals.values())
    figures["late_boxes"] = sum(state.late_boxes.values())
    return {name: count for name, count in figures.items() if count}


def _unmet_by_reason(state: DistrictState) -> dict[str, int]:
    first = {need.visit_id: _main_reason(need) for need in reversed(state.unmet_needs)}
    return dict(sorted(Counter(first.values()).items()))


def _main_reason(need: UnmetNeedRecorded) -> str:
    """The rule that stopped most workers; that they are of another trade is none (older records count it)."""
    return next((rule for rule, _ in need.reasons if rule != "kind"), "unstated")


def _count(of: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(of).items()))


def _mean(minutes: list[float | None]) -> float | None:
    known = [one for one in minutes if one is not None]
    return _round(fsum(known) / len(known)) if known else None


def _round(value: float) -> float:
    return round(value, 4)
