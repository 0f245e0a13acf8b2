"""Insertion of a meal (or an errand's goods, or a parcel): a pickup, joined to one at the same kitchen or new, and a
door after it, in one route."""

from __future__ import annotations

from itertools import repeat
from math import inf
from typing import Any

import numpy as np

from routing.breaks import reach
from routing.insert_door import order_change
from routing.insert_search import (
    ROUNDING_S,
    Bounds,
    Found,
    Seat,
    Wanted,
    holds_up_meals,
    is_too_far,
    lateness_bound,
    share_change,
    with_stops,
    works_limited,
)
from routing.insert_walk import keeps_promises, pass_block
from routing.model import Pickup, Route, Stop
from routing.pair_rules import order_price
from routing.place import Place
from routing.schedule import Timeline


def cheapest_meals(wanted: Wanted, pickup: Pickup, seats: list[Seat]) -> None:
    """Look for the cheapest ways to take the meal up and bring it."""
    search = _Search(wanted, pickup)
    bounds = Bounds(wanted.index, seats)
    for least, row, boundary, join in _pickups(wanted, pickup, bounds):
        if least > wanted.limit:
            break
        seat = bounds.seat_at[row]
        if not wanted.is_settled(seat.worker.worker_id, least):
            search.look(seat, boundary, join)


def _pickups(wanted: Wanted, pickup: Pickup, bounds: Bounds) -> list[tuple[float, int, int, bool]]:
    """All ways to take the meal up, (lower bound of the whole insertion, row, boundary, joined), cheapest first. A
    joined pickup's boundary is the one after its block."""
    visit, prices = wanted.visit, wanted.problem.prices
    earliest_s, service_s, access_s = float(wanted.window.earliest_s), visit.service_duration_s, visit.access_duration_s
    slack = 2.0 * ROUNDING_S
    doors = bounds.spots(access_s, earliest_s + service_s)
    to_door, from_door = doors.legs(visit.place)
    begin = np.maximum(doors.depart + to_door + access_s, earliest_s) - slack
    price = doors.travel_price(to_door + from_door - doors.leg - slack) + doors.price
    price = price + lateness_bound(begin, visit, prices)
    fits = (begin <= doors.until) & (begin + service_s + from_door <= doors.latest + slack)
    later = _Later(doors.rows[fits], doors.flat[fits], price[fits], doors.width)

    news = bounds.spots(access_s + pickup.service_duration_s, pickup.ready_s + pickup.service_duration_s, pickup.latest_s)
    to_kitchen, from_kitchen = news.legs(pickup.place)
    across = news.seconds_between(pickup.place, visit.place)
    at_kitchen = np.maximum(news.depart + to_kitchen, float(pickup.ready_s)) - slack
    load = at_kitchen + pickup.service_duration_s
    begin = np.maximum(load + across + access_s, earliest_s) - slack
    fits = (load + from_kitchen <= news.latest + slack) & (begin <= news.until) & (at_kitchen <= pickup.latest_s)
    _, onward = news.legs(visit.place)
    at_once = news.travel_price(to_kitchen + across + onward - news.leg - slack - ROUNDING_S) + news.price
    at_once = at_once + lateness_bound(begin, visit, prices)
    # The door's own price (help, preferences) is in both parts then: taken out of one.
    apart = news.travel_price(to_kitchen + from_kitchen - news.leg - slack) + news.price - bounds.price[news.rows]
    least = np.minimum(at_once, apart + later.after(news.flat))[fits]
    found = list(zip(least.tolist(), news.rows[fits].tolist(), news.columns[fits].tolist(), repeat(False)))

    for row, seat in bounds.seat_at.items():
        for block in seat.line.groups.get(pickup.kitchen_id, ()) if seat.line.groups else ():
            value = later.from_(row, block + 1)
            if value != inf and seat.line.first[block + 1] >= seat.line.route.locked_count:
                found.append((value, row, block + 1, True))
    if visit.round_id:  # a round leaves the kitchen once
        places = {row: seat.line.rounds.get(visit.round_id) for row, seat in bounds.seat_at.items()}
        found = [way for way in found if places[way[1]] is None or (way[3] and places[way[1]] == way[2] - 1)]
    found.sort()
    return found


