"""Visits that no worker could ever serve, even with nothing else to do, and which rule stops the nearest one.

A lower bound of every time is used (straight to the pickup, straight to the door, no break), so what is named here is hopeless with
any plan, as long as travel times keep the triangle inequality. Visits that are in a route of the plan are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from routing.model import Plan, Problem, Visit, Worker
from routing.refusals import Code, Rule

SERVES = {"rider": ("meal", "errand", "parcel"), "carer": ("care", "errand")}


@dataclass(frozen=True, slots=True)
class Unservable:
    """`rule` is the first that stops `worker_id`, the nearest worker it stops (of the right kind, if there is one).
    `code`: PICKUP_AFTER_DOOR, FRESHNESS_TOO_SHORT (for every worker who would be allowed to), else NOBODY_EVER."""

    visit_id: str
    code: Code
    rule: Rule
    worker_id: str


def unservable(problem: Problem, plan: Plan | None = None) -> list[Unservable]:
    """Sorted by visit. The problem must be one that `validate` does not refuse."""
    held = {stop.visit_id for route in (plan.routes if plan is not None else {}).values() for stop in route.stops}
    workers = [problem.workers[worker_id] for worker_id in sorted(problem.workers)]
    found = (_hopeless(problem, workers, problem.visits[key]) for key in sorted(problem.visits) if key not in held)
    return [one for one in found if one is not None]


def _hopeless(problem: Problem, workers: list[Worker], visit: Visit) -> Unservable | None:
    able = 0
    stopped: list[tuple[Worker, Rule]] = []
    for worker in workers:
        rule = next(_obstacles(problem, worker, visit), None)
        if rule is None:
            able += 1
            if able >= visit.worker_count:
                return None
        else:
            stopped.append((worker, rule))
    if not stopped:  # all are able, but too few
        return Unservable(visit.visit_id, Code.NOBODY_EVER, Rule.TOGETHER, "")
    alike = [one for one in stopped if visit.kind in SERVES[one[0].kind]] or stopped
    worker, rule = min(alike, key=lambda one: (_first_way_s(problem, one[0], visit), one[0].worker_id))
    code = Code.NOBODY_EVER
    if visit.pickup is not None and visit.pickup.ready_s > visit.latest_s:
        code = Code.PICKUP_AFTER_DOOR
    elif any(rule == Rule.FRESHNESS for _, rule in stopped) and not any(rule in IN_TIME for _, rule in stopped):
        code, (worker, rule) = Code.FRESHNESS_TOO_SHORT, next(one for one in stopped if one[1] == Rule.FRESHNESS)
    return Unservable(visit.visit_id, code, rule, worker.worker_id)


IN_TIME = frozenset({Rule.PICKUP_WINDOW, Rule.TIME_WINDOW, Rule.CREDENTIAL_OLD, Rule.SHIFT, Rule.ACTIVE_LIMIT, Rule.DISTANCE_LIMIT})


def _first_way_s(problem: Problem, worker: Worker, visit: Visit) -> float:
    return problem.travel.duration_s(worker.mode, worker.place, visit.place if visit.pickup is None else visit.pickup.place)


def _obstacles(problem: Problem, worker: Worker, visit: Visit) -> Iterator[Rule]:
    """In the order in which they are told: what no time heals, then time."""
    broken = (
        (Rule.KIND, visit.kind not in SERVES[worker.kind]),
        (Rule.SKILL, not visit.required_skills <= worker.skills),
        (Rule.CREDENTIAL, any(name not in worker.credentials for name in visit.required_credentials)),
        (Rule.GENDER, visit.gender not in ("", worker.gender)),
        (Rule.EXCLUDED, worker.worker_id in visit.excluded_worker_ids),
        (Rule.BANNED_AREA, visit.area_id in worker.banned_area_ids),
        (Rule.AREA, worker.area_id not in visit.allowed_area_prices),
        (Rule.PINNED, bool(visit.pinned_worker_ids) and worker.worker_id not in visit.pinned_worker_ids),
        (Rule.CAPACITY, max(visit.boxes, visit.boxes_back) > worker.capacity_boxes),
    )
    yield from (rule for rule, is_broken in broken if is_broken)
    yield from _too_late(problem, worker, visit)


def _too_late(problem: Problem, worker: Worker, visit: Visit) -> Iterator[Rule]:
    travel, mode, pickup = problem.travel, worker.mode, visit.pickup
    here, now_s, work_s, way_m = worker.place, worker.free_s, 0.0, 0.0
    if pickup is not None:
        work_s = travel.duration_s(mode, here, pickup.place)
        way_m = travel.distance_m(here, pickup.place)
        begin_s = max(now_s + work_s, pickup.ready_s)
        if begin_s > pickup.latest_s:
            yield Rule.PICKUP_WINDOW
        work_s += pickup.service_duration_s
        here, now_s = pickup.place, begin_s + pickup.service_duration_s
    last_s = travel.duration_s(mode, here, visit.place) + visit.access_duration_s
    if pickup is not None and visit.freshness_s and last_s > visit.freshness_s:
        yield Rule.FRESHNESS
    begin_s = max(now_s + last_s, visit.earliest_s)
    if begin_s > visit.latest_s:
        yield Rule.TIME_WINDOW
    for name, age_s in visit.required_credentials.items():
        held = worker.credentials.get(name)
        if held is not None and (begin_s > held.valid_until_s or (age_s > 0 and begin_s - held.issued_s > age_s)):
            yield Rule.CREDENTIAL_OLD
    home_s = 0.0 if worker.end is None else travel.duration_s(mode, visit.place, worker.end)
    if begin_s + visit.service_duration_s + home_s > worker.shift_end_s:
        yield Rule.SHIFT
    work_s += last_s + visit.service_duration_s + home_s
    if worker.max_active_s and work_s > worker.max_active_s:
        yield Rule.ACTIVE_LIMIT
    way_m += travel.distance_m(here, visit.place) + (0 if worker.end is None else travel.distance_m(visit.place, worker.end))
    if worker.max_distance_m and way_m > worker.max_distance_m:
        yield Rule.DISTANCE_LIMIT
