"""Errands and local parcels: had at a shop in its hours, brought home by whoever may, and never before a meal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

import routing
from streams.contracts.decisions import CommandSettled, DoorstepInstructed, OfferMade, VisitChanged, VisitEvent, VisitState
from streams.contracts.district import DistrictConfig, Kitchen, Place, Service, Shop
from streams.contracts.inputs import ConfigureDistrict
from streams.core.board import visit_row
from streams.core.ledger import ledger
from streams.core.phone import MEAL_IS_COOKED, NOTHING_COOKED, promises_of
from streams.core.planning import build_problem
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at, config

PHARMACY = Kitchen(
    kitchen_id="pharmacy", provider_id="", name_ko="약국", name_en="Pharmacy", place=Place(200.0, 300.0), load_duration_s=300,
    shop=Shop(opens_at=at("09:00"), closes_at=at("12:00")),
)  # fmt: skip


def town(**policy: Any) -> DistrictConfig:
    base = config(**policy)
    return structs.replace(base, kitchens=(*base.kitchens, PHARMACY))


def errand(world: CoreWorld, reference: str = "medicine", **more: Any) -> VisitRecord:
    fields: dict[str, Any] = dict(
        service=Service.ERRAND, kitchen_id="pharmacy", window_start_at=at("10:00"), window_end_at=at("13:00"),
        due_at=at("13:00"), service_duration_s=300, recipient_id="r-kim",
    )  # fmt: skip
    return world.file(reference, **(fields | more))


def begins(world: CoreWorld, visit: VisitRecord) -> dict[str, datetime]:
    (worker_id,) = visit.worker_ids
    return {s.kind: s.begin_at for s in world.state.workers[worker_id].stops if s.visit_id == visit.spec.visit_id}


def code_of(world: CoreWorld, **more: Any) -> str:
    with pytest.raises(KeyError):
        errand(world, f"refused-{len(world.inputs)}", **more)
    return next(one for one in world.decisions if isinstance(one, CommandSettled)).code


def test_medicine_is_had_at_the_pharmacy_before_it_closes_and_brought_home() -> None:
    world = CoreWorld(town())
    times = begins(world, errand(world))
    assert at("09:00") <= times["pickup"] <= at("12:00")
    assert at("10:00") <= times["visit"] <= at("13:00")
    late = errand(world, "evening", window_start_at=at("17:00"), window_end_at=at("18:00"), due_at=at("18:00"))
    assert begins(world, late)["pickup"] <= at("12:00")  # had while there is somebody to have it from


def test_an_errand_runs_its_course_like_a_meal() -> None:
    world = CoreWorld(town())
    visit = errand(world)
    world.until("08:20")
    (offer,) = [one for one in world.log if isinstance(one, OfferMade)]
    assert (offer.organisation, offer.visit_ids) == (COOP, (visit.spec.visit_id,))
    world.answer(offer.offer_id)
    for kind in ("picked_up", "arrived", "done"):
        world.report(visit.worker_ids[0], kind, visit)
    assert visit.state is VisitState.DONE
    assert visit_row(world.state, visit.spec.visit_id).kitchen_id == "pharmacy"
    assert ledger(world.state).click_to_door_mean_min is None  # a figure of meals


def test_a_carer_runs_errands_who_has_the_skill_and_nobody_whose_organisation_does_not() -> None:
    base = town()
    skilled = tuple(
        structs.replace(w, skills=(*w.skills, "errand")) if w.worker_id == "carer-1" else w for w in base.workers
    )
    meals_only = tuple(
        structs.replace(p, services=(Service.MEAL_SUPPORT,)) if p.provider_id == COOP else p for p in base.providers
    )
    assert errand(CoreWorld(structs.replace(base, workers=skilled, providers=meals_only))).worker_ids == ["carer-1"]
    assert errand(CoreWorld(structs.replace(base, providers=meals_only))).state is VisitState.WAITING


def test_a_parcel_goes_into_spare_time_and_never_delays_a_meal() -> None:
    parcel = dict(service=Service.LOCAL_PARCEL, place=Place(0.0, 900.0), due_at=at("13:00"))
    with_parcel, without = CoreWorld(town()), CoreWorld(town())
    moments = []
    for world in (with_parcel, without):
        others = ("rider-2",)
        meals = [world.file(f"lunch-{n}", excluded_workers=others) for n in range(3)]
        if world is with_parcel:
            assert errand(world, "parcel", excluded_workers=others, **parcel).state is VisitState.PLANNED
        moments.append([begins(world, meal)["visit"] for meal in meals])
    assert moments[0] == moments[1]
    problem, _ = build_problem(with_parcel.state)
    assert sorted(visit.kind for visit in problem.visits.values()) == ["meal", "meal", "meal", "parcel"]


def test_a_parcel_gives_way_when_the_time_that_it_was_spare_in_is_gone() -> None:
    """Found by random histories: a rider waits for the second lunch and brings a parcel meanwhile. Without that lunch they
    would be at the first one's door earlier, but for the parcel."""
    shop_hours = Shop(opens_at=at("11:10"), closes_at=at("11:40"))
    base = town()
    config_ = structs.replace(base, kitchens=(*base.kitchens[:-1], structs.replace(PHARMACY, shop=shop_hours)))
    others, first = ("rider-2",), dict(window_start_at=at("11:00"), due_at=at("11:50"))
    alone = CoreWorld(config_)
    only = alone.file("first", excluded_workers=others, **first)
    world = CoreWorld(config_)
    meal = world.file("first", excluded_workers=others, **first)
    other = world.file("second", excluded_workers=others, ready_at=at("11:45"), place=Place(0.0, 510.0))
    assert begins(world, meal)["pickup"] == begins(world, other)["pickup"]
    parcel = errand(
        world, "parcel", service=Service.LOCAL_PARCEL, excluded_workers=others, place=Place(0.0, 900.0),
        window_start_at=at("11:15"), window_end_at=at("11:44"), due_at=at("11:44"),
    )  # fmt: skip
    assert begins(world, parcel)["visit"] < begins(world, meal)["pickup"]
    world.cancel(other)
    assert begins(world, meal) == begins(alone, only)
    moved = [one for one in world.decisions if isinstance(one, VisitChanged) and one.visit_id == parcel.spec.visit_id]
    assert (moved[0].event, moved[0].reason, moved[0].worker_id) == (VisitEvent.RELIEVED, "gives_way", "rider-1")
    assert begins(world, parcel)["visit"] > begins(world, meal)["visit"]  # there is time again behind it


