"""Lateness by the second, for each worker who begins late."""

from __future__ import annotations

import pytest

from routing import Place, Prices, price_by_term
from tests.worlds import at, care, carer, plan, route, world

ONE = plan(route("carer-1", "care-1"))


@pytest.mark.parametrize(("due", "seconds"), [("09:06", 0), ("09:05", 0), ("09:04", 60)])
def test_from_the_due_time_on(due: str, seconds: int) -> None:
    problem = world([carer()], [care(1, 300, due_s=at(due))])
    assert price_by_term(problem, ONE)["lateness"] == seconds


def test_proportional_and_not_rounded() -> None:
    problem = world([carer()], [care(1, 301, due_s=at("09:05"))], prices=Prices(late_per_min=90))
    assert price_by_term(problem, ONE)["lateness"] == 1.5


def test_the_visit_s_own_price() -> None:
    for own, expected in ((0, 0), (600, 600)):
        problem = world([carer()], [care(1, 360, due_s=at("09:05"), late_per_min=own)])
        assert price_by_term(problem, ONE)["lateness"] == expected


def test_both_workers_of_a_visit_for_two() -> None:
    problem = world([carer(1), carer(2, place=Place(-60, 0))], [care(1, 300, due_s=at("09:05"), worker_count=2)])
    assert price_by_term(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))["lateness"] == 2 * 60
