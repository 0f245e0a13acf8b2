"""A visit is served by as many as it wants, once."""

from __future__ import annotations

from routing import Route, Rule, Violation, Visit, Worker, check
from tests.worlds import meal, plan, rider, route, world

TWO = [meal(1, 300), meal(2, 600)]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


def test_taken_up_twice() -> None:
    found = broken([rider()], TWO[:1], route("rider-1", "+home-1", "+home-1", "home-1"))
    assert Violation(Rule.ASSIGNED_TWICE, "home-1", "", 2) in found
