"""Whatever numbers a day is written in, the compiled searches are the ones that were made at the start: one of another type
would be compiled anew, which takes minutes in the middle of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

import routing
from routing import Budget, Gap, Mode, Pickup, Place, Plan, Prices, Problem, TravelModel, Visit, Worker
from routing.coupled.search import run as coupled
from routing.kernel.search import run as routes
from routing.meal_search import search as meals

SEARCHES = (routes, coupled, meals)


def day(number: Callable[[float], Any]) -> Problem:
    """Two care visits that hang together, a meal, one worker each; every number as `number` makes it."""
    n = number

    def visit(visit_id: str, kind: str, **more: Any) -> Visit:
        return Visit(
            visit_id, kind, "a", Place(n(100), n(0)), n(0), n(900), n(9_000), n(60), {"a": n(0)}, leave_out_price=n(5_000), **more
        )  # fmt: skip

    home = Place(n(0), n(0))
    worker = {kind: Worker(kind, kind, "", "a", "walk", n(0), n(20_000), home, capacity_boxes=4) for kind in ("carer", "rider")}
    return Problem(
        worker,
        {
            "u": visit("u", "care"), "v": visit("v", "care"),
            "m": visit("m", "meal", pickup=Pickup("k", home, n(0), n(60)), boxes=1, freshness_s=n(3_000)),
        },
        TravelModel({"walk": Mode(n(1), n(1))}),
        prices=Prices(**{field.name: n(max(1, getattr(Prices(), field.name))) for field in fields(Prices)}),
        gaps=(Gap("u", "v", n(100), n(1_000)),),
    )  # fmt: skip


@pytest.mark.parametrize("number", [int, float])
def test_whole_numbers_and_others_are_searched_by_the_same_code(number: Callable[[float], Any]) -> None:
    routing.warm_up()
    made = [list(search.signatures) for search in SEARCHES]
    assert all(made)
    problem = day(number)
    plan = routing.solve(problem, Budget(3), 1)
    routing.match_day(problem, Plan({}), 1)
    assert {stop.visit_id for route in plan.routes.values() for stop in route.stops} == {"u", "v", "m"}
    assert [search.signatures for search in SEARCHES] == made
