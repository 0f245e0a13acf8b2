"""A kitchen or a centre fails: another organisation supplies instead, in small steps, and recipients are told once."""

from collections import Counter
from typing import Any

import msgspec

from streams.contracts.decisions import CommandSettled, ReportRefused, VisitState
from streams.contracts.disruptions import DisruptionEnded, KitchenChanged, PromiseChanged, VisitsMoved
from streams.contracts.district import DistrictConfig, Kitchen, MealKind, Place, Service
from streams.contracts.inputs import EndDisruption, ProviderReported, ReportProviderFailure
from streams.core.instants import seconds
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, DAY, KITCHEN, WINDOW, CoreWorld, at, config


def two_kitchens(policy: dict[str, Any] | None = None, **second: Any) -> DistrictConfig:
    """The small district with a second kitchen, of another organisation."""
    base = config(**(policy or {}))
    other = Kitchen(
        kitchen_id="k2", provider_id=WINDOW, name_ko="둘째 부엌", name_en="Second kitchen", place=Place(-200.0, 400.0),
        **({"take_over_s": 1800} | second),
    )  # fmt: skip
    return msgspec.structs.replace(base, kitchens=(*base.kitchens, other))


def fails(world: CoreWorld, provider_id: str, kitchen_id: str = "", span: str = "meal_window", key: str = "1") -> str:
    world.send(
        ReportProviderFailure(command_id=f"fail-{key}", provider_id=provider_id, kitchen_id=kitchen_id, span=span, reason="fire"),
        actor="coordinator",
    )
    answer = next(decision for decision in world.decisions if isinstance(decision, CommandSettled))
    return answer.code or answer.outcome


def told(world: CoreWorld) -> list[tuple[str, str]]:
    return [(x.visit_id, x.kind) for x in world.log if isinstance(x, PromiseChanged)]


def check_in(world: CoreWorld, reference: str, **fields: Any) -> VisitRecord:
    base: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"),
        service_duration_s=900, place=Place(0.0, 400.0),
    )  # fmt: skip
    return world.file(reference, **(base | fields))


def test_another_kitchen_cooks_instead_and_the_recipient_hears_of_it_once() -> None:
    world = CoreWorld(two_kitchens())
    lunch = world.file("lunch")
    world.until("10:00")
    assert fails(world, KITCHEN) == "accepted"
    (change,) = [decision for decision in world.decisions if isinstance(decision, KitchenChanged)]
    assert (change.from_kitchen_id, change.kitchen_id, change.why) == ("k1", "k2", "provider_failed")
    assert (lunch.state, lunch.spec.kitchen_id, lunch.ready_at) == (VisitState.PLANNED, "k2", at("11:15"))
    assert told(world) == [(lunch.spec.visit_id, "another_meal")]
    failed = world.state.exceptions[world.open_exceptions()["provider_failed"]]
    assert (failed.raised.subject, failed.raised.detail, failed.owner) == (KITCHEN, "meal_window", "coordinator")


def test_a_kitchen_that_makes_no_hot_lunch_or_has_no_room_is_passed_over() -> None:
    world = CoreWorld(two_kitchens(meal_kinds=(MealKind.SIDE_DISH,)))
    lunch = world.file("lunch")
    world.until("10:00")
    fails(world, KITCHEN)
    assert lunch.state is VisitState.WAITING  # the ladder has it; its own kitchen is back too late
    assert told(world) == [(lunch.spec.visit_id, "not_sure_yet")]

    world = CoreWorld(two_kitchens(capacity_meals=2))
    lunches = [world.file(f"lunch-{n}") for n in range(3)]
    world.until("10:00")
    fails(world, KITCHEN)
    assert Counter(lunch.spec.kitchen_id for lunch in lunches) == {"k2": 2, "k1": 1}


