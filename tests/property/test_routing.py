"""Whatever the day: insertion is the cheapest that breaks no promise, plans pass the checker, an index kept up to
date equals a fresh one, and solving never makes a plan worse."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings, strategies as st

from routing import (
    Budget,
    Insertion,
    Plan,
    PlanIndex,
    Problem,
    Route,
    Stop,
    Unassignable,
    Violation,
    Visit,
    check,
    insert,
    price,
    solve,
    timetables,
)
from tests.worlds import in_progress, planned, random_world

SEEDS = st.integers(0, 100_000)
few = settings(derandomize=True, deadline=None, max_examples=25)
some = settings(derandomize=True, deadline=None, max_examples=60)


def kitchen(problem: Problem, stop: Stop) -> str:
    pickup = problem.visits[stop.visit_id].pickup
    return pickup.kitchen_id if stop.kind == "pickup" and pickup is not None else ""


def torn(problem: Problem, stops: tuple[Stop, ...], position: int) -> bool:
    """Does this position lie inside a pickup stop?"""
    inside = 0 < position < len(stops)
    return inside and kitchen(problem, stops[position - 1]) == kitchen(problem, stops[position]) != ""


def every_way(problem: Problem, before: Route, visit: Visit) -> Iterator[tuple[tuple[int, ...], Route]]:
    stops = before.stops
    for door in range(before.locked_count, len(stops) + 1):
        if torn(problem, stops, door):
            continue
        if visit.pickup is None:
            yield (door,), put(before, (door, Stop(visit.visit_id, "visit")))
            continue
        for taken_up in range(before.locked_count, door + 1):
            first_of_its_kind = taken_up < len(stops) and kitchen(problem, stops[taken_up]) == visit.pickup.kitchen_id
            if not torn(problem, stops, taken_up) and not first_of_its_kind:  # one joins at the end of a pickup stop
                meal = (taken_up, Stop(visit.visit_id, "pickup")), (door + 1, Stop(visit.visit_id, "visit"))
                yield (taken_up, door + 1), put(before, *meal)


def put(route: Route, *placed: tuple[int, Stop]) -> Route:
    stops = list(route.stops)
    for position, stop in placed:
        stops.insert(position, stop)
    return replace(route, stops=tuple(stops))


def promises_kept(problem: Problem, before: Plan, after: Plan) -> bool:
    old, new = timetables(problem, before), timetables(problem, after)
    for worker_id, route in before.routes.items():
        begins = dict(zip(after.routes[worker_id].stops, new[worker_id], strict=True))
        for position, (stop, time) in enumerate(zip(route.stops, old[worker_id], strict=True)):
            visit = problem.visits[stop.visit_id]
            until = max(time.begin_s, visit.due_s)
            if visit.worker_count > 1 or position < route.locked_count:
                until = time.begin_s
            if stop.kind == "visit" and begins[stop].begin_s > until:
                return False
            if position < route.locked_count and begins[stop].depart_s > time.depart_s:
                return False
    return True


def cheapest_by_trying(problem: Problem, start: Plan, visit: Visit) -> tuple[int, str, tuple[int, ...], Route] | None:
    without = price(problem, start)
    unserved = price(replace(problem, visits={visit.visit_id: visit}), Plan({}))
    best = None
    for worker_id in problem.workers:
        for positions, route in every_way(problem, start.routes.get(worker_id) or Route(worker_id), visit):
            after = Plan({**start.routes, worker_id: route})
            if check(problem, after) or not promises_kept(problem, start, after):
                continue
            key = (price(problem, after) - without + unserved, worker_id, positions, route)
            if best is None or key[:3] < best[:3]:
                best = key
    return best


@few
@given(SEEDS)
def test_insertion_is_what_trying_every_way_finds(seed: int) -> None:
    rng = random.Random(seed)
    problem = random_world(seed, riders=2, meals=6, carers=2, cares=5)
    index = PlanIndex(problem)
    for visit_id in rng.sample(sorted(problem.visits), len(problem.visits)):
        visit = problem.visits[visit_id]
        found = index.insert(visit)
        if visit.worker_count == 1:
            tried = cheapest_by_trying(problem, index.plan(), visit)
            if tried is None:
                assert isinstance(found, Unassignable)
            else:
                assert isinstance(found, Insertion)
                assert (found.price, found.routes) == (tried[0], (tried[3],))
        if isinstance(found, Insertion):
            for route in found.routes:
                index.set_route(route)
            last = found.routes[-1]
            if rng.random() < 0.3:
                index.set_route(replace(last, locked_count=rng.randint(0, len(last.stops))))


@some
@given(SEEDS)
def test_insertion_on_a_running_day_breaks_nothing(seed: int) -> None:
    problem, start = in_progress(random_world(seed), seed)
    assigned = {stop.visit_id for route in start.routes.values() for stop in route.stops}
    for visit_id in sorted(set(problem.visits) - assigned):
        found = insert(problem, start, problem.visits[visit_id])
        assert found == insert(problem, start, problem.visits[visit_id])
        if isinstance(found, Insertion):
            after = Plan({**start.routes, **{r.worker_id: r for r in found.routes}})
            assert worse(check(problem, start), check(problem, after, start)) == []
            assert promises_kept(problem, start, after)
            served = price(problem, start) - price(replace(problem, visits={visit_id: problem.visits[visit_id]}), Plan({}))
            assert price(problem, after) == served + found.price
            begins = {
                time.begin_s
                for worker_id, times in timetables(problem, after).items()
                for stop, time in zip(after.routes[worker_id].stops, times, strict=True)
                if stop == Stop(visit_id, "visit")
            }
            assert begins == {found.begin_s}


def worse(before: list[Violation], after: list[Violation]) -> list[Violation]:
    known = {(v.rule, v.visit_id, v.worker_id): v.amount for v in before}
    return [v for v in after if v.amount > known.get((v.rule, v.visit_id, v.worker_id), -1)]


@some
@given(SEEDS)
def test_a_day_planned_by_insertion_passes_the_checker(seed: int) -> None:
    problem = random_world(seed, riders=4, meals=14, carers=4, cares=10)
    index = planned(problem)
    assert check(problem, index.plan()) == []
    assert sum(index.price(w) for w in index.worker_ids()) == price(
        replace(problem, visits={s.visit_id: problem.visits[s.visit_id] for s in stops(index.plan())}), index.plan()
    )


def stops(plan: Plan) -> list[Stop]:
    return [stop for route in plan.routes.values() for stop in route.stops]


@some
@given(SEEDS)
def test_an_index_kept_up_to_date_equals_a_fresh_one(seed: int) -> None:
    rng = random.Random(seed)
    problem = random_world(seed, riders=2, meals=6, carers=5, cares=14)
    index = planned(problem)
    for _ in range(12):
        held = stops(index.plan())
        if not held:
            return
        visit = problem.visits[rng.choice(held).visit_id]
        for worker_id in index.worker_ids():
            route = index.route(worker_id)
            kept = tuple(stop for stop in route.stops if stop.visit_id != visit.visit_id)
            if kept != route.stops:
                index.set_route(replace(route, stops=kept))
        again = index.insert(visit) if rng.random() < 0.7 else None
        if isinstance(again, Insertion):
            for route in again.routes:
                index.set_route(route)
        for worker_id, times in timetables(problem, index.plan()).items():
            assert index.timetable(worker_id) == times


@few
@given(SEEDS)
def test_solving_never_makes_a_plan_worse(seed: int) -> None:
    problem, start = in_progress(random_world(seed, riders=3, meals=10, carers=3, cares=8), seed)
    found = solve(problem, Budget(iterations=10), seed, start)
    assert worse(check(problem, start), check(problem, found, start)) == []
    assert price(problem, found, start) <= price(problem, start, start)
    assert found == solve(problem, Budget(iterations=10), seed, start)
    for worker_id, route in start.routes.items():
        if route.locked_count:
            assert found.routes[worker_id].stops[: route.locked_count] == route.stops[: route.locked_count]
