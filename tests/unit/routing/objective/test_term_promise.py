"""Later than the recipient was told."""

from __future__ import annotations

import pytest

from routing import Prices, price_by_term
from tests.worlds import at, care, carer, plan, route, world


@pytest.mark.parametrize(("told", "expected"), [("09:05", 0), ("09:06", 0), ("09:04", 60)])
def test_from_the_promised_time_on(told: str, expected: float) -> None:
    problem = world([carer()], [care(1, 300, promised_s=at(told))])
    found = price_by_term(problem, plan(route("carer-1", "care-1")))
    assert (found["promise"], found["lateness"]) == (expected, 0)


def test_proportional_and_for_each_worker() -> None:
    visit = care(1, 390, promised_s=at("09:05"), worker_count=2)
    problem = world([carer(1), carer(2)], [visit], prices=Prices(promise_per_min=10))
    assert price_by_term(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))["promise"] == 2 * 15
