"""Insertion of a meal: a pickup (joined to one at the same kitchen, or new) and a door after it, in one route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routing.insert_search import ROUNDING_S, Bounds, Seat, lateness_bound, with_stops
from routing.model import Insertion, Pickup, Place, Problem, Stop, Visit
from routing.schedule import FAR_S, Timeline, price_of_lateness

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex

Key = tuple[float, str, int, int]  # price, worker id, position of the pickup, position of the door


def cheapest_meal(index: PlanIndex, visit: Visit, pickup: Pickup, seats: list[Seat]) -> Insertion | None:
    search = _Search(index, visit, pickup)
    for least, seat_number, boundary, join in _pickups(index, visit, pickup, seats):
        if search.best is not None and least > search.best[0]:
            break
        search.look(seats[seat_number], boundary, join)
    if search.best is None or search.seat is None:
        return None
    price, _, pickup_at, door_at = search.best
    route = with_stops(
        search.seat.line.route,
        (pickup_at, Stop(visit.visit_id, "pickup")),
        (door_at, Stop(visit.visit_id, "visit")),
    )
    return Insertion(visit.visit_id, (route,), price, search.begin_s)


def _pickups(
    index: PlanIndex, visit: Visit, pickup: Pickup, seats: list[Seat]
) -> list[tuple[float, int, int, bool]]:
    """All ways to take the meal up, (lower bound of the whole insertion, seat number, boundary, joined), cheapest
    first. A joined pickup's boundary is the one after its block."""
    prices = index.problem.prices
    bounds = Bounds(index, seats)
    to_kitchen, from_kitchen = bounds.legs(pickup.place)
    to_door, from_door = bounds.legs(visit.place)
    across = bounds.seconds_between(pickup.place, visit.place)
    slack = 2.0 * ROUNDING_S

    begin = np.maximum(bounds.depart + to_door, float(visit.earliest_s)) - slack
    door_fits = bounds.open & (begin <= visit.latest_s)
    door_fits &= begin + visit.service_duration_s + from_door <= bounds.latest + slack
    door = prices.travel_per_s * (to_door + from_door - bounds.leg - slack)
    door = door + lateness_bound(begin, visit, prices.late_per_min)
    door = np.where(door_fits, door, np.inf)
    # The cheapest door at or after each boundary; after the last one there is none.
    later = np.minimum.accumulate(door[:, ::-1], axis=1)[:, ::-1]

    load = np.maximum(bounds.depart + to_kitchen, float(pickup.ready_s)) + pickup.service_duration_s - slack
    begin = np.maximum(load + across, float(visit.earliest_s)) - slack
    new_fits = bounds.open & (load + from_kitchen <= bounds.latest + slack) & (begin <= visit.latest_s)
    new = prices.travel_per_s * (to_kitchen + from_kitchen - bounds.leg - slack)
    at_once = prices.travel_per_s * (to_kitchen + across + from_door - bounds.leg - slack - ROUNDING_S)
    at_once = at_once + lateness_bound(begin, visit, prices.late_per_min)
    new[:, :-1] += later[:, 1:]
    new[:, -1] = np.inf
    least = np.where(new_fits, np.minimum(new, at_once), np.inf) + bounds.area_price

    rows, columns = np.nonzero(np.isfinite(least))
    found = list(zip(least[rows, columns].tolist(), rows.tolist(), columns.tolist(), [False] * len(rows), strict=True))
    for number, seat in enumerate(seats):
        for block in seat.line.groups.get(pickup.kitchen_id, ()):
            value = float(later[number, block + 1]) + seat.area_price
            if value != np.inf and seat.line.first[block + 1] >= seat.line.route.locked_count:
                found.append((value, number, block + 1, True))
    found.sort()
    return found


