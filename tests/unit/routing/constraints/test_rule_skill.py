"""All skills that a visit asks for; the amount is how many are missing."""

from __future__ import annotations

import pytest

from routing import Rule, Visit, Worker, check
from tests.worlds import care, carer, plan, route, world

NURSE = frozenset({"nursing"})

TWO_SKILLS = frozenset({"nursing", "lift"})


def broken(worker: Worker, visit: Visit) -> list[tuple[str, float]]:
    stops = [visit.visit_id] if visit.pickup is None else [f"+{visit.visit_id}", visit.visit_id]
    found = check(world([worker], [visit]), plan(route(worker.worker_id, *stops)))
    assert all(one.worker_id == worker.worker_id and one.visit_id == visit.visit_id for one in found)
    return [(one.rule, one.amount) for one in found]


@pytest.mark.parametrize(
    ("skills", "expected"), [(TWO_SKILLS, []), (NURSE, [(Rule.SKILL, 1)]), (frozenset(), [(Rule.SKILL, 2)])]
)
def test_all_skills(skills: frozenset[str], expected: list[tuple[str, float]]) -> None:
    assert broken(carer(skills=skills), care(1, 60, required_skills=TWO_SKILLS)) == expected
