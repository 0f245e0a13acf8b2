"""A coordinator overrules the plan: by hand, with warnings and refusals that name the rules; and takes it back."""

from datetime import datetime
from typing import Any

from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import Place, Service
from streams.contracts.inputs import AssignVisit, ForbidWorker, LetPlanDecide, LockStop, SwapVisits, UndoCommand
from streams.core.as_routing import route_of
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld, at
from tests.unit.core.test_errands import begins, errand, town


def care(world: CoreWorld, reference: str, **fields: Any) -> VisitRecord:
    base: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"),
        service_duration_s=900,
    )  # fmt: skip
    return world.file(reference, **(base | fields))


def settled(world: CoreWorld) -> tuple[str, tuple[str, ...]]:
    answer = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return answer.code or answer.outcome, answer.rules


def assign(world: CoreWorld, visit: VisitRecord, worker_id: str, key: str = "1", **more: Any) -> tuple[str, tuple[str, ...]]:
    expected = {name: more.pop(name) for name in ("expected_version",) if name in more}
    command = AssignVisit(command_id=f"assign-{key}", visit_id=visit.spec.visit_id, worker_id=worker_id, **more)
    world.send(command, actor="coordinator", **expected)
    return settled(world)


def undo(world: CoreWorld, command_id: str, key: str = "1") -> str:
    world.send(UndoCommand(command_id=f"undo-{key}", undone_command_id=command_id), actor="coordinator")
    return settled(world)[0]


def test_a_visit_given_by_hand_stays_with_that_worker() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    assert assign(world, visit, "carer-2") == ("accepted", ())
    assert assign(world, visit, "carer-1", key="2") == ("accepted", ())
    assert (visit.worker_ids, visit.pinned_id) == (["carer-1"], "carer-1")
    assert world.state.workers["carer-2"].stops == []
    assert assign(world, visit, "carer-1", key="3") == ("duplicate", ())
    world.until("12:00")
    assert (visit.worker_ids, visit.state) == (["carer-1"], VisitState.ACCEPTED)


def test_a_chosen_worker_who_says_no_does_not_leave_the_visit_to_nobody() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    assign(world, visit, "carer-2")
    world.until("11:35")
    (offer_id,) = world.open_offers()
    world.answer(offer_id, "offer_declined")
    assert visit.worker_ids == ["carer-1"]
    assert "choice_failed" in world.open_exceptions()


def test_every_hard_rule_in_the_way_is_named_and_nothing_moves() -> None:
    world = CoreWorld()
    visit = care(world, "a", required_skills=("insulin",), gender="female")
    before = visit.changes
    assert assign(world, visit, "carer-3", waive=("area",), reason="known_face") == (
        "worker_not_able", ("skill", "gender", "area"),
    )  # fmt: skip
    assert visit.changes == before
    assert assign(world, visit, "rider-1", key="2") == ("worker_not_able", ("kind",))


def test_a_breakable_rule_needs_a_reason_and_the_help_is_told() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    assert assign(world, visit, "carer-3", waive=("area",)) == ("worker_not_able", ("area",))
    assert assign(world, visit, "carer-3", key="2", waive=("area",), reason="known_face") == ("accepted", ("from_another_area",))
    assert (visit.worker_ids, visit.waived_rules) == (["carer-3"], ["area"])


def test_what_is_under_way_stays_and_what_changed_meanwhile_is_told() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    assert assign(world, visit, "carer-2", expected_version=99)[0] == "version_conflict"
    assign(world, visit, "carer-1", key="2")
    world.until("12:40")
    assert visit.state is VisitState.ACCEPTED  # own staff
    world.report("carer-1", "en_route", visit)
    assert assign(world, visit, "carer-2", key="3")[0] == "started_stays"
    world.cancel(visit)
    assert assign(world, visit, "carer-2", key="4")[0] == "already_closed"


def test_a_worker_without_room_is_refused_before_anything_moves() -> None:
    world = CoreWorld()
    assign(world, care(world, "long", service_duration_s=7000, window_end_at=at("13:10"), due_at=at("13:10")), "carer-1")
    visit = care(world, "b", window_end_at=at("13:20"), due_at=at("13:20"))
    before = (list(visit.worker_ids), visit.changes)
    assert assign(world, visit, "carer-1", key="2") == ("no_worker_free", ("no_room",))
    assert (visit.worker_ids, visit.changes) == before


def test_a_forbidden_worker_is_replaced_and_never_comes_back() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    had = visit.worker_ids[0]
    world.send(ForbidWorker(command_id="f", visit_id=visit.spec.visit_id, worker_id=had, reason="asked_by_recipient"))
    assert settled(world)[0] == "accepted"
    assert had not in visit.worker_ids
    assert assign(world, visit, had)[0] == "worker_not_able"
    world.send(LetPlanDecide(command_id="l", visit_id=visit.spec.visit_id))
    assert (visit.forbidden_ids, settled(world)[0]) == ([], "accepted")


def lock(world: CoreWorld, visit: VisitRecord, key: str = "1") -> str:
    world.send(LockStop(command_id=f"lock-{key}", visit_id=visit.spec.visit_id), actor="coordinator")
    return settled(world)[0]


