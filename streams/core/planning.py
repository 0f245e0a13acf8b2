"""What the solver pool needs of the state: the problem, the running plan, and a plan as a proposal's routes."""

from __future__ import annotations

from dataclasses import replace

import routing
from streams.contracts.inputs import ProposedRoute, ProposedStop
from streams.core.state import DistrictState


def build_problem(state: DistrictState) -> tuple[routing.Problem, routing.Plan]:
    """A snapshot of the problem and the running plan, sharing nothing mutable with `state`. Needs a configured state."""
    runtime = state.runtime
    runtime.catch_up()
    problem = replace(runtime.problem, workers=dict(sorted(runtime.problem.workers.items())),
                      visits=_open_visits(state, runtime.problem))  # fmt: skip
    routes = {worker_id: runtime.route_of(state.workers[worker_id]) for worker_id in problem.workers}
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
