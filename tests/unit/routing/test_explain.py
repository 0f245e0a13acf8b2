"""Why a visit has no worker, rule by rule."""

from __future__ import annotations

import pytest

from routing import Rule, explain
from tests.worlds import at, care, carer, plan, rider, route, world


def test_each_worker_has_a_first_obstacle_and_the_rules_are_counted() -> None:
    visit = care(
        1, 600, required_skills=frozenset({"bath"}), gender="f", excluded_worker_ids=frozenset({"carer-4"}),
        latest_s=at("09:20"),
    )  # fmt: skip
    problem = world(
        [
            rider(),
            carer(1, skills=frozenset()),
            carer(2, gender="m"),
            carer(3, area_id="B"),
            carer(4),
            carer(5, free_s=at("09:15")),
            carer(6),
            carer(7),
        ],
        [visit, care(2, 0, due_s=at("09:00"))],
    )
    found = explain(problem, plan(route("carer-6", "care-2")), "care-1")
    assert dict(found.obstacles) == {
        "rider-1": Rule.KIND,
        "carer-1": Rule.SKILL,
        "carer-2": Rule.GENDER,
        "carer-3": Rule.AREA,
        "carer-4": Rule.EXCLUDED,
        "carer-5": Rule.SHIFT,
        "carer-6": Rule.NO_ROOM,
    }
    assert found.able_worker_ids == ("carer-7",)
    assert sum(count for _, count in found.counts) == 7


def test_the_commonest_rule_comes_first() -> None:
    problem = world([carer(1, gender="m"), carer(2, gender="m"), rider()], [care(1, 0, gender="f")])
    assert explain(problem, plan(), "care-1").counts == ((Rule.GENDER, 2), (Rule.KIND, 1))


def test_an_unknown_visit_is_an_error() -> None:
    with pytest.raises(KeyError):
        explain(world([carer()], []), plan(), "care-1")
