"""Areas that may help, and areas that a worker is banned from."""

from __future__ import annotations

from routing import Rule, Visit, Worker, check
from tests.worlds import care, carer, plan, route, world


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


def test_areas_that_may_help_and_bans() -> None:
    assert broken(carer(area_id="B"), care(1, 60, allowed_area_prices={"A": 0, "B": 300})) == []
    assert broken(carer(area_id="B"), care(1, 60)) == [(Rule.AREA, 0)]
    assert broken(carer(banned_area_ids=frozenset({"B"})), care(1, 60)) == []
    assert broken(carer(banned_area_ids=frozenset({"A"})), care(1, 60)) == [(Rule.BANNED_AREA, 0)]
