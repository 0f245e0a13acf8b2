"""Insertion of a meal (or an errand's goods, or a parcel): a pickup, joined to one at the same kitchen or new, and a
door after it, in one route."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from routing.breaks import reach
from routing.insert_door import order_change
from routing.insert_field import ROUNDING_S, SLACK_S, Seat, Seats, cheapest_first, lateness_bound
from routing.insert_search import Found, Wanted, holds_up_meals, is_too_far, share_change, with_stops, works_limited
from routing.insert_walk import keeps_promises, pass_block
from routing.model import Pickup, Route, Stop
from routing.pair_rules import order_price
from routing.place import Place
from routing.schedule import Timeline


def cheapest_meals(wanted: Wanted, pickup: Pickup, seats: Seats) -> None:
    """Look for the cheapest ways to take the meal up and bring it."""
    field, doors = seats.field, _Doors(wanted, seats)
    search = _Search(wanted, pickup, doors)
    for least, way in cheapest_first(*_pickups(wanted, pickup, seats, doors)):
        if least > wanted.limit:
            break
        cell, join = divmod(way, 2)
        number, boundary = divmod(cell, field.width)
        worker_id = field.worker_ids[number]
        if not wanted.is_settled(worker_id, least):
            search.look(seats.seat(worker_id), number, boundary, bool(join))


class _Doors:
    """Lower bounds for the door of a meal, whatever its pickup costs: for each boundary, and the least at or behind it;
    inf where no door can be."""

    def __init__(self, wanted: Wanted, seats: Seats) -> None:
        visit, field, earliest_s = wanted.visit, seats.field, float(wanted.window.earliest_s)
        self.to_door, self.from_door = field.legs(visit.place)
        begin = np.maximum(field.depart + self.to_door + visit.access_duration_s, earliest_s) - SLACK_S
        fits = (begin <= seats.until) & (begin + visit.service_duration_s + self.from_door <= field.latest + SLACK_S)
        price = field.travel_price(self.to_door + self.from_door - field.leg - SLACK_S) + seats.price
        price = price + lateness_bound(begin, visit, wanted.problem.prices)
        table = np.full((len(field.worker_ids), field.width), inf)
        table.reshape(-1)[field.cells[fits]] = price[fits]
        self.at: Any = table
        self.behind: Any = np.ascontiguousarray(np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1])


def _pickups(wanted: Wanted, pickup: Pickup, seats: Seats, doors: _Doors) -> tuple[Any, Any]:
    """All ways to take the meal up: lower bounds of the whole insertion; and 2 x the boundary's cell, 1 more where the
    pickup joins the one right before it."""
    visit, prices, field = wanted.visit, wanted.problem.prices, seats.field
    earliest_s, service_s = float(wanted.window.earliest_s), pickup.service_duration_s
    behind = doors.behind.reshape(-1)

    to_kitchen, from_kitchen = field.legs_to_kitchen(pickup.place)
    across = field.seconds_between(pickup.place, visit.place)
    at_kitchen = np.maximum(field.depart + to_kitchen, float(pickup.ready_s)) - SLACK_S
    load = at_kitchen + service_s
    begin = np.maximum(load + across + visit.access_duration_s, earliest_s) - SLACK_S
    fits = (load + from_kitchen <= field.latest + SLACK_S) & (begin <= seats.until) & (at_kitchen <= pickup.latest_s)
    at_once = field.travel_price(to_kitchen + across + doors.from_door - field.leg - SLACK_S - ROUNDING_S) + seats.price
    at_once = at_once + lateness_bound(begin, visit, prices)
    # The door's own price (help, preferences) is in both parts then: taken out of one.
    apart = field.travel_price(to_kitchen + from_kitchen - field.leg - SLACK_S) + seats.price - seats.line_price
    least = np.minimum(at_once, apart + behind[field.cells + 1])[fits]
    ways = 2 * field.cells[fits]

    joins = field.joins(pickup.kitchen_id)
    value = behind[joins]
    joins, value = joins[value < inf], value[value < inf]
    least, ways = np.concatenate((least, value)), np.concatenate((ways, 2 * joins + 1))
    if visit.round_id:  # a round leaves the kitchen once
        for number, cell in field.pickups_of_round(visit.round_id):
            kept = (ways // (2 * field.width) != number) | (ways == 2 * cell + 1)
            least, ways = least[kept], ways[kept]
    return least, ways


class _Search:
    """The exact look."""

    def __init__(self, wanted: Wanted, pickup: Pickup, doors: _Doors) -> None:
        self.wanted = wanted
        self.problem = wanted.problem
        self.visit = wanted.visit
        self.pickup = pickup
        self.doors = doors

    def look(self, seat: Seat, number: int, boundary: int, join: bool) -> None:
        """One way to take the meal up, with every door position behind it. `number`: the worker's in the field."""
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
            _, begin_s, taken, too_late = reach(worker.breaks, line.break_limits, taken, depart, there, 0, ready_s)
            if too_late:
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
            loading_s = service_s - line.service[block]
            self._doors(seat, number, boundary, place, depart, taken, -1, 0, loading_s, 0, {block: depart})
            return
        leg = self._onward(seat, boundary, place)
        detour_s = there + leg - self._leg(line, boundary)
        change = order_change(line, boundary, None, self.problem.prices) if line.has_rounds else 0
        self._doors(seat, number, boundary, place, depart, taken, leg, detour_s, service_s, change, {})

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
        self, seat: Seat, number: int, boundary: int, place: Place, depart: float, taken: int, leg: float,
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
        # A door further on adds at least its own lower bound to the way to the kitchen, as long as nothing is left sooner
        # than now. Right behind a new pickup there is no way that both have, so nothing is said of that door.
        at_least = prices.travel_per_s * detour_s + change
        first_bound = boundary if boundary - 1 in departs else boundary + 1
        bounds, behind = self.doors.at[number].tolist(), self.doors.behind[number].tolist()
        for at in range(boundary, len(line.place) + 1):
            if depart > until:
                return
            least = -inf
            if at >= first_bound and detour_s >= 0 and depart >= line.depart[at - 1] and taken == line.taken[at - 1]:
                most = wanted.most(worker.worker_id)
                if at_least + behind[at] > most:
                    return
                least = at_least + bounds[at] - most
            onward = leg if leg >= 0 else self._leg(line, at)
            there, begin_s, rested, too_late = 0.0, inf, taken, least > 0
            if not too_late:
                there = duration_s(mode, place, visit.place)
                if breaks:
                    _, begin_s, rested, too_late = reach(
                        breaks, line.break_limits, taken, depart, there, access_s, earliest_s
                    )
                else:
                    begin_s = max(depart + there + access_s, earliest_s)
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
