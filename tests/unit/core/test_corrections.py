"""A mis-tap is taken back by the worker within minutes, by a coordinator later; the ledger follows, history keeps both."""

from streams.contracts.decisions import CommandSettled, ReportRefused, VisitChanged, VisitState
from streams.contracts.inputs import CorrectVisit
from streams.core.ledger import ledger
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld


def carried(world: CoreWorld, ended: str, **more: str) -> VisitRecord:
    """A lunch at its door at 11:30, and how that ended."""
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.until("11:25")
    world.report("rider-1", "picked_up", lunch)
    world.until("11:30")
    world.report("rider-1", ended, lunch, **more)
    return lunch


def delivered(world: CoreWorld) -> VisitRecord:
    return carried(world, "done")


def correct(world: CoreWorld, visit: VisitRecord, outcome: str, *, key: str = "1", **more: object) -> str:
    command = CorrectVisit(command_id=f"fix-{key}", visit_id=visit.spec.visit_id, outcome=outcome, reason="told_by_recipient")
    world.send(command, actor="coordinator", **more)
    settled = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return settled.code or settled.outcome


def test_a_rider_takes_back_a_mis_tap_and_the_door_is_the_next_stop_again() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.until("11:33")
    world.report("rider-1", "reopened", lunch)
    assert (lunch.state, lunch.done_at, lunch.arrived_at) == (VisitState.ARRIVED, None, None)
    assert [stop.visit_id for stop in world.state.workers["rider-1"].stops] == [lunch.spec.visit_id]
    assert ledger(world.state).open == 1
    world.report("rider-1", "done", lunch)
    assert (lunch.state, ledger(world.state).done) == (VisitState.DONE, 1)
    events = [x.event.value for x in world.log if isinstance(x, VisitChanged) and x.visit_id == lunch.spec.visit_id]
    assert events[-3:] == ["done", "reopened", "done"]


def test_the_sheets_lateness_is_that_of_the_real_delivery() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    assert ledger(world.state).lateness_mean_min == 0
    world.report("rider-1", "reopened", lunch)
    world.until("12:50")
    world.report("rider-1", "done", lunch)
    assert ledger(world.state).lateness_mean_min == 20


def test_after_a_few_minutes_the_rider_asks_the_window() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.until("11:36")
    world.report("rider-1", "reopened", lunch)
    assert [x.code for x in world.decisions if isinstance(x, ReportRefused)] == ["correction_too_late"]
    assert lunch.state is VisitState.DONE


def test_nobody_elses_tap_is_taken_back_and_a_second_time_changes_nothing() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.report("rider-2", "reopened", lunch)
    assert [x.code for x in world.decisions if isinstance(x, ReportRefused)] == ["not_your_visit"]
    world.report("rider-1", "reopened", lunch)
    changes = lunch.changes
    world.report("rider-1", "reopened", lunch)
    assert (lunch.state, lunch.changes) == (VisitState.ARRIVED, changes)


def test_a_visit_failed_by_mistake_loses_its_exception_when_it_is_reopened() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.until("11:30")
    world.report("rider-1", "picked_up", lunch)
    world.report("rider-1", "failed", lunch, reason="recipient_refused")
    assert "visit_failed" in world.open_exceptions()
    world.report("rider-1", "reopened", lunch)
    assert lunch.state is VisitState.ARRIVED
    assert "visit_failed" not in world.open_exceptions()


def test_a_coordinator_corrects_delivered_to_failed_and_back() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.until("15:00")
    assert correct(world, lunch, "failed") == "accepted"
    assert (lunch.state, lunch.reason, ledger(world.state).failed) == (VisitState.FAILED, "told_by_recipient", 1)
    assert correct(world, lunch, "failed", key="2") == "duplicate"
    assert correct(world, lunch, "done", key="3") == "accepted"
    assert (lunch.state, ledger(world.state).done) == (VisitState.DONE, 1)


def test_it_did_not_come_means_that_somebody_brings_it() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.until("11:50")
    assert correct(world, lunch, "open") == "accepted"
    assert lunch.state is VisitState.OFFERED  # its time is near: somebody is asked at once
    assert {"pickup", "visit"} == {s.kind for w in world.state.workers.values() for s in w.stops}


def test_a_cancelled_visit_is_taken_up_again() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.cancel(lunch)
    assert correct(world, lunch, "open") == "accepted"
    assert lunch.state is VisitState.PLANNED


def test_a_correction_of_what_is_open_unknown_or_changed_meanwhile_is_refused() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    assert correct(world, lunch, "done") == "out_of_order"
    assert correct(world, lunch, "gone", key="2") == "outcome_not_allowed"
    assert correct(world, lunch, "failed", key="3", expected_version=99) == "version_conflict"
    assert correct(world, lunch, "open", key="4") == "duplicate"


def test_what_was_taken_back_and_then_forgotten_is_not_lost() -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.report("rider-1", "reopened", lunch)
    world.until("18:00")
    assert world.open_exceptions() or lunch.state is VisitState.HANDED_OVER
