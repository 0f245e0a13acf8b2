"""Rolling matching: who goes to which kitchen next, decided as late as possible."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from routing.bundles import Bundle
from routing.matching import Matching, MatchingRules, Round, assignment, match_meals, perfect_assignment
from routing.model import Credential, Pickup, Visit, Worker
from routing.place import Place
from tests.worlds import KITCHEN, WALK, at, meal, rider

RULES = MatchingRules(remote_per_s=0.0, busy_per_s=0.02)


def matched(riders: list[Worker], meals: list[Visit], rules: MatchingRules = RULES, now: str = "09:00", **more: object) -> Matching:
    now_s = at(now)
    present = Round(now_s, now_s + 60, riders, meals)
    return match_meals(replace(present, **more), WALK, rules, seed=1)  # type: ignore[arg-type]


def ids(matching: Matching) -> dict[str, list[tuple[str, ...]]]:
    return {rider_id: [one.visit_ids for one in run] for rider_id, run in sorted(matching.runs.items())}


def from_kitchen(number: int, kitchen_x: float, home_x: float, ready: str = "09:00", **changes: object) -> Visit:
    """A meal from a kitchen of its own on the same street."""
    place = Place(kitchen_x, 0)
    return meal(number, home_x, pickup=Pickup(f"kitchen-{kitchen_x:g}", place, at(ready), 180), **changes)


class TestWho:
    def test_the_sum_counts_not_the_nearest_for_each(self) -> None:
        """Both kitchens are nearest to rider 1, but rider 2 is hopelessly far from the second."""
        riders = [rider(1, place=Place(500, 0)), rider(2, place=Place(0, 0))]
        found = matched(riders, [from_kitchen(1, 450, 400), from_kitchen(2, 900, 1000)])
        assert ids(found) == {"rider-1": [("home-2",)], "rider-2": [("home-1",)]}

    def test_meals_of_one_kitchen_on_one_way_are_one_bundle(self) -> None:
        assert ids(matched([rider()], [meal(1, 300), meal(2, 330)])) == {"rider-1": [("home-1", "home-2")]}

    def test_a_bundle_has_a_largest_size(self) -> None:
        found = matched([rider()], [meal(number, 300) for number in range(5)], replace(RULES, bundle_size=2))
        assert [len(one) for one in ids(found)["rider-1"]] == [2, 2, 1]

    def test_opposite_doors_are_no_bundle_when_two_riders_are_there(self) -> None:
        found = matched([rider(1), rider(2)], [meal(1, 900), meal(2, -900)])
        assert sorted(map(len, ids(found).values())) == [1, 1]

    def test_a_rider_who_will_be_free_soon_waits_for_nobody(self) -> None:
        far, soon = rider(1, place=Place(3000, 0)), rider(2, free_s=at("09:05"))
        assert ids(matched([far, soon], [meal(1, 300)])) == {"rider-2": [("home-1",)]}

    def test_who_stands_far_off_goes_first_if_both_are_in_time(self) -> None:
        riders = [rider(1, place=Place(0, 0)), rider(2, place=Place(1200, 0))]
        one = meal(1, 900, ready="09:40")
        central = {KITCHEN: 1.0}
        assert ids(matched(riders, [one], replace(RULES, busy_per_s=0.02), demand=central)) == {"rider-1": [("home-1",)]}
        kept_back = replace(RULES, busy_per_s=0.02, remote_per_s=0.2)
        assert ids(matched(riders, [one], kept_back, demand=central)) == {"rider-2": [("home-1",)]}


class TestForbidden:
    @pytest.mark.parametrize(
        "changes",
        [
            {"required_skills": frozenset({"halal"})},
            {"excluded_worker_ids": frozenset({"rider-1"})},
            {"pinned_worker_ids": frozenset({"rider-9"})},
            {"allowed_area_prices": {"B": 0}},
            {"gender": "f"},
            {"boxes": 11},
            {"required_credentials": {"hygiene": 0}},
        ],
    )
    def test_a_meal_that_the_rider_may_not_serve_stays_out(self, changes: dict[str, object]) -> None:
        found = matched([rider()], [meal(1, 300, **changes), meal(2, 300)])
        assert found.unmatched == ("home-1",)
        assert ids(found) == {"rider-1": [("home-2",)]}

    def test_a_forbidden_pair_is_not_made(self) -> None:
        found = matched([rider(1), rider(2, place=Place(900, 0))], [meal(1, 300)], forbidden=frozenset({("rider-1", "home-1")}))
        assert ids(found) == {"rider-2": [("home-1",)]}

    def test_a_credential_must_last_until_the_door(self) -> None:
        def trained(until: str) -> Worker:
            return rider(credentials={"hygiene": Credential(at("08:00"), at(until))})

        strict = meal(1, 300, required_credentials={"hygiene": 0})
        assert matched([trained("13:00")], [strict]).unmatched == ()
        assert matched([trained("12:00")], [strict]).unmatched == ("home-1",)
        assert matched([trained("18:00")], [replace(strict, required_credentials={"hygiene": 3600})]).unmatched == ("home-1",)

    def test_freshness_parts_a_bundle(self) -> None:
        fresh = [meal(1, 600, freshness_s=600), meal(2, -600, freshness_s=600)]
        assert [len(one) for one in ids(matched([rider()], fresh))["rider-1"]] == [1, 1]

    def test_the_shift_s_end_means_back_or_only_picked_up(self) -> None:
        late = rider(shift_end_s=at("09:10"), end=KITCHEN)
        assert matched([late], [meal(1, 300)]).unmatched == ("home-1",)
        assert matched([late], [meal(1, 300)], replace(RULES, doors_after_shift=True)).unmatched == ()
        assert matched([late], [meal(1, 300, ready="09:11")], replace(RULES, doors_after_shift=True)).unmatched == ("home-1",)

    def test_help_from_another_area_has_its_price(self) -> None:
        riders = [rider(1, area_id="B", place=Place(60, 0)), rider(2, place=Place(120, 0))]
        dear = {"A": 0, "B": 500}
        assert ids(matched(riders, [meal(1, 300, allowed_area_prices=dear)])) == {"rider-2": [("home-1",)]}
        assert ids(matched(riders, [meal(1, 300, allowed_area_prices=dear | {"B": 30})])) == {"rider-1": [("home-1",)]}


class TestCommitment:
    def test_nothing_is_committed_that_can_wait(self) -> None:
        found = matched([rider(place=Place(300, 0))], [meal(1, 300, ready="09:30")])
        assert ids(found) == {"rider-1": [("home-1",)]}
        assert found.commitments == ()

    def test_the_rider_sets_out_in_time(self) -> None:
        found = matched([rider(place=Place(300, 0))], [meal(1, 300, ready="09:30")], now="09:25")
        assert [(one.kind, one.rider_id, one.at_s) for one in found.commitments] == [("go", "rider-1", at("09:25"))]

    def test_at_the_kitchen_the_meal_is_taken_when_it_is_ready(self) -> None:
        waits = matched([rider()], [meal(1, 300, ready="09:30")], now="09:28")
        assert waits.commitments == ()
        takes = matched([rider()], [meal(1, 300, ready="09:30")], now="09:30")
        assert [(one.kind, one.at_s, one.bundle.visit_ids) for one in takes.commitments] == [("take", at("09:30"), ("home-1",))]

    def test_a_rider_on_the_way_to_a_kitchen_takes_up_there_first(self) -> None:
        other = from_kitchen(1, 600, 700)
        found = matched([rider(place=Place(600, 0))], [other, meal(2, 300)], bound={"rider-1": "kitchen"})
        assert ids(found)["rider-1"][0] == ("home-2",)

    def test_meals_may_still_join_on_the_way(self) -> None:
        running = {"rider-1": (Bundle("kitchen", ("home-1",)),)}
        found = matched([rider()], [meal(1, 300), meal(2, 310)], bound={"rider-1": "kitchen"}, runs=running)
        assert ids(found) == {"rider-1": [("home-1", "home-2")]}


class TestRounds:
    def test_nobody_or_nothing_there(self) -> None:
        assert matched([], [meal(1, 300)]).unmatched == ("home-1",)
        assert matched([rider()], []).runs == {}

    def test_a_run_is_kept_without_the_meals_that_are_gone(self) -> None:
        running = {"rider-1": (Bundle("kitchen", ("home-1", "home-2")),), "rider-9": (Bundle("kitchen", ("home-3",)),)}
        assert ids(matched([rider()], [meal(2, 300)], runs=running)) == {"rider-1": [("home-2",)]}

    def test_a_meal_in_two_runs_is_refused(self) -> None:
        running = {name: (Bundle("kitchen", ("home-1",)),) for name in ("rider-1", "rider-2")}
        with pytest.raises(ValueError, match="home-1 is in two runs"):
            matched([rider(1), rider(2)], [meal(1, 300)], runs=running)

    def test_whole_runs_change_riders_without_any_search(self) -> None:
        riders = [rider(1), rider(2, place=Place(2000, 0))]
        running = {"rider-1": (Bundle("kitchen-1900", ("home-1",)),), "rider-2": (Bundle("kitchen-100", ("home-2",)),)}
        meals = [from_kitchen(1, 1900, 1800), from_kitchen(2, 100, 200)]
        found = matched(riders, meals, replace(RULES, iterations=0), runs=running)
        assert ids(found) == {"rider-1": [("home-2",)], "rider-2": [("home-1",)]}


class TestAssignment:
    def test_the_least_sum_of_a_table(self) -> None:
        rng = np.random.default_rng(3)
        for _ in range(20):
            table = rng.integers(0, 50, (5, 5)).astype(float)
            mates = perfect_assignment(table)
            best = min(sum(table[row, column] for row, column in enumerate(order)) for order in permutations(range(5)))
            assert sorted(mates) == list(range(5))
            assert table[np.arange(5), mates].sum() == best

    def test_pairs_without_a_gain_are_left_out(self) -> None:
        assert list(assignment(np.array([[-5.0, -9.0, 1e15], [3.0, -8.0, 1e15]]))) == [0, 1]
        assert list(assignment(np.array([[4.0, 1e15]]))) == [-1]


PROGRAM = """
from tests.unit.routing.test_matching import RULES, ids, matched
from tests.worlds import meal, rider
meals = [meal(number, 40 * number * (-1) ** number, ready=f"09:{5 * number % 40:02d}") for number in range(1, 9)]
found = matched([rider(1), rider(2, free_s=33_000)], meals)
print(ids(found), found.price)
"""


def test_compiled_or_not_the_matching_is_the_same() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=os.environ | {"DOLBOM_NO_NUMBA": plain}, capture_output=True, text=True, check=True
        ).stdout
        for plain in ("0", "1")
    ]
    assert answers[0] == answers[1] != ""
