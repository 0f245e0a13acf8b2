"""Whatever the round: limits hold, each meal is matched once, the same round gives the same matching, and a small round
is matched as well as it can be."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations, product

from hypothesis import given, settings, strategies as st

from routing import Plan, Problem, check
from routing.bundles import Bundle, BundleTimes, as_route, bundle_times
from routing.matching import Matching, MatchingRules, Round, match_meals
from routing.meal_pairs import may_serve
from routing.model import Pickup, Worker
from routing.place import Place
from tests.worlds import STREET, at, meal, rider

SEEDS = st.integers(0, 100_000)
few = settings(derandomize=True, deadline=None, max_examples=15)
some = settings(derandomize=True, deadline=None, max_examples=60)
RULES = MatchingRules(remote_per_s=0.0, late_per_s=1.0, busy_per_s=0.05)


def a_round(seed: int, riders: int, meals: int, kitchens: int = 3) -> Round:
    rng = random.Random(seed)

    def somewhere() -> Place:
        return Place(rng.randrange(0, 3000, 100), rng.randrange(0, 3000, 100))

    workers = [
        rider(
            number, mode=rng.choice(["bicycle", "motorbike"]), place=somewhere(), area_id=rng.choice("AAB"),
            free_s=at("09:00") + rng.choice([0, 0, 300, 900]), shift_end_s=at("11:00") + rng.randrange(0, 7200, 600),
            capacity_boxes=rng.choice([2, 5]), end=rng.choice([None, somewhere()]),
        )
        for number in range(riders)
    ]  # fmt: skip
    places = [somewhere() for _ in range(kitchens)]
    visits = []
    for number in range(meals):
        kitchen = rng.randrange(kitchens)
        ready = at("09:00") + rng.randrange(0, 2400, 60)
        closes = rng.choice([ready + 3600, ready + 600_000])
        visits.append(
            meal(
                number, 0, place=somewhere(), pickup=Pickup(f"kitchen-{kitchen}", places[kitchen], ready, 120, closes),
                earliest_s=ready, due_s=ready + 1200, latest_s=ready + rng.choice([2400, 7200]),
                freshness_s=rng.choice([0, 900, 1800]), boxes=rng.choice([1, 1, 2]),
                allowed_area_prices=rng.choice([{"A": 0, "B": 200}, {"A": 0}]), access_duration_s=rng.choice([0, 60]),
            )
        )  # fmt: skip
    return Round(at("09:00"), at("09:01"), workers, visits)


def timed(present: Round, one: Worker, run: Sequence[Bundle]) -> Iterator[tuple[Bundle, BundleTimes]]:
    """A run with its times, by bundle_times alone."""
    meals = {visit.visit_id: visit for visit in present.meals}
    free_s, place = one.free_s, one.place
    for bundle in run:
        times = bundle_times([meals[visit_id] for visit_id in bundle.visit_ids], one, STREET, present.now_s, free_s, place)
        assert times is not None, bundle
        yield bundle, times
        free_s, place = times.free_s, times.place


def price(present: Round, matching: Matching) -> float:
    """What a matching costs, said once more."""
    meals = {visit.visit_id: visit for visit in present.meals}
    total = RULES.unserved * len(matching.unmatched)
    for one in present.riders:
        for bundle, times in timed(present, one, matching.runs.get(one.worker_id, ())):
            total += RULES.busy_per_s * (times.free_s - times.leave_s)
            for visit_id, door_s in zip(bundle.visit_ids, times.door_s, strict=True):
                visit = meals[visit_id]
                assert visit.pickup is not None
                total += door_s - visit.pickup.ready_s + visit.allowed_area_prices[one.area_id]
                total += max(0.0, door_s - visit.due_s) * RULES.late_per_s
    return total


def assert_limits(present: Round, matching: Matching) -> None:
    meals = {visit.visit_id: visit for visit in present.meals}
    told = [visit_id for run in matching.runs.values() for bundle in run for visit_id in bundle.visit_ids]
    assert sorted([*told, *matching.unmatched]) == sorted(meals)
    for one in present.riders:
        run = matching.runs.get(one.worker_id, ())
        last = None
        for bundle, times in timed(present, one, run):
            last = times
            assert len(bundle.visit_ids) <= RULES.bundle_size
            for visit_id in bundle.visit_ids:
                pickup = meals[visit_id].pickup
                assert pickup is not None
                assert pickup.kitchen_id == bundle.kitchen_id
                assert may_serve(one, meals[visit_id])
        if last is not None:
            home_s = 0 if one.end is None else STREET.duration_s(one.mode, last.place, one.end)
            assert last.free_s + home_s <= one.shift_end_s


@some
@given(SEEDS)
def test_limits_hold_and_the_price_is_what_it_says(seed: int) -> None:
    present = a_round(seed, riders=4, meals=12)
    found = match_meals(present, STREET, RULES, seed)
    assert_limits(present, found)
    assert abs(found.price - price(present, found)) < 1e-6


@some
@given(SEEDS)
def test_runs_are_routes_that_the_planner_s_checker_passes(seed: int) -> None:
    present = a_round(seed, riders=4, meals=12)
    found = match_meals(present, STREET, RULES, seed)
    visits = {visit.visit_id: visit for visit in present.meals}
    problem = Problem({one.worker_id: one for one in present.riders}, visits, STREET)
    assert check(problem, Plan({rider_id: as_route(rider_id, run) for rider_id, run in found.runs.items()})) == []


@few
@given(SEEDS)
def test_the_same_round_is_matched_the_same_whatever_the_order_of_its_parts(seed: int) -> None:
    present = a_round(seed, riders=4, meals=12)
    turned = replace(present, riders=list(present.riders)[::-1], meals=list(present.meals)[::-1])
    assert match_meals(present, STREET, RULES, seed) == match_meals(turned, STREET, RULES, seed)


@few
@given(SEEDS)
def test_a_next_round_begins_with_what_the_last_one_intended_and_is_no_dearer(seed: int) -> None:
    present = a_round(seed, riders=3, meals=10)
    first = match_meals(present, STREET, replace(RULES, iterations=0), seed)
    again = match_meals(replace(present, runs=first.runs), STREET, replace(RULES, iterations=0), seed)
    assert again.price <= first.price + 1e-6
    assert_limits(present, again)


def every_matching(present: Round) -> Iterator[Matching]:
    """All ways of two riders and few meals."""
    names = [visit.visit_id for visit in present.meals]
    kitchens = {visit.visit_id: visit.pickup.kitchen_id for visit in present.meals if visit.pickup is not None}
    for owners in product((None, 0, 1), repeat=len(names)):
        own = [[name for name, owner in zip(names, owners, strict=True) if owner == number] for number in (0, 1)]
        left = tuple(name for name, owner in zip(names, owners, strict=True) if owner is None)
        for orders in product(permutations(own[0]), permutations(own[1])):
            for cuts in product(*(product((True, False), repeat=max(0, len(order) - 1)) for order in orders)):
                runs = {}
                for one, order, cut in zip(present.riders, orders, cuts, strict=True):
                    groups: list[list[str]] = []
                    for name, opens in zip(order, (True, *cut), strict=False):
                        if opens:
                            groups.append([name])
                        else:
                            groups[-1].append(name)
                    runs[one.worker_id] = tuple(Bundle(kitchens[group[0]], tuple(group)) for group in groups)
                yield Matching(runs, (), left, 0.0)


@few
@given(SEEDS)
def test_a_small_round_is_matched_as_well_as_it_can_be(seed: int) -> None:
    present = a_round(seed, riders=2, meals=4, kitchens=2)
    found = match_meals(present, STREET, replace(RULES, iterations_per_meal=100), seed)
    best = float("inf")
    for one in every_matching(present):
        try:
            assert_limits(present, one)
        except AssertionError:
            continue
        best = min(best, price(present, one))
    assert found.price <= best + 1e-6
