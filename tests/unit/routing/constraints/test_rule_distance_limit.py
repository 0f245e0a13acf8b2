"""The limit on distance, the way home included."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Visit, Worker, check
from tests.worlds import KITCHEN, care, carer, plan, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("limit_m", "expected"), [(0, []), (600, []), (550, [(Rule.DISTANCE_LIMIT, "", 50)])])
def test_limit_on_distance_with_the_way_home(limit_m: int, expected: Found) -> None:
    worker = carer(max_distance_m=limit_m, end=KITCHEN)
    assert broken([worker], [care(1, 300)], route("carer-1", "care-1")) == expected
