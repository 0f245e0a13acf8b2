"""The index kept by the caller: single routes, visits and workers change in place."""

from __future__ import annotations

from dataclasses import replace

from routing import Insertion, Place, PlanIndex, timetables
from tests.worlds import at, care, carer, clock, in_progress, meal, plan, planned, random_world, rider, route, world


def test_it_answers_like_the_pure_function() -> None:
    problem, start = in_progress(random_world(3), 3)
    index = PlanIndex(problem, start)
    assert {w: index.timetable(w) for w in start.routes} == timetables(problem, start)


def test_a_worker_who_is_late_makes_the_route_late() -> None:
    problem = world([carer()], [care(1, 300)])
    index = PlanIndex(problem, plan(route("carer-1", "care-1")))
    problem.workers["carer-1"] = replace(problem.workers["carer-1"], free_s=at("10:00"))  # type: ignore[index]
    index.set_worker("carer-1")
    assert clock(index.timetable("carer-1")[0].begin_s) == "10:05"


def test_a_visit_that_changed_is_read_when_its_route_is_set_again() -> None:
    problem = world([rider()], [meal(1, 300)])
    index = PlanIndex(problem, plan(route("rider-1", "+home-1", "home-1")))
    problem.visits["home-1"] = meal(1, 300, ready="09:30")  # type: ignore[index]
    index.set_route(index.route("rider-1"))
    assert clock(index.timetable("rider-1")[0].begin_s) == "09:30"


def test_a_worker_who_is_elsewhere_later_or_quicker_has_the_times_of_a_plan_made_anew() -> None:
    problem, start = in_progress(random_world(5), 5)
    index = PlanIndex(problem, start)
    moves = (
        {"free_s": at("11:30")}, {"place": Place(900, -400)}, {"mode": "bicycle"}, {"end": Place(50, 50)}, {"capacity_boxes": 1},
    )  # fmt: skip
    for worker_id in start.routes:
        for change in moves:
            problem.workers[worker_id] = replace(problem.workers[worker_id], **change)  # type: ignore[index, arg-type]
            index.set_worker(worker_id)
            anew = PlanIndex(problem, start)
            assert index.timetable(worker_id) == anew.timetable(worker_id), change
            assert index.price(worker_id) == anew.price(worker_id), change
            assert index.is_feasible(worker_id) is anew.is_feasible(worker_id), change


def test_workers_come_and_go() -> None:
    problem = world([carer(1)], [care(1, 300), care(2, 0, 300)])
    index = PlanIndex(problem)
    problem.workers["carer-2"] = carer(2, place=Place(300, 0))  # type: ignore[index]
    index.set_worker("carer-2")
    found = index.insert(problem.visits["care-1"])
    assert isinstance(found, Insertion)
    assert found.routes[0].worker_id == "carer-2"
    index.remove("carer-2")
    index.remove("carer-2")
    found = index.insert(problem.visits["care-1"])
    assert isinstance(found, Insertion)
    assert found.routes[0].worker_id == "carer-1"


def test_a_long_route_and_many_workers_do_not_overflow() -> None:
    problem = world([carer(n, shift_end_s=at("23:00")) for n in range(3)], [])
    index = PlanIndex(problem)
    for number in range(40):
        visit = care(number, 10 * number, service_duration_s=60, pinned_worker_ids=frozenset({"carer-1"}))
        problem.visits[visit.visit_id] = visit  # type: ignore[index]
        found = index.insert(visit)
        assert isinstance(found, Insertion)
        index.set_route(found.routes[0])
    for number in range(3, 30):
        problem.workers[f"carer-{number}"] = carer(number)  # type: ignore[index]
        index.set_worker(f"carer-{number}")
    assert len(index.route("carer-1").stops) == 40
    assert len(index.worker_ids()) == 30


def test_insertion_changes_nothing_by_itself() -> None:
    problem = random_world(2)
    index = planned(problem)
    before = index.plan()
    index.insert(care(99, 1000, 1000))
    assert index.plan() == before


def test_when_one_of_two_is_late_the_other_waits() -> None:
    problem = world([carer(1), carer(2)], [care(1, 300, worker_count=2), care(2, 600)])
    index = PlanIndex(problem, plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1")))
    problem.workers["carer-2"] = replace(problem.workers["carer-2"], free_s=at("09:30"))  # type: ignore[index]
    index.set_worker("carer-2")
    assert [clock(t.begin_s) for t in index.timetable("carer-1")] == ["09:35", "10:40"]
    index.remove("carer-2")
    assert [clock(t.begin_s) for t in index.timetable("carer-1")] == ["09:05", "10:10"]


def test_a_visit_for_two_that_is_gone_frees_both_one_after_the_other() -> None:
    problem = world([carer(1), carer(2)], [care(1, 300, worker_count=2), care(2, 600)])
    index = PlanIndex(problem, plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1")))
    del problem.visits["care-1"]  # type: ignore[attr-defined]
    index.set_route(route("carer-1", "care-2"))
    index.set_route(route("carer-2"))
    assert [clock(t.begin_s) for t in index.timetable("carer-1")] == ["09:10"]


def test_waiting_in_a_circle_gives_the_same_times_by_every_way() -> None:
    problem = world([carer(1), carer(2)], [care(1, 0, worker_count=2), care(2, 0, worker_count=2)])
    circle = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-2", "care-1"))
    fresh = PlanIndex(problem, circle)
    kept = PlanIndex(problem, plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1", "care-2")))
    kept.set_route(circle.routes["carer-2"])
    for worker_id in circle.routes:
        assert kept.timetable(worker_id) == fresh.timetable(worker_id) == timetables(problem, circle)[worker_id]
    kept.set_route(route("carer-2", "care-1", "care-2"))
    assert [clock(t.begin_s) for t in kept.timetable("carer-2")] == ["09:00", "10:00"]
