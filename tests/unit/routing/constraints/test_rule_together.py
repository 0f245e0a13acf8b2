"""Visits for two: both begin together, wait no longer than they must, and never in a circle."""

from __future__ import annotations

import pytest

from routing import Break, Place, Plan, Problem, Rule, Violation, check, price_by_term
from tests.worlds import at, care, carer, plan, route, world


def lateness(problem: Problem, one: Plan) -> float:
    return price_by_term(problem, one)["lateness"]


def both(number: int, x: float, **changes: object) -> object:
    return care(number, x, worker_count=2, due_s=at("09:00"), service_duration_s=600, **changes)


def test_two_begin_together() -> None:
    problem = world([carer(1), carer(2, place=Place(-900, 0))], [both(1, 300)])
    pair = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    assert check(problem, pair) == []
    assert lateness(problem, pair) == 2 * 1200  # both begin at 09:20, though one is there at 09:05


@pytest.mark.parametrize(("latest", "over"), [("09:20", []), ("09:19", [60, 60])])
def test_waiting_can_be_too_late(latest: str, over: list[float]) -> None:
    problem = world([carer(1), carer(2, place=Place(-900, 0))], [both(1, 300, latest_s=at(latest))])
    found = check(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))
    assert [(one.rule, one.amount) for one in found] == [(Rule.TIME_WINDOW, amount) for amount in over]


def test_a_wait_is_handed_on() -> None:
    """carer-2 comes late to the first pair, so carer-3 waits at the second."""
    problem = world(
        [carer(1), carer(2, place=Place(-900, 0)), carer(3)], [both(1, 300), both(2, 300)]
    )  # fmt: skip
    chain = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-1"), route("carer-3", "care-2"))
    assert check(problem, chain) == []
    assert lateness(problem, chain) == 2 * 1200 + 2 * 1800


def test_the_same_worker_is_not_two() -> None:
    problem = world([carer(1), carer(2)], [both(1, 300)])
    assert Violation(Rule.TOGETHER, "care-1", "carer-1") in check(problem, plan(route("carer-1", "care-1", "care-1")))
    assert check(problem, plan(route("carer-1", "care-1"))) == [Violation(Rule.HALF_ASSIGNED, "care-1", "", 1)]


def test_a_circle_is_a_violation() -> None:
    problem = world([carer(1), carer(2)], [both(1, 0), both(2, 0)])
    circle = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-2", "care-1"))
    found = [one for one in check(problem, circle) if one.rule == Rule.TOGETHER]
    assert found == [Violation(Rule.TOGETHER, "care-1", ""), Violation(Rule.TOGETHER, "care-2", "")]


def test_a_large_circle_ends() -> None:
    count = 30
    workers = [carer(number) for number in range(count)]
    visits = [both(number, 0) for number in range(count)]
    ring = plan(*(route(f"carer-{n}", f"care-{n}", f"care-{(n + 1) % count}") for n in range(count)))
    found = check(world(workers, visits), ring)
    assert {one.visit_id for one in found if one.rule == Rule.TOGETHER} == {f"care-{n}" for n in range(count)}


def test_a_break_that_falls_into_the_wait_for_a_partner() -> None:
    early = carer(1, breaks=(Break(at("09:10"), at("09:10"), 1200),))
    problem = world([early, carer(2, place=Place(-900, 0))], [both(1, 300)])
    pair = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    assert check(problem, pair) == []
    assert lateness(problem, pair) == 2 * 1800  # the break from 09:10 to 09:30 is longer than the wait to 09:20
