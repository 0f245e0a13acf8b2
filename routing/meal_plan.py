"""A running day's single meals, matched anew: what riders have begun or promised stays, all else may change riders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routing.bundles import Bundle, as_route
from routing.matching import MatchingRules, Round, match_meals
from routing.model import Plan, Problem, Route, Stop, Unassignable, Visit, Worker
from routing.place import Place
from routing.plan_index import PlanIndex
from routing.schedule import timetable


def match_day(problem: Problem, running: Plan, seed: int, rules: MatchingRules | None = None) -> Plan:
    """`running` with its free single meals matched to riders (`routing.matching`); meals that the matching leaves over, and
    all that is no single meal, keep their place or are inserted. For districts where every meal is an offer of its own.
    Who has anything else to do, a break or a limit of hours or distance keeps the route as it is."""
    routes = {w: running.routes.get(w) or Route(w) for w in sorted(problem.workers)}
    fixed = {w: _fixed(problem, route) for w, route in routes.items()}
    riders = [_free(problem, w, fixed[w]) for w, route in routes.items() if _may_be_matched(problem, route, len(fixed[w].stops))]
    matched_ids = {rider.worker_id for rider in riders}
    held_elsewhere = {
        stop.visit_id for w, route in routes.items() for stop in (fixed[w] if w in matched_ids else route).stops
    }
    meals = [visit for visit in problem.visits.values() if visit.visit_id not in held_elsewhere and _is_single(visit)]
    if not riders or not meals:
        return running
    now_s = min(rider.free_s for rider in problem.workers.values())
    runs = {rider.worker_id: _run_of(problem, routes[rider.worker_id], len(fixed[rider.worker_id].stops)) for rider in riders}
    demand: dict[Place, float] = {}
    for visit in problem.visits.values():
        if visit.pickup is not None:
            demand[visit.pickup.place] = demand.get(visit.pickup.place, 0.0) + 1.0
    present = Round(now_s, now_s, riders, meals, runs=runs, demand=demand)
    matched = match_meals(present, problem.travel, rules or MatchingRules(), seed)
    for rider in riders:
        kept = fixed[rider.worker_id]
        run = as_route(rider.worker_id, matched.runs.get(rider.worker_id, ()))
        routes[rider.worker_id] = replace(kept, stops=(*kept.stops, *run.stops))
    return _with_the_rest(problem, Plan(routes), matched.unmatched)


def _is_single(visit: Visit) -> bool:
    return visit.kind == "meal" and visit.pickup is not None and not visit.round_id and visit.worker_count == 1


def _fixed(problem: Problem, route: Route) -> Route:
    """The part of a route that stays: up to the last stop that is locked, onboard or promised by its worker."""
    last = route.locked_count
    for position, stop in enumerate(route.stops):
        if stop.visit_id in route.onboard_since_s or problem.visits[stop.visit_id].pinned_worker_ids:
            last = max(last, position + 1)
    begun = {stop.visit_id for stop in route.stops[:last] if stop.kind == "pickup"}
    while any(stop.visit_id in begun for stop in route.stops[last:]):  # what is taken up is also brought
        last += 1
        begun |= {stop.visit_id for stop in route.stops[:last] if stop.kind == "pickup"}
    return replace(route, stops=route.stops[:last])


def _may_be_matched(problem: Problem, route: Route, fixed_count: int) -> bool:
    worker = problem.workers[route.worker_id]
    return (
        worker.kind == "rider"
        and not (worker.breaks or worker.max_active_s or worker.max_distance_m)
        and all(_is_single(problem.visits[stop.visit_id]) for stop in route.stops[fixed_count:])
    )


def _free(problem: Problem, worker_id: str, fixed: Route) -> Worker:
    """The rider as it will be after what stays."""
    worker = problem.workers[worker_id]
    if not fixed.stops:
        return worker
    last_door = problem.visits[fixed.stops[-1].visit_id]  # what is taken up is also brought: it ends at a door
    return replace(worker, free_s=timetable(problem, fixed)[-1].depart_s, place=last_door.place)


def _run_of(problem: Problem, route: Route, fixed_count: int) -> tuple[Bundle, ...]:
    """What the rider was meant to do behind the fixed part, one bundle for each stop at a kitchen; none if doors of
    several kitchens are mixed, which a run cannot say."""
    bundles: list[list[str]] = []
    kitchens: list[str] = []
    before: Stop | None = None
    for stop in route.stops[fixed_count:]:
        pickup = problem.visits[stop.visit_id].pickup
        if pickup is None:
            return ()
        if stop.kind == "pickup":
            if before is None or before.kind != "pickup" or kitchens[-1] != pickup.kitchen_id:
                bundles.append([])
                kitchens.append(pickup.kitchen_id)
        elif not bundles or pickup.kitchen_id != kitchens[-1]:
            return ()
        else:
            bundles[-1].append(stop.visit_id)
        before = stop
    return tuple(Bundle(kitchen, tuple(visits)) for kitchen, visits in zip(kitchens, bundles, strict=True) if visits)


def _with_the_rest(problem: Problem, plan: Plan, visit_ids: Sequence[str]) -> Plan:
    """Meals that no run took, by cheapest insertion; who finds no place waits."""
    if not visit_ids:
        return plan
    index = PlanIndex(problem, plan)
    for visit in sorted((problem.visits[v] for v in visit_ids), key=lambda v: (v.priority, v.due_s, v.visit_id)):
        found = index.insert(visit)
        if not isinstance(found, Unassignable):
            for route in found.routes:
                index.set_route(route)
    return index.plan()
