"""The box: at the start, on leaving a kitchen, and with the empties that come back."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Violation, Visit, Worker, check
from tests.worlds import at, meal, plan, rider, route, world


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


@pytest.mark.parametrize(("boxes", "over"), [(2, []), (3, [1, 1])])
def test_the_box_on_leaving_a_kitchen(boxes: int, over: list[int]) -> None:
    visits = [meal(1, 300, boxes=boxes - 1), meal(2, 600)]
    found = broken([rider(capacity_boxes=2)], visits, route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
    assert [(one.rule, one.amount) for one in found] == [(Rule.CAPACITY, amount) for amount in over]


def test_empties_fill_the_box_until_the_route_ends() -> None:
    visits = [meal(1, 300, boxes_back=2), meal(2, 600, boxes_back=1)]
    good = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider(capacity_boxes=3)], visits, good) == []
    assert broken([rider(capacity_boxes=2)], visits, good) == [
        Violation(Rule.CAPACITY, "home-2", "rider-1", 1)  # at the kitchen again: two empties and a meal
    ]
    assert broken([rider(capacity_boxes=1)], visits[:1], route("rider-1", "+home-1", "home-1")) == [
        Violation(Rule.CAPACITY, "home-1", "rider-1", 1)
    ]


def test_what_is_loaded_at_the_start_is_in_the_box() -> None:
    loaded = [meal(number, 300, kind="errand", pickup=None, boxes=2) for number in (1, 2)]
    assert broken([rider(capacity_boxes=4)], loaded, route("rider-1", "home-1", "home-2")) == []
    found = broken([rider(capacity_boxes=3)], loaded, route("rider-1", "home-1", "home-2"))
    assert found == [Violation(Rule.CAPACITY, "", "rider-1", 1)]
    onboard = route("rider-1", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider(capacity_boxes=1)], [meal(1, 300, boxes=3)], onboard) == [Violation(Rule.CAPACITY, "", "rider-1", 2)]
