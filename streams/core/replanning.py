"""Periodic re-planning: ask the solver pool, and adopt its plan only where it still fits what happened meanwhile."""

from __future__ import annotations

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.inputs import PlanProposed, SolveFailed
from streams.core.as_routing import route_of
from streams.core.gap_room import rules_broken
from streams.core.lifecycle import COMMITTED
from streams.core.placing import set_routes
from streams.core.runtime import Runtime
from streams.core.turn import Turn

DEBOUNCE_S = 60  # requests come in bursts; the first of a burst does not start a solve alone
MOVABLE = (VisitState.PLANNED, VisitState.WAITING)


def replan_due(turn: Turn) -> None:
    """The interval is over: request a solve if there is anything to move."""
    state = turn.state
    movable = any(visit.state in MOVABLE for visit in state.visits.values())
    if not state.plan_dirty or state.solve_pending or not movable or not _plans_anew(turn):
        turn.silence("replan:")
        return
    solve_id = f"{state.district}-s{state.totals.solves + 1}"
    turn.emit(d.SolveRequested(solve_id=solve_id, at=turn.now_at))


def arm_replanning(turn: Turn) -> None:
    """Keep an alarm while there is something to plan for."""
    state = turn.state
    if (
        state.plan_dirty and not state.solve_pending and "replan:" not in state.deadlines
        and _plans_anew(turn) and not state.closed_date
    ):  # fmt: skip
        turn.alarm("replan:", min(DEBOUNCE_S, turn.policy.match_interval_s or DEBOUNCE_S))


def _plans_anew(turn: Turn) -> bool:
    return turn.policy.solve_iterations > 0 or turn.policy.match_interval_s > 0


def solve_lost(turn: Turn, solve_id: str, outcome: str = "lost") -> None:
    if turn.state.solve_pending == solve_id:
        turn.emit(d.SolveSettled(solve_id=solve_id, outcome=outcome, moved_count=0, price_before=0, price_after=0))
        turn.dirty()
    else:
        turn.silence(f"solve:{solve_id}")


def solve_failed(turn: Turn, failure: SolveFailed) -> None:
    solve_lost(turn, failure.solve_id, "failed")


def plan_proposed(turn: Turn, proposal: PlanProposed) -> None:
    """Adopt a proposal if it is the one asked for, breaks no rule now, and is cheaper than the running plan."""
    state = turn.state
    if proposal.solve_id != state.solve_pending:
        return  # an old answer, or the same one again
    runtime = state.runtime
    runtime.catch_up()
    current = current_plan(runtime, turn)
    candidate = merge(turn, runtime, proposal)
    problem = runtime.problem
    running = routing.judge(problem, current)
    proposed = running if candidate == current else routing.judge(problem, candidate, start=current, like=running)
    before, after = running.price, proposed.price
    broken = rules_broken(proposed.violations) - rules_broken(running.violations)
    better = _serves_as_many(candidate, current) and candidate != current if proposal.matched else after < before
    outcome = "rejected" if broken else "adopted" if better else "unchanged"
    moved = 0
    if outcome == "adopted":
        moved = _adopt(turn, current, candidate)
    turn.emit(
        d.SolveSettled(
            solve_id=proposal.solve_id, outcome=outcome, moved_count=moved, price_before=round(before), price_after=round(after)
        )
    )
    if (proposal.helps, proposal.shorts) != (state.helps, state.shorts):
        turn.emit(d.AreasBalanced(helps=proposal.helps, shorts=proposal.shorts))


def current_plan(runtime: Runtime, turn: Turn) -> routing.Plan:
    """The running plan, for the workers that can be planned for."""
    workers = turn.state.workers
    return routing.Plan({worker_id: route_of(turn.state, workers[worker_id]) for worker_id in sorted(runtime.problem.workers)})


def merge(turn: Turn, runtime: Runtime, proposal: PlanProposed) -> routing.Plan:
    """The proposal on top of what happened since: committed stops stay with their workers as they are now, finished and
    closed ones are gone, and what came in meanwhile keeps its place at the end of its route's committed part."""
    state = turn.state
    problem = runtime.problem
    proposed = {route.worker_id: route for route in proposal.routes}
    movable = {v for v, visit in state.visits.items() if visit.state in MOVABLE}
    placed = {stop.visit_id for route in proposal.routes for stop in route.stops}
    routes: dict[str, routing.Route] = {}
    for worker_id in sorted(problem.workers):
        now_route = route_of(state, state.workers[worker_id])
        theirs = proposed.get(worker_id)
        if theirs is None:
            routes[worker_id] = now_route
            continue
        mine = {(stop.visit_id, stop.kind) for stop in now_route.stops}
        kept = now_route.stops[: now_route.locked_count]
        order = list(kept)
        seen = {(stop.visit_id, stop.kind) for stop in kept}
        for stop in (routing.Stop(s.visit_id, "pickup" if s.kind == "pickup" else "visit") for s in theirs.stops):
            key = (stop.visit_id, stop.kind)
            if key not in seen and (stop.visit_id in movable or key in mine):
                order.append(stop)
                seen.add(key)
        # what the solver did not know of stays where it is now
        order += [stop for stop in now_route.stops
                  if (stop.visit_id, stop.kind) not in seen
                  and (stop.visit_id not in placed or state.visits[stop.visit_id].state in COMMITTED)]  # fmt: skip
        routes[worker_id] = routing.Route(
            worker_id, tuple(order), now_route.locked_count, now_route.onboard_since_s
        )
    return routing.Plan(routes)


def _serves_as_many(candidate: routing.Plan, current: routing.Plan) -> bool:
    return set(_workers_of(candidate)) >= set(_workers_of(current))


def _adopt(turn: Turn, current: routing.Plan, candidate: routing.Plan) -> int:
    """Write the changed routes; returns how many visits have another worker than before."""
    state = turn.state
    before, after = _workers_of(current), _workers_of(candidate)
    moved = 0
    for visit_id in sorted(set(before) | set(after)):
        old, new = before.get(visit_id, ()), after.get(visit_id, ())
        visit = state.visits[visit_id]
        if old == new or visit.state not in MOVABLE:
            continue
        if visit.state is VisitState.PLANNED:
            turn.change(visit_id, VisitEvent.UNPLANNED, reason="plan")
        if new:
            turn.change(visit_id, VisitEvent.PLANNED, worker_id=",".join(new), reason="plan")
            moved += bool(old)
        else:
            turn.alarm(f"rung:{visit_id}", turn.policy.rung_wait_s)
    changed = {w for w, route in candidate.routes.items() if route.stops != current.routes[w].stops}
    # a visit for two makes the routes of both depend on each other
    together = {w for v in after.values() if len(v) > 1 and changed & set(v) for w in v} | changed
    set_routes(turn, [candidate.routes[worker_id] for worker_id in sorted(together)], why="plan")
    return moved


def _workers_of(plan: routing.Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for worker_id, route in sorted(plan.routes.items()):
        for stop in route.stops:
            if stop.kind == "visit":
                found.setdefault(stop.visit_id, []).append(worker_id)
    return {visit_id: tuple(workers) for visit_id, workers in found.items()}
