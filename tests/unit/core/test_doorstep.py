"""A door that stays shut: every step has an owner and a deadline, every branch ends with somebody or well."""

import pytest

from streams.contracts.decisions import DoorstepInstructed, VisitState
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld, at


def closed_door(world: CoreWorld, rings: int = 2, **fields: object) -> VisitRecord:
    lunch = world.file("lunch", **fields)
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.until("11:35")
    for kind in ("picked_up", "arrived", "no_answer")[: 3 if rings else 2]:
        world.report("rider-1", kind, lunch)
    if rings > 1:
        world.until("11:40")
        world.report("rider-1", "no_answer", lunch)
    return lunch


def whose(world: CoreWorld) -> tuple[str, str, object]:
    """The one open exception: kind, owner, deadline."""
    (exception_id,) = world.open_exceptions().values()
    record = world.state.exceptions[exception_id]
    return record.raised.kind, record.owner, record.due_at


def instruction(world: CoreWorld) -> str:
    return next(x.instruction for x in world.decisions if isinstance(x, DoorstepInstructed))


def test_the_rider_goes_on_and_the_window_calls_then_kin_then_the_care_manager_looks() -> None:
    world = CoreWorld()
    lunch = closed_door(world)
    assert world.state.workers["rider-1"].stops == []
    assert whose(world) == ("doorstep_call", "coordinator", at("11:45"))
    world.settle("doorstep_call", "no_reply")
    assert whose(world) == ("doorstep_kin", "coordinator", at("11:50"))
    world.settle("doorstep_kin", "no_kin_reached")
    assert whose(world) == ("welfare_check", "care_manager:1144000001", at("12:10"))
    assert lunch.owner == "care_manager:1144000001"
    world.settle("welfare_check", "found_unwell_119")
    assert (lunch.state, lunch.reason, world.open_exceptions()) == (VisitState.FAILED, "found_unwell_119", {})


def test_calls_that_nobody_makes_do_not_hold_up_the_look() -> None:
    world = CoreWorld()
    closed_door(world)
    world.until("11:46")
    assert whose(world)[0] == "doorstep_kin"
    world.until("11:56")
    assert whose(world)[:2] == ("welfare_check", "care_manager:1144000001")
    world.until("12:30")
    assert whose(world)[:2] == ("welfare_check", "coordinator")


def test_who_is_at_greater_risk_is_looked_for_sooner() -> None:
    deadlines = []
    for risk in ("high", "", "low"):
        world = CoreWorld()
        closed_door(world, risk=risk)
        world.settle("doorstep_call", "no_reply")
        world.settle("doorstep_kin", "no_kin_reached")
        deadlines.append(whose(world)[2])
    assert deadlines == [at("11:55"), at("12:10"), at("13:40")]


def test_a_recipient_or_kin_who_says_all_is_well_ends_it() -> None:
    for kind, outcome in (("doorstep_call", "away_confirmed"), ("doorstep_kin", "kin_confirms_well")):
        world = CoreWorld()
        lunch = closed_door(world)
        if kind == "doorstep_kin":
            world.settle("doorstep_call", "no_reply")
        world.settle(kind, outcome)
        assert (lunch.state, lunch.reason, world.open_exceptions()) == (VisitState.FAILED, "recipient_absent", {})


def test_who_will_open_gets_the_meal_from_the_rider_who_has_it() -> None:
    world = CoreWorld()
    lunch = closed_door(world)
    world.settle("doorstep_call", "answered")
    assert lunch.state is VisitState.ARRIVED
    assert [stop.visit_id for stop in world.state.workers["rider-1"].stops] == [lunch.spec.visit_id]
    world.report("rider-1", "done", lunch)
    assert lunch.state is VisitState.DONE


def test_a_door_that_opens_when_the_rider_has_gone_home_is_somebody_elses_visit() -> None:
    world = CoreWorld(rung_wait_s=60)
    lunch = closed_door(world)
    world.report("rider-1", "shift_off")
    world.settle("doorstep_call", "answered")
    world.until("11:45")
    assert lunch.pickup_worker == "rider-1"
    assert {"rider-2"} == set(lunch.worker_ids)


def test_a_late_truth_from_the_door_settles_the_search() -> None:
    world = CoreWorld()
    lunch = closed_door(world)
    world.report("rider-1", "done", lunch)
    assert (lunch.state, world.open_exceptions()) == (VisitState.DONE, {})


def test_only_what_keeps_cold_is_left_and_only_with_consent() -> None:
    told = []
    for kind, consent in (("hot_lunch", True), ("side_dish", False), ("side_dish", True)):
        world = CoreWorld()
        closed_door(world, meal_kind=kind, may_leave_at_door=consent)
        told.append(instruction(world))
    assert told == ["return_to_kitchen", "return_to_kitchen", "leave_at_door"]


@pytest.mark.parametrize("outcome", ["away_confirmed", "answered"])
def test_what_is_left_at_a_closed_door_ends_no_search_and_is_done_when_they_are_known_to_be_well(outcome: str) -> None:
    world = CoreWorld()
    lunch = closed_door(world, meal_kind="side_dish", may_leave_at_door=True)
    world.report("rider-1", "done", lunch, how="at_door")
    assert (lunch.state, whose(world)[0]) == (VisitState.NO_ANSWER, "doorstep_call")
    world.settle("doorstep_call", outcome)
    assert (lunch.state, world.open_exceptions()) == (VisitState.DONE, {})
    assert lunch.done_at == at("11:40")  # when it was left


def test_a_closed_door_that_is_heard_of_after_the_box_was_left_there_is_looked_behind_all_the_same() -> None:
    """The reports of a phone without a network come in any order."""
    world = CoreWorld()
    lunch = closed_door(world, rings=0, meal_kind="side_dish", may_leave_at_door=True)
    world.report("rider-1", "done", lunch, how="at_door")
    assert (lunch.state, world.open_exceptions()) == (VisitState.DONE, {})
    world.report("rider-1", "no_answer", lunch)
    assert (lunch.state, whose(world)[0]) == (VisitState.DONE, "welfare_check")
    world.settle("welfare_check", "found_well")
    assert world.report("rider-1", "no_answer", lunch) == []
    assert world.open_exceptions() == {}


def test_a_door_behind_which_nobody_is_found_is_not_done_because_a_box_stands_there() -> None:
    world = CoreWorld()
    lunch = closed_door(world, meal_kind="side_dish", may_leave_at_door=True)
    world.report("rider-1", "done", lunch, how="at_door")
    world.settle("doorstep_call", "no_reply")
    world.settle("doorstep_kin", "no_kin_reached")
    assert whose(world)[0] == "welfare_check"
    world.settle("welfare_check", "found_unwell_119")
    assert (lunch.state, lunch.reason) == (VisitState.FAILED, "found_unwell_119")


def test_who_leaves_it_after_the_first_ring_starts_the_search_and_a_repeat_changes_nothing() -> None:
    world = CoreWorld()
    lunch = closed_door(world, rings=1)
    world.report("rider-1", "done", lunch, how="at_door")
    assert (lunch.state, whose(world)[0], instruction(world)) == (VisitState.NO_ANSWER, "doorstep_call", "return_to_kitchen")
    assert world.state.workers["rider-1"].stops == []
    assert world.report("rider-1", "done", lunch, how="at_door") == []
    world.report("rider-1", "done", lunch, how="to_person")  # the truth: somebody came to the door after all
    assert (lunch.state, world.open_exceptions()) == (VisitState.DONE, {})
