"""Windows, freshness, shifts and limits: the amount is by how much, and the last second still counts."""

from __future__ import annotations

import pytest

from routing import Pickup, Place, Route, Rule, Visit, Worker, check
from tests.worlds import KITCHEN, at, care, carer, meal, plan, rider, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("latest", "expected"), [("09:05", []), ("09:04", [(Rule.TIME_WINDOW, "care-1", 60)])])
def test_begin_by_the_latest(latest: str, expected: Found) -> None:
    assert broken([carer()], [care(1, 300, latest_s=at(latest))], route("carer-1", "care-1")) == expected


@pytest.mark.parametrize(("access_s", "expected"), [(60, []), (90, [(Rule.TIME_WINDOW, "care-1", 30)])])
def test_the_way_up_comes_before_the_begin(access_s: int, expected: Found) -> None:
    visit = care(1, 300, latest_s=at("09:06"), access_duration_s=access_s)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == expected


def test_who_waits_has_the_way_up_behind_them() -> None:
    early = care(1, 300, earliest_s=at("09:10"), latest_s=at("09:10"), access_duration_s=300)
    assert broken([carer()], [early], route("carer-1", "care-1")) == []


def test_times_in_fractions_of_a_second() -> None:
    third = 100 / 3
    visit = care(1, third, latest_s=at("09:00") + 33)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == []  # whole seconds of travel: 33
    visit = care(1, 33, latest_s=at("09:00") + 33 - 0.25)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == [(Rule.TIME_WINDOW, "care-1", 0.25)]
    visit = care(1, 33, latest_s=at("09:00") + 33 - 1e-7)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == []  # the last bits


@pytest.mark.parametrize(("closes", "expected"), [("09:10", []), ("09:09", [(Rule.PICKUP_WINDOW, "home-1", 60)])])
def test_a_shop_closes(closes: str, expected: Found) -> None:
    errand = meal(1, 900, kind="errand", pickup=Pickup("shop", Place(600, 0), at("09:00"), 60, at(closes)))
    assert broken([rider()], [errand], route("rider-1", "+home-1", "home-1")) == expected


def test_a_kitchen_stop_begins_when_its_last_meal_is_ready() -> None:
    soon = meal(1, 300, pickup=Pickup("kitchen", KITCHEN, at("09:00"), 180, at("09:20")))
    late = meal(2, 600, ready="09:21")
    both = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    assert broken([rider()], [soon, late], both) == [(Rule.PICKUP_WINDOW, "home-1", 60)]
    apart = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider()], [soon, late], apart) == []


@pytest.mark.parametrize(("freshness_s", "expected"), [(660, []), (650, [(Rule.FRESHNESS, "home-2", 10)])])
def test_freshness_from_leaving_the_kitchen_to_the_begin(freshness_s: int, expected: Found) -> None:
    meals = [meal(1, 300), meal(2, 600, freshness_s=freshness_s)]
    assert broken([rider()], meals, route("rider-1", "+home-1", "+home-2", "home-1", "home-2")) == expected


def test_freshness_of_what_is_onboard() -> None:
    onboard = route("rider-1", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider()], [meal(1, 300, freshness_s=900)], onboard) == []
    assert broken([rider()], [meal(1, 300, freshness_s=840)], onboard) == [(Rule.FRESHNESS, "home-1", 60)]


@pytest.mark.parametrize(("end", "expected"), [("10:10", []), ("10:09", [(Rule.SHIFT, "", 60)])])
def test_home_by_the_end_of_the_shift(end: str, expected: Found) -> None:
    worker = carer(shift_end_s=at(end), end=KITCHEN)
    assert broken([worker], [care(1, 300)], route("carer-1", "care-1")) == expected


def test_who_has_nothing_to_do_is_home_in_time() -> None:
    assert broken([carer(free_s=at("19:00"), end=Place(900, 0))], [], route("carer-1")) == []


@pytest.mark.parametrize(("limit_s", "expected"), [(0, []), (4260, []), (4200, [(Rule.ACTIVE_LIMIT, "", 60)])])
def test_limit_on_hours_counts_ways_access_and_service(limit_s: int, expected: Found) -> None:
    worker = carer(max_active_s=limit_s, end=KITCHEN)
    visit = care(1, 300, access_duration_s=60, earliest_s=at("10:00"), latest_s=at("10:00"))  # waiting is not work
    assert broken([worker], [visit], route("carer-1", "care-1")) == expected


def test_loading_is_work_once_a_stop() -> None:
    both = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    work_s = 180 + 600 + 2 * 60
    assert broken([rider(max_active_s=work_s)], [meal(1, 300), meal(2, 600)], both) == []
    found = broken([rider(max_active_s=work_s - 1)], [meal(1, 300), meal(2, 600)], both)
    assert found == [(Rule.ACTIVE_LIMIT, "", 1)]


@pytest.mark.parametrize(("limit_m", "expected"), [(0, []), (600, []), (550, [(Rule.DISTANCE_LIMIT, "", 50)])])
def test_limit_on_distance_with_the_way_home(limit_m: int, expected: Found) -> None:
    worker = carer(max_distance_m=limit_m, end=KITCHEN)
    assert broken([worker], [care(1, 300)], route("carer-1", "care-1")) == expected
