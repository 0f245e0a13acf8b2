"""Room for a visit that another one comes a while after. While the first is with nobody, the plan has the second begin at once, and
nobody can be there long enough before it any more: there is room if the second waits again, and keeps its promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import routing
from streams.core.instants import seconds

if TYPE_CHECKING:
    from streams.core.state import DistrictState


def rules_broken(violations: Iterable[routing.Violation]) -> set[tuple[str, str]]:
    """Which rule is broken by what: a visit, whoever has it, or a worker's day (rests, limits)."""
    return {(violation.rule, violation.visit_id or violation.worker_id) for violation in violations}


def room_before_next(state: DistrictState, index: routing.PlanIndex, visit: routing.Visit) -> routing.Insertion | None:
    """Where the visit fits when those that come after it in a gap wait for it; None where it does not. Nothing moves."""
    problem, plan = index.problem, index.plan()
    after = [
        gap for gap in problem.gaps
        if gap.first_visit_id == visit.visit_id and index.begin_of(gap.then_visit_id) is not None
    ]  # fmt: skip
    if not after:
        return None
    wanted = replace(
        visit, excluded_worker_ids=visit.excluded_worker_ids | index.holders_apart(visit),
        earliest_s=max(visit.earliest_s, *(problem.visits[gap.then_visit_id].earliest_s - gap.max_s for gap in after)),
        latest_s=min(visit.latest_s, *(problem.visits[gap.then_visit_id].due_s - gap.min_s for gap in after)),
    )  # fmt: skip
    loose = replace(problem, gaps=tuple(gap for gap in problem.gaps if gap not in after))
    found = routing.PlanIndex(loose, plan).insert(wanted)
    if not isinstance(found, routing.Insertion):
        return None
    bound = replace(problem, visits={**problem.visits, visit.visit_id: visit})
    longer = routing.Plan({**plan.routes, **{route.worker_id: route for route in found.routes}})
    if rules_broken(routing.check(bound, longer)) - rules_broken(routing.check(problem, plan)):
        return None
    planned_s = {
        stop.visit_id: seconds(stop.begin_at) for worker in state.workers.values() for stop in worker.stops if stop.kind == "visit"
    }
    before_s, after_s = _begins_s(problem, plan), _begins_s(bound, longer)
    for visit_id, begin_s in before_s.items():
        if after_s[visit_id] > max(problem.visits[visit_id].due_s, begin_s, planned_s.get(visit_id, begin_s)):
            return None
    return found


def _begins_s(problem: routing.Problem, plan: routing.Plan) -> dict[str, float]:
    """Visit -> when it begins by this plan."""
    return {
        stop.visit_id: time.begin_s
        for worker_id, times in routing.timetables(problem, plan).items()
        for stop, time in zip(plan.routes[worker_id].stops, times, strict=True)
        if stop.kind == "visit"
    }
