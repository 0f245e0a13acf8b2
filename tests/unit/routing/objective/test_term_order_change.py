"""Doors of a round against its familiar order."""

from __future__ import annotations

import pytest

from routing import Prices, price_by_term
from tests.worlds import meal, plan, rider, route, world

HOMES = [meal(number, 100 * number, round_id="north", round_rank=number) for number in (1, 2, 3)]
PICKUPS = ("+home-1", "+home-2", "+home-3", "+home-4")


@pytest.mark.parametrize(
    ("doors", "swaps"),
    [
        (["home-1", "home-2", "home-3", "home-4"], 0),
        (["home-2", "home-1", "home-3", "home-4"], 1),
        (["home-3", "home-2", "home-1", "home-4"], 2),
        (["home-1", "home-3", "home-4", "home-2"], 0),  # another stop lies between
        (["home-4", "home-2", "home-3", "home-1"], 1),
    ],
)
def test_two_doors_in_a_row(doors: list[str], swaps: int) -> None:
    problem = world([rider()], [*HOMES, meal(4, 50, round_id="south", round_rank=9)])
    assert price_by_term(problem, plan(route("rider-1", *PICKUPS, *doors)))["order_change"] == 60 * swaps


def test_doors_of_no_round_have_no_order() -> None:
    problem = world([rider()], [meal(1, 100, round_rank=2), meal(2, 200, round_rank=1)], prices=Prices(order_change=7))
    assert price_by_term(problem, plan(route("rider-1", "+home-1", "+home-2", "home-1", "home-2")))["order_change"] == 0
