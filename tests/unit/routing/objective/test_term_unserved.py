"""Visits left out: by priority, or their own price."""

from __future__ import annotations

import pytest

from routing import Prices, price_by_term
from tests.worlds import care, carer, plan, route, world


@pytest.mark.parametrize(("priority", "expected"), [(1, 4000), (2, 1000), (3, 500), (4, 500)])
def test_by_priority(priority: int, expected: int) -> None:
    problem = world([carer()], [care(1, 0, priority=priority)], prices=Prices(unserved=1000))
    assert price_by_term(problem, plan())["unserved"] == expected
    assert price_by_term(problem, plan(route("carer-1", "care-1")))["unserved"] == 0


@pytest.mark.parametrize("own", [0, 250])
def test_an_optional_visit_has_its_own_price(own: int) -> None:
    problem = world([carer()], [care(1, 0, priority=1, leave_out_price=own)])
    assert price_by_term(problem, plan())["unserved"] == own


def test_one_of_two_workers_is_none() -> None:
    problem = world([carer()], [care(1, 0, worker_count=2)])
    assert price_by_term(problem, plan(route("carer-1", "care-1")))["unserved"] == 200_000
