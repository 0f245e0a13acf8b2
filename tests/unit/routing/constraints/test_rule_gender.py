"""A visit that asks for a gender gets it, from both of two workers."""

from __future__ import annotations

import pytest

from routing import Rule, Violation, Visit, Worker, check
from tests.worlds import care, carer, plan, route, world


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


@pytest.mark.parametrize(("wanted", "expected"), [("", []), ("f", []), ("m", [(Rule.GENDER, 0)])])
def test_gender(wanted: str, expected: list[tuple[str, float]]) -> None:
    assert broken(carer(gender="f"), care(1, 60, gender=wanted)) == expected


def test_both_workers_of_a_visit_for_two_must_be_able() -> None:
    problem = world([carer(1), carer(2, gender="m")], [care(1, 60, worker_count=2, gender="f")])
    found = check(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))
    assert found == [Violation(Rule.GENDER, "care-1", "carer-2")]
