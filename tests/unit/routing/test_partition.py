"""Set partitioning: the best plan that the collected routes make, never a worse one, the same one every time."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from routing import Plan, Prices, Problem, Route, check, price
from routing.model import Gap
from routing.partition import partition, price_of
from routing.route_pool import RoutePool, pool_of
from tests.worlds import at, care, carer, in_progress, meal, plan, planned, random_world, rider, route, world


def pool(problem: Problem, *routes: Route, start: Plan | None = None) -> RoutePool:
    named = () if start is None else start.routes
    return pool_of(problem, [(one, price_of(problem, one, start)) for one in routes], named)


def four_homes(**changes: object) -> Problem:
    """Two riders at the kitchen; two homes east, two west."""
    return world([rider(1, end=None), rider(2, end=None)], [meal(n, x) for n, x in ((1, 600), (2, 700), (3, -600), (4, -700))],
                 **changes)  # fmt: skip


EAST = ("+home-1", "+home-2", "home-1", "home-2")
WEST = ("+home-3", "+home-4", "home-3", "home-4")
MIXED = ("+home-1", "+home-3", "home-1", "home-3")
MIXED_TOO = ("+home-2", "+home-4", "home-2", "home-4")


class TestWhatIsChosen:
    def test_good_routes_of_different_plans_come_together(self) -> None:
        problem = four_homes()
        now = plan(route("rider-1", *MIXED), route("rider-2", *MIXED_TOO))
        found = partition(problem, now, pool(problem, route("rider-1", *EAST), route("rider-1", *WEST)))
        assert {one.stops for one in found.routes.values()} == {route("rider-1", *stops).stops for stops in (EAST, WEST)}
        assert price(problem, found) == 1_400

    def test_a_visit_that_waits_is_served(self) -> None:
        problem = four_homes()
        now = plan(route("rider-1", *EAST))
        found = partition(problem, now, pool(problem, route("rider-2", *WEST)))
        assert found.routes["rider-2"].stops == route("rider-2", *WEST).stops
        assert found.routes["rider-1"] == now.routes["rider-1"]

    def test_an_optional_visit_is_left_out_where_it_costs_more_than_its_price(self) -> None:
        problem = world([rider(1)], [meal(1, 600), replace(meal(2, -5_000), leave_out_price=100.0)])
        now = plan(route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
        found = partition(problem, now, pool(problem, route("rider-1", "+home-1", "home-1")))
        assert [stop.visit_id for stop in found.routes["rider-1"].stops] == ["home-1", "home-1"]

    def test_moving_a_visit_has_its_price(self) -> None:
        dear = four_homes(prices=Prices(move=10_000))
        now = plan(route("rider-1", *MIXED), route("rider-2", *MIXED_TOO))
        routes = [route(w, *stops) for w in ("rider-1", "rider-2") for stops in (EAST, WEST)]
        assert partition(dear, now, pool(dear, *routes, start=now), start=now) == now


class TestWhatStays:
    def test_nothing_better_in_the_pool_is_the_plan_itself(self) -> None:
        problem = four_homes()
        now = plan(route("rider-1", *EAST), route("rider-2", *WEST))
        assert partition(problem, now, pool(problem, route("rider-1", *MIXED), route("rider-2", *MIXED_TOO))) is now

    def test_an_empty_pool_is_the_plan_itself(self) -> None:
        problem = four_homes()
        now = plan(route("rider-1", *EAST))
        assert partition(problem, now, pool(problem)) is now

    def test_a_visit_for_two_keeps_both_its_workers(self) -> None:
        problem = world(
            [carer(1), carer(2), carer(3)],
            [replace(care(1, 100), worker_count=2), care(2, 200), care(3, 300)],
        )
        now = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1"), route("carer-3", "care-3"))
        found = partition(problem, now, pool(problem, route("carer-3", "care-2", "care-3"), route("carer-1", "care-2")))
        assert found == now

    def test_visits_with_a_gap_between_them_stay(self) -> None:
        problem = world([carer(1), carer(2)], [care(1, 900), care(2, 900)], gaps=(Gap("care-1", "care-2", 0, 7_200),))
        now = plan(route("carer-1", "care-1"), route("carer-2", "care-2"))
        assert partition(problem, now, pool(problem, route("carer-1", "care-1", "care-2"))) == now

    def test_a_rider_with_a_meal_in_the_box_still_brings_it(self) -> None:
        problem = world([rider(1), rider(2)], [meal(1, 3_000, leave_out_price=10.0), meal(2, 200)])
        now = plan(
            route("rider-1", "home-1", "+home-2", "home-2", locked=1, onboard={"home-1": at("09:00")}),
            route("rider-2"),
        )
        found = partition(problem, now, pool(problem, route("rider-2", "+home-2", "home-2"), start=now), start=now)
        assert found.routes["rider-1"].stops[0] == now.routes["rider-1"].stops[0]


@pytest.mark.parametrize("seed", range(8))
def test_random_pools_never_give_a_worse_or_broken_plan(seed: int) -> None:
    """Routes of several plans of one day are the pool; the result keeps every rule and is as good as the best of them."""
    problem, now = in_progress(random_world(seed, meals=10, cares=8, pairs=seed % 2 == 0), seed)
    now = Plan({w: now.routes.get(w, Route(w)) for w in sorted(problem.workers)})
    rng = random.Random(seed)
    routes = list(now.routes.values())
    free = {w: replace(r, stops=r.stops[: r.locked_count]) for w, r in now.routes.items() if not r.onboard_since_s}
    for _ in range(6):
        ids = sorted(problem.visits)
        rng.shuffle(ids)
        some = replace(problem, visits={v: problem.visits[v] for v in ids})
        routes += [r for w, r in planned(some).plan().routes.items() if r.stops and w in free and not now.routes[w].stops]
    offered = pool(problem, *(r for r in routes if r.stops), start=now)
    found = partition(problem, now, offered, start=now)
    assert price(problem, found, now) <= price(problem, now, now)
    broken = {(v.rule, v.visit_id, v.worker_id) for v in check(problem, found, now)}
    assert broken <= {(v.rule, v.visit_id, v.worker_id) for v in check(problem, now, now)}
    assert partition(problem, now, offered, start=now) == found
