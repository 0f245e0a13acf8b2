"""Insertion with every rule of the model switched on and off: the checker, written apart, finds nothing broken, and
trying every position with it finds nothing cheaper."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from routing import Insertion, Plan, PlanIndex, Problem, Route, Stop, Unassignable, Visit, check, price, timetables
from tests.rich_world import rich_world

SEEDS = st.integers(0, 1_000_000)
few = settings(derandomize=True, deadline=None, max_examples=60)


def needed_s(problem: Problem, visit: Visit, worker_id: str) -> float:
    until_s = min(visit.due_s, visit.latest_s)
    for name, age_s in visit.required_credentials.items():
        held = problem.workers[worker_id].credentials.get(name)
        if held is not None:
            until_s = min(until_s, held.valid_until_s, held.issued_s + age_s if age_s else held.valid_until_s)
    return until_s if visit.promised_s is None else min(until_s, visit.promised_s)


def promises_kept(problem: Problem, before: Plan, after: Plan) -> bool:
    """Nobody begins later than now and than was said; what others wait for does not move at all."""
    old, new = timetables(problem, before), timetables(problem, after)
    held = {stop.visit_id for route in after.routes.values() for stop in route.stops}
    fixed = {
        visit_id
        for gap in problem.gaps
        if held >= {gap.first_visit_id, gap.then_visit_id}
        for visit_id in (gap.first_visit_id, gap.then_visit_id)
    }
    for worker_id, route in before.routes.items():
        now = dict(zip(after.routes[worker_id].stops, new[worker_id], strict=True))
        for position, (stop, time) in enumerate(zip(route.stops, old[worker_id], strict=True)):
            visit, moved = problem.visits[stop.visit_id], now[stop]
            if stop.kind == "visit":
                if moved.begin_s > max(time.begin_s, needed_s(problem, visit, worker_id)) + 1e-6:
                    return False
                if (visit.worker_count > 1 or stop.visit_id in fixed) and abs(moved.begin_s - time.begin_s) > 1e-6:
                    return False
            if position < route.locked_count and moved.depart_s > time.depart_s + 1e-6:
                return False
    return True


def kitchen(problem: Problem, stop: Stop) -> str:
    pickup = problem.visits[stop.visit_id].pickup
    return pickup.kitchen_id if stop.kind == "pickup" and pickup is not None else ""


def every_way(problem: Problem, before: Route, visit: Visit) -> Iterator[Route]:
    stops = before.stops

    def torn(position: int) -> bool:
        inside = 0 < position < len(stops)
        return inside and kitchen(problem, stops[position - 1]) == kitchen(problem, stops[position]) != ""

    def put(*placed: tuple[int, Stop]) -> Route:
        changed = list(stops)
        for position, stop in placed:
            changed.insert(position, stop)
        return replace(before, stops=tuple(changed))

    for door in range(before.locked_count, len(stops) + 1):
        if torn(door):
            continue
        if visit.pickup is None:
            yield put((door, Stop(visit.visit_id, "visit")))
            continue
        for taken_up in range(before.locked_count, door + 1):
            first_of_its_kind = taken_up < len(stops) and kitchen(problem, stops[taken_up]) == visit.pickup.kitchen_id
            if not torn(taken_up) and not first_of_its_kind:
                yield put((taken_up, Stop(visit.visit_id, "pickup")), (door + 1, Stop(visit.visit_id, "visit")))


def cheapest_by_trying(problem: Problem, start: Plan, visit: Visit) -> float | None:
    without = price(problem, start) - price(replace(problem, visits={visit.visit_id: visit}, gaps=()), Plan({}))
    best = None
    for worker_id in problem.workers:
        for route in every_way(problem, start.routes.get(worker_id) or Route(worker_id), visit):
            after = Plan({**start.routes, worker_id: route})
            if not check(problem, after) and promises_kept(problem, start, after):
                added = price(problem, after) - without
                best = added if best is None else min(best, added)
    return best


@pytest.mark.parametrize("whole", [True, False], ids=["whole seconds", "double precision"])
@few
@given(seed=SEEDS)
def test_insertion_keeps_every_rule_and_is_the_cheapest(whole: bool, seed: int) -> None:
    rng = random.Random(seed)
    problem = rich_world(seed, whole=whole)
    index = PlanIndex(problem)
    order = rng.sample(sorted(problem.visits), len(problem.visits))
    for visit_id in sorted(order, key=lambda v: problem.visits[v].kind == "parcel"):
        visit, before = problem.visits[visit_id], index.plan()
        found = index.insert(visit)
        tried = cheapest_by_trying(problem, before, visit) if visit.worker_count == 1 else None
        if isinstance(found, Unassignable):
            assert tried is None
            continue
        assert isinstance(found, Insertion)
        for route in found.routes:
            index.set_route(route)
        after = index.plan()
        assert check(problem, after) == []
        assert promises_kept(problem, before, after)
        if visit.worker_count == 1:
            assert tried is not None
            assert found.price == pytest.approx(tried, abs=1e-4)
        left_out = price(replace(problem, visits={visit_id: visit}, gaps=()), Plan({}))
        assert found.price == pytest.approx(price(problem, after) - price(problem, before) + left_out, abs=1e-4)
        begins = {t.begin_s for w, ts in timetables(problem, after).items()
                  for s, t in zip(after.routes[w].stops, ts, strict=True) if s == Stop(visit_id, "visit")}  # fmt: skip
        assert begins == {found.begin_s}
        for worker_id, times in timetables(problem, after).items():
            assert index.timetable(worker_id) == times
        last = found.routes[-1]
        if rng.random() < 0.2:
            index.set_route(replace(last, locked_count=rng.randint(0, len(last.stops))))
