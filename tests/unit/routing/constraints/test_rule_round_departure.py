"""A round leaves the kitchen together."""

from __future__ import annotations

from routing import Route, Rule, Violation, Visit, Worker, check
from tests.worlds import at, meal, plan, rider, route, world


def broken(workers: list[Worker], visits: list[Visit], *routes: Route, most: int = 40) -> list[Violation]:
    return check(world(workers, visits, max_meals_per_round=most), plan(*routes))


def test_a_round_leaves_together() -> None:
    north = [meal(1, 300, round_id="north"), meal(2, 600, round_id="north"), meal(3, 900, round_id="south")]
    once = route("rider-1", "+home-1", "+home-2", "home-1", "home-2", "+home-3", "home-3")
    assert broken([rider()], north, once) == []
    twice = route("rider-1", "+home-1", "home-1", "+home-2", "home-2")
    assert broken([rider()], north, twice) == [Violation(Rule.ROUND_DEPARTURE, "home-2", "rider-1", 1)]
    split = (route("rider-1", "+home-1", "home-1"), route("rider-2", "+home-2", "home-2"))
    assert broken([rider(1), rider(2)], north, *split) == []
    onboard = route("rider-1", "+home-2", "home-2", "home-1", onboard={"home-1": at("08:50")})
    assert broken([rider()], north, onboard) == []
