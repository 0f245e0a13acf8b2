"""Reports settle to one state whatever their order or number; what the state forbids is refused; trouble finds an owner."""

from streams.contracts.decisions import ReportRefused, VisitState
from streams.contracts.inputs import KitchenReported
from streams.core.ledger import ledger
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, KITCHEN, CoreWorld, at


def refused(world: CoreWorld) -> str:
    return next(decision.code for decision in world.decisions if isinstance(decision, ReportRefused))


def accepted_lunches(world: CoreWorld, count: int) -> list[VisitRecord]:
    visits = [world.file(f"lunch-{n}") for n in range(count)]
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    return visits


def test_a_meal_goes_from_the_kitchen_to_the_door() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.until("11:20")
    world.report("rider-1", "picked_up", lunch)
    assert lunch.state is VisitState.PICKED_UP
    world.until("11:32")
    world.report("rider-1", "arrived", lunch)
    world.report("rider-1", "done", lunch, how="to_person")
    assert (lunch.state, lunch.arrived_at, lunch.done_at) == (VisitState.DONE, at("11:32"), at("11:32"))
    assert world.state.workers["rider-1"].stops == []


def test_a_delivery_before_its_pickup_is_refused() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.report("rider-1", "done", lunch)
    assert refused(world) == "out_of_order"
    assert lunch.state is VisitState.ACCEPTED


def test_a_report_on_anothers_visit_or_worker_is_refused() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.report("rider-2", "picked_up", lunch)
    assert refused(world) == "not_your_visit"
    world.report("rider-1", "picked_up", lunch, organisation=CENTRE)
    assert refused(world) == "not_your_worker"


def test_repeated_reports_change_nothing() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    for kind in ("picked_up", "arrived", "done"):
        world.report("rider-1", kind, lunch)
        changes = lunch.changes
        world.report("rider-1", kind, lunch)
        assert lunch.changes == changes
    world.report("rider-1", "picked_up", lunch)
    assert lunch.state is VisitState.DONE


def test_nobody_answers_twice_and_the_rider_goes_on_while_people_look() -> None:
    world = CoreWorld()
    first, second = accepted_lunches(world, 2)
    world.report("rider-1", "picked_up", first, second)
    world.until("11:35")
    world.report("rider-1", "arrived", first)
    world.report("rider-1", "no_answer", first)
    assert first.state is VisitState.NO_ANSWER
    world.until("11:40")
    world.report("rider-1", "no_answer", first)
    assert first.owner == "coordinator"
    assert [stop.visit_id for stop in world.state.workers["rider-1"].stops] == [second.spec.visit_id]
    world.until("11:56")
    assert first.owner == "care_manager:1144000001"
    world.settle("welfare_check", "found_well")
    assert (first.state, first.reason) == (VisitState.FAILED, "recipient_absent")


def test_a_rider_who_forgets_the_closed_door_does_not_hide_it() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.report("rider-1", "picked_up", lunch)
    world.report("rider-1", "no_answer", lunch)
    world.until("12:00")
    assert "welfare_check" in world.open_exceptions()


def test_a_rider_drops_out_and_another_collects_the_meals_in_the_box() -> None:
    world = CoreWorld(rung_wait_s=60)
    first, second = accepted_lunches(world, 2)
    world.report("rider-1", "picked_up", first)
    world.report("rider-1", "dropped_out", reason="accident")
    world.until("10:40")
    assert first.pickup_worker == "rider-1"
    assert second.pickup_worker == ""
    assert first.worker_ids == second.worker_ids == ["rider-2"]
    assert "worker_dropped_out" in world.open_exceptions()
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.report("rider-2", "picked_up", first, second)
    for visit in (first, second):
        world.report("rider-2", "arrived", visit)
        world.report("rider-2", "done", visit)
    assert {first.state, second.state} == {VisitState.DONE}


def test_a_late_kitchen_moves_the_expected_times() -> None:
    world = CoreWorld()
    accepted_lunches(world, 1)
    world.send(KitchenReported(report_id="late", kitchen_id="k1", ready_at=at("12:10")), organisation=KITCHEN)
    assert world.state.workers["rider-1"].stops[0].begin_at >= at("12:10")
    assert "kitchen_late" in world.open_exceptions()


def test_a_door_reached_after_the_hand_over_corrects_the_ledger() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.report("rider-1", "picked_up", lunch)
    world.close()
    assert lunch.state is VisitState.HANDED_OVER
    world.report("rider-1", "done", lunch)
    assert lunch.state is VisitState.DONE


def test_what_nobody_takes_in_time_is_handed_to_the_coordinator() -> None:
    world = CoreWorld()
    lunch = world.file("lunch-1", required_skills=("nobody-has-this",))
    world.until("14:00")
    assert (lunch.state, lunch.reason) == (VisitState.HANDED_OVER, "not_served_in_time")
    assert lunch.owner == "operator"  # neither the coordinator nor the district office answered in all that time


def test_an_exception_nobody_answers_climbs_to_the_next_owner() -> None:
    world = CoreWorld(rung_wait_s=60)
    world.file("lunch-1", required_skills=("nobody-has-this",))
    world.until("09:00")
    record = next(iter(world.state.exceptions.values()))
    assert record.owner == "operator"


def test_a_report_that_comes_late_counts_from_when_it_happened() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.until("11:20")
    world.report("rider-1", "picked_up", lunch)
    world.until("12:05")  # a dead spot: the phone had no network for half an hour
    world.report("rider-1", "arrived", lunch, occurred_at=at("11:32"))
    world.report("rider-1", "done", lunch, occurred_at=at("11:34"))
    assert (lunch.arrived_at, lunch.done_at) == (at("11:32"), at("11:34"))
    assert ledger(world.state).on_time_share == 1.0


def test_a_phone_with_a_wrong_clock_moves_nothing_before_its_step_or_after_now() -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.until("11:20")
    world.report("rider-1", "picked_up", lunch)
    world.until("11:32")
    world.report("rider-1", "arrived", lunch, occurred_at=at("09:00"))
    assert lunch.arrived_at == at("11:20")
    world.report("rider-1", "done", lunch, occurred_at=at("18:00"))
    assert lunch.done_at == at("11:32")
