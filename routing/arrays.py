"""A problem and a plan as the arrays of the kernel, and the kernel's routes as a plan again.

Visits for two and visits in a gap keep their appointments: each leg in the plan becomes a request with the window [t, t]
that must be kept by somebody. What the plan breaks already (a rider who is late) is allowed to stay as bad as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from routing.fit_table import fit_table, until_table
from routing.kernel.plain import refresh
from routing.kernel.rng import seeded
from routing.kernel.state import (
    ABSENT_COUNT,
    ACTIVE,
    BEGIN,
    BREAKS,
    BROKEN,
    CAPACITY,
    DEPART,
    FAR,
    FRESH,
    KIND,
    LATEST,
    LOCKED,
    METRES,
    MOST_ACTIVE,
    MOST_METRES,
    NO_PLACE,
    SHIFT_END,
    SINCE,
    START,
    USED_COUNT,
    Draft,
    Facts,
    Floats,
    Ints,
    empty_draft,
)  # fmt: skip
from routing.model import Plan, Problem, Route, Stop, Visit, Worker
from routing.nearness import near_list
from routing.place import Place
from routing.schedule import price_unserved
from routing.together import timetables

MUST = 1e10  # the price of leaving out what has to stay: no step that does so is kept
ROOM = 60  # nodes that a route may grow by beyond four times the average
MOST_CELLS = 250_000  # nodes by workers: what the rows of a draft may hold where routes are far from that long


@dataclass(frozen=True, slots=True)
class Request:
    """A visit, or one worker's leg of it. `at_s`: its appointment, if it keeps one."""

    visit: Visit
    leg: int = 0
    at_s: float | None = None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """`facts` with what its numbers stand for."""

    problem: Problem
    plan: Plan
    requests: list[Request]
    workers: list[Worker]
    facts: Facts
    longest: int


