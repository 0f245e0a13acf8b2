"""Home by the end of the shift."""

from __future__ import annotations

import pytest

from routing import Place, Route, Rule, Visit, Worker, check
from tests.worlds import KITCHEN, at, care, carer, plan, route, world

Found = list[tuple[str, str, float]]


def broken(workers: list[Worker], visits: list[Visit], *routes: Route) -> Found:
    return [(one.rule, one.visit_id, one.amount) for one in check(world(workers, visits), plan(*routes))]


@pytest.mark.parametrize(("end", "expected"), [("10:10", []), ("10:09", [(Rule.SHIFT, "", 60)])])
def test_home_by_the_end_of_the_shift(end: str, expected: Found) -> None:
    worker = carer(shift_end_s=at(end), end=KITCHEN)
    assert broken([worker], [care(1, 300)], route("carer-1", "care-1")) == expected


def test_who_has_nothing_to_do_is_home_in_time() -> None:
    assert broken([carer(free_s=at("19:00"), end=Place(900, 0))], [], route("carer-1")) == []
