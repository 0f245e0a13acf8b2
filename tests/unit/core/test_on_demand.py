"""On-demand districts: every meal an offer of its own, matched with riders anew until a rider has to set out."""

from __future__ import annotations

from streams.contracts.decisions import OfferMade, RouteSet, SolveRequested, SolveSettled, VisitState
from streams.contracts.inputs import PlanProposed, ProposedRoute, ProposedStop
from streams.core.as_routing import leg_s
from tests.core_world import CoreWorld


def world() -> CoreWorld:
    return CoreWorld(single_offers=True, match_interval_s=60, offer_lead_s=240)


def proposed(riders: dict[str, list[str]], solve_id: str, *, matched: bool = True) -> PlanProposed:
    routes = tuple(
        ProposedRoute(rider, tuple(ProposedStop(v, kind) for v in visits for kind in ("pickup", "visit")))
        for rider, visits in riders.items()
    )
    return PlanProposed(solve_id=solve_id, based_on=1, routes=routes, price=0, iterations=0, matched=matched)


def asked_for(day: CoreWorld) -> str:
    return next(one.solve_id for one in reversed(day.log) if isinstance(one, SolveRequested))


def test_a_matching_is_asked_for_within_a_minute_of_a_meal() -> None:
    day = world()
    day.file("lunch")
    day.until("07:02")
    assert asked_for(day) == day.state.solve_pending


def test_a_matching_is_followed_though_it_rides_farther() -> None:
    """The planner's price knows the way, not how long a meal waits: the matching weighs that, and is followed."""
    for matched, outcome in ((True, "adopted"), (False, "unchanged")):
        day = world()
        lunches = [day.file(f"lunch-{number}") for number in range(2)]
        assert lunches[0].worker_ids == lunches[1].worker_ids == ["rider-1"]
        day.until("07:02")
        # one box after the other instead of both at once: twice to the kitchen
        day.send(proposed({"rider-1": [one.spec.visit_id for one in lunches]}, asked_for(day), matched=matched))
        assert [one.outcome for one in day.decisions if isinstance(one, SolveSettled)] == [outcome]


def test_a_matching_that_leaves_somebody_out_is_not_followed() -> None:
    day = world()
    lunch = day.file("lunch")
    held = list(lunch.worker_ids)
    day.until("07:02")
    day.send(proposed({held[0]: []}, asked_for(day)))
    assert [one.outcome for one in day.decisions if isinstance(one, SolveSettled)] != ["adopted"]
    assert lunch.worker_ids == held
    assert lunch.state is VisitState.PLANNED


def test_the_offer_goes_out_when_the_rider_has_to_set_out_not_before() -> None:
    day = world()
    lunch = day.file("lunch")
    rider = day.state.workers[lunch.worker_ids[0]]
    begin_at = next(one for one in reversed(day.log) if isinstance(one, RouteSet)).stops[0].begin_at
    way_s = leg_s(day.state, rider, 0)
    assert way_s > 0
    assert (begin_at - day.state.deadlines[f"lead:{rider.profile.worker_id}"]).total_seconds() == 240 + way_s
    day.until("11:00")
    assert not [one for one in day.log if isinstance(one, OfferMade)]
    day.until("12:00")
    assert next(one.visit_ids for one in day.log if isinstance(one, OfferMade)) == (lunch.spec.visit_id,)


def test_elsewhere_the_lead_time_counts_from_the_stop() -> None:
    day = CoreWorld(offer_lead_s=240)
    lunch = day.file("lunch")
    begin_at = next(one for one in reversed(day.log) if isinstance(one, RouteSet)).stops[0].begin_at
    assert (begin_at - day.state.deadlines[f"lead:{lunch.worker_ids[0]}"]).total_seconds() == 240
