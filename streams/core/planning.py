"""What the solver pool needs of the state: the problem, the running plan, and a plan as a proposal's routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import routing
from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.inputs import ProposedRoute, ProposedStop
from streams.core.as_routing import route_of
from streams.core.instants import instant
from streams.core.state import DistrictState


def build_problem(state: DistrictState) -> tuple[routing.Problem, routing.Plan]:
    """A snapshot of the problem and the running plan, sharing nothing mutable with `state`. Needs a configured state."""
    runtime = state.runtime
    runtime.catch_up()
    visits = _open_visits(state, runtime.problem)
    gaps = tuple(gap for gap in runtime.problem.gaps if gap.first_visit_id in visits and gap.then_visit_id in visits)
    problem = replace(runtime.problem, workers=dict(sorted(runtime.problem.workers.items())), visits=visits, gaps=gaps)
    routes = {worker_id: route_of(state, state.workers[worker_id]) for worker_id in problem.workers}
    return problem, routing.Plan(routes)


def _open_visits(state: DistrictState, problem: routing.Problem) -> dict[str, routing.Visit]:
    """Visits somebody still has to go to: in a route, or waiting for one."""
    in_routes = {stop.visit_id for worker in state.workers.values() for stop in worker.stops}
    return {
        visit_id: visit
        for visit_id, visit in sorted(problem.visits.items())
        if visit_id in in_routes or not state.visits[visit_id].worker_ids
    }


def plan_to_routes(plan: routing.Plan) -> tuple[ProposedRoute, ...]:
    """A plan as it travels in `PlanProposed`."""
    return tuple(
        ProposedRoute(worker_id, tuple(ProposedStop(stop.visit_id, stop.kind) for stop in route.stops))
        for worker_id, route in sorted(plan.routes.items())
    )


LEAST_SHORT = 0.5  # workers; less is the rounding of a mean, nobody can act on it


def balance_of(
    problem: routing.Problem, expected: Mapping[str, routing.Visit] | None = None
) -> tuple[tuple[HelpWanted, ...], tuple[Shortage, ...]]:
    """Who is wanted in which other living area, and where workers are short, by what is still to be done today and what is
    `expected` beside it."""
    found = routing.day_balance(problem, expected=expected)
    helps = tuple(
        HelpWanted(
            worker_id=one.worker_id, home_area_id=one.home_area_id, area_id=one.area_id,
            from_at=instant(one.from_s), until_at=instant(one.until_s),
        )
        for one in found.helps
    )  # fmt: skip
    shorts = tuple(
        Shortage(
            area_id=one.area_id, group=one.group, from_at=instant(one.slot_s), workers=round(one.workers, 1), why=one.why.value
        )
        for one in found.uncovered if one.workers >= LEAST_SHORT
    )  # fmt: skip
    return helps, shorts