class _Later:
    """The cheapest door at or behind a boundary of the same row."""

    APART = 1e9  # more than any price of a door
    LOST = 1e-3  # by adding that for each row

    def __init__(self, rows: Any, flat: Any, prices: Any, width: int) -> None:
        self.rows, self.flat, self.width = rows, flat, width
        # Going backwards, a row's prices are below all those of rows that came before: their least is the row's own.
        offset = rows * self.APART
        self.least = np.minimum.accumulate((prices + offset)[::-1])[::-1] - offset - self.LOST

    def after(self, flat: Any) -> Any:
        """Behind each of these boundaries; inf if there is no door."""
        if not len(self.flat):
            return np.full(len(flat), np.inf)
        at = np.searchsorted(self.flat, flat, side="right")
        known = np.minimum(at, len(self.flat) - 1)
        same = (at < len(self.flat)) & (self.rows[known] == flat // self.width)
        return np.where(same, self.least[known], np.inf)

    def from_(self, row: int, column: int) -> float:
        """At or behind one boundary."""
        at = int(np.searchsorted(self.flat, row * self.width + column, side="left"))
        return float(self.least[at]) if at < len(self.flat) and self.rows[at] == row else inf


class _Search:
    """The exact look."""

    def __init__(self, wanted: Wanted, pickup: Pickup) -> None:
        self.wanted = wanted
        self.problem = wanted.problem
        self.visit = wanted.visit
        self.pickup = pickup

    def look(self, seat: Seat, boundary: int, join: bool) -> None:
        """One way to take the meal up, with every door position behind it."""
        line, worker, pickup = seat.line, seat.worker, self.pickup
        blocks = len(line.place)
        block = boundary - 1 if join else boundary  # the one that the pickup is, or would be
        start, depart, taken, load = (
            (line.place[block - 1], line.depart[block - 1], line.taken[block - 1], line.load[block - 1])
            if block
            else (worker.place, worker.free_s, 0, line.start_load)
        )
        if load + self.visit.boxes > worker.capacity_boxes:
            return
        if join:
            if line.first[boundary] - line.first[block] >= self.problem.max_meals_per_round:
                return
            there, place = line.leg[block], line.place[block]
            ready_s, until_s = max(line.ready[block], pickup.ready_s), min(line.until[block], pickup.latest_s)
            service_s = max(line.service[block], pickup.service_duration_s)
        else:
            kitchen = pickup.kitchen_id
            if block and line.kitchen[block - 1] == kitchen:
                return  # that is joining
            if block < blocks and line.kitchen[block] == kitchen:
                return
            there, place = self.problem.travel.duration_s(worker.mode, start, pickup.place), pickup.place
            ready_s, until_s, service_s = pickup.ready_s, pickup.latest_s, pickup.service_duration_s
        begin_s = max(depart + there, ready_s)
        if worker.breaks:
            reached = reach(worker.breaks, line.break_limits, taken, depart, there, 0, ready_s)
            begin_s, taken = reached.begin_s, reached.taken
            if reached.too_late:
                return
        depart = begin_s + service_s
        if begin_s > until_s:
            return
        if join:
            # A round that is promised or begun is not held up for a late meal.
            if line.first[block] < line.route.locked_count and depart > line.depart[block]:
                return
            if line.load[block] + self.visit.boxes > worker.capacity_boxes:
                return
            self._doors(seat, boundary, place, depart, taken, -1, 0, service_s - line.service[block], 0, {block: depart})
            return
        leg = self._onward(seat, boundary, place)
        detour_s = there + leg - self._leg(line, boundary)
        change = order_change(line, boundary, None, self.problem.prices) if line.has_rounds else 0
        self._doors(seat, boundary, place, depart, taken, leg, detour_s, service_s, change, {})

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
        self, seat: Seat, boundary: int, place: Place, depart: float, taken: int, leg: float,
        detour_s: float, loading_s: float, change: float, departs: dict[int, float],
    ) -> None:  # fmt: skip
        """Go along the route from the pickup on, with the times as they would be, and try the door at each boundary.
        `leg`: from the pickup to the next block, -1 if as before. `loading_s`: how much longer pickups take; `change`:
        in the price of a round's order."""
        problem, visit, wanted, line, worker = self.problem, self.visit, self.wanted, seat.line, seat.worker
        duration_s, mode, prices, breaks = problem.travel.duration_s, worker.mode, problem.prices, worker.breaks
        pickup_at, access_s, earliest_s = line.first[boundary], visit.access_duration_s, wanted.window.earliest_s
        until = min(seat.until_s, depart + visit.freshness_s) if visit.freshness_s else seat.until_s
        limited = works_limited(worker)
        for at in range(boundary, len(line.place) + 1):
            if depart > until:
                return
            onward = leg if leg >= 0 else self._leg(line, at)
            there = duration_s(mode, place, visit.place)
            if breaks:
                _, begin_s, rested, too_late = reach(
                    breaks, line.break_limits, taken, depart, there, access_s, earliest_s
                )
            else:
                begin_s, rested, too_late = max(depart + there + access_s, earliest_s), 0, False
            if begin_s <= until and not too_late:
                travel = detour_s + there - onward + self._onward(seat, at, visit.place)
                price = prices.travel_per_s * travel + seat.price + wanted.begin_price(begin_s)
                if line.has_rounds:
                    price += change + self._door_order(line, boundary, at, boundary - 1 not in departs)
                positions = (pickup_at, line.first[at] + 1)
                more: float | None = 0
                if limited:
                    active_s = travel + loading_s + access_s + visit.service_duration_s
                    more = share_change(wanted, seat, active_s)
                if (
                    more is not None
                    and wanted.wants(price + more, worker.worker_id, positions)
                    and (not visit.boxes_back
                         or max([line.start_load, *line.load][at:]) + visit.boxes_back <= worker.capacity_boxes)
                    and keeps_promises(
                        problem, line, at, begin_s + visit.service_duration_s, rested, visit.place, departs
                    )
                    and not (worker.max_distance_m and is_too_far(wanted, seat, *self._places(boundary, at, departs)))
                    and not ((line.parcels or visit.kind == "parcel")
                             and holds_up_meals(wanted, self._route(seat, positions)))
                ):  # fmt: skip
                    wanted.take(Found(price + more, worker.worker_id, positions, begin_s, seat))
            if at == len(line.place):
                return
            # Go on to the next block, the meal still in the box.
            if line.load[at] + visit.boxes > worker.capacity_boxes:
                return
            depart, taken = pass_block(line, at, depart, onward, taken, departs)
            if depart < 0:
                return
            place, leg = line.place[at], -1

    def _places(self, boundary: int, at: int, departs: dict[int, float]) -> list[tuple[int, Place]]:
        """Where the route goes besides: the door, and the kitchen unless the meal joins a pickup (`new`)."""
        return [(at, self.visit.place)] if boundary - 1 in departs else [(at, self.visit.place), (boundary, self.pickup.place)]

    def _door_order(self, line: Timeline, boundary: int, at: int, is_new: bool) -> float:
        """What the door changes in the price of a round's order; right after its own new pickup it has no door before."""
        prices = self.problem.prices
        if at > boundary or not is_new:
            return order_change(line, at, self.visit, prices)
        after = line.visit[at] if at < len(line.visit) else None
        return order_price(self.visit, after, prices)

    def _route(self, seat: Seat, positions: tuple[int, ...]) -> Route:
        visit_id = self.visit.visit_id
        return with_stops(
            seat.line.route, (positions[0], Stop(visit_id, "pickup")), (positions[1], Stop(visit_id, "visit"))
        )
