"""Bad input is refused with codes, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest

from routing import (
    REMEDIES,
    BadProblem,
    Break,
    Budget,
    Code,
    Credential,
    Gap,
    Pickup,
    Place,
    Prices,
    TravelModel,
    Visit,
    solve,
    validate,
)
from routing.travel_table import TableTravel
from tests.worlds import KITCHEN, WALK, at, care, carer, meal, plan, rider, route, two_homes, world


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
        (care(1, 0, earliest_s=nan), Code.NOT_A_NUMBER),
        (care(1, 0, place=None), Code.PLACE_NOT_FINITE),
        (care(1, 0, kind="chess"), Code.UNKNOWN_KIND),
        (care(1, 0, access_duration_s=-1), Code.NEGATIVE_DURATION),
        (meal(1, 0, boxes_back=-1), Code.NEGATIVE_BOXES),
        (care(1, 0, required_credentials={"test": -1}), Code.NEGATIVE_DURATION),
        (care(1, 0, leave_out_price=-1), Code.NEGATIVE_NUMBER),
        (care(1, 0, late_per_min=nan), Code.NOT_A_NUMBER),
        (care(1, 0, promised_s=nan), Code.NOT_A_NUMBER),
        (meal(1, 0, pickup=Pickup("kitchen", KITCHEN, nan, 180)), Code.NOT_A_NUMBER),
        (meal(1, 0, boxes=nan), Code.NOT_A_NUMBER),
        (meal(1, 0, boxes_back=1.5), Code.NOT_A_NUMBER),
        (meal(1, 0, round_rank=nan), Code.NOT_A_NUMBER),
        (care(1, 0, priority="x"), Code.NOT_A_NUMBER),
        (care(1, 0, latest_s=None), Code.NOT_A_NUMBER),
        (care(1, 0, place=Place(None, 0)), Code.PLACE_NOT_FINITE),  # type: ignore[arg-type]
        (care(1, 0, leave_out_price=inf), Code.NOT_A_NUMBER),
        (care(1, 0, allowed_area_prices={"A": inf}), Code.NOT_A_NUMBER),
        (care(1, 0, allowed_area_prices={"A": -1}), Code.NEGATIVE_NUMBER),
        (care(1, 0, earliest_s=1e12, due_s=inf, latest_s=inf), Code.OUT_OF_RANGE),
        (care(1, 0, required_skills="bath"), Code.WRONG_TYPE),
        (meal(1, 0, pickup=Pickup("", KITCHEN, 0, 180)), Code.MISSING_ID),
    ],
)
def test_bad_visits(visit: Visit, code: Code) -> None:
    assert [refused.code for refused in validate(world([carer()], [visit]))] == [code]


def test_bad_workers_and_routes() -> None:
    problem = world([rider(1, mode="ski"), rider(2, place=Place(nan, 0)), rider(3, capacity_boxes=-1)], [])
    codes = [refused.code for refused in validate(problem, plan(route("rider-9", "home-1")))]
    assert codes == [
        Code.PLACE_NOT_FINITE, Code.NEGATIVE_BOXES, Code.UNKNOWN_MODE, Code.UNKNOWN_WORKER, Code.UNKNOWN_VISIT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"breaks": (Break(200, 100, 60),)}, Code.TIME_INVERTED),
        ({"breaks": (Break(100, 200, -60),)}, Code.NEGATIVE_DURATION),
        ({"max_active_s": -1}, Code.NEGATIVE_DURATION),
        ({"max_distance_m": nan}, Code.NOT_A_NUMBER),
        ({"capacity_boxes": nan}, Code.NOT_A_NUMBER),
        ({"free_s": None}, Code.NOT_A_NUMBER),
        ({"shift_end_s": at("08:59")}, Code.TIME_INVERTED),
        ({"shift_begin_s": at("09:00"), "shift_end_s": at("08:59")}, Code.TIME_INVERTED),
        ({"breaks": (Break(at("12:00"), at("13:00"), 600), Break(at("11:00"), at("12:00"), 600))}, Code.BREAKS_OUT_OF_ORDER),
        ({"breaks": (Break(at("12:00"), at("12:10"), 1200), Break(at("12:00"), at("12:15"), 600))}, Code.BREAKS_OUT_OF_ORDER),
        ({"breaks": (Break(at("18:01"), at("19:00"), 600),)}, Code.BREAK_OUTSIDE_SHIFT),
        ({"breaks": (Break(at("07:00"), at("08:59"), 600),)}, Code.BREAK_OUTSIDE_SHIFT),
        ({"skills": None}, Code.WRONG_TYPE),
        ({"place": Place(1e300, 0)}, Code.PLACE_NOT_FINITE),
        ({"free_s": nan}, Code.NOT_A_NUMBER),
        ({"credentials": {"test": Credential(nan, 1)}}, Code.NOT_A_NUMBER),
        ({"kind": "robot"}, Code.UNKNOWN_KIND),
    ],
)
def test_bad_worker(changes: dict[str, object], code: Code) -> None:
    refused = validate(world([carer(**changes)], []))
    assert [(one.code, one.subject) for one in refused] == [(code, "carer-1")]


@pytest.mark.parametrize(
    ("gap", "code", "subject"),
    [
        (Gap("care-1", "care-9", 0, 60), Code.UNKNOWN_VISIT, "care-9"),
        (Gap("care-1", "care-1", 0, 60), Code.WRONG_GAP, "care-1"),
        (Gap("care-1", "care-2", 60, 0), Code.TIME_INVERTED, "care-1"),
        (Gap("care-1", "care-2", -60, 0), Code.NEGATIVE_DURATION, "care-1"),
        (Gap("care-1", "care-2", nan, 0), Code.NOT_A_NUMBER, "care-1"),
    ],
)
def test_bad_gap(gap: Gap, code: Code, subject: str) -> None:
    refused = validate(world([carer()], [care(1, 0), care(2, 0)], gaps=(gap,)))
    assert [(one.code, one.subject) for one in refused] == [(code, subject)]


def test_a_gap_that_no_begins_can_keep() -> None:
    """Its two visits are named; one that hangs on a chain of gaps as well."""
    early, late = care(1, 0, latest_s=at("12:00")), care(2, 0, earliest_s=at("13:00"), due_s=at("15:00"))
    for gap in (Gap("care-1", "care-2", 0, 1800), Gap("care-2", "care-1", 0, 7200)):
        refused = validate(world([carer()], [early, late], gaps=(gap,)))
        assert {(one.code, one.subject) for one in refused} == {(Code.IMPOSSIBLE_GAP, "care-1"), (Code.IMPOSSIBLE_GAP, "care-2")}
    assert validate(world([carer()], [early, late], gaps=(Gap("care-1", "care-2", 0, 3600),))) == []
    circle = (Gap("care-1", "care-2", 60, 600), Gap("care-2", "care-3", 60, 600), Gap("care-3", "care-1", 60, 600))
    refused = validate(world([carer()], [care(1, 0), care(2, 0), care(3, 0)], gaps=circle))
    assert {one.code for one in refused} == {Code.IMPOSSIBLE_GAP}


def test_a_shift_under_way_may_be_over() -> None:
    """Whoever is late is late, and no mistake of anybody's; nor are rests that became due all at once."""
    rests = (Break(at("18:30"), at("18:30"), 1800), Break(at("18:30"), at("18:30"), 900))
    late = carer(free_s=at("18:30"), shift_begin_s=at("09:00"), breaks=rests)
    visits = [care(1, 0, latest_s=at("12:00")), care(2, 0, earliest_s=at("13:00"), due_s=at("15:00"))]
    problem = world([late, carer(2, shift_begin_s=at("09:00"))], visits, gaps=(Gap("care-1", "care-2", 0, 1800),))
    assert validate(problem) == []
    served = {stop.visit_id for way in solve(problem, Budget(5), 1).routes.values() for stop in way.stops}
    assert len(served) == 1