def two_parcels_before_a_lunch() -> tuple[CoreWorld, VisitRecord, VisitRecord, VisitRecord, VisitRecord]:
    """A rider who waits for the second lunch has two parcels from the pharmacy at one stop meanwhile, for later in the day."""
    shop_hours = Shop(opens_at=at("11:10"), closes_at=at("11:40"))
    base = town()
    world = CoreWorld(structs.replace(base, kitchens=(*base.kitchens[:-1], structs.replace(PHARMACY, shop=shop_hours))))
    others = ("rider-2",)
    meal = world.file("first", excluded_workers=others, window_start_at=at("11:00"), due_at=at("11:50"))
    second = world.file("second", excluded_workers=others, ready_at=at("11:45"), place=Place(0.0, 510.0))
    afternoon = dict(window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"))
    to = dict(service=Service.LOCAL_PARCEL, excluded_workers=others, **afternoon)
    one, two = (errand(world, name, place=Place(x_m, 900.0), **to) for name, x_m in (("one", 0.0), ("two", 20.0)))
    assert {begins(world, parcel)["pickup"] < begins(world, meal)["pickup"] for parcel in (one, two)} == {True}
    return world, meal, second, one, two


@pytest.mark.timeout(60)
def test_two_parcels_of_one_stop_give_way_together() -> None:
    """Found by random histories: each was put back beside the other, which was in the way already, without an end."""
    world, meal, second, *parcels = two_parcels_before_a_lunch()
    before = begins(world, meal)
    world.cancel(second)
    assert begins(world, meal)["visit"] < before["visit"]
    assert [begins(world, parcel)["pickup"] > begins(world, meal)["visit"] for parcel in parcels] == [True, True]


@pytest.mark.timeout(60)
def test_a_parcel_that_would_give_way_again_and_again_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    world, _, second, one, two = two_parcels_before_a_lunch()

    def both_always(index: routing.PlanIndex, worker_id: str) -> tuple[str, ...]:
        theirs = {stop.visit_id for stop in index.route(worker_id).stops}
        return tuple(visit.spec.visit_id for visit in (one, two) if visit.spec.visit_id in theirs)

    monkeypatch.setattr(routing, "parcels_in_the_way", both_always)
    world.cancel(second)
    assert (one.state, two.state) == (VisitState.WAITING, VisitState.WAITING)
    assert all(f"rung:{visit.spec.visit_id}" in world.state.deadlines for visit in (one, two))


def test_what_a_shop_keeps_is_not_cooked_when_the_recipient_calls_it_off() -> None:
    world = CoreWorld(town())
    visit = errand(world)
    world.until("09:30")
    (promise,) = promises_of(world.state, (visit.spec.recipient_id,))
    follows = next(option.follows for option in promise.options if option.wish == "not_today")
    assert NOTHING_COOKED in follows
    assert MEAL_IS_COOKED not in follows


@pytest.mark.parametrize(("may_leave", "told"), [(True, "leave_at_door"), (False, "return_to_kitchen")])
def test_it_is_left_at_a_closed_door_only_if_that_was_agreed(may_leave: bool, told: str) -> None:
    world = CoreWorld(town())
    visit = errand(world, may_leave_at_door=may_leave)
    world.until("08:20")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    (rider,) = visit.worker_ids
    for kind in ("picked_up", "arrived", "no_answer", "no_answer"):
        world.report(rider, kind, visit)
    world.until("08:40")
    assert {one.instruction for one in world.log if isinstance(one, DoorstepInstructed)} == {told}


def test_no_meal_comes_from_a_pharmacy_and_no_medicine_from_a_kitchen() -> None:
    world = CoreWorld(town())
    assert code_of(world, kitchen_id="k1") == "errand_without_shop"
    assert code_of(world, kitchen_id="") == "errand_without_shop"
    assert code_of(world, kitchen_id="nowhere") == "unknown_kitchen"
    assert code_of(world, ready_at=at("12:30")) == "errand_without_shop"  # it has closed by then
    assert code_of(world, service=Service.MEAL_SUPPORT, meal_kind="single", ready_at=at("10:00")) == "unknown_kitchen"
    assert code_of(world, worker_count=2) == "wrong_field"


def test_a_shop_that_closes_before_it_opens_is_refused() -> None:
    odd = structs.replace(PHARMACY, shop=Shop(opens_at=at("12:00"), closes_at=at("09:00")))
    world = CoreWorld()
    world.send(ConfigureDistrict(command_id="odd", config=structs.replace(config(), version=2, kitchens=(odd,))))
    (settled,) = [one for one in world.decisions if isinstance(one, CommandSettled)]
    assert settled.rules == ("kitchen:pharmacy:closes_at",)
