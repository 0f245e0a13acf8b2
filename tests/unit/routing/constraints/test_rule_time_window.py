"""A visit begins by its latest second."""

from __future__ import annotations

import pytest

from routing import Route, Rule, Visit, Worker, check
from tests.worlds import at, care, carer, plan, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("latest", "expected"), [("09:05", []), ("09:04", [(Rule.TIME_WINDOW, "care-1", 60)])])
def test_begin_by_the_latest(latest: str, expected: Found) -> None:
    assert broken([carer()], [care(1, 300, latest_s=at(latest))], route("carer-1", "care-1")) == expected


@pytest.mark.parametrize(("access_s", "expected"), [(60, []), (90, [(Rule.TIME_WINDOW, "care-1", 30)])])
def test_the_way_up_comes_before_the_begin(access_s: int, expected: Found) -> None:
    visit = care(1, 300, latest_s=at("09:06"), access_duration_s=access_s)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == expected


def test_who_waits_has_the_way_up_behind_them() -> None:
    early = care(1, 300, earliest_s=at("09:10"), latest_s=at("09:10"), access_duration_s=300)
    assert broken([carer()], [early], route("carer-1", "care-1")) == []


def test_times_in_fractions_of_a_second() -> None:
    third = 100 / 3
    visit = care(1, third, latest_s=at("09:00") + 33)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == []  # whole seconds of travel: 33
    visit = care(1, 33, latest_s=at("09:00") + 33 - 0.25)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == [(Rule.TIME_WINDOW, "care-1", 0.25)]
    visit = care(1, 33, latest_s=at("09:00") + 33 - 1e-7)
    assert broken([carer()], [visit], route("carer-1", "care-1")) == []  # the last bits
