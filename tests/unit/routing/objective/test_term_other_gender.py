"""A worker of another gender than the recipient would rather have."""

from __future__ import annotations

import pytest

from routing import price_by_term
from tests.worlds import care, carer, plan, route, world


@pytest.mark.parametrize(("wish", "gender", "expected"), [("", "m", 0), ("f", "f", 0), ("f", "m", 300), ("f", "", 300)])
def test_a_wish_is_not_a_rule(wish: str, gender: str, expected: int) -> None:
    problem = world([carer(gender=gender)], [care(1, 0, preferred_gender=wish)])
    assert price_by_term(problem, plan(route("carer-1", "care-1")))["other_gender"] == expected
