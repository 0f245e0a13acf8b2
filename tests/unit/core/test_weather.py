"""Snow stops a vehicle mode in an area: others go, people are told, and it ends by itself or by a word."""

from typing import Any

import msgspec

from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.disruptions import PromiseChanged
from streams.contracts.district import DistrictConfig, Place, WorkerKind
from streams.contracts.inputs import EndDisruption, PauseMode
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at, config, worker


def with_a_walker(**policy: Any) -> DistrictConfig:
    """A third rider in the north goes on foot."""
    base = config(**policy)
    walker = worker("rider-3", WorkerKind.RIDER, COOP, "N", 900.0, mode="walk")
    return msgspec.structs.replace(base, workers=(*base.workers, walker))


def snow(world: CoreWorld, until: str, area_id: str = "N", mode: str = "bicycle", key: str = "1") -> str:
    world.send(
        PauseMode(command_id=f"snow-{key}", mode=mode, area_id=area_id, until_at=at(until), reason="snow"), actor="coordinator"
    )
    answer = next(decision for decision in world.decisions if isinstance(decision, CommandSettled))
    return answer.code or answer.outcome


def lunch(world: CoreWorld, reference: str, **fields: Any) -> VisitRecord:
    return world.file(reference, place=Place(0.0, 400.0), **fields)


def test_visits_of_cyclists_in_the_snow_go_to_who_walks() -> None:
    world = CoreWorld(with_a_walker())
    before = lunch(world, "before")
    assert before.worker_ids == ["rider-1"]
    assert snow(world, "14:00") == "accepted"
    assert before.worker_ids == ["rider-3"]
    assert lunch(world, "new").worker_ids == ["rider-3"]
    south = world.file("south", dong="1144000002", place=Place(0.0, -500.0))
    assert south.worker_ids == ["rider-2"]  # no snow there
    evening = lunch(
        world, "evening", window_start_at=at("17:00"), window_end_at=at("18:00"), due_at=at("18:00"), ready_at=at("16:45")
    )
    assert evening.worker_ids == ["rider-1"]  # after the snow


def test_who_waits_because_of_the_weather_is_told_once_and_served_when_it_ends() -> None:
    world = CoreWorld(rung_wait_s=7200)
    meal = lunch(world, "meal")
    snow(world, "11:45", area_id="")
    assert meal.state is VisitState.WAITING
    assert [(x.visit_id, x.kind) for x in world.log if isinstance(x, PromiseChanged)] == [(meal.spec.visit_id, "not_sure_yet")]
    snow(world, "12:00", area_id="", key="2")
    world.until("10:59")
    world.send(EndDisruption(command_id="melted", disruption_id="snow-2"), actor="coordinator")
    assert meal.state is VisitState.WAITING  # the first pause still holds
    world.until("11:46")
    assert meal.worker_ids == ["rider-1"]
    assert len([x for x in world.log if isinstance(x, PromiseChanged)]) == 1


def test_a_visit_planned_for_after_the_snow_stays_where_it_is() -> None:
    world = CoreWorld()
    meal = lunch(world, "meal")
    snow(world, "11:00")
    assert (meal.worker_ids, meal.changes) == (["rider-1"], 1)


def test_a_rider_on_the_way_goes_on_in_the_snow() -> None:
    world = CoreWorld(with_a_walker())
    meal = lunch(world, "meal")
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("11:20")
    world.report("rider-1", "picked_up", meal)
    snow(world, "14:00")
    assert (meal.worker_ids, meal.state) == (["rider-1"], VisitState.PICKED_UP)


def test_an_offer_for_a_paused_mode_is_withdrawn() -> None:
    world = CoreWorld(with_a_walker())
    meal = lunch(world, "meal")
    world.until("10:35")
    (offer_id,) = world.open_offers()
    snow(world, "14:00")
    assert world.state.offers[offer_id].outcome == "withdrawn"
    assert meal.worker_ids == ["rider-3"]


def test_a_pause_of_what_does_not_exist_or_is_over_is_refused() -> None:
    world = CoreWorld()
    assert snow(world, "14:00", mode="sled") == "unknown_mode"
    assert snow(world, "14:00", area_id="X", key="2") == "unknown_area"
    assert snow(world, "06:30", key="3") == "time_in_past"
    assert snow(world, "14:00", key="4") == "accepted"
    assert snow(world, "13:00", key="5") == "duplicate"
    assert list(world.state.disruptions) == ["snow-4"]


def test_the_day_is_the_same_when_its_decisions_are_folded() -> None:
    from streams.core.apply import apply
    from streams.core.state import new_state, state_hash

    world = CoreWorld(with_a_walker())
    lunch(world, "meal")
    snow(world, "11:00")
    world.until("12:00")
    folded = new_state(world.state.district)
    for decision in world.log:
        apply(folded, decision)
    folded.now_at = world.state.now_at
    assert state_hash(folded) == state_hash(world.state)
