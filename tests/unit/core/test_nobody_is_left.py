"""A visit left with nobody, an offer that stands for nothing, one of two workers handled as both: each of these went wrong once."""

from __future__ import annotations

import pytest
from msgspec import structs

from streams.contracts.decisions import VisitState
from streams.contracts.district import Place, WorkerKind
from streams.contracts.inputs import ExcludePair, ForbidWorker, ReportProviderFailure, SwapVisits, UndoCommand
from streams.contracts.plan_terms import PlanTerms
from tests.core_world import COOP, KITCHEN, WINDOW, CoreWorld, at, config, worker
from tests.histories.invariants import check_deadlines, check_offers, check_visits
from tests.unit.core.test_found_by_histories import (
    CARE,
    Heard,
    assign,
    broken,
    lunch_with_care_an_hour_later,
    refusals,
    taken_by_two,
)
from tests.unit.core.test_story_offers import OTHER_COOP, nearest, rider, town

OUT_OF_THE_WAY = Place(0.0, 900.0)


def nothing_hangs(world: CoreWorld) -> None:
    check_visits(world.state)
    check_deadlines(world.state)
    check_offers(world.state)


# --- what comes after a visit in a gap --------------------------------------------------------------------------------


def with_a_third_rider(**fields: object) -> CoreWorld:
    small = config()
    third = worker("rider-3", WorkerKind.RIDER, COOP, "N", 250.0, **fields)
    return CoreWorld(structs.replace(small, workers=(*small.workers, third)))


def other_in_the_north(rider_id: str) -> str:
    return {"rider-1": "rider-3", "rider-3": "rider-1"}[rider_id]


def test_who_drops_out_leaves_the_lunch_that_care_comes_after_to_somebody_else_at_once() -> None:
    """Without the lunch the care would begin at once, and nobody could be there an hour before it."""
    world = with_a_third_rider()
    lunch, care = lunch_with_care_an_hour_later(world)
    (rider_id,) = lunch.worker_ids
    planned_at = world.state.workers[care.worker_ids[0]].stops[0].begin_at
    world.report(rider_id, "dropped_out")
    assert (lunch.worker_ids, care.state, broken(world)) == ([other_in_the_north(rider_id)], VisitState.PLANNED, [])
    assert planned_at <= world.state.workers[care.worker_ids[0]].stops[0].begin_at <= care.spec.due_at


def test_the_lunch_waits_where_the_care_after_it_would_come_too_late() -> None:
    world = with_a_third_rider(shift_start_at=at("12:00"))
    lunch = world.file("lunch", recipient_id="r-kim")
    assign(world, lunch, "rider-1")
    apart = PlanTerms(after_visit_id=lunch.spec.visit_id, gap_min_s=3600)
    by = {"window_start_at": at("11:30"), "window_end_at": at("12:45"), "due_at": at("12:45")}
    care = world.file("care", **CARE | by | {"recipient_id": "r-kim", "plan": apart})
    assert (lunch.worker_ids, care.state) == (["rider-1"], VisitState.PLANNED)
    world.report("rider-1", "dropped_out")
    assert (lunch.state, care.state) == (VisitState.WAITING, VisitState.PLANNED)


def test_the_lunch_that_care_comes_after_is_swapped_and_swapped_back() -> None:
    world = with_a_third_rider()
    lunch, care = lunch_with_care_an_hour_later(world)
    far = world.file("far", place=OUT_OF_THE_WAY)
    (rider_id,) = lunch.worker_ids
    other = other_in_the_north(rider_id)
    assign(world, far, other)
    world.send(SwapVisits(command_id="swap", visit_id=lunch.spec.visit_id, other_visit_id=far.spec.visit_id))
    assert (lunch.worker_ids, far.worker_ids, care.state, broken(world)) == ([other], [rider_id], VisitState.PLANNED, [])
    world.send(UndoCommand(command_id="undo", undone_command_id="swap"))
    assert (lunch.worker_ids, far.worker_ids, care.state, broken(world)) == ([rider_id], [other], VisitState.PLANNED, [])


def test_a_coordinator_may_give_the_waiting_lunch_that_care_comes_after_to_somebody_of_another_area() -> None:
    world = CoreWorld()
    lunch, care = lunch_with_care_an_hour_later(world)
    world.report("rider-1", "dropped_out")
    assert lunch.state is VisitState.WAITING
    assign(world, lunch, "rider-2", waive=("area",), reason="known_face")
    assert (lunch.worker_ids, care.state, broken(world)) == (["rider-2"], VisitState.PLANNED, [])