def stops(world: CoreWorld, worker_id: str) -> list[tuple[str, datetime]]:
    return [(stop.visit_id, stop.begin_at) for stop in world.state.workers[worker_id].stops]


def locked_count(world: CoreWorld, worker_id: str) -> int:
    return route_of(world.state, world.state.workers[worker_id]).locked_count


def test_nothing_comes_before_a_stop_that_is_locked_until_the_plan_decides_again() -> None:
    only = dict(excluded_workers=("carer-2", "carer-3"))
    urgent = dict(window_end_at=at("13:30"), due_at=at("13:15"), **only)
    plain, world = CoreWorld(), CoreWorld()
    for one in (plain, world):
        visit = care(one, "a", **only)
        second = care(one, "b", due_at=at("13:30"), **only)
    assert lock(world, visit) == "accepted"
    assert lock(world, visit, key="2") == "duplicate"
    where = [one for one, _ in stops(world, "carer-1")].index(visit.spec.visit_id) + 1
    assert locked_count(world, "carer-1") == where
    fixed = stops(world, "carer-1")[:where]
    for one in (plain, world):
        care(one, "urgent", priority=0, place=Place(0.0, 610.0), **urgent)
    assert stops(plain, "carer-1")[:where] != fixed, "it would have come first"
    assert stops(world, "carer-1")[:where] == fixed
    world.send(LetPlanDecide(command_id="free", visit_id=visit.spec.visit_id))
    assert settled(world)[0] == "accepted"
    assert (locked_count(world, "carer-1"), visit.pinned_id) == (0, "")
    assert second.worker_ids == ["carer-1"]


def test_a_lock_ends_with_what_it_held_and_is_undone_like_every_order() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    lock(world, visit)
    assert undo(world, "lock-1") == "accepted"
    assert (world.state.locked, visit.pinned_id) == ([], "")
    lock(world, visit, key="2")
    had = visit.worker_ids[0]
    world.send(ForbidWorker(command_id="f", visit_id=visit.spec.visit_id, worker_id=had, reason="asked"))
    assert (world.state.locked, visit.pinned_id) == ([], "")
    lock(world, visit, key="3")
    assert world.state.locked == [visit.spec.visit_id]
    world.cancel(visit)
    assert world.state.locked == []
    nobody = care(world, "b", required_skills=("nursing",))
    assert lock(world, nobody, key="4") == "nothing_to_lock"


def test_a_parcel_that_was_locked_in_gives_way_to_a_meal_when_the_lock_is_undone() -> None:
    """Found by random histories: what is locked stays whatever comes behind it, so a meal was put behind the parcel."""
    world = CoreWorld(town())
    only = dict(excluded_workers=("rider-2",))
    parcel = errand(world, "parcel", service=Service.LOCAL_PARCEL, place=Place(0.0, 900.0), due_at=at("12:20"), **only)
    assert lock(world, parcel) == "accepted"
    lunch = world.file("lunch", ready_at=at("09:20"), window_start_at=at("09:30"), due_at=at("10:00"), **only)
    free = CoreWorld(town())
    alone = free.file("lunch", ready_at=at("09:20"), window_start_at=at("09:30"), due_at=at("10:00"), **only)
    assert begins(world, lunch)["visit"] > begins(free, alone)["visit"]
    assert undo(world, "lock-1") == "accepted"
    assert begins(world, lunch) == begins(free, alone)
    assert begins(world, parcel)["visit"] > begins(world, lunch)["visit"]


def test_two_workers_swap_their_visits_or_nothing_moves() -> None:
    world = CoreWorld()
    north, other = care(world, "north"), care(world, "other", place=Place(0.0, 900.0))
    assign(world, north, "carer-1")
    assign(world, other, "carer-2", key="2")
    world.send(SwapVisits(command_id="s", visit_id=north.spec.visit_id, other_visit_id=other.spec.visit_id))
    assert settled(world) == ("accepted", ())
    assert (north.worker_ids, other.worker_ids) == (["carer-2"], ["carer-1"])
    world.send(SwapVisits(command_id="t", visit_id=north.spec.visit_id, other_visit_id=north.spec.visit_id))
    assert settled(world)[0] == "nothing_to_swap"


def test_ten_minutes_to_undo_an_assignment() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    planned = list(visit.worker_ids)
    assign(world, visit, "carer-2" if planned == ["carer-1"] else "carer-1")
    assert undo(world, "assign-1") == "accepted"
    assert (visit.worker_ids, visit.pinned_id) == (planned, "")
    assert undo(world, "assign-1", key="2") == "nothing_to_undo"


def test_a_cancellation_is_undone_too_but_not_after_ten_minutes() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    had = list(lunch.worker_ids)
    world.cancel(lunch)
    assert undo(world, "cancel-lunch") == "accepted"
    assert (lunch.state, lunch.worker_ids) == (VisitState.PLANNED, had)
    second = world.file("second")
    world.cancel(second)
    world.until("07:11")
    assert undo(world, "cancel-second", key="2") == "undo_too_late"
    assert second.state is VisitState.CANCELLED


def test_a_visit_for_two_is_not_given_to_one() -> None:
    world = CoreWorld()
    visit = care(world, "pair", worker_count=2)
    assert assign(world, visit, "carer-1")[0] == "two_workers_needed"
