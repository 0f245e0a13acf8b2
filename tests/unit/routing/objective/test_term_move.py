"""A visit with another worker than in the plan before."""

from __future__ import annotations

from routing import Problem, price_by_term
from tests.worlds import care, carer, plan, route, world

BEFORE = plan(route("carer-1", "care-1"))
AFTER = plan(route("carer-2", "care-1"))


def one_visit(**changes: object) -> Problem:
    return world([carer(1), carer(2), carer(3)], [care(1, 0, **changes)])


def test_moved_or_not() -> None:
    assert price_by_term(one_visit(), AFTER, BEFORE)["move"] == 600
    assert price_by_term(one_visit(), BEFORE, BEFORE)["move"] == 0
    assert price_by_term(one_visit(), AFTER)["move"] == 0


def test_dearer_where_it_was_accepted() -> None:
    assert price_by_term(one_visit(accepted=True), AFTER, BEFORE)["move"] == 1800


def test_what_nobody_had_and_what_nobody_has() -> None:
    assert price_by_term(one_visit(), AFTER, plan())["move"] == 0
    assert price_by_term(one_visit(), plan(), BEFORE)["move"] == 0


def test_each_new_face_of_a_visit_for_two() -> None:
    before = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    after = plan(route("carer-2", "care-1"), route("carer-3", "care-1"))
    assert price_by_term(one_visit(worker_count=2), after, before)["move"] == 600
