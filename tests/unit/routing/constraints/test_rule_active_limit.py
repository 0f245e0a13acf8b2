"""The limit on hours: ways, access and service, not waiting."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Visit, Worker, check
from tests.worlds import KITCHEN, at, care, carer, meal, plan, rider, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("limit_s", "expected"), [(0, []), (4260, []), (4200, [(Rule.ACTIVE_LIMIT, "", 60)])])
def test_limit_on_hours_counts_ways_access_and_service(limit_s: int, expected: Found) -> None:
    worker = carer(max_active_s=limit_s, end=KITCHEN)
    visit = care(1, 300, access_duration_s=60, earliest_s=at("10:00"), latest_s=at("10:00"))  # waiting is not work
    assert broken([worker], [visit], route("carer-1", "care-1")) == expected


def test_loading_is_work_once_a_stop() -> None:
    both = route("rider-1", "+home-1", "+home-2", "home-1", "home-2")
    work_s = 180 + 600 + 2 * 60
    assert broken([rider(max_active_s=work_s)], [meal(1, 300), meal(2, 600)], both) == []
    found = broken([rider(max_active_s=work_s - 1)], [meal(1, 300), meal(2, 600)], both)
    assert found == [(Rule.ACTIVE_LIMIT, "", 1)]
