"""Who may serve whom: each rule by itself, with the amount by which it is broken, also on the boundary."""

from __future__ import annotations

import pytest

from routing import Credential, Rule, Violation, Visit, Worker, check
from tests.worlds import at, care, carer, meal, plan, rider, route, world

NURSE = frozenset({"nursing"})
TWO_SKILLS = frozenset({"nursing", "lift"})


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


@pytest.mark.parametrize(
    ("worker", "visit", "expected"),
    [
        (rider(), meal(1, 60), []),
        (rider(), meal(1, 60, kind="errand"), []),
        (rider(), meal(1, 60, kind="parcel"), []),
        (rider(), care(1, 60, kind="errand"), []),
        (rider(), care(1, 60), [(Rule.KIND, 0)]),
        (carer(), care(1, 60), []),
        (carer(), care(1, 60, kind="errand"), []),
        (carer(capacity_boxes=1), meal(1, 60, kind="errand"), []),
        (carer(capacity_boxes=1), meal(1, 60), [(Rule.KIND, 0)]),
        (carer(capacity_boxes=1), meal(1, 60, kind="parcel"), [(Rule.KIND, 0)]),
    ],
)
def test_riders_carry_and_carers_care(worker: Worker, visit: Visit, expected: list[tuple[str, float]]) -> None:
    assert broken(worker, visit) == expected


@pytest.mark.parametrize(
    ("skills", "expected"), [(TWO_SKILLS, []), (NURSE, [(Rule.SKILL, 1)]), (frozenset(), [(Rule.SKILL, 2)])]
)
def test_all_skills(skills: frozenset[str], expected: list[tuple[str, float]]) -> None:
    assert broken(carer(skills=skills), care(1, 60, required_skills=TWO_SKILLS)) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("", []), ("f", []), ("m", [(Rule.GENDER, 0)])])
def test_gender(wanted: str, expected: list[tuple[str, float]]) -> None:
    assert broken(carer(gender="f"), care(1, 60, gender=wanted)) == expected


def test_excluded() -> None:
    assert broken(carer(1), care(1, 60, excluded_worker_ids=frozenset({"carer-2"}))) == []
    assert broken(carer(1), care(1, 60, excluded_worker_ids=frozenset({"carer-1"}))) == [(Rule.EXCLUDED, 0)]


def test_pinned() -> None:
    assert broken(carer(1), care(1, 60, pinned_worker_ids=frozenset({"carer-1", "carer-2"}))) == []
    assert broken(carer(1), care(1, 60, pinned_worker_ids=frozenset({"carer-2"}))) == [(Rule.PINNED, 0)]


def test_areas_that_may_help_and_bans() -> None:
    assert broken(carer(area_id="B"), care(1, 60, allowed_area_prices={"A": 0, "B": 300})) == []
    assert broken(carer(area_id="B"), care(1, 60)) == [(Rule.AREA, 0)]
    assert broken(carer(banned_area_ids=frozenset({"B"})), care(1, 60)) == []
    assert broken(carer(banned_area_ids=frozenset({"A"})), care(1, 60)) == [(Rule.BANNED_AREA, 0)]


def holds(issued: str, valid_until: str = "18:00") -> Worker:
    return carer(credentials={"test": Credential(at(issued), at(valid_until))})


@pytest.mark.parametrize(
    ("worker", "greatest_age_s", "expected"),
    [
        (holds("08:00"), 0, []),
        (holds("08:00", "09:01"), 0, []),  # the visit begins at 09:01
        (holds("08:00", "09:00"), 0, [(Rule.CREDENTIAL_OLD, 60)]),
        (holds("08:01"), 3600, []),
        (holds("08:00"), 3600, [(Rule.CREDENTIAL_OLD, 60)]),
        (holds("07:00", "09:00"), 3600, [(Rule.CREDENTIAL_OLD, 3660)]),  # the worse of the two
        (carer(), 0, [(Rule.CREDENTIAL, 1)]),
    ],
)
def test_credentials_at_the_begin(worker: Worker, greatest_age_s: int, expected: list[tuple[str, float]]) -> None:
    assert broken(worker, care(1, 60, required_credentials={"test": greatest_age_s})) == expected


def test_both_workers_of_a_visit_for_two_must_be_able() -> None:
    problem = world([carer(1), carer(2, gender="m")], [care(1, 60, worker_count=2, gender="f")])
    found = check(problem, plan(route("carer-1", "care-1"), route("carer-2", "care-1")))
    assert found == [Violation(Rule.GENDER, "care-1", "carer-2")]
