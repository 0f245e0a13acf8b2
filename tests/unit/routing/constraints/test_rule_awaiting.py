"""Visits for two and visits with a gap wait for each other, by no more than they must, and never in a circle."""

from __future__ import annotations

import pytest

from routing import Break, Gap, Place, Plan, Problem, Rule, Violation, check, price_by_term
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


def gapped(least_s: float, most_s: float, **changes: object) -> Problem:
    first, then = care(1, 300, service_duration_s=600), care(2, 300, service_duration_s=600, due_s=at("09:00"))
    return world([carer(1), carer(2)], [first, then], gaps=(Gap("care-1", "care-2", least_s, most_s, **changes),))  # type: ignore[arg-type]


APART = plan(route("carer-1", "care-1"), route("carer-2", "care-2"))


@pytest.mark.parametrize(("least_s", "begins"), [(0, "09:05"), (600, "09:15"), (5400, "10:35")])
def test_the_second_visit_waits_for_the_least_gap(least_s: int, begins: str) -> None:
    problem = gapped(least_s, 7200)
    assert check(problem, APART) == []
    assert lateness(problem, APART) == at(begins) - at("09:00")


def test_the_first_visit_waits_for_the_greatest_gap() -> None:
    first, then = care(1, 300, due_s=at("09:00")), care(2, 300, earliest_s=at("11:00"))
    problem = world([carer(1), carer(2)], [first, then], gaps=(Gap("care-1", "care-2", 0, 3600),))
    assert check(problem, APART) == []
    assert lateness(problem, APART) == 3600  # begun at 10:00


@pytest.mark.parametrize(("latest", "late"), [("10:00", []), ("09:59", [60])])
def test_a_first_visit_that_cannot_wait_is_too_late(latest: str, late: list[float]) -> None:
    first, then = care(1, 300, latest_s=at(latest)), care(2, 300, earliest_s=at("11:00"))
    problem = world([carer(1), carer(2)], [first, then], gaps=(Gap("care-1", "care-2", 0, 3600),))
    assert [(one.rule, one.amount) for one in check(problem, APART)] == [(Rule.TIME_WINDOW, amount) for amount in late]


@pytest.mark.parametrize(("most_s", "over"), [(1200, []), (1199, [1])])
def test_one_after_the_other_in_one_route(most_s: int, over: list[float]) -> None:
    """Waiting longer before the first does not help: the second moves with it."""
    first, then = care(1, 300, service_duration_s=600), care(2, 900)
    problem = world([carer(1)], [first, then], gaps=(Gap("care-1", "care-2", 0, most_s),))
    found = check(problem, plan(route("carer-1", "care-1", "care-2")))
    assert found == [Violation(Rule.GAP, "care-2", "", amount) for amount in over]


def test_the_wrong_way_round_is_a_circle() -> None:
    assert check(gapped(0, 7200), plan(route("carer-1", "care-2", "care-1"))) == [
        Violation(Rule.GAP, "care-2", "")
    ]  # fmt: skip


def test_at_the_same_time() -> None:
    problem = gapped(0, 0)
    late = world([carer(1), carer(2, place=Place(-900, 0))], problem.visits.values(), gaps=problem.gaps)
    assert check(late, APART) == []
    assert lateness(late, APART) == 1200
    swapped = plan(route("carer-2", "care-1"), route("carer-1", "care-2"))
    assert check(late, swapped) == []
    assert lateness(late, swapped) == 1200


def test_only_one_of_a_gap() -> None:
    assert check(gapped(5400, 7200), plan(route("carer-2", "care-2"))) == []
    assert lateness(gapped(5400, 7200), plan(route("carer-2", "care-2"))) == 300


def test_different_workers() -> None:
    together = plan(route("carer-1", "care-1", "care-2"))
    assert check(gapped(0, 7200), together) == []
    assert check(gapped(0, 7200, different_workers=True), APART) == []
    assert check(gapped(0, 7200, different_workers=True), together) == [Violation(Rule.DIFFERENT_WORKERS, "care-2", "carer-1")]


def test_a_break_that_falls_into_the_wait_for_a_partner() -> None:
    early = carer(1, breaks=(Break(at("09:10"), at("09:10"), 1200),))
    problem = world([early, carer(2, place=Place(-900, 0))], [both(1, 300)])
    pair = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    assert check(problem, pair) == []
    assert lateness(problem, pair) == 2 * 1800  # the break from 09:10 to 09:30 is longer than the wait to 09:20
