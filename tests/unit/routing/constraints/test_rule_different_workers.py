"""Two visits by different workers."""

from __future__ import annotations

from routing import Gap, Problem, Rule, Violation, check
from tests.worlds import at, care, carer, plan, route, world


def gapped(least_s: float, most_s: float, **changes: object) -> Problem:
    first, then = care(1, 300, service_duration_s=600), care(2, 300, service_duration_s=600, due_s=at("09:00"))
    return world([carer(1), carer(2)], [first, then], gaps=(Gap("care-1", "care-2", least_s, most_s, **changes),))  # type: ignore[arg-type]


APART = plan(route("carer-1", "care-1"), route("carer-2", "care-2"))


def test_different_workers() -> None:
    together = plan(route("carer-1", "care-1", "care-2"))
    assert check(gapped(0, 7200), together) == []
    assert check(gapped(0, 7200, different_workers=True), APART) == []
    assert check(gapped(0, 7200, different_workers=True), together) == [Violation(Rule.DIFFERENT_WORKERS, "care-2", "carer-1")]