@pytest.mark.parametrize("value", [inf, nan, -1, None, "x"])
def test_prices_are_numbers(value: object) -> None:
    refused = validate(world([carer()], [care(1, 0)], prices=Prices(move=value)))  # type: ignore[arg-type]
    assert [(one.subject, one.field) for one in refused] == [("", "prices.move")]


def test_every_code_has_words_in_both_languages() -> None:
    assert set(REMEDIES) == set(Code)
    assert all(all(remedy) for remedy in REMEDIES.values())


def test_no_worker_at_all() -> None:
    assert [one.code for one in validate(world([], [care(1, 0)]))] == [Code.NO_WORKER]
    assert validate(world([], [])) == []


def test_bad_prices_and_locks() -> None:
    problem = world([carer()], [care(1, 0)], prices=Prices(late_per_min=-1))
    refused = validate(problem, plan(route("carer-1", "care-1", locked=2)))
    assert [(one.code, one.field) for one in refused] == [
        (Code.NEGATIVE_NUMBER, "prices.late_per_min"), (Code.WRONG_LOCK, "locked_count"),
    ]  # fmt: skip


def test_a_visit_is_in_no_more_routes_than_it_has_workers() -> None:
    problem = world([carer(1), carer(2)], [care(1, 0)])
    twice = plan(route("carer-1", "care-1"), route("carer-2", "care-1", locked=1))
    assert [(one.code, one.subject, one.field) for one in validate(problem, twice)] == [
        (Code.PLANNED_TOO_OFTEN, "care-1", "routes")
    ]
    with pytest.raises(BadProblem):
        solve(problem, Budget(1), 1, twice)
    assert validate(world([carer(1), carer(2)], [care(1, 0, worker_count=2)]), twice) == []


class RaggedTable(TravelModel):
    def matrix_s(self, mode: str, places: Sequence[Place]) -> list[list[int]]:
        return [[0] * (number + 1) for number in range(len(places))]


class BentTable(TravelModel):
    """Says that three places have two columns."""

    def matrix_s(self, mode: str, places: Sequence[Place]) -> list[list[int]]:
        return [[0, 1] for _ in places]


def test_a_table_of_the_wrong_shape() -> None:
    for table in (BentTable(WALK.modes), RaggedTable(WALK.modes)):
        refused = validate(world([carer()], [care(1, 0), care(2, 5)], travel=table))
        assert [(one.code, one.subject) for one in refused] == [(Code.WRONG_MATRIX, "walk")]


def test_a_place_that_the_table_does_not_know() -> None:
    table = TableTravel([(0.0, 0.0)], np.zeros((1, 1)))
    problem = world([carer(place=table.places[0])], [care(1, 100), care(2, 0, place=table.places[0])], travel=table)
    assert [(one.code, one.subject) for one in validate(problem)] == [(Code.UNKNOWN_PLACE, "care-1")]


def test_workers_who_are_off_today_may_be_named() -> None:
    away = frozenset({"carer-9"})
    visit = care(1, 0, excluded_worker_ids=away, familiar_worker_ids=away, preferred_worker_ids=away, pinned_worker_ids=away)
    assert validate(world([carer()], [visit])) == []


def test_solve_refuses_what_makes_no_sense() -> None:
    with pytest.raises(BadProblem) as caught:
        solve(world([carer()], [care(1, nan)]), Budget(10), seed=1)
    assert caught.value.refusals[0].code is Code.PLACE_NOT_FINITE
