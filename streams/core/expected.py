"""Demand that is expected and not filed yet, as the area balance counts it: who helps where is settled ahead of a peak, not when
the telephone rings. It is weighed, never planned: no worker is kept free for a visit that nobody has asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import routing
from streams.contracts.district import Service
from streams.core.instants import seconds
from streams.core.lifecycle import CLOSED

if TYPE_CHECKING:
    from streams.contracts.district import DistrictConfig
    from streams.contracts.expected import ExpectedDemand
    from streams.core.state import DistrictState

WAY_S = 420  # what a visit costs its worker beside the time at the home, as the balance counts one (docs/optimisation.md)
NEIGHBOURS = 1  # the rung on which neighbouring living areas help: a peak that is seen coming is theirs too


def expected_visits(state: DistrictState) -> dict[str, routing.Visit]:
    """One piece of work for each line of the district's expectation that is still to come, less what is filed of it."""
    assert state.config is not None
    lines = state.config.expected or ()
    if not lines:
        return {}
    filed = _filed(state)
    found: dict[str, routing.Visit] = {}
    for number, line in enumerate(lines):
        missing = _missing(state, line, sum(line.from_at <= due_at < line.until_at for due_at in filed.get(_key(line), ())))
        if missing > 0:
            found[f"expected:{number}"] = _piece(state, f"expected:{number}", line, missing)
    return found


def _key(line: ExpectedDemand) -> tuple[str, str]:
    return line.area_id, line.service


def _filed(state: DistrictState) -> dict[tuple[str, str], list[datetime]]:
    """When what was filed is due, by area and service, done or not; what was cancelled may come again."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for visit in state.visits.values():
        if visit.state not in CLOSED or visit.done_at is not None:
            found.setdefault((visit.spec.area_id, visit.spec.service.value), []).append(visit.spec.due_at)
    return found


def _missing(state: DistrictState, line: ExpectedDemand, filed: int) -> float:
    """Visits that are still to be filed: nothing of what is past."""
    left = (line.until_at - max(state.now_at, line.from_at)) / (line.until_at - line.from_at)
    return min(1.0, left) * (line.visits - filed)


def _piece(state: DistrictState, visit_id: str, line: ExpectedDemand, missing: float) -> routing.Visit:
    """All of it as one visit: its work is theirs together, spread over the half hours that are left."""
    geography, rules = state.runtime.geography, state.runtime.rules
    meal = line.service == Service.MEAL_SUPPORT
    dong = geography.dongs[geography.areas[line.area_id].dong_codes[0]]
    skills = (line.service,) if not meal or rules.meals_walled else ()
    due_at = max(line.until_at - timedelta(seconds=1), state.now_at)
    due_s = seconds(due_at)
    return routing.Visit(
        visit_id=visit_id, kind="meal" if meal else "care", area_id=line.area_id, place=geography.project(dong.centroid),
        earliest_s=seconds(max(state.now_at, line.from_at)), due_s=due_s, latest_s=due_s,
        service_duration_s=max(0.0, missing * (line.service_duration_s + WAY_S) - WAY_S),
        allowed_area_prices=geography.area_prices(line.area_id, NEIGHBOURS), required_skills=frozenset(skills),
    )  # fmt: skip


def wrong_expectations(config: DistrictConfig) -> Iterator[str]:
    """Lines that name what is none, or count what cannot be."""
    areas, services = {area.area_id for area in config.areas if area.dong_codes}, {service.value for service in Service}
    for number, line in enumerate(config.expected or ()):
        if line.area_id not in areas:
            yield f"expected:{number}:{line.area_id}"
        if line.service not in services:
            yield f"expected:{number}:{line.service}"
        if line.until_at <= line.from_at:
            yield f"expected:{number}:until_at"
        if line.visits < 0 or line.service_duration_s < 0:
            yield f"expected:{number}:visits"
