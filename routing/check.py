"""The independent checker: recomputes a plan from the model's rules and lists what is broken. It shares no code with
the planner (only the data classes and the names of rules), so it can be trusted to judge it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from routing.model import Plan, Problem, Route, Violation, Visit, Worker
from routing.refusals import Rule


@dataclass
class _Event:
    """What happens at one stop."""

    visit: Visit
    kind: str
    begin_s: float
    leave_s: float
    load: int
    at_pickup: int  # meals taken up so far in this pickup stop
    travel_s: float


def check(problem: Problem, plan: Plan, start: Plan | None = None) -> list[Violation]:
    """Everything that `plan` breaks, sorted. With `start`, the locked beginnings of its routes and the meals onboard
    must have stayed where they are."""
    found: list[Violation] = []
    known: dict[str, Route] = {}
    for key, route in plan.routes.items():
        if key not in problem.workers or route.worker_id != key:
            found.append(Violation(Rule.UNKNOWN_WORKER, "", key))
            continue
        strangers = [stop.visit_id for stop in route.stops if stop.visit_id not in problem.visits]
        found.extend(Violation(Rule.UNKNOWN_VISIT, visit_id, key) for visit_id in strangers)
        if not strangers:
            known[key] = route
    found.extend(_assignment(problem, known))
    for route in known.values():
        found.extend(_order(problem, route))
        found.extend(_ability(problem, route))
    events, circle = _simulate(problem, known)
    found.extend(Violation(Rule.TOGETHER, visit_id, "") for visit_id in circle)
    for worker_id, happened in events.items():
        found.extend(_times(problem, known[worker_id], happened))
    if start is not None:
        found.extend(_kept(plan, start))
    return sorted(set(found), key=lambda v: (v.rule, v.visit_id, v.worker_id, v.amount))


def _assignment(problem: Problem, routes: dict[str, Route]) -> list[Violation]:
    doors: dict[str, list[str]] = defaultdict(list)
    pickups: dict[str, list[str]] = defaultdict(list)
    for worker_id, route in routes.items():
        for stop in route.stops:
            (doors if stop.kind == "visit" else pickups)[stop.visit_id].append(worker_id)
    found: list[Violation] = []
    for visit_id in sorted({*doors, *pickups}):
        at_door, at_kitchen = doors[visit_id], pickups[visit_id]
        wanted = problem.visits[visit_id].worker_count
        if len(at_door) > wanted or len(at_kitchen) > 1:
            found.append(Violation(Rule.ASSIGNED_TWICE, visit_id, "", max(len(at_door), len(at_kitchen))))
        elif len(at_door) < wanted:
            found.append(Violation(Rule.HALF_ASSIGNED, visit_id, "", len(at_door)))
        if len(set(at_door)) < len(at_door):
            found.append(Violation(Rule.TOGETHER, visit_id, at_door[0]))
        if at_door and any(worker_id not in at_door for worker_id in at_kitchen):
            found.append(Violation(Rule.PICKUP_ELSEWHERE, visit_id, at_kitchen[0]))
    return found


def _order(problem: Problem, route: Route) -> list[Violation]:
    found: list[Violation] = []
    positions = {(stop.visit_id, stop.kind): index for index, stop in enumerate(route.stops)}
    for (visit_id, kind), index in positions.items():
        visit = problem.visits[visit_id]
        taken_up = positions.get((visit_id, "pickup"))
        if kind == "pickup":
            if visit.kind != "meal" or visit.pickup is None:
                found.append(Violation(Rule.KIND, visit_id, route.worker_id))
        elif taken_up is not None and taken_up > index:
            found.append(Violation(Rule.PICKUP_ORDER, visit_id, route.worker_id))
        elif taken_up is None and visit.pickup is not None and visit_id not in route.onboard_since_s:
            found.append(Violation(Rule.HALF_ASSIGNED, visit_id, route.worker_id))  # a door without its meal
    return found


def _ability(problem: Problem, route: Route) -> list[Violation]:
    worker = problem.workers[route.worker_id]
    found: list[Violation] = []
    for visit_id in dict.fromkeys(stop.visit_id for stop in route.stops):
        visit = problem.visits[visit_id]
        broken = [
            (Rule.KIND, {"meal": "rider", "care": "carer"}[visit.kind] != worker.kind),
            (Rule.SKILL, any(skill not in worker.skills for skill in visit.required_skills)),
            (Rule.GENDER, visit.gender not in ("", worker.gender)),
            (Rule.EXCLUDED, worker.worker_id in visit.excluded_worker_ids),
            (Rule.AREA, worker.area_id not in visit.allowed_area_prices),
            (Rule.PINNED, len(visit.pinned_worker_ids) > 0 and worker.worker_id not in visit.pinned_worker_ids),
        ]
        found.extend(Violation(rule, visit_id, worker.worker_id) for rule, is_broken in broken if is_broken)
    return found


def _simulate(problem: Problem, routes: dict[str, Route]) -> tuple[dict[str, list[_Event]], list[str]]:
    """Drive every route. A visit for two begins when the second worker is there; routes are driven again until no
    begin moves. Returns the visits that wait for each other for ever, too."""
    meet: dict[str, float] = {}
    events: dict[str, list[_Event]] = {}
    changed: list[str] = []
    # Each round settles at least one meeting for good unless two wait in a circle.
    shared = {s.visit_id for r in routes.values() for s in r.stops if problem.visits[s.visit_id].worker_count > 1}
    for _ in range(len(shared) + 2):
        changed = []
        for worker_id, route in routes.items():
            events[worker_id] = _drive(problem, route, meet)
            for event in events[worker_id]:
                visit = event.visit
                if visit.worker_count > 1 and event.begin_s > meet.get(visit.visit_id, event.begin_s - 1):
                    meet[visit.visit_id] = event.begin_s
                    changed.append(visit.visit_id)
        if not changed:
            break
    return events, sorted(set(changed))


def _drive(problem: Problem, route: Route, meet: dict[str, float]) -> list[_Event]:
    worker = problem.workers[route.worker_id]
    taken_up_here = {stop.visit_id for stop in route.stops if stop.kind == "pickup"}
    load = 0
    for stop in route.stops:
        visit = problem.visits[stop.visit_id]
        if stop.kind == "visit" and visit.pickup is not None and visit.visit_id not in taken_up_here:
            load += visit.boxes
    place, now = worker.place, worker.free_s
    events: list[_Event] = []
    index = 0
    while index < len(route.stops):
        stop = route.stops[index]
        visit = problem.visits[stop.visit_id]
        if stop.kind == "pickup" and visit.pickup is not None:
            kitchen = visit.pickup
            together = []
            while index < len(route.stops) and route.stops[index].kind == "pickup":
                another = problem.visits[route.stops[index].visit_id]
                if another.pickup is None or another.pickup.kitchen_id != kitchen.kitchen_id:
                    break
                together.append((another, another.pickup))
                index += 1
            travel = problem.travel.duration_s(worker.mode, place, kitchen.place)
            begin = max(now + travel, *(pickup.ready_s for _, pickup in together))
            now = begin + max(pickup.service_duration_s for _, pickup in together)
            load += sum(meal.boxes for meal, _ in together)
            for meal, _ in together:
                events.append(_Event(meal, "pickup", begin, now, load, len(together), travel))
                travel = 0  # the way is driven once
            place = kitchen.place
            continue
        travel = problem.travel.duration_s(worker.mode, place, visit.place)
        begin = max(now + travel, visit.earliest_s)
        if visit.worker_count > 1:
            begin = max(begin, meet.get(visit.visit_id, begin))
        now = begin + visit.service_duration_s
        if visit.pickup is not None:
            load -= visit.boxes
        events.append(_Event(visit, "visit", begin, now, load, 0, travel))
        place = visit.place
        index += 1
    return events


def _way_home_s(problem: Problem, worker: Worker, events: list[_Event]) -> float:
    if worker.end is None or not events:
        return 0
    last = events[-1]
    at = last.visit.place if last.kind == "visit" or last.visit.pickup is None else last.visit.pickup.place
    return problem.travel.duration_s(worker.mode, at, worker.end)


def _times(problem: Problem, route: Route, events: list[_Event]) -> list[Violation]:
    worker = problem.workers[route.worker_id]
    found: list[Violation] = []
    left_kitchen = dict(route.onboard_since_s)
    onboard = sum(
        event.visit.boxes
        for event in events
        if event.kind == "visit"
        and event.visit.pickup is not None
        and not any(e.kind == "pickup" and e.visit.visit_id == event.visit.visit_id for e in events)
    )
    if onboard > worker.capacity_boxes:
        found.append(Violation(Rule.CAPACITY, "", worker.worker_id, onboard - worker.capacity_boxes))
    for event in events:
        visit = event.visit
        if event.kind == "pickup":
            left_kitchen[visit.visit_id] = event.leave_s
            if event.load > worker.capacity_boxes:
                over = event.load - worker.capacity_boxes
                found.append(Violation(Rule.CAPACITY, visit.visit_id, worker.worker_id, over))
            if event.at_pickup > problem.max_meals_per_round:
                over = event.at_pickup - problem.max_meals_per_round
                found.append(Violation(Rule.ROUND_SIZE, visit.visit_id, worker.worker_id, over))
            continue
        if event.begin_s > visit.latest_s:
            late_s = event.begin_s - visit.latest_s
            found.append(Violation(Rule.TIME_WINDOW, visit.visit_id, worker.worker_id, late_s))
        if visit.freshness_s and visit.visit_id in left_kitchen:
            stale_s = event.begin_s - left_kitchen[visit.visit_id] - visit.freshness_s
            if stale_s > 0:
                found.append(Violation(Rule.FRESHNESS, visit.visit_id, worker.worker_id, stale_s))
    if events:
        over_s = events[-1].leave_s + _way_home_s(problem, worker, events) - worker.shift_end_s
        if over_s > 0:
            found.append(Violation(Rule.SHIFT, "", worker.worker_id, over_s))
    return found


def _kept(plan: Plan, start: Plan) -> list[Violation]:
    found: list[Violation] = []
    holder = {stop.visit_id: w for w, route in plan.routes.items() for stop in route.stops if stop.kind == "visit"}
    for worker_id, before in start.routes.items():
        now = plan.routes.get(worker_id, Route(worker_id))
        locked = before.stops[: before.locked_count]
        if now.stops[: len(locked)] != locked:
            moved = next(a for a, b in zip(locked, (*now.stops, *[None] * len(locked)), strict=False) if a != b)
            found.append(Violation(Rule.LOCKED, moved.visit_id, worker_id))
        for visit_id in before.onboard_since_s:
            if any(stop.visit_id == visit_id for stop in before.stops) and holder.get(visit_id) != worker_id:
                found.append(Violation(Rule.PICKUP_ELSEWHERE, visit_id, worker_id))
    return found


def price(problem: Problem, plan: Plan, start: Plan | None = None) -> float:
    """What the plan costs: travel, lateness, help from other areas, unserved visits; with `start`, moves against it
    (a visit that has another worker than there)."""
    prices = problem.prices
    total = 0.0
    served: dict[str, set[str]] = defaultdict(set)
    events, _ = _simulate(problem, dict(plan.routes))
    for worker_id, happened in events.items():
        worker = problem.workers[worker_id]
        travel_s = sum(event.travel_s for event in happened) + _way_home_s(problem, worker, happened)
        total += prices.travel_per_s * travel_s
        for event in happened:
            if event.kind == "visit":
                served[event.visit.visit_id].add(worker_id)
                total += max(0, event.begin_s - event.visit.due_s) * prices.late_per_min // 60
                total += event.visit.allowed_area_prices.get(worker.area_id, 0)
    for visit_id, visit in problem.visits.items():
        if len(served[visit_id]) < visit.worker_count:
            weight = {1: 4.0, 2: 1.0}.get(visit.priority, 0.5)
            total += int(prices.unserved * weight)
    if start is not None:
        before: dict[str, set[str]] = defaultdict(set)
        for worker_id, route in start.routes.items():
            for stop in route.stops:
                if stop.kind == "visit":
                    before[stop.visit_id].add(worker_id)
        for visit_id, workers in before.items():
            if workers and served[visit_id]:
                total += prices.move * len(served[visit_id] - workers)
    return total
