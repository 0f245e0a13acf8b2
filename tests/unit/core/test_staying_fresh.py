"""A kitchen that failed is back before it was expected, or a rider has less to do: meals are fetched earlier, unless their plan
does not bear it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from streams.contracts.decisions import VisitState
from streams.contracts.disruptions import PickupPutOff
from streams.contracts.district import Place, Service
from streams.contracts.inputs import EndDisruption, ProviderReported, ReportProviderFailure
from streams.contracts.plan_terms import PlanTerms
from streams.core.state import VisitRecord
from tests.core_world import KITCHEN, CoreWorld, at, config
from tests.histories.towns import PHARMACY
from tests.unit.core.test_found_by_histories import broken


def kitchen_fails_for_an_hour(world: CoreWorld, hhmm: str) -> None:
    world.now_at = at(hhmm)
    world.send(ReportProviderFailure(command_id="gas", provider_id=KITCHEN, span="hour", reason="gas"))


def is_back(world: CoreWorld) -> list[str]:
    """The visits whose meals are fetched as late as planned."""
    world.send(EndDisruption(command_id="back", disruption_id="gas"))
    return [one.visit_id for one in world.decisions if isinstance(one, PickupPutOff)]


def fetched_at(world: CoreWorld, visit: VisitRecord) -> datetime:
    (worker_id,) = visit.worker_ids
    stops = world.state.workers[worker_id].stops
    return next(stop.begin_at for stop in stops if stop.visit_id == visit.spec.visit_id and stop.kind == "pickup")


def after_noon_care(world: CoreWorld, **more: Any) -> VisitRecord:
    """A lunch half an hour after care at noon; it is ready at 11:15 and fresh for an hour."""
    care = world.file(
        "care", service=Service.CHECK_IN, recipient_id="r-kim", window_start_at=at("12:00"), window_end_at=at("12:10"),
        due_at=at("12:10"), service_duration_s=900,
    )  # fmt: skip
    apart = PlanTerms(after_visit_id=care.spec.visit_id, gap_min_s=1800)
    return world.file("lunch", recipient_id="r-kim", window_end_at=at("13:00"), due_at=at("13:00"), plan=apart, **more)


def with_pharmacy() -> CoreWorld:
    small = config()
    return CoreWorld(replace(small, kitchens=(*small.kitchens, PHARMACY)))


def test_a_meal_is_fetched_earlier_when_the_kitchen_is_back_early() -> None:
    world = CoreWorld()
    kitchen_fails_for_an_hour(world, "10:45")
    lunch = world.file("lunch")
    assert fetched_at(world, lunch) == at("11:45")
    assert is_back(world) == []
    assert fetched_at(world, lunch) == at("11:15")


def test_a_meal_that_would_be_stale_at_its_door_is_fetched_as_planned() -> None:
    world = CoreWorld()
    kitchen_fails_for_an_hour(world, "10:45")
    lunch = after_noon_care(world)
    assert (lunch.state, broken(world)) == (VisitState.PLANNED, [])
    assert is_back(world) == [lunch.spec.visit_id]
    assert (fetched_at(world, lunch), broken(world)) == (at("11:45"), [])


def test_only_the_meals_that_must_not_be_earlier_stay_as_planned() -> None:
    world = CoreWorld()
    kitchen_fails_for_an_hour(world, "10:45")
    lunch = after_noon_care(world)
    south: dict[str, Any] = dict(dong="1144000002", place=Place(0.0, -500.0), window_start_at=at("11:50"))
    other = world.file("other", excluded_workers=tuple(lunch.worker_ids), **south)
    assert other.worker_ids
    assert other.worker_ids != lunch.worker_ids
    is_back(world)
    assert (fetched_at(world, lunch), fetched_at(world, other)) == (at("11:45"), at("11:15"))


def test_a_parcel_that_was_given_the_time_until_the_kitchen_is_back_keeps_it() -> None:
    world = with_pharmacy()
    kitchen_fails_for_an_hour(world, "10:45")
    lunch = world.file("lunch", excluded_workers=("rider-2",))
    parcel = world.file(
        "parcel", service=Service.LOCAL_PARCEL, kitchen_id="pharmacy", service_duration_s=120, excluded_workers=("rider-2",),
        window_start_at=at("11:25"), window_end_at=at("11:35"), due_at=at("11:35"),
    )  # fmt: skip
    doors = [stop.visit_id for stop in world.state.workers["rider-1"].stops if stop.kind == "visit"]
    assert doors == [parcel.spec.visit_id, lunch.spec.visit_id]
    assert is_back(world) == [lunch.spec.visit_id]
    assert (fetched_at(world, lunch), broken(world)) == (at("11:45"), [])


def test_a_meal_stays_fresh_when_the_errand_before_it_is_cancelled() -> None:
    world = with_pharmacy()
    errand = world.file(
        "errand", service=Service.ERRAND, kitchen_id="pharmacy", service_duration_s=900, excluded_workers=("rider-2",),
        window_start_at=at("11:20"), window_end_at=at("11:30"), due_at=at("11:30"),
    )  # fmt: skip
    lunch = after_noon_care(world, excluded_workers=("rider-2",))
    assert fetched_at(world, lunch) > at("11:30")
    world.cancel(errand)
    assert (lunch.state, broken(world)) == (VisitState.PLANNED, [])
    assert fetched_at(world, lunch) > at("11:15")


def test_of_two_failures_the_longer_one_is_still_waited_for() -> None:
    world = CoreWorld()
    kitchen_fails_for_an_hour(world, "10:45")
    world.now_at = at("10:50")
    report = ProviderReported(report_id="water", kind="failed", kitchen_id="k1", span="hour")
    world.send(report, organisation=KITCHEN)
    lunch = world.file("lunch")
    assert is_back(world) == []
    assert fetched_at(world, lunch) == at("11:50")
