"""Locked stops and meals onboard stay."""

from __future__ import annotations

from routing import Rule, Violation, check
from tests.worlds import at, meal, plan, rider, route, world

TWO = [meal(1, 300), meal(2, 600)]


def test_locked_stops_and_meals_onboard_stay() -> None:
    problem = world([rider(1), rider(2)], [*TWO, meal(3, 50)])
    start = plan(route("rider-1", "home-3", "+home-1", "home-1", locked=3, onboard={"home-3": at("08:55")}))
    assert check(problem, start, start) == []
    moved = plan(route("rider-1", "home-3", "+home-2", "home-2", "+home-1", "home-1", onboard={"home-3": at("08:55")}))
    assert check(problem, moved, start) == [Violation(Rule.LOCKED, "home-1", "rider-1", 2)]
    handed = plan(route("rider-2", "home-3", onboard={"home-3": at("08:55")}))
    assert check(problem, handed, plan(route("rider-1", "home-3", onboard={"home-3": at("08:55")}))) == [
        Violation(Rule.PICKUP_ELSEWHERE, "home-3", "rider-1")
    ]
