"""Bundles: meals of one kitchen, taken up in one stop and carried in one go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.bundles import Bundle, as_route, bundle_times, held, pool_bundles
from routing.model import Pickup, Stop
from routing.place import Place
from tests.worlds import KITCHEN, WALK, at, care, meal, rider


class TestTimes:
    def test_a_bundle_waits_for_its_last_meal_and_visits_the_doors_in_order(self) -> None:
        carried = [meal(1, 300), meal(2, 600, ready="09:10")]
        times = bundle_times(carried, rider(), WALK, at("09:00"), at("09:00"), KITCHEN)
        assert times is not None
        assert times.pickup_s == at("09:10")
        assert times.depart_s == at("09:13")
        assert times.door_s == (at("09:18"), at("09:24"))
        assert (times.free_s, times.place) == (at("09:25"), Place(600, 0))

    def test_the_rider_need_not_set_out_before_the_meal_is_nearly_ready(self) -> None:
        times = bundle_times([meal(1, 300, ready="09:30")], rider(), WALK, at("09:00"), at("09:00"), Place(-120, 0))
        assert times is not None
        assert times.leave_s == at("09:28")

    def test_a_rider_who_is_busy_sets_out_when_free(self) -> None:
        times = bundle_times([meal(1, 300)], rider(), WALK, at("09:00"), at("09:20"), Place(60, 0))
        assert times is not None
        assert (times.leave_s, times.pickup_s) == (at("09:20"), at("09:21"))

    def test_the_way_up_to_the_door_and_a_door_that_opens_later_take_their_time(self) -> None:
        one = meal(1, 300, access_duration_s=120)
        two = meal(2, 600, earliest_s=at("10:00"))
        times = bundle_times([one, two], rider(), WALK, at("09:00"), at("09:00"), KITCHEN)
        assert times is not None
        assert times.door_s == (at("09:10"), at("10:00"))

    @pytest.mark.parametrize(
        "forbidden",
        [
            {"boxes": 11},
            {"freshness_s": 299},
            {"latest_s": at("09:07")},
            {"pickup": Pickup("kitchen", KITCHEN, at("09:10"), 180, latest_s=at("09:05"))},
        ],
        ids=["box", "freshness", "door closes", "kitchen closes"],
    )
    def test_limits_forbid_it(self, forbidden: dict[str, object]) -> None:
        one = replace(meal(1, 300), **forbidden)  # type: ignore[arg-type]
        assert bundle_times([one], rider(), WALK, at("09:00"), at("09:00"), KITCHEN) is None

    def test_a_care_visit_is_no_meal(self) -> None:
        with pytest.raises(ValueError, match="care-1 is no meal"):
            bundle_times([care(1, 300)], rider(), WALK, at("09:00"), at("09:00"), KITCHEN)


class TestPool:
    def test_doors_on_one_way_travel_together(self) -> None:
        pool = pool_bundles([meal(1, 300), meal(2, 360), meal(3, -900)], WALK, "walk", 4, 300, 240)
        assert [[one.visit_id for one in bundle] for bundle in pool] == [["home-1", "home-2"], ["home-3"]]

    def test_nobody_waits_long_for_a_meal_that_is_ready_later(self) -> None:
        pool = pool_bundles([meal(1, 300), meal(2, 360, ready="09:20")], WALK, "walk", 4, 300, 240)
        assert len(pool) == 2

    def test_other_kitchens_stay_apart(self) -> None:
        other = meal(2, 300, pickup=Pickup("other", Place(10, 0), at("09:00"), 180))
        assert len(pool_bundles([meal(1, 300), other], WALK, "walk", 4, 300, 240)) == 2

    def test_no_bundle_is_larger_than_allowed_and_every_meal_is_in_one(self) -> None:
        meals = [meal(number, 300 + number) for number in range(7)]
        pool = pool_bundles(meals, WALK, "walk", 3, 300, 1000)
        assert max(map(len, pool)) == 3
        assert sorted(one.visit_id for bundle in pool for one in bundle) == sorted(one.visit_id for one in meals)


class TestRuns:
    def test_a_run_is_a_route_with_all_pickups_of_a_bundle_before_its_doors(self) -> None:
        run = (Bundle("kitchen", ("b", "a")), Bundle("kitchen", ("c",)))
        assert as_route("rider-1", run).stops == (
            Stop("b", "pickup"), Stop("a", "pickup"), Stop("b", "visit"), Stop("a", "visit"),
            Stop("c", "pickup"), Stop("c", "visit"),
        )  # fmt: skip

    def test_meals_that_are_gone_leave_the_run(self) -> None:
        run = (Bundle("kitchen", ("b", "a")), Bundle("kitchen", ("c",)))
        assert held(run, {"a": meal(1, 0)}) == (Bundle("kitchen", ("a",)),)
