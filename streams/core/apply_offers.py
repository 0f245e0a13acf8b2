"""The fold of offers: made, reminded, settled, declined, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts import decisions as d
from streams.core import fairness
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.state import Declined, DistrictState, OfferRecord


def _offer_made(state: DistrictState, made: d.OfferMade) -> None:
    state.offers[made.offer_id] = OfferRecord(made=made)
    state.totals.offers += 1
    _count_offer(state, "by_call" if made.by_call else "made")
    fairness.week_record(state, made.worker_id).offered += len(made.visit_ids)
    state.runtime.offer_made(made)
    set_deadline(state, f"offer:{made.offer_id}", made.expires_at)
    if made.remind_at is not None:
        set_deadline(state, f"remind:{made.offer_id}", made.remind_at)


def _offer_settled(state: DistrictState, settled: d.OfferSettled) -> None:
    offer = state.offers[settled.offer_id]
    made = offer.made
    offer.outcome = settled.outcome
    _count_offer(state, settled.reason if settled.reason in ("late_yes", "not_called") else settled.outcome)
    if settled.declined_visit_ids:
        _count_offer(state, "in_part")
    fairness.book_answer(state, made, settled)
    state.runtime.offer_settled(made)
    clear_deadline(state, f"offer:{settled.offer_id}")
    clear_deadline(state, f"remind:{settled.offer_id}")


def _count_offer(state: DistrictState, what: str) -> None:
    state.totals.by_offer[what] = state.totals.by_offer.get(what, 0) + 1


def _offer_reminded(state: DistrictState, decision: d.OfferReminded) -> None:
    state.offers[decision.offer_id].reminded = True
    _count_offer(state, "reminded")


def _decline_remembered(state: DistrictState, decision: d.DeclineRemembered) -> None:
    visit = state.visits[decision.visit_id]
    visit.declined_ids += [worker_id for worker_id in decision.worker_ids if worker_id not in visit.declined_ids]
    visit.declines.append(
        Declined(
            worker_ids=decision.worker_ids, begin_at=decision.begin_at, window_start_at=visit.spec.window_start_at,
            window_end_at=visit.spec.window_end_at, place=visit.spec.place, fee_krw=visit.extra_fee_krw,
        )
    )  # fmt: skip
    state.runtime.visit_changed(decision.visit_id)


def _declines_lifted(state: DistrictState, decision: d.DeclinesLifted) -> None:
    visit = state.visits[decision.visit_id]
    lifted = set(decision.worker_ids)
    visit.declined_ids = [worker_id for worker_id in visit.declined_ids if worker_id not in lifted]
    visit.declines = [declined for declined in visit.declines if not lifted.issuperset(declined.worker_ids)]
    state.runtime.visit_changed(decision.visit_id)


def _fee_raised(state: DistrictState, decision: d.FeeRaised) -> None:
    state.visits[decision.visit_id].extra_fee_krw = decision.extra_krw


def _substituted(state: DistrictState, decision: d.WorkerSubstituted) -> None:
    _count_offer(state, "substituted")


def _substitute_called(state: DistrictState, decision: d.SubstituteCalled) -> None:
    state.workers[decision.worker_id].called_in_for = decision.for_worker_id
    if decision.for_worker_id:
        _count_offer(state, "called_in")
    state.runtime.worker_changed(decision.worker_id)


APPLY_OFFERS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.OfferMade: _offer_made,
    d.OfferSettled: _offer_settled,
    d.OfferReminded: _offer_reminded,
    d.DeclineRemembered: _decline_remembered,
    d.DeclinesLifted: _declines_lifted,
    d.FeeRaised: _fee_raised,
    d.WorkerSubstituted: _substituted,
    d.SubstituteCalled: _substitute_called,
}
