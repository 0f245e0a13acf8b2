"""What happened on the day, by the points at which care breaks: counted while decisions are applied, named in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from streams.contracts import decisions as d
from streams.contracts.calls import NOT_TODAY, TermsChanged, Wish
from streams.contracts.day_points import POINTS
from streams.contracts.decisions import VisitEvent
from streams.contracts.disruptions import PromiseChanged
from streams.core.state import DistrictState

SILENCE = ("workers_asked", "workers_lost", "meals_collected", "meals_cooked_again", "meals_replaced", "meals_not_rescued")
FAILURE = ("provider_failures", "kitchens_changed", "mode_pauses", "visits_given_on", "promises_changed")
RAISED = {  # kinds of exceptions by the point that they belong to
    "doorstep": ("doorstep_call", "doorstep_kin", "welfare_check", "emergency_call"),
    "observation": ("observation", "concern"),
    "silence": ("worker_silent", "lone_worker", "worker_missing"),
    "phone": ("not_received", "address_changed", "meal_left_over"),
    "eligibility": ("no_longer_eligible", "case_conference", "menu_conflict"),
    "crisis": ("budget_used_up", "posting_unfilled"),
    "notices": ("notice_not_delivered",),
}
ENDED = {VisitEvent.DONE: "done", VisitEvent.CANCELLED: "cancelled"}


def note(state: DistrictState, decision: d.Decision) -> None:
    """Count a decision that the ledger names and that leaves no other trace in the state."""
    found = _NOTED.get(type(decision))
    if found is not None:
        happened = state.totals.happened
        for what in found(state, decision):
            happened[what] = happened.get(what, 0) + 1


def _changed(state: DistrictState, change: d.VisitChanged) -> Iterable[str]:
    if change.event is VisitEvent.REOPENED:
        yield "corrections:by_worker" if change.actor.startswith("worker:") else "corrections:by_coordinator"
    elif change.event in (VisitEvent.PICKED_UP, VisitEvent.EN_ROUTE):
        if bool(state.visits[change.visit_id].spec.kitchen_id) == (change.event is VisitEvent.PICKED_UP):
            yield "notices:on_the_way"  # towards the kitchen is not yet towards the door
    elif change.event in ENDED:
        yield f"notices:{ENDED[change.event]}"
        if change.event is VisitEvent.CANCELLED and change.reason == NOT_TODAY:
            yield f"phone:{Wish.NOT_TODAY.value}"


def _overruled(_: DistrictState, decision: d.VisitOverruled) -> Iterable[str]:
    if decision.locked:
        yield "overrule:stop_locked"
    elif decision.pinned_id:
        yield "overrule:assigned_by_hand"
    elif decision.forbidden_ids:
        yield "overrule:worker_forbidden"
    else:
        yield "overrule:plan_decides"


_NOTED: dict[type, Callable[[DistrictState, Any], Iterable[str]]] = {
    d.VisitRequested: lambda _, spec: ("notices:booked",) if spec.recipient_id else (),
    d.VisitChanged: _changed,
    d.VisitOverruled: _overruled,
    d.UndoSpent: lambda *_: ("overrule:undone",),
    d.RungClimbed: lambda *_: ("ladder:climbed",),
    d.HelpAsked: lambda *_: ("ladder:districts_asked",),
    d.DoorstepInstructed: lambda *_: ("doorstep:instructed",),
    d.ObservationAnswered: lambda *_: ("observation:answered",),
    d.ExceptionAcknowledged: lambda *_: ("exceptions:acknowledged",),
    d.ExceptionEscalated: lambda *_: ("exceptions:escalated",),
    d.NoticeDue: lambda *_: ("notices:late",),
    TermsChanged: lambda _, terms: (f"phone:{terms.wish}",),
    PromiseChanged: lambda *_: ("notices:changed",),
}


def by_point(state: DistrictState) -> dict[str, dict[str, int]]:
    """Each point of the day with what happened, in the order of `POINTS`; what did not happen is left out."""
    found: dict[str, Counter[str]] = {point: Counter() for point in POINTS}
    for name, count in sorted(state.totals.happened.items()):
        point, _, what = name.partition(":")
        found[point][what] += count
    _add_raised(state, found)
    _add_visits(state, found)
    found["offers"].update(state.totals.by_offer)
    found["silence"].update({what: state.totals.broken.get(what, 0) for what in SILENCE})
    found["failure"].update({what: state.totals.broken.get(what, 0) for what in FAILURE})
    found["ladder"].update(
        claims=len(state.claims), claims_confirmed=sum(claim.outcome == "confirmed" for claim in state.claims.values())
    )
    found["eligibility"].update(
        refusals_counted=sum(sum(one.by_provider.values()) for one in state.refusals.values()),
        late_boxes=sum(state.late_boxes.values()),
    )
    bookings = [booking for record in state.programmes.values() for booking in record.bookings.values()]
    found["crisis"].update(
        programmes_opened=len(state.programmes), visits=sum(booking.kind == "visit" for booking in bookings),
        postings=len(state.postings),
    )  # fmt: skip
    found["unmet"].update(need.stage for need in state.unmet_needs)
    found["fairness"].update(fair_shares=len(state.fair_shares))
    return {point: {what: n for what, n in sorted(counts.items()) if n} for point, counts in found.items() if counts.total()}


def _add_raised(state: DistrictState, found: dict[str, Counter[str]]) -> None:
    raised = Counter(record.raised.kind for record in state.exceptions.values())
    for point, kinds in RAISED.items():
        found[point].update({kind: raised[kind] for kind in kinds})
    found["exceptions"].update(
        raised=len(state.exceptions), settled=sum(bool(record.outcome) for record in state.exceptions.values())
    )


def _add_visits(state: DistrictState, found: dict[str, Counter[str]]) -> None:
    for visit_id in state.runtime.tallies.done:
        visit = state.visits[visit_id]
        if visit.supplied is not None and (claim := state.claims.get(visit.claim_id)) and claim.outcome == "confirmed":
            found["ladder"]["claimed_and_done"] += 1
        if visit.guest_of:
            found["ladder"]["guest_visits"] += 1
