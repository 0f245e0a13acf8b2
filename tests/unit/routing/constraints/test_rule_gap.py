"""The visits of a gap wait for each other."""

from __future__ import annotations

import pytest

from routing import Gap, Place, Plan, Problem, Rule, Violation, check, price_by_term
from tests.worlds import at, care, carer, plan, route, world


def lateness(problem: Problem, one: Plan) -> float:
    return price_by_term(problem, one)["lateness"]


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
