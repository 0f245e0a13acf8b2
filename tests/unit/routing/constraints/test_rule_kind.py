"""Riders carry, carers care, both run errands."""

from __future__ import annotations

import pytest

from routing import Rule, Visit, Worker, check
from tests.worlds import care, carer, meal, plan, rider, route, world


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


@pytest.mark.parametrize(
    ("worker", "visit", "expected"),
    [
        (rider(), meal(1, 60), []),
        (rider(), meal(1, 60, kind="errand"), []),
        (rider(), meal(1, 60, kind="parcel"), []),
        (rider(), care(1, 60, kind="errand"), []),
        (rider(), care(1, 60), [(Rule.KIND, 0)]),
        (carer(), care(1, 60), []),
        (carer(), care(1, 60, kind="errand"), []),
        (carer(capacity_boxes=1), meal(1, 60, kind="errand"), []),
        (carer(capacity_boxes=1), meal(1, 60), [(Rule.KIND, 0)]),
        (carer(capacity_boxes=1), meal(1, 60, kind="parcel"), [(Rule.KIND, 0)]),
    ],
)
def test_riders_carry_and_carers_care(worker: Worker, visit: Visit, expected: list[tuple[str, float]]) -> None:
    assert broken(worker, visit) == expected