def test_a_meal_that_is_still_to_be_moved_is_not_planned_from_before_its_kitchen_is_back() -> None:
    world = CoreWorld(config(disruption_chunk=1))
    lunches = [world.file(f"lunch-{n}") for n in range(3)]  # ready at 11:15, their windows begin at 11:30
    world.until("10:20")
    fails(world, KITCHEN, span="hour")
    planned = world.state.runtime.problem.visits
    pickups = [planned[lunch.spec.visit_id].pickup for lunch in lunches]
    assert [pickup and pickup.ready_s for pickup in pickups] == [seconds(at("11:20"))] * 3


def test_who_has_nobody_climbs_the_ladder_and_is_named_as_unmet() -> None:
    world = CoreWorld(rung_wait_s=300)
    lunch = world.file("lunch")
    world.until("10:00")
    fails(world, KITCHEN)
    world.until("10:30")
    assert "unserved" in world.open_exceptions()
    assert [need.visit_id for need in world.state.unmet_needs] == [lunch.spec.visit_id]


def test_after_an_hour_the_same_kitchen_may_still_do() -> None:
    world = CoreWorld()
    lunch = world.file("lunch", ready_at=at("10:00"), freshness_s=0)
    world.until("09:10")
    fails(world, KITCHEN, span="hour")
    assert (lunch.state, lunch.worker_ids) == (VisitState.PLANNED, ["rider-1"])
    pickup = world.state.workers["rider-1"].stops[0]
    assert pickup.begin_at >= at("10:10")
    assert told(world) == []  # it comes as promised all the same


def test_boxes_that_have_left_the_kitchen_go_on_to_their_doors() -> None:
    world = CoreWorld(two_kitchens())
    lunch = world.file("lunch")
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("11:20")
    world.report("rider-1", "picked_up", lunch)
    fails(world, KITCHEN, span="day")
    assert (lunch.state, lunch.worker_ids, lunch.spec.kitchen_id) == (VisitState.PICKED_UP, ["rider-1"], "k1")


