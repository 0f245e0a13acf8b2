"""A face that the recipient does not know, where some are known."""

from __future__ import annotations

import pytest

from routing import price_by_term
from tests.worlds import care, carer, plan, route, world

ONE = plan(route("carer-1", "care-1"))


@pytest.mark.parametrize(("names", "expected"), [([], 0), (["carer-1", "carer-2"], 0), (["carer-2"], 60)])
def test_only_where_the_list_is_not_empty(names: list[str], expected: int) -> None:
    problem = world([carer(1)], [care(1, 0, familiar_worker_ids=frozenset(names))])
    assert price_by_term(problem, ONE)["unfamiliar"] == expected


def test_for_each_worker() -> None:
    problem = world([carer(1), carer(2)], [care(1, 0, worker_count=2, familiar_worker_ids=frozenset({"carer-3"}))])
    assert price_by_term(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))["unfamiliar"] == 120
