"""Cheapest feasible insertion that breaks no promise.

A stop already in the plan begins no later than max(its present begin, its due time), a visit for two workers not a
second later; nothing goes before a route's locked stops; a meal joins a pickup at its kitchen or makes a new one, and
pickups at one kitchen are never torn apart. Ties: price, then worker id, then positions.

Tables of legs give a lower bound for every position at once; only positions that may win are looked at exactly.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.fits import SKILL_RULES, obstacle
from routing.insert_meal import cheapest_meal, keeps_promises
from routing.insert_search import ROUNDING_S, Bounds, Seat, lateness_bound, with_stops
from routing.model import Insertion, Plan, Problem, Stop, Unassignable, Visit
from routing.refusals import Code, Rule
from routing.schedule import price_of_lateness

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex


def insert(problem: Problem, plan: Plan, visit: Visit) -> Insertion | Unassignable:
    """Where `visit` (in no route of `plan`) goes at the least price, or why it goes nowhere. Builds a `PlanIndex` for
    the one call: who inserts often keeps an index."""
    from routing.plan_index import PlanIndex

    return cheapest(PlanIndex(problem, plan), visit)


def cheapest(index: PlanIndex, visit: Visit, stay_with: Set[str] = frozenset()) -> Insertion | Unassignable:
    """`insert` on an index that the caller keeps. The index is not changed. A worker not among `stay_with` (if there
    are any) costs the price of a move."""
    seats: list[Seat] = []
    skilled = near = 0
    workers = index.problem.workers
    prices = visit.allowed_area_prices
    move = index.problem.prices.move if stay_with else 0
    for worker_id in index.worker_ids():
        worker = workers[worker_id]
        rule = obstacle(worker, visit)
        if rule is None:
            price = prices[worker.area_id] + (move if move and worker_id not in stay_with else 0)
            seats.append(Seat(worker, index.line(worker_id), index.row(worker_id), price))
        elif rule not in SKILL_RULES:
            skilled += 1
            near += rule is not Rule.AREA
    if len(seats) < visit.worker_count:
        if len(seats) + skilled < visit.worker_count:
            return Unassignable(visit.visit_id, Code.NO_SKILLED_WORKER)
        alone = len(seats) + near < visit.worker_count
        return Unassignable(visit.visit_id, Code.NO_WORKER_IN_AREA if alone else Code.NO_WORKER_FREE)
    if visit.worker_count > 1:
        found = _cheapest_two(index, visit, seats)
    elif visit.pickup is not None:
        found = cheapest_meal(index, visit, visit.pickup, seats)
    else:
        found = _cheapest_one(index, visit, seats)
    return found or Unassignable(visit.visit_id, Code.NO_WORKER_FREE)


class _Slot(NamedTuple):
    """A position for one worker: the price without lateness, who and where (the tie-break), and which begins fit."""

    price: float
    worker_id: str
    position: int
    earliest_s: float
    latest_s: float
    seat: Seat
    boundary: int


def _cheapest_one(index: PlanIndex, visit: Visit, seats: list[Seat]) -> Insertion | None:
    prices = index.problem.prices
    at, lower = _positions(index, visit, seats)
    best: tuple[float, str, int] | None = None
    chosen: _Slot | None = None
    for seat_number, boundary, least in zip(*at, lower, strict=True):
        if best is not None and least > best[0]:
            break
        slot = _slot(index, visit, seats[seat_number], boundary)
        if slot is None:
            continue
        price = slot.price + price_of_lateness(slot.earliest_s - visit.due_s, prices.late_per_min)
        key = (price, slot.worker_id, slot.position)
        if best is None or key < best:
            best, chosen = key, slot
    if chosen is None or best is None:
        return None
    route = with_stops(chosen.seat.line.route, (chosen.position, Stop(visit.visit_id, "visit")))
    return Insertion(visit.visit_id, (route,), best[0], chosen.earliest_s)


def _cheapest_two(index: PlanIndex, visit: Visit, seats: list[Seat]) -> Insertion | None:
    """Two workers who begin together: the earlier one waits. Pairs in order of price, until no pair can win."""
    late_per_min = index.problem.prices.late_per_min
    at, _ = _positions(index, visit, seats)
    slots = sorted(
        slot
        for seat_number, boundary in zip(*at, strict=True)
        if (slot := _slot(index, visit, seats[seat_number], boundary)) is not None
    )
    best: tuple[float, str, str, int, int] | None = None
    chosen: tuple[_Slot, _Slot, float] | None = None
    for first, one in enumerate(slots):
        if best is not None and 2 * one.price > best[0]:
            break
        for other in slots[first + 1 :]:
            if best is not None and one.price + other.price > best[0]:
                break
            begin_s = max(one.earliest_s, other.earliest_s)
            if one.worker_id == other.worker_id or begin_s > min(one.latest_s, other.latest_s):
                continue
            price = one.price + other.price + 2 * price_of_lateness(begin_s - visit.due_s, late_per_min)
            left, right = sorted((one, other), key=lambda slot: slot.worker_id)
            key = (price, left.worker_id, right.worker_id, left.position, right.position)
            if best is None or key < best:
                best, chosen = key, (left, right, begin_s)
    if chosen is None or best is None:
        return None
    stop = Stop(visit.visit_id, "visit")
    routes = tuple(with_stops(slot.seat.line.route, (slot.position, stop)) for slot in chosen[:2])
    return Insertion(visit.visit_id, routes, best[0], chosen[2])


def _positions(
    index: PlanIndex, visit: Visit, seats: list[Seat]
) -> tuple[tuple[list[int], list[int]], list[float]]:
    """Positions not ruled out by time, cheapest lower bound first: (seat numbers, boundaries), bounds."""
    prices = index.problem.prices
    bounds = Bounds(index, seats)
    there, back = bounds.legs(visit.place)
    begin = np.maximum(bounds.depart + there - ROUNDING_S, float(visit.earliest_s))
    fits = bounds.open & (begin <= visit.latest_s)
    fits &= begin + (visit.service_duration_s - ROUNDING_S) + back <= bounds.latest
    lower = prices.travel_per_s * (there + back - bounds.leg - 2.0 * ROUNDING_S) + bounds.area_price
    lower = lower + lateness_bound(begin - ROUNDING_S, visit, prices.late_per_min)
    rows, columns = np.nonzero(fits)
    values = lower[rows, columns]
    order = np.argsort(values, kind="stable")
    return (rows[order].tolist(), columns[order].tolist()), values[order].tolist()


def _slot(index: PlanIndex, visit: Visit, seat: Seat, boundary: int) -> _Slot | None:
    """The exact look at one position."""
    problem, worker, line = index.problem, seat.worker, seat.line
    duration_s, mode = problem.travel.duration_s, worker.mode
    if boundary:
        place, depart = line.place[boundary - 1], line.depart[boundary - 1]
    else:
        place, depart = worker.place, worker.free_s
    there = duration_s(mode, place, visit.place)
    begin_s = max(depart + there, visit.earliest_s)
    if boundary < len(line.place):
        back = duration_s(mode, visit.place, line.place[boundary])
        leg, until = line.leg[boundary], line.latest[boundary]
    else:
        back = 0 if worker.end is None else duration_s(mode, visit.place, worker.end)
        leg, until = (line.end_leg if boundary else 0), worker.shift_end_s
    latest_s = min(visit.latest_s, until - back - visit.service_duration_s)
    if begin_s > latest_s:
        return None
    # Only with meals in the box may the table of latest arrivals promise too much: it leaves freshness out.
    meals = bool(line.groups) or line.start_load > 0
    if meals and not keeps_promises(problem, line, boundary, begin_s + visit.service_duration_s, visit.place, {}):
        return None
    price = problem.prices.travel_per_s * (there + back - leg) + seat.area_price
    return _Slot(price, worker.worker_id, line.first[boundary], begin_s, latest_s, seat, boundary)
