"""What is pinned is served by those it is pinned to."""

from __future__ import annotations

from routing import Rule, Visit, Worker, check
from tests.worlds import care, carer, plan, route, world


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


def test_pinned() -> None:
    assert broken(carer(1), care(1, 60, pinned_worker_ids=frozenset({"carer-1", "carer-2"}))) == []
    assert broken(carer(1), care(1, 60, pinned_worker_ids=frozenset({"carer-2"}))) == [(Rule.PINNED, 0)]
