"""Trainings and tests: held, valid and young enough when the visit begins."""

from __future__ import annotations

import pytest

from routing import Credential, Rule, Visit, Worker, check
from tests.worlds import at, care, carer, plan, route, world


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


def holds(issued: str, valid_until: str = "18:00") -> Worker:
    return carer(credentials={"test": Credential(at(issued), at(valid_until))})


@pytest.mark.parametrize(
    ("worker", "greatest_age_s", "expected"),
    [
        (holds("08:00"), 0, []),
        (holds("08:00", "09:01"), 0, []),  # the visit begins at 09:01
        (holds("08:00", "09:00"), 0, [(Rule.CREDENTIAL_OLD, 60)]),
        (holds("08:01"), 3600, []),
        (holds("08:00"), 3600, [(Rule.CREDENTIAL_OLD, 60)]),
        (holds("07:00", "09:00"), 3600, [(Rule.CREDENTIAL_OLD, 3660)]),  # the worse of the two
        (carer(), 0, [(Rule.CREDENTIAL, 1)]),
    ],
)
def test_credentials_at_the_begin(worker: Worker, greatest_age_s: int, expected: list[tuple[str, float]]) -> None:
    assert broken(worker, care(1, 60, required_credentials={"test": greatest_age_s})) == expected
