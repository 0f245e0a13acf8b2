"""From the model to the arrays of the coupled search, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from routing.coupled.facts import (
    ANCHOR,
    APART,
    ARRIVE,
    BEFORE,
    BEGIN,
    DUE,
    EARLIEST,
    FAR,
    FORBIDDEN,
    FREE,
    MANY,
    MATE,
    NEXT,
    NOBODY,
    PICKS,
    PLACE,
    PROMISED,
    PUSH,
    REACH,
    SERVICE,
    UNIT,
    VISIT,
    WHO,
    Draft,
    Facts,
    Floats,
    Ints,
)  # fmt: skip
from routing.fit_table import fit_table, until_table
from routing.kernel.rng import seeded
from routing.model import Plan, Problem, Route, Stop, Visit, Worker
from routing.place import Place

NEIGHBOURS = 60
WAITING_WEIGHT = 0.2  # of a second of waiting against one of travel, in how alike two legs are
PRIORITY_WEIGHTS = {1: 4.0, 2: 1.0}  # of the price of an unserved visit; others 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """A part of a problem in arrays: the ids behind the rows."""

    facts: Facts
    worker_ids: tuple[str, ...]
    visit_ids: tuple[str, ...]
    legs: tuple[str, ...]  # the visit of each leg


def build(problem: Problem, worker_ids: Sequence[str], visit_ids: Sequence[str], start: Plan, plan: Plan) -> Case:
    """Arrays of these workers and visits. `start` is what moves are priced against, `plan` holds the locked stops."""
    workers = [problem.workers[one] for one in worker_ids]
    visits = [problem.visits[one] for one in visit_ids]
    legs = [visit for visit in visits for _ in range(visit.worker_count)]
    count, crew = len(legs), len(workers)
    nodes = count + 2 * crew
    rows: dict[Place, int] = {}
    marks = np.full((nodes, 5), NOBODY, dtype=np.int64)
    marks[:, APART] = 0
    numbers = np.zeros((nodes, 8))
    numbers[:, EARLIEST] = -FAR
    numbers[:, DUE] = numbers[:, PROMISED] = FAR
    for leg, visit in enumerate(legs):
        marks[leg, PLACE] = rows.setdefault(visit.place, len(rows))
        rate = problem.prices.late_per_min if visit.late_per_min is None else visit.late_per_min
        promised = FAR if visit.promised_s is None else visit.promised_s
        numbers[leg] = (
            visit.earliest_s, visit.service_duration_s, visit.access_duration_s, visit.due_s, rate / 60,
            promised, problem.prices.promise_per_min / 60, 0.0,
        )  # fmt: skip
    for row, worker in enumerate(workers):
        marks[count + row, PLACE] = rows.setdefault(worker.place, len(rows))
        if worker.end is not None:
            marks[count + crew + row, PLACE] = rows.setdefault(worker.end, len(rows))
    modes = sorted({worker.mode for worker in workers})
    places = list(rows)
    travel = np.array([problem.travel.matrix_s(mode, places) for mode in modes], dtype=np.float64)
    metres = np.zeros((1, 1))
    if any(worker.max_distance_m for worker in workers):
        metres = np.array([[problem.travel.distance_m(a, b) for b in places] for a in places], dtype=np.float64)
    arcs = _arcs(problem, visits)
    units_from, units = _units(marks, visits, arcs, count)
    _pair(marks, numbers, arcs, units_from, units)
    most_breaks = max(1, *(len(worker.breaks) for worker in workers))
    breaks = np.zeros((crew, most_breaks, 3))
    worker_rows = np.zeros((crew, 4), dtype=np.int64)
    shifts = np.zeros((crew, 5))
    for row, worker in enumerate(workers):
        for at, rest in enumerate(worker.breaks):
            breaks[row, at] = (rest.earliest_s, rest.latest_s, rest.duration_s)
        fair = FAR if worker.fair_active_s is None else worker.fair_active_s
        limited = fair < FAR or worker.max_active_s > 0 or worker.max_distance_m > 0
        worker_rows[row] = (modes.index(worker.mode), len(worker.breaks), int(limited), count + row)
        shifts[row] = (worker.free_s, min(worker.shift_end_s, FAR), worker.max_active_s, worker.max_distance_m, fair)
        numbers[count + row, EARLIEST] = worker.free_s
    fit, closes = _fits(problem, workers, visits, start)
    sizes = [visit.worker_count for visit in visits]
    visits_from = np.cumsum([0, *sizes]).astype(np.int64)
    home = travel[0][marks[count, PLACE]] if crew else np.zeros(len(places))
    facts = Facts(
        travel=travel,
        metres=metres,
        numbers=numbers,
        marks=marks,
        fit=np.repeat(fit, sizes, axis=1),
        closes=np.repeat(closes, sizes, axis=1),
        workers=worker_rows,
        shifts=shifts,
        breaks=breaks,
        arcs_from=np.searchsorted([arc[0] for arc in arcs], np.arange(count + 1)).astype(np.int64),
        arcs_to=np.array([arc[1] for arc in arcs], dtype=np.int64),
        arcs_push=np.array([arc[2] for arc in arcs], dtype=np.float64),
        arcs_apart=np.array([arc[3] for arc in arcs], dtype=np.int64),
        units_from=units_from,
        units=units,
        visits_from=visits_from,
        open_price=np.array([open_price(problem, visit) for visit in visits], dtype=np.float64),
        near=_near(numbers, marks, travel, count),
        remote=home[marks[:count, PLACE]],
        locked=np.zeros(count, dtype=np.int64),
        rates=np.array([
            problem.prices.travel_per_s, problem.prices.worker_used, problem.prices.greatest_lateness_per_s,
            problem.prices.over_share_per_min / 60,
        ], dtype=np.float64),
    )  # fmt: skip
    return Case(facts, tuple(worker_ids), tuple(visit_ids), tuple(visit.visit_id for visit in legs))


def open_price(problem: Problem, visit: Visit) -> float:
    """What it costs to leave a visit out."""
    if visit.leave_out_price is not None:
        return visit.leave_out_price
    return problem.prices.unserved * PRIORITY_WEIGHTS.get(visit.priority, 0.5)


Arc = tuple[int, int, float, int]


def _arcs(problem: Problem, visits: Sequence[Visit]) -> list[Arc]:
    """(leg, other, push, apart): the other begins at least `push` after the leg."""
    first: dict[str, int] = {}
    count = 0
    for visit in visits:
        first[visit.visit_id] = count
        count += visit.worker_count
    sizes = {visit.visit_id: visit.worker_count for visit in visits}
    found: dict[tuple[int, int], tuple[float, int]] = {}

    def add(one: int, other: int, push: float, apart: int) -> None:
        before = found.get((one, other), (-inf, 0))
        found[one, other] = (max(before[0], push), max(before[1], apart))

    for visit in visits:
        if visit.worker_count > 1:
            leg = first[visit.visit_id]
            add(leg, leg + 1, 0.0, 1)
            add(leg + 1, leg, 0.0, 1)
    for gap in problem.gaps:
        if gap.first_visit_id not in first or gap.then_visit_id not in first:
            continue
        apart = int(getattr(gap, "different_workers", False))
        # The legs of a visit for two begin together, so all of them stand for it: one may be out while the other is tried.
        for a in range(first[gap.first_visit_id], first[gap.first_visit_id] + sizes[gap.first_visit_id]):
            for b in range(first[gap.then_visit_id], first[gap.then_visit_id] + sizes[gap.then_visit_id]):
                add(a, b, gap.min_s, apart)
                add(b, a, -min(gap.max_s, FAR), apart)
    return [(one, other, push, apart) for (one, other), (push, apart) in sorted(found.items())]


def _units(marks: Ints, visits: Sequence[Visit], arcs: Sequence[Arc], count: int) -> tuple[Ints, Ints]:
    """Connected legs, and the visit and unit of each leg."""
    leg = 0
    for row, visit in enumerate(visits):
        marks[leg : leg + visit.worker_count, VISIT] = row
        leg += visit.worker_count
    parent = list(range(count))

    def root(one: int) -> int:
        while parent[one] != one:
            one = parent[one]
        return one

    for one, other, _, _ in arcs:
        parent[max(root(one), root(other))] = min(root(one), root(other))
    groups: dict[int, list[int]] = {}
    for one in range(count):
        groups.setdefault(root(one), []).append(one)
    units_from, units = [0], []
    for number, group in enumerate(groups.values()):
        units.extend(group)
        units_from.append(len(units))
        marks[group, UNIT] = number
    return np.array(units_from, dtype=np.int64), np.array(units, dtype=np.int64)


def _pair(marks: Ints, numbers: Floats, arcs: Sequence[Arc], units_from: Ints, units: Ints) -> None:
    """Pairs have a way of their own through the kernel, quicker than by arcs."""
    push = {(one, other): (s, apart) for one, other, s, apart in arcs}
    for unit in range(len(units_from) - 1):
        group = [int(leg) for leg in units[units_from[unit] : units_from[unit + 1]]]
        for leg in group:
            if len(group) == 2:
                mate = group[1] if leg == group[0] else group[0]
                marks[leg, MATE] = mate
                numbers[leg, PUSH], marks[leg, APART] = push[leg, mate]
            elif len(group) > 2:
                marks[leg, MATE] = MANY
                marks[leg, APART] = 1  # of its own visit's other leg


def _fits(problem: Problem, workers: Sequence[Worker], visits: Sequence[Visit], start: Plan) -> tuple[Floats, Floats]:
    """[workers, visits]: price of each worker for each visit (FORBIDDEN or more: may not), and the latest begin."""
    holders: dict[str, set[str]] = {}
    for worker_id, route in start.routes.items():
        for stop in route.stops:
            if stop.kind == "visit":
                holders.setdefault(stop.visit_id, set()).add(worker_id)
    fit = fit_table(visits, workers, problem.prices, holders).T.copy()
    latest = np.array([min(visit.latest_s, FAR) for visit in visits])
    closes = np.minimum(until_table(visits, workers).T, np.broadcast_to(latest, fit.shape))
    fit[closes < np.array([visit.earliest_s for visit in visits])[None, :]] = FORBIDDEN
    fit[[worker.free_s > worker.shift_end_s for worker in workers]] = FORBIDDEN
    return fit, closes


def _near(numbers: Floats, marks: Ints, travel: Floats, count: int) -> Ints:
    """For each leg the others by travel and the waiting between them, in the better order of the two."""
    keep = min(NEIGHBOURS, max(count - 1, 0))
    if not keep:
        return np.full((count, 1), -1, dtype=np.int64)
    place = marks[:count, PLACE]
    way = travel.mean(axis=0)[np.ix_(place, place)]
    earliest, due, service = numbers[:count, EARLIEST], np.minimum(numbers[:count, DUE], FAR), numbers[:count, SERVICE]
    # Of a then b: b's window opens after a, begun as late as allowed, is over; or b is due before a can be.
    waits = np.maximum(0.0, earliest[None, :] - (due + service)[:, None] - way)
    late = np.maximum(0.0, (earliest + service)[:, None] + way - due[None, :])
    apart = way + WAITING_WEIGHT * np.minimum(waits + late, (waits + late).T)
    np.fill_diagonal(apart, inf)
    return np.argsort(apart, axis=1, kind="stable")[:, :keep].astype(np.int64)


def empty_draft(facts: Facts, seed: int) -> Draft:
    """Nobody does anything yet."""
    legs, crew = facts.fit.shape[1], len(facts.workers)
    nodes = legs + 2 * crew
    links = np.full((nodes, 5), -1, dtype=np.int64)
    links[legs:, 3:] = 0
    times = np.zeros((nodes, 6))
    times[:, BEGIN] = times[:, REACH] = times[:, ARRIVE] = -FAR
    for row in range(crew):
        first, last = legs + row, legs + crew + row
        links[first, NEXT], links[last, BEFORE] = last, first
        links[first, WHO] = links[last, WHO] = row
        times[first, BEGIN] = times[first, REACH] = facts.shifts[row, FREE]
    return Draft(
        links=links,
        times=times,
        queue=np.zeros(8 * nodes + 64, dtype=np.int64),
        stamp=np.full(nodes, -1, dtype=np.int64),
        log_node=np.zeros(nodes, dtype=np.int64),
        log_taken=np.zeros((nodes, 2), dtype=np.int64),
        log_times=np.zeros((nodes, 6)),
        limits=np.zeros(crew),
        removed=np.zeros(legs + 1, dtype=np.int64),
        spots=np.zeros((2, nodes), dtype=np.int64),
        spot_numbers=np.zeros((2, nodes, 2)),
        picks=np.zeros((PICKS, 2), dtype=np.int64),
        pick_prices=np.zeros(PICKS),
        units=np.zeros(legs + 1, dtype=np.int64),
        keys=np.zeros(legs + 1),
        meeting=np.zeros(legs + 1),
        counts=np.zeros(4, dtype=np.int64),
        totals=np.zeros(6),
        rng=seeded(seed),
    )


def put_routes(case: Case, draft: Draft, routes: Mapping[str, Route]) -> None:
    """Chain the routes up as they are, and mark what is locked. Times are not worked out yet."""
    facts = case.facts
    count, crew = facts.fit.shape[1], len(facts.workers)
    free: dict[str, list[int]] = {}
    for leg in range(count - 1, -1, -1):
        free.setdefault(case.legs[leg], []).append(leg)
    for row, worker_id in enumerate(case.worker_ids):
        node = count + row
        route = routes.get(worker_id, Route(worker_id))
        for at, stop in enumerate(route.stops):
            leg = free[stop.visit_id].pop()
            draft.links[leg, [BEFORE, WHO]] = node, row
            draft.links[leg, 3:] = 0
            draft.links[node, NEXT] = leg
            node = leg
            if at < route.locked_count:
                facts.locked[leg] = 1
                facts.workers[row, ANCHOR] = leg
        end = count + crew + row
        draft.links[node, NEXT] = end
        draft.links[end, BEFORE] = node


def read_routes(case: Case, links: Ints, before: Mapping[str, Route]) -> dict[str, Route]:
    """The chains as routes."""
    count = case.facts.fit.shape[1]
    routes: dict[str, Route] = {}
    for row, worker_id in enumerate(case.worker_ids):
        was = before.get(worker_id, Route(worker_id))
        node = int(links[count + row, NEXT])
        stops: list[Stop] = []
        while node < count:
            stops.append(Stop(case.legs[node], "visit"))
            node = int(links[node, NEXT])
        if stops or worker_id in before:
            routes[worker_id] = Route(worker_id, tuple(stops), was.locked_count, was.onboard_since_s)
    return routes
