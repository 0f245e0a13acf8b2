"""As many meals as a round may have."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Violation, Visit, Worker, check
from tests.worlds import meal, plan, rider, route, world

TWO = [meal(1, 300), meal(2, 600)]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


@pytest.mark.parametrize(("most", "over"), [(2, []), (1, [1, 1])])
def test_as_many_meals_as_a_round_may_have(most: int, over: list[int]) -> None:
    found = broken([rider()], TWO, route("rider-1", "+home-1", "+home-2", "home-1", "home-2"), most=most)
    assert [(one.rule, one.amount) for one in found] == [(Rule.ROUND_SIZE, amount) for amount in over]
