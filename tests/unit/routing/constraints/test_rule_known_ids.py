"""Routes name workers and visits of the problem."""

from __future__ import annotations

from routing import Route, Rule, Violation, Visit, Worker, check
from tests.worlds import meal, plan, rider, route, world

TWO = [meal(1, 300), meal(2, 600)]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


def test_unknown_ids_are_told_and_looked_at_no_further() -> None:
    found = broken([rider()], TWO, route("rider-1", "home-9"), route("rider-7", "home-1"))
    assert found == [Violation(Rule.UNKNOWN_VISIT, "home-9", "rider-1"), Violation(Rule.UNKNOWN_WORKER, "", "rider-7")]
