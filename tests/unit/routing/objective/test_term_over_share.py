"""Paid work beyond a fair share."""

from __future__ import annotations

import pytest

from routing import price_by_term
from tests.worlds import KITCHEN, at, care, carer, plan, route, world


@pytest.mark.parametrize(("share_s", "expected"), [(None, 0), (4320, 0), (4260, 10), (4305, 2.5), (0, 720)])
def test_ways_access_and_service_beyond_the_share(share_s: float | None, expected: float) -> None:
    worker = carer(fair_active_s=share_s, end=KITCHEN)
    visit = care(1, 300, access_duration_s=120, earliest_s=at("11:00"))
    assert price_by_term(world([worker], [visit]), plan(route("carer-1", "care-1")))["over_share"] == expected


def test_who_has_nothing_to_do_has_no_more_than_a_share() -> None:
    problem = world([carer(fair_active_s=0)], [])
    assert price_by_term(problem, plan(route("carer-1")))["over_share"] == 0
