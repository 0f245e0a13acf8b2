"""Bad input is refused with codes, all of it at once."""

from __future__ import annotations

from math import inf, nan

import pytest

from routing import BadProblem, Budget, Code, Pickup, Place, Visit, solve, validate
from tests.worlds import KITCHEN, at, care, carer, meal, plan, rider, route, two_homes, world


def test_nothing_wrong() -> None:
    assert validate(two_homes(), plan(route("rider-1", "+home-1", "home-1"))) == []


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (care(1, 0, latest_s=at("08:59")), Code.TIME_INVERTED),
        (care(1, 0, due_s=at("08:59")), Code.TIME_INVERTED),
        (care(1, nan), Code.PLACE_NOT_FINITE),
        (meal(1, 0, pickup=Pickup("kitchen", Place(0, inf), 0, 180)), Code.PLACE_NOT_FINITE),
        (meal(1, 0, pickup=Pickup("kitchen", KITCHEN, 0, -1)), Code.NEGATIVE_DURATION),
        (care(1, 0, service_duration_s=-1), Code.NEGATIVE_DURATION),
        (meal(1, 0, freshness_s=-1), Code.NEGATIVE_DURATION),
        (meal(1, 0, boxes=-1), Code.NEGATIVE_BOXES),
        (meal(1, 0, pickup=None), Code.MEAL_WITHOUT_KITCHEN),
        (care(1, 0, worker_count=3), Code.WRONG_WORKER_COUNT),
        (meal(1, 0, worker_count=2), Code.WRONG_WORKER_COUNT),
    ],
)
def test_bad_visits(visit: Visit, code: Code) -> None:
    assert [refused.code for refused in validate(world([carer()], [visit]))] == [code]


def test_bad_workers_and_routes() -> None:
    problem = world([rider(1, mode="ski"), rider(2, place=Place(nan, 0)), rider(3, capacity_boxes=-1)], [])
    codes = [refused.code for refused in validate(problem, plan(route("rider-9", "home-1")))]
    assert codes == [
        Code.UNKNOWN_MODE, Code.PLACE_NOT_FINITE, Code.NEGATIVE_BOXES, Code.UNKNOWN_WORKER, Code.UNKNOWN_VISIT,
    ]  # fmt: skip


def test_solve_refuses_what_makes_no_sense() -> None:
    with pytest.raises(BadProblem) as caught:
        solve(world([carer()], [care(1, nan)]), Budget(10), seed=1)
    assert caught.value.refusals[0].code is Code.PLACE_NOT_FINITE
