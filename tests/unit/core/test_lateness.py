"""Somebody said yes and will come well after what was promised: the recipient is told, and the coordinator has it."""

from streams.contracts.decisions import NoticeDue, VisitState
from streams.contracts.inputs import KitchenReported
from streams.core.state import VisitRecord
from tests.core_world import KITCHEN, CoreWorld, at
from tests.unit.core.test_provider_failure import fails, told, two_kitchens


def accepted(world: CoreWorld) -> VisitRecord:
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    assert lunch.state is VisitState.ACCEPTED
    return lunch


def kitchen_says(world: CoreWorld, hhmm: str) -> list[NoticeDue]:
    world.send(KitchenReported(report_id=f"ready-{hhmm}", kitchen_id="k1", ready_at=at(hhmm)), organisation=KITCHEN)
    return [x for x in world.decisions if isinstance(x, NoticeDue)]


def told_late(world: CoreWorld) -> list[NoticeDue]:
    return [x for x in world.log if isinstance(x, NoticeDue)]


def test_a_lunch_that_will_be_late_is_the_coordinators_and_the_recipient_is_told_once() -> None:
    world = CoreWorld()
    lunch = accepted(world)
    assert len(kitchen_says(world, "13:10")) == 1
    record = world.state.exceptions[world.open_exceptions()["expected_late"]]
    assert (record.raised.subject, record.owner) == (lunch.spec.visit_id, "coordinator")
    assert lunch.owner == "coordinator"


def test_a_few_minutes_are_nobodys_row() -> None:
    world = CoreWorld(expected_late_s=7200)
    accepted(world)
    kitchen_says(world, "13:10")
    assert "expected_late" not in world.open_exceptions()


def test_it_is_over_when_the_rider_is_there_or_nobody_waits_any_more() -> None:
    for ends in ("door", "cancelled"):
        world = CoreWorld()
        lunch = accepted(world)
        kitchen_says(world, "13:10")
        assert "expected_late" in world.open_exceptions()
        if ends == "door":
            world.until("13:10")
            world.report("rider-1", "picked_up", lunch)
            world.report("rider-1", "arrived", lunch)
        else:
            world.cancel(lunch)
        assert "expected_late" not in world.open_exceptions(), ends


def test_a_rider_who_falls_behind_without_any_kitchen_is_told_of_too() -> None:
    world = CoreWorld(expected_late_s=300, worker_silence_s=20_000)
    first, second = world.file("first"), world.file("second")
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.report("rider-1", "picked_up", first, second)
    world.until("12:20")
    world.report("rider-1", "arrived", first)
    world.until("12:45")
    world.report("rider-1", "done", first)
    assert second.state is VisitState.PICKED_UP
    assert [x.visit_id for x in told_late(world)] == [second.spec.visit_id]
    assert "expected_late" in world.open_exceptions()


def test_who_telephoned_is_not_asked_to_again_for_the_same_delay() -> None:
    world = CoreWorld()
    accepted(world)
    kitchen_says(world, "13:10")
    world.settle("expected_late", "told_by_phone")
    kitchen_says(world, "13:15")
    assert "expected_late" not in world.open_exceptions()
    kitchen_says(world, "13:40")
    assert "expected_late" in world.open_exceptions(), "half an hour more is another delay"


def test_it_is_over_when_the_door_before_it_falls_away() -> None:
    world = CoreWorld(expected_late_s=2700)
    first, second = world.file("first", service_duration_s=1500), world.file("second")
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    kitchen_says(world, "13:10")
    (late,) = [x.raised.subject for x in world.state.exceptions.values() if x.raised.kind == "expected_late"]
    world.cancel(second if late == first.spec.visit_id else first)
    assert "expected_late" not in world.open_exceptions()


def test_who_was_told_of_the_delay_by_a_failed_kitchen_is_not_told_of_it_again() -> None:
    world = CoreWorld(two_kitchens({"expected_late_s": 600}, take_over_s=10_200))
    lunch = world.file("lunch")
    world.until("10:00")
    fails(world, KITCHEN)
    assert told(world) == [(lunch.spec.visit_id, "late")]
    world.until("12:30")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    assert lunch.state is VisitState.ACCEPTED
    assert "expected_late" in world.open_exceptions()
    assert told_late(world) == []
