"""What a recipient's visits use of what was authorised. Pure: it reads the state."""

from __future__ import annotations

from streams.contracts.decisions import VisitState
from streams.contracts.intake import Authorisation
from streams.core.instants import day_of
from streams.core.lifecycle import LEDGER_CLASS
from streams.core.programme_books import SPENDS
from streams.core.state import DistrictState, VisitRecord

USED_UP = "authorisation_used_up"
HOURS, BUDGET = "hours", "budget"
HOUR_S = 3600


def short_of(state: DistrictState, recipient_id: str) -> set[str]:
    """"hours", "budget": of which less is left than another visit like the last one would take."""
    found: set[str] = set()
    for _, granted in sorted(state.authorised.get(recipient_id, {}).items()):
        taken = [_takes(granted, visit) for visit in _visits(state, recipient_id, granted)]
        if not taken:
            continue
        (last_s, last_krw), used_s, used_krw = taken[-1], sum(s for s, _ in taken), sum(krw for _, krw in taken)
        if granted.duration_s and used_s + last_s > granted.duration_s:
            found.add(HOURS)
        if granted.budget_krw and used_krw + last_krw > granted.budget_krw:
            found.add(BUDGET)
    return found


def _visits(state: DistrictState, recipient_id: str, granted: Authorisation) -> list[VisitRecord]:
    visits = (state.visits[visit_id] for visit_id in state.runtime.visits_of.get(recipient_id, ()))
    return [
        visit for visit in visits
        if not visit.guest_of and LEDGER_CLASS[visit.state] in SPENDS
        and granted.counts(visit.spec.service.value, day_of(visit.spec.window_start_at).isoformat())
    ]  # fmt: skip


def _takes(granted: Authorisation, visit: VisitRecord) -> tuple[int, int]:
    """Seconds and won of one visit; two workers at once are one visit."""
    duration_s = visit.spec.service_duration_s
    return duration_s, granted.visit_price_krw + granted.hour_price_krw * duration_s // HOUR_S


def has_to_tell(state: DistrictState, visit: VisitRecord) -> bool:
    """A new visit has used it up, or what became of one leaves enough again. A "seen" holds until the next visit is filed."""
    recipient_id = visit.spec.recipient_id
    if recipient_id not in state.authorised:
        return False
    short = short_of(state, recipient_id)
    told = {what for what in (HOURS, BUDGET) if (USED_UP, recipient_id, what) in state.runtime.open_exceptions}
    return bool(told - short) or (visit.state is VisitState.REQUESTED and bool(short - told))