def test_a_centre_that_fails_for_the_day_is_stood_in_for_by_another_organisation() -> None:
    world = CoreWorld(offer_expiry_s=3600)
    visit = check_in(world, "care")
    assert visit.worker_ids == ["carer-2"]
    world.until("11:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    assert visit.state is VisitState.ACCEPTED
    assert fails(world, CENTRE, span="day") == "accepted"
    assert visit.worker_ids == ["carer-1"]
    assert told(world) == [(visit.spec.visit_id, "another_provider")]
    new = check_in(world, "new", place=Place(0.0, 400.0))
    assert new.worker_ids == ["carer-1"]  # nobody asks the centre while it is closed


def test_a_visit_that_has_begun_stays_with_its_carer() -> None:
    world = CoreWorld()
    visit = check_in(world, "care")
    world.until("11:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("13:00")
    world.report("carer-2", "started", visit)
    fails(world, CENTRE)
    assert (visit.state, visit.worker_ids) == (VisitState.IN_SERVICE, ["carer-2"])


def test_what_moved_stays_moved_and_new_visits_go_to_the_centre_again() -> None:
    world = CoreWorld()
    short: dict[str, Any] = dict(window_end_at=at("13:10"), due_at=at("13:10"), service_duration_s=3600)
    moved = check_in(world, "moved", **short)
    fails(world, CENTRE, span="day")
    assert moved.worker_ids == ["carer-1"]
    world.send(EndDisruption(command_id="back", disruption_id="fail-1"), actor="coordinator")
    assert moved.worker_ids == ["carer-1"]
    assert "provider_failed" not in world.open_exceptions()
    assert check_in(world, "new", **short).worker_ids == ["carer-2"]
    world.send(EndDisruption(command_id="back-again", disruption_id="fail-1"), actor="coordinator")
    assert [x.outcome for x in world.decisions if isinstance(x, CommandSettled)] == ["duplicate"]


def test_who_was_left_with_nobody_is_looked_at_again_when_the_kitchen_is_back() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:00")
    fails(world, KITCHEN)
    assert lunch.state is VisitState.WAITING
    world.settle("provider_failed", "back")
    assert (lunch.state, lunch.worker_ids) == (VisitState.PLANNED, ["rider-1"])
    assert len(told(world)) == 1


def test_a_failure_ends_by_itself_when_its_time_is_over() -> None:
    world = CoreWorld()
    fails(world, CENTRE, span="hour")
    world.until("08:01")
    (ended,) = [decision for decision in world.log if isinstance(decision, DisruptionEnded)]
    assert (ended.why, ended.at) == ("time_over", at("08:00"))
    assert check_in(world, "new").worker_ids == ["carer-2"]


def test_a_meal_window_lasts_to_the_end_of_the_meal_that_comes_next() -> None:
    world = CoreWorld()
    fails(world, KITCHEN)
    assert world.state.disruptions["fail-1"].until_at == at("14:00")
    world.until("14:05")
    fails(world, KITCHEN, key="2")
    assert world.state.disruptions["fail-2"].until_at == at("19:30")
    fails(world, CENTRE, span="day", key="3")
    assert world.state.disruptions["fail-3"].until_at == at("24:00")


def test_a_new_meal_asked_of_a_failed_kitchen_is_cooked_by_another() -> None:
    world = CoreWorld(two_kitchens())
    fails(world, KITCHEN)
    lunch = world.file("late-order")
    assert (lunch.spec.kitchen_id, lunch.state) == ("k2", VisitState.PLANNED)
    assert told(world) == []  # nothing had been promised yet


def test_a_kitchen_tells_itself_that_it_has_failed_and_that_it_is_back() -> None:
    world = CoreWorld()
    report = ProviderReported(report_id="r-1", kind="failed", kitchen_id="k1", span="day")
    world.send(report, organisation=KITCHEN)
    assert world.state.disruptions["r-1"].by == f"organisation:{KITCHEN}"
    world.send(report, organisation=KITCHEN)  # the same word again
    assert list(world.state.disruptions) == ["r-1"]
    world.send(ProviderReported(report_id="r-2", kind="failed", kitchen_id="k1"), organisation=CENTRE)
    assert [x.code for x in world.decisions if isinstance(x, ReportRefused)] == ["unknown_kitchen"]
    world.send(ProviderReported(report_id="r-3", kind="back", kitchen_id="k1"), organisation=KITCHEN)
    assert world.state.disruptions["r-1"].ended_at == DAY.replace(hour=22)


def test_what_cannot_be_meant_is_refused_and_said_twice_changes_nothing() -> None:
    world = CoreWorld()
    assert fails(world, "nobody") == "unknown_provider"
    assert fails(world, CENTRE, kitchen_id="k1", key="2") == "unknown_kitchen"
    assert fails(world, CENTRE, span="for-ever", key="3") == "wrong_field"
    assert fails(world, CENTRE, span="day", key="4") == "accepted"
    assert fails(world, CENTRE, span="hour", key="5") == "duplicate"
    world.send(EndDisruption(command_id="end", disruption_id="fail-9"))
    assert [x.code for x in world.decisions if isinstance(x, CommandSettled)] == ["unknown_disruption"]
    assert list(world.state.disruptions) == ["fail-4"]


def test_many_visits_move_in_chunks_with_room_for_other_inputs_between_them() -> None:
    world = CoreWorld(two_kitchens({"disruption_chunk": 4}))
    lunches = [world.file(f"lunch-{n}", place=Place(0.0, 300.0 + 10 * n)) for n in range(10)]
    world.until("09:00")
    fails(world, KITCHEN)
    assert [len(x.visit_ids) for x in world.decisions if isinstance(x, VisitsMoved)] == [4]
    urgent = check_in(world, "in-between")
    assert urgent.worker_ids != []
    world.until("09:01")
    assert [len(x.visit_ids) for x in world.log if isinstance(x, VisitsMoved)] == [4, 4, 2]
    assert {lunch.spec.kitchen_id for lunch in lunches} == {"k2"}
    assert sorted(told(world)) == sorted((lunch.spec.visit_id, "another_meal") for lunch in lunches)
    assert (world.state.disruptions["fail-1"].moved, world.state.disruptions["fail-1"].todo) == (10, [])