def test_another_kitchen_cooks_the_lunch_that_care_comes_after() -> None:
    small = config()
    second = structs.replace(small.kitchens[0], kitchen_id="k2", provider_id=WINDOW, take_over_s=1800)
    world = CoreWorld(structs.replace(small, kitchens=(*small.kitchens, second)))
    lunch, care = lunch_with_care_an_hour_later(world)
    world.send(ReportProviderFailure(command_id="gas", provider_id=KITCHEN, span="day", reason="gas"))
    assert (lunch.spec.kitchen_id, lunch.worker_ids, care.state, broken(world)) == ("k2", ["rider-1"], VisitState.PLANNED, [])


# --- offers -----------------------------------------------------------------------------------------------------------


def test_of_two_asked_at_once_the_second_has_room_for_one_door_only_and_is_still_asked_for_it() -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=-450.0, shift_end_at=at("11:37")), **nearest())
    one, two = world.file("one"), world.file("two", place=OUT_OF_THE_WAY)
    world.until("10:35")
    first, second = world.open_offers()
    assert len(world.state.offers[first].made.visit_ids) == 2
    world.answer(first, "offer_declined")
    held = [visit for visit in (one, two) if visit.worker_ids == ["rider-3"]]
    assert [visit.state for visit in held] == [VisitState.OFFERED]
    assert second in world.open_offers()
    nothing_hangs(world)
    world.answer(second)
    assert [visit.state for visit in held] == [VisitState.ACCEPTED]


@pytest.mark.parametrize("forbidden", [True, False])
def test_who_is_not_to_have_it_any_more_is_not_asked_for_it_any_longer(forbidden: bool) -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=250.0), **nearest())
    lunch = world.file("lunch")
    world.until("10:35")
    (holder,) = lunch.worker_ids
    (other,) = {world.state.offers[one].made.worker_id for one in world.open_offers()} - {holder}
    if forbidden:
        world.send(ForbidWorker(command_id="no", visit_id=lunch.spec.visit_id, worker_id=other, reason="kin_asked"))
    else:
        recipient_id = lunch.spec.recipient_id
        world.send(ExcludePair(command_id="no", recipient_id=recipient_id, worker_id=other, by="recipient", reason="quarrel"))
    assert [world.state.offers[one].made.worker_id for one in world.open_offers()] == [holder]
    nothing_hangs(world)


def test_a_door_that_the_named_rider_cannot_take_is_asked_for_once() -> None:
    small = config()
    workers = (structs.replace(one, shift_end_at=at("11:36")) if one.worker_id == "rider-2" else one for one in small.workers)
    world = CoreWorld(structs.replace(small, workers=tuple(workers)))
    visits = {visit.spec.visit_id: visit for visit in (world.file("one"), world.file("two", place=OUT_OF_THE_WAY))}
    world.until("10:35")
    (round_id,) = world.open_offers()
    second = visits[world.state.offers[round_id].made.visit_ids[1]]
    assign(world, second, "rider-1")
    world.answer(round_id, worker_id="rider-2")
    assert second.worker_ids == ["rider-1"]
    assert len(world.open_offers()) == 1
    nothing_hangs(world)


# --- one of two -------------------------------------------------------------------------------------------------------


def test_who_of_two_was_too_soon_with_done_takes_it_back_and_both_are_waited_for() -> None:
    world = Heard()
    visit, one, other = taken_by_two(world)
    for kind in ("arrived", "done", "reopened"):
        world.report(one, kind, visit)
    assert refusals(world) == []
    assert world.believe(visit) == {one, other}
    assert [visit.spec.visit_id in {s.visit_id for s in world.state.workers[w].stops} for w in (one, other)] == [True, True]
    world.report(other, "done", visit)
    assert (visit.state, world.believe(visit)) == (VisitState.ARRIVED, {one})
    world.report(one, "done", visit)
    assert (visit.state, world.believe(visit)) == (VisitState.DONE, set())


@pytest.mark.parametrize("gone", [False, True])
def test_who_of_two_takes_it_back_too_late_or_has_gone_home_is_told_so(gone: bool) -> None:
    world = Heard()
    visit, one, other = taken_by_two(world)
    world.report(one, "arrived", visit)
    world.report(one, "done", visit)
    if gone:
        world.report(one, "shift_off")
    else:
        world.until("13:25")
    world.report(one, "reopened", visit)
    assert refusals(world) == ["correction_too_late"]
    world.report(other, "done", visit)
    assert (visit.state, world.believe(visit)) == (VisitState.DONE, set())


# --- who has gone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "status"), [("dropped_out", "out"), ("shift_off", "ended")])
def test_who_has_gone_home_is_not_back_at_work_after_an_alarm(kind: str, status: str) -> None:
    world = CoreWorld()
    world.until("09:00")
    for said in (kind, "alarm"):
        world.report("carer-1", said)
    world.settle("lone_worker", "relieved")
    world.report("carer-1", "here")
    assert world.state.workers["carer-1"].status == status
