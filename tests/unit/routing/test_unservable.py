"""A visit that nobody could ever serve is named with the rule that stops the nearest worker; the others are planned."""

from __future__ import annotations

import pytest

from routing import REMEDIES, Budget, Code, Credential, Pickup, Place, Rule, Visit, Worker, solve, unservable, validate
from tests.worlds import KITCHEN, at, care, carer, meal, plan, rider, route, world


@pytest.mark.parametrize(
    ("worker", "visit", "rule"),
    [
        (rider(), care(1, 100), Rule.KIND),
        (carer(), care(1, 100, required_skills=frozenset({"nursing"})), Rule.SKILL),
        (carer(), care(1, 100, required_credentials={"test": 0}), Rule.CREDENTIAL),
        (carer(), care(1, 100, gender="m"), Rule.GENDER),
        (carer(), care(1, 100, excluded_worker_ids=frozenset({"carer-1"})), Rule.EXCLUDED),
        (carer(banned_area_ids=frozenset({"A"})), care(1, 100), Rule.BANNED_AREA),
        (carer(area_id="B"), care(1, 100), Rule.AREA),
        (carer(), care(1, 100, pinned_worker_ids=frozenset({"carer-9"})), Rule.PINNED),
        (rider(capacity_boxes=1), meal(1, 100, boxes=2), Rule.CAPACITY),
        (rider(), meal(1, 100, pickup=Pickup("shop", Place(300, 0), 0, 60, at("09:04"))), Rule.PICKUP_WINDOW),
        (carer(), care(1, 3601, latest_s=at("10:00")), Rule.TIME_WINDOW),
        (carer(shift_end_s=at("10:01")), care(1, 100), Rule.SHIFT),
        (carer(max_active_s=3699), care(1, 100), Rule.ACTIVE_LIMIT),
        (carer(max_distance_m=99), care(1, 100), Rule.DISTANCE_LIMIT),
        (carer(), care(1, 100, worker_count=2), Rule.TOGETHER),
    ],
)
def test_the_rule_is_named(worker: Worker, visit: Visit, rule: Rule) -> None:
    problem = world([worker], [visit])
    assert validate(problem) == []
    found = unservable(problem)
    assert [(one.visit_id, one.code, one.rule) for one in found] == [(visit.visit_id, Code.NOBODY_EVER, rule)]


def test_a_test_that_is_too_old_by_then() -> None:
    old = carer(credentials={"test": Credential(at("09:00") - 72 * 3600, at("23:00"))})
    visit = care(1, 100, required_credentials={"test": 72 * 3600})
    assert [one.rule for one in unservable(world([old], [visit]))] == [Rule.CREDENTIAL_OLD]


def test_the_nearest_of_the_right_kind_is_named() -> None:
    far = carer(1, place=Place(5000, 0), gender="f")
    near = carer(2, place=Place(200, 0), skills=frozenset())
    visit = care(1, 100, gender="m", required_skills=frozenset({"bath"}))
    (found,) = unservable(world([rider(), far, near], [visit]))
    assert (found.worker_id, found.rule) == ("carer-2", Rule.SKILL)


def test_impossible_pairs() -> None:
    late = meal(1, 100, pickup=Pickup("kitchen", KITCHEN, at("13:01"), 0))
    far = meal(2, 1900, freshness_s=1800)
    found = unservable(world([rider(1), rider(2)], [late, far, meal(3, 1800, freshness_s=1800)]))
    assert [(one.visit_id, one.code) for one in found] == [("home-1", Code.PICKUP_AFTER_DOOR), ("home-2", Code.FRESHNESS_TOO_SHORT)]


def test_what_has_a_worker_is_not_looked_at() -> None:
    problem = world([carer(free_s=at("17:00"))], [care(1, 100)])
    assert len(unservable(problem)) == 1
    assert unservable(problem, plan(route("carer-1", "care-1"))) == []


def test_the_day_goes_on_without_it() -> None:
    problem = world([carer()], [care(1, 100), care(2, 200, gender="m")])
    assert [one.visit_id for one in unservable(problem)] == ["care-2"]
    served = {stop.visit_id for one in solve(problem, Budget(10), seed=1).routes.values() for stop in one.stops}
    assert served == {"care-1"}


def test_every_code_has_a_title_and_a_remedy_in_both_languages() -> None:
    assert set(REMEDIES) == set(Code)
    for remedy in REMEDIES.values():
        assert all(text.strip() for text in remedy)
        assert any("가" <= letter <= "힣" for letter in remedy.title_ko)
        assert any("가" <= letter <= "힣" for letter in remedy.ko)
        assert (remedy.title_en + remedy.en).isascii()