def compile_problem(problem: Problem, plan: Plan, start: Plan | None = None) -> Compiled:
    """Everything that can be planned, with `plan` as it is (no parcels outside the locked stops). Moves are priced
    against `start`."""
    workers = [problem.workers[worker_id] for worker_id in sorted(problem.workers)]
    served_by = _served_by(start) if start is not None else {}
    requests = _requests(problem, plan)
    visits = [request.visit for request in requests]
    fit = fit_table(visits, workers, problem.prices, served_by)
    reachable = np.asarray((fit < FAR).any(axis=1))
    if not reachable.all():
        held = _served_by(plan)  # whoever has a visit that nobody may serve any more keeps it, or it is left out
        kept = [row for row, one in enumerate(requests) if reachable[row] or one.must or one.visit.visit_id in held]
        requests, fit = [requests[row] for row in kept], fit[kept]
        visits = [request.visit for request in requests]
    facts = _facts(problem, plan, requests, visits, workers, fit)
    nodes = len(requests) + int(facts.paired.sum())
    longest_now = max((len(route.stops) for route in plan.routes.values()), default=0)
    average = -(-nodes // max(1, len(workers)))
    longest = min(2 * len(requests), max(4 * average + ROOM, longest_now + ROOM, MOST_CELLS // max(1, len(workers))))
    return Compiled(problem, plan, requests, workers, facts, longest)


def _served_by(plan: Plan) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for worker_id, route in plan.routes.items():
        for stop in route.stops:
            if stop.kind == "visit":
                found.setdefault(stop.visit_id, set()).add(worker_id)
    return found


def _requests(problem: Problem, plan: Plan) -> list[Request]:
    """Visits by id. Who keeps an appointment is here once for each worker in the plan, and not at all if in none."""
    served_by = _served_by(plan)
    linked = {v.visit_id for v in problem.visits.values() if v.worker_count > 1}
    linked |= {visit_id for gap in problem.gaps for visit_id in (gap.first_visit_id, gap.then_visit_id)}
    at_s: dict[str, float] = {}
    if linked & served_by.keys():
        times = timetables(problem, plan)
        for worker_id, route in plan.routes.items():
            for stop, time in zip(route.stops, times[worker_id], strict=True):
                if stop.visit_id in linked:
                    at_s[stop.visit_id] = max(time.begin_s, at_s.get(stop.visit_id, -inf))
    held = {stop.visit_id for r in plan.routes.values() for stop in (*r.stops[: r.locked_count],)}
    held |= {visit_id for r in plan.routes.values() for visit_id in r.onboard_since_s}
    found: list[Request] = []
    for visit_id, visit in sorted(problem.visits.items()):
        if visit_id in linked:
            found += [Request(visit, leg, at_s[visit_id], True) for leg in range(len(served_by.get(visit_id, ())))]
        elif visit_id in served_by or visit.kind != "parcel":
            found.append(Request(visit, must=visit_id in held and visit_id in served_by))
    return found


def _facts(
    problem: Problem, plan: Plan, requests: list[Request], visits: list[Visit], workers: list[Worker], fit: Floats
) -> Facts:
    prices, count = problem.prices, len(requests)
    taken_up = {stop.visit_id for r in plan.routes.values() for stop in r.stops[: r.locked_count] if stop.kind == "pickup"}
    onboard = _onboard(plan, problem)
    paired = np.array(
        [v.pickup is not None and v.visit_id not in taken_up and v.visit_id not in onboard for v in visits], dtype=np.int64
    )
    places, number = _places(visits, workers)
    times, marks = _times(problem, requests, onboard)
    place = np.array(
        [number[v.place] for v in visits] + [number[v.pickup.place if v.pickup is not None else v.place] for v in visits],
        dtype=np.int64,
    )
    modes = sorted({worker.mode for worker in workers}) or [""]
    travel = np.empty((len(modes), len(places), len(places)))
    for row, mode in enumerate(modes):
        travel[row] = problem.travel.matrix_s(mode, places)
    symmetric = all(np.array_equal(table, table.T) for table in travel)
    back = travel if symmetric else np.ascontiguousarray(travel.transpose(0, 2, 1))
    locked = {worker_id: route.locked_count for worker_id, route in plan.routes.items()}
    columns = [
        (
            number[w.place], NO_PLACE if w.end is None else number[w.end], w.capacity_boxes, modes.index(w.mode), 0,
            min(locked.get(w.worker_id, 0), len(plan.routes[w.worker_id].stops) if w.worker_id in plan.routes else 0),
            len(w.breaks),
        )
        for w in workers
    ]  # fmt: skip
    rows = np.array(columns, dtype=np.int64).reshape(-1, 7)
    shifts = np.array(
        [
            (
                w.free_s, w.shift_end_s, w.max_active_s or FAR, w.max_distance_m or FAR,
                FAR if w.fair_active_s is None else w.fair_active_s, prices.worker_used,
            )
            for w in workers
        ], dtype=np.float64,
    ).reshape(-1, 6)  # fmt: skip
    breaks = np.zeros((len(workers), max((len(w.breaks) for w in workers), default=0) or 1, 3))
    for row, worker in enumerate(workers):
        for at, one in enumerate(worker.breaks):
            breaks[row, at] = (one.earliest_s, one.latest_s, one.duration_s)
    until = until_table(visits, workers)
    metres = np.zeros((1, 1))
    if any(worker.max_distance_m for worker in workers):
        metres = _metres(problem, places)
    boxes = np.array([v.boxes for v in visits], dtype=np.int64)
    in_locked = np.array([v.visit_id in taken_up for v in visits], dtype=bool)
    fixed = _fixed(plan, requests)
    absent_price = np.array([MUST if r.must else price_unserved(r.visit, prices) for r in requests], dtype=np.float64)
    rich = _is_rich(problem, requests, workers, fit, paired, boxes, rows)
    rows[:, KIND] = _kinds(rows, shifts, breaks, fit, until)
    keys = _keys(times, boxes, travel[0], place, rows, count)
    near = near_list(travel[0], place, times, paired, rich, [v.kind == "care" for v in visits])
    return Facts(
        travel=travel, travel_back=back, place=place, times=times, paired=paired, boxes=boxes, absent_price=absent_price,
        near=near, keys=keys, workers=rows, shifts=shifts, empties=np.bincount(rows[:, KIND]).astype(np.int64),
        terms=np.array([rich, prices.travel_per_s, prices.over_share_per_min / 60, prices.order_change,
                        problem.max_meals_per_round], dtype=np.float64),
        fixed=fixed, start_boxes=np.where((paired == 1) | in_locked, 0, boxes),
        boxes_back=np.array([v.boxes_back for v in visits], dtype=np.int64), marks=marks,
        fit=fit if rich else np.zeros((1, 1)), until=until, metres=metres, breaks=breaks,
    )  # fmt: skip


def _metres(problem: Problem, places: list[Place]) -> Floats:
    table = getattr(problem.travel, "matrix_m", None)  # not every port has it
    if table is not None:
        return np.asarray(table(places), dtype=np.float64)
    return np.array([[problem.travel.distance_m(a, b) for b in places] for a in places], dtype=np.float64)


def _onboard(plan: Plan, problem: Problem) -> dict[str, float]:
    """Meals in the box already, with when they left their kitchen (FAR: nobody knows)."""
    found: dict[str, float] = {}
    for route in plan.routes.values():
        picked = {stop.visit_id for stop in route.stops if stop.kind == "pickup"}
        for stop in route.stops:
            if stop.kind == "visit" and stop.visit_id not in picked and problem.visits[stop.visit_id].pickup is not None:
                found[stop.visit_id] = route.onboard_since_s.get(stop.visit_id, FAR)
    return found


def _places(visits: list[Visit], workers: list[Worker]) -> tuple[list[Place], dict[Place, int]]:
    number: dict[Place, int] = {}
    for visit in visits:
        number.setdefault(visit.place, len(number))
        if visit.pickup is not None:
            number.setdefault(visit.pickup.place, len(number))
    for worker in workers:
        number.setdefault(worker.place, len(number))
        if worker.end is not None:
            number.setdefault(worker.end, len(number))
    return list(number), number


def _times(problem: Problem, requests: list[Request], onboard: Mapping[str, float]) -> tuple[Floats, Ints]:
    """Facts.times and Facts.marks."""
    prices = problem.prices
    kitchens: dict[str, int] = {}
    rounds: dict[str, int] = {}
    doors: list[tuple[float, ...]] = []
    pickups: list[tuple[float, ...]] = []
    marks: list[tuple[int, int, int]] = []
    kitchen_marks: list[tuple[int, int, int]] = []
    for request in requests:
        visit = request.visit
        late = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
        earliest, latest = visit.earliest_s, visit.latest_s
        if request.at_s is not None:
            earliest = latest = request.at_s
        since = onboard.get(visit.visit_id, FAR)
        limited = visit.freshness_s > 0 and visit.pickup is not None
        if visit.visit_id in onboard and since >= FAR:
            limited = False
        promise = FAR if visit.promised_s is None else visit.promised_s
        doors.append(
            (earliest, latest, visit.service_duration_s, visit.access_duration_s, visit.due_s, late / 60, promise,
             prices.promise_per_min / 60, visit.freshness_s if limited else FAR, since)
        )  # fmt: skip
        named = rounds.setdefault(visit.round_id, len(rounds)) if visit.round_id else -1
        marks.append((-1, named, visit.round_rank))
        pickup = visit.pickup
        if pickup is None:
            pickups.append((0.0,) * 10)
            kitchen_marks.append((-1, -1, 0))
        else:
            until = min(pickup.latest_s, FAR)
            pickups.append((pickup.ready_s, until, pickup.service_duration_s, 0.0, FAR, 0.0, FAR, 0.0, FAR, FAR))
            kitchen_marks.append((kitchens.setdefault(pickup.kitchen_id, len(kitchens)), -1, 0))
    times = np.array(doors + pickups, dtype=np.float64).reshape(-1, 10)
    return np.minimum(times, FAR), np.array(marks + kitchen_marks, dtype=np.int64).reshape(-1, 3)


def _fixed(plan: Plan, requests: list[Request]) -> Ints:
    """Requests with a door in a locked beginning."""
    locked = {stop.visit_id for r in plan.routes.values() for stop in r.stops[: r.locked_count] if stop.kind == "visit"}
    return np.array([request.visit.visit_id in locked for request in requests], dtype=np.int64)


def _is_rich(
    problem: Problem, requests: list[Request], workers: list[Worker], fit: Floats, paired: Ints, boxes: Ints, rows: Ints
) -> bool:
    """Whether anything but hard windows, one load and travel counts here."""
    prices = problem.prices
    kitchens = [r.visit.pickup.kitchen_id for r in requests if r.visit.pickup is not None]
    return bool(
        prices.travel_per_s != 1
        or prices.worker_used
        or fit.any()
        or rows[:, LOCKED].any()
        or len(set(kitchens)) < len(kitchens)
        or (paired.any() and boxes[paired == 0].any())
        or any(w.breaks or w.max_active_s or w.max_distance_m or w.fair_active_s is not None for w in workers)
        or any(r.at_s is not None or r.must for r in requests)
        or any(
            v.due_s < v.latest_s or v.freshness_s or v.access_duration_s or v.boxes_back or v.round_id
            or v.required_credentials or v.promised_s is not None or (v.pickup is not None and v.kind == "meal")
            for v in (r.visit for r in requests)
        )
    )  # fmt: skip


def _kinds(rows: Ints, shifts: Floats, breaks: Floats, fit: Floats, until: Floats) -> Ints:
    """Workers who are alike in every respect have one number: one empty route of each is tried."""
    numbers: dict[tuple[bytes, ...], int] = {}
    fit_by_worker, until_by_worker = np.ascontiguousarray(fit.T), np.ascontiguousarray(until.T)
    kinds = []
    for row in range(len(rows)):
        times = until_by_worker[row] if len(until_by_worker) > 1 else until_by_worker[0]
        key = (rows[row].tobytes(), shifts[row].tobytes(), breaks[row].tobytes(), fit_by_worker[row].tobytes(), times.tobytes())
        kinds.append(numbers.setdefault(key, len(numbers)))
    return np.array(kinds, dtype=np.int64)


def _keys(times: Floats, boxes: Ints, travel: Floats, place: Ints, rows: Ints, count: int) -> Floats:
    """What insertion orders sort by; farness is from where workers start on average."""
    starts = rows[:, START]
    far = travel[np.ix_(np.unique(starts), place[:count])].mean(axis=0) if len(starts) else np.zeros(count)
    width = times[:count, LATEST] - times[:count, 0]
    keys = np.stack([-boxes.astype(np.float64), -far, width, times[:count, 0], times[:count, LATEST]], axis=1)
    return np.ascontiguousarray(keys)  # one layout, one compiled version


def draft_of(compiled: Compiled, seed: int) -> Draft:
    """The plan as a draft. Rules that it breaks are eased in `facts` to what it needs."""
    facts = compiled.facts
    draft = empty_draft(facts, compiled.longest, seeded(seed))
    count = len(compiled.requests)
    legs: dict[str, list[int]] = {}
    for number, request in enumerate(compiled.requests):
        legs.setdefault(request.visit.visit_id, []).append(number)
    place_of = {visit_id: iter(numbers) for visit_id, numbers in legs.items()}
    for row, worker in enumerate(compiled.workers):
        route = compiled.plan.routes.get(worker.worker_id)
        if route is None or not route.stops:
            refresh(facts, draft, row)
            continue
        for at, stop in enumerate(route.stops, 1):
            numbers = legs[stop.visit_id]
            number = next(place_of[stop.visit_id]) if stop.kind == "visit" else numbers[0]
            draft.nodes[row, at] = number + (count if stop.kind == "pickup" else 0)
            if stop.kind == "visit":
                draft.holder[number] = row
        draft.size[row] = len(route.stops)
        _note_used(facts, draft, row)
        refresh(facts, draft, row)
        if draft.cost[row] >= BROKEN:
            _ease(facts, draft, row)
            refresh(facts, draft, row)
    absent = [number for number in range(count) if draft.holder[number] < 0]
    draft.absent[: len(absent)] = absent
    draft.counts[ABSENT_COUNT] = len(absent)
    return draft


def _note_used(facts: Facts, draft: Draft, row: int) -> None:
    """Move a worker from the pile of empty ones to the used ones."""
    kind, slot = facts.workers[row, KIND], draft.slot[row]
    last = draft.empty_count[kind] - 1
    draft.empty_count[kind] = last
    other = draft.empties[kind, last]
    draft.empties[kind, slot] = other
    draft.slot[other] = slot
    draft.slot[row] = draft.counts[USED_COUNT]
    draft.used[draft.counts[USED_COUNT]] = row
    draft.counts[USED_COUNT] += 1


def _ease(facts: Facts, draft: Draft, row: int) -> None:
    """Let a route that breaks rules be as late, long and full as it is."""
    size, count = draft.size[row], len(facts.paired)
    trace, times = draft.trace, facts.times
    for at in range(1, size + 1):
        node, begin = draft.nodes[row, at], trace[BEGIN, row, at]
        times[node, LATEST] = max(times[node, LATEST], begin)
        if node >= count:
            continue
        if facts.until.shape[0] > 1:
            facts.until[node, row] = max(facts.until[node, row], begin)
        if times[node, FRESH] < FAR:
            since = times[node, SINCE] if times[node, SINCE] < FAR else draft.left[node + count]
            times[node, FRESH] = max(times[node, FRESH], begin - since)
    shifts, end = facts.shifts, size + 1
    shifts[row, SHIFT_END] = max(shifts[row, SHIFT_END], trace[DEPART, row, end])
    shifts[row, MOST_ACTIVE] = max(shifts[row, MOST_ACTIVE], trace[ACTIVE, row, end])
    shifts[row, MOST_METRES] = max(shifts[row, MOST_METRES], trace[METRES, row, end])
    facts.workers[row, CAPACITY] = max(facts.workers[row, CAPACITY], draft.peaks[1, row, 0])
    for at in range(facts.workers[row, BREAKS]):
        facts.breaks[row, at, 1] = FAR


def routes_of(compiled: Compiled, nodes: Ints, size: Ints) -> dict[str, Route]:
    """The kernel's routes, those with stops and those that had some."""
    count = len(compiled.requests)
    routes: dict[str, Route] = {}
    for row, worker in enumerate(compiled.workers):
        before = compiled.plan.routes.get(worker.worker_id)
        if size[row] == 0 and before is None:
            continue
        stops = tuple(
            Stop(compiled.requests[node - count if node >= count else node].visit.visit_id, "pickup" if node >= count else "visit")
            for node in nodes[row, 1 : size[row] + 1].tolist()
        )
        if before is None:
            routes[worker.worker_id] = Route(worker.worker_id, stops)
        else:
            routes[worker.worker_id] = Route(worker.worker_id, stops, before.locked_count, before.onboard_since_s)
    return routes