class _Search:
    """The exact look, with the best found so far."""

    def __init__(self, index: PlanIndex, visit: Visit, pickup: Pickup) -> None:
        self.problem = index.problem
        self.visit = visit
        self.pickup = pickup
        self.best: Key | None = None
        self.seat: Seat | None = None
        self.begin_s: float = 0

    def look(self, seat: Seat, boundary: int, join: bool) -> None:
        """One way to take the meal up, with every door position behind it."""
        line, worker, pickup = seat.line, seat.worker, self.pickup
        blocks = len(line.place)
        if join:
            block = boundary - 1
            size = line.first[boundary] - line.first[block]
            if size >= self.problem.max_meals_per_round:
                return
            begin_s = max(line.arrive[block], line.ready[block], pickup.ready_s)
            depart = begin_s + max(line.service[block], pickup.service_duration_s)
            # A round that is promised or begun is not held up for a late meal.
            if line.first[block] < line.route.locked_count and depart > line.depart[block]:
                return
            if line.load[block] + self.visit.boxes > worker.capacity_boxes:
                return
            place, price, leg = line.place[block], 0.0, -1.0
            departs = {block: depart}
        else:
            kitchen = pickup.kitchen_id
            if boundary and line.kitchen[boundary - 1] == kitchen:
                return  # that is joining
            if boundary < blocks and line.kitchen[boundary] == kitchen:
                return
            start, free_s, load = (
                (line.place[boundary - 1], line.depart[boundary - 1], line.load[boundary - 1])
                if boundary
                else (worker.place, worker.free_s, line.start_load)
            )
            if load + self.visit.boxes > worker.capacity_boxes:
                return
            there = self.problem.travel.duration_s(worker.mode, start, pickup.place)
            depart = max(free_s + there, pickup.ready_s) + pickup.service_duration_s
            place = pickup.place
            leg = self._onward(seat, boundary, place)
            price = there + leg - self._leg(line, boundary)
            departs = {}
        self._doors(seat, boundary, place, depart, leg, price, departs)

    def _leg(self, line: Timeline, boundary: int) -> float:
        """Travel now priced between the blocks on both sides of a boundary."""
        if boundary < len(line.place):
            return line.leg[boundary]
        return line.end_leg if boundary else 0

    def _onward(self, seat: Seat, boundary: int, place: Place) -> float:
        line, worker = seat.line, seat.worker
        if boundary < len(line.place):
            return self.problem.travel.duration_s(worker.mode, place, line.place[boundary])
        return 0 if worker.end is None else self.problem.travel.duration_s(worker.mode, place, worker.end)

    def _doors(
        self, seat: Seat, boundary: int, place: Place, depart: float, leg: float, detour_s: float, departs: dict[int, float]
    ) -> None:
        """Go along the route from the pickup on, with the times as they would be, and try the door at each boundary.
        `leg`: from the pickup to the next block, -1 if as before."""
        problem, visit, line, worker = self.problem, self.visit, seat.line, seat.worker
        duration_s, mode, prices = problem.travel.duration_s, worker.mode, problem.prices
        pickup_at = line.first[boundary]
        fresh_until = depart + visit.freshness_s if visit.freshness_s else FAR_S
        until = min(visit.latest_s, fresh_until)
        for at in range(boundary, len(line.place) + 1):
            if depart > until:
                return
            onward = leg if leg >= 0 else self._leg(line, at)
            there = duration_s(mode, place, visit.place)
            begin_s = max(depart + there, visit.earliest_s)
            if begin_s <= until:
                travel = detour_s + there - onward + self._onward(seat, at, visit.place)
                price = prices.travel_per_s * travel + seat.area_price
                price += price_of_lateness(begin_s - visit.due_s, prices.late_per_min)
                key = (price, worker.worker_id, pickup_at, line.first[at] + 1)
                if (self.best is None or key < self.best) and keeps_promises(
                    problem, line, at, begin_s + visit.service_duration_s, visit.place, departs
                ):
                    self.best, self.seat, self.begin_s = key, seat, begin_s
            if at == len(line.place):
                return
            # Go on to the next block, the meal still in the box.
            if line.load[at] + visit.boxes > worker.capacity_boxes:
                return
            depart = pass_block(line, at, depart + onward, departs)
            if depart < 0:
                return
            place, leg = line.place[at], -1


def pass_block(line: Timeline, block: int, arrive: float, departs: dict[int, float]) -> float:
    """When a block reached at `arrive` would be left, or -1 if a promise breaks. `departs` remembers new departures
    from kitchens, which freshness counts from."""
    if arrive > line.latest[block]:
        return -1
    begin_s = max(arrive, line.ready[block])
    depart = begin_s + line.service[block]
    visit = line.visit[block]
    if visit is None:
        departs[block] = depart
        return depart
    if visit.worker_count > 1:
        begin_s = max(begin_s, line.begin[block])  # the partner comes then
        depart = begin_s + line.service[block]
    if visit.freshness_s:
        picked = line.picked[block]
        if picked >= 0:
            left, left_before = departs.get(picked, line.depart[picked]), line.depart[picked]
        else:
            left = left_before = line.route.onboard_since_s.get(visit.visit_id, FAR_S)
        if begin_s - left > max(visit.freshness_s, line.begin[block] - left_before):
            return -1
    return depart


def keeps_promises(
    problem: Problem, line: Timeline, block: int, depart: float, place: Place, departs: dict[int, float]
) -> bool:
    """Do all blocks from `block` on keep their promises, and the shift its end, when `place` is left at `depart`?"""
    worker = line.worker
    duration_s, mode = problem.travel.duration_s, worker.mode
    if block < len(line.place):
        departs = dict(departs)
        leg = duration_s(mode, place, line.place[block])
        while True:
            depart = pass_block(line, block, depart + leg, departs)
            if depart < 0:
                return False
            block += 1
            if block == len(line.place):
                break
            leg = line.leg[block]
        return depart + line.end_leg <= worker.shift_end_s
    return depart + (0 if worker.end is None else duration_s(mode, place, worker.end)) <= worker.shift_end_s
