"""Insertion of one stop, or of the same stop into two routes: visits without a pickup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from routing.breaks import reach
from routing.insert_field import ROUNDING_S, SLACK_S, Seat, Seats, cheapest_first, lateness_bound
from routing.insert_search import Found, Wanted, holds_up_meals, is_too_far, share_change, with_stops, works_limited
from routing.insert_walk import keeps_promises
from routing.model import Insertion, Prices, Route, Stop, Visit
from routing.pair_rules import order_price
from routing.schedule import FAR_S, Timeline


class Slot(NamedTuple):
    """A position for one worker: the price without lateness, who and where (the tie-break), and which begins fit."""

    price: float
    worker_id: str
    position: int
    earliest_s: float
    latest_s: float
    boundary: int
    seat: Seat


def cheapest_doors(wanted: Wanted, seats: Seats) -> None:
    """Look for the cheapest positions for one worker."""
    for least, worker_id, boundary in _positions(wanted, seats):
        if least > wanted.limit:
            break
        if wanted.is_settled(worker_id, least):
            continue
        slot = _slot(wanted, seats.seat(worker_id), boundary)
        if slot is None:
            continue
        price = slot.price + wanted.begin_price(slot.earliest_s)
        if wanted.wants(price, slot.worker_id, (slot.position,)) and _holds(wanted, slot, slot.earliest_s):
            wanted.take(Found(price, slot.worker_id, (slot.position,), slot.earliest_s, slot.seat))


def cheapest_two(wanted: Wanted, seats: Seats) -> Insertion | None:
    """Two workers who begin together: the earlier one waits. Pairs in order of price, until no pair can win."""
    tried = (_slot(wanted, seats.seat(worker_id), boundary) for _, worker_id, boundary in _positions(wanted, seats))
    slots = sorted((slot for slot in tried if slot is not None), key=lambda slot: slot[:6])
    best: tuple[float, str, str, int, int] | None = None
    chosen: tuple[Slot, Slot, float] | None = None
    for first, one in enumerate(slots):
        if best is not None and 2 * one.price > best[0]:
            break
        for other in slots[first + 1 :]:
            if best is not None and one.price + other.price > best[0]:
                break
            begin_s = max(one.earliest_s, other.earliest_s)
            if one.worker_id == other.worker_id or begin_s > min(one.latest_s, other.latest_s):
                continue
            price = one.price + other.price + _begin_price_of_two(wanted, begin_s)
            left, right = sorted((one, other), key=lambda slot: slot.worker_id)
            key = (price, left.worker_id, right.worker_id, left.position, right.position)
            if (best is None or key < best) and all(_holds(wanted, slot, begin_s) for slot in (left, right)):
                best, chosen = key, (left, right, begin_s)
    if chosen is None or best is None:
        return None
    routes = tuple(_route(wanted.visit, slot) for slot in chosen[:2])
    return Insertion(wanted.visit.visit_id, routes, best[0], chosen[2])


def _begin_price_of_two(wanted: Wanted, begin_s: float) -> float:
    price = 2 * wanted.begin_price(begin_s)
    per_s = wanted.problem.prices.greatest_lateness_per_s
    # The plan has one greatest lateness, however many begin as late as that.
    return price - per_s * max(0, begin_s - wanted.visit.due_s - wanted.greatest_s) if per_s else price


def _route(visit: Visit, slot: Slot) -> Route:
    return with_stops(slot.seat.line.route, (slot.position, Stop(visit.visit_id, "visit")))


def _positions(wanted: Wanted, seats: Seats) -> Iterator[tuple[float, str, int]]:
    """Lower bound of the price, worker and boundary of positions that time does not rule out, cheapest first."""
    visit, window, prices, field = wanted.visit, wanted.window, wanted.problem.prices, seats.field
    there, back = field.legs(visit.place)
    begin = np.maximum(field.depart + there + (visit.access_duration_s - ROUNDING_S), float(window.earliest_s))
    fits = (begin <= seats.until) & (begin + (visit.service_duration_s - ROUNDING_S) + back <= field.latest)
    lower = field.travel_price(there + back - field.leg - SLACK_S) + seats.price
    lower = (lower + lateness_bound(begin - ROUNDING_S, visit, prices))[fits]
    for least, cell in cheapest_first(lower, field.cells[fits]):
        number, boundary = divmod(cell, field.width)
        yield least, field.worker_ids[number], boundary


def _slot(wanted: Wanted, seat: Seat, boundary: int) -> Slot | None:
    """The exact look at one position, without what only `_holds` can tell."""
    visit, worker, line = wanted.visit, seat.worker, seat.line
    duration_s, mode = wanted.problem.travel.duration_s, worker.mode
    there = duration_s(mode, line.place[boundary - 1] if boundary else worker.place, visit.place)
    begin_s = _begin(wanted, line, boundary, there, wanted.window.earliest_s)[0]
    if boundary < len(line.place):
        back = duration_s(mode, visit.place, line.place[boundary])
        leg, until = line.leg[boundary], line.latest[boundary]
    else:
        back = 0 if worker.end is None else duration_s(mode, visit.place, worker.end)
        leg, until = (line.end_leg if boundary else 0), worker.shift_end_s
    latest_s = min(seat.until_s, until - back - visit.service_duration_s)
    if begin_s > latest_s or ((visit.boxes or visit.boxes_back) and not _has_room(line, visit, boundary)):
        return None
    prices = wanted.problem.prices
    price = prices.travel_per_s * (there + back - leg) + seat.price
    if line.has_rounds:
        price += order_change(line, boundary, visit, prices)
    position = line.first[boundary]
    if works_limited(worker):
        more = share_change(wanted, seat, there + back - leg + visit.access_duration_s + visit.service_duration_s)
        if more is None:
            return None
        price += more
    return Slot(price, worker.worker_id, position, begin_s, latest_s, boundary, seat)


def _begin(wanted: Wanted, line: Timeline, boundary: int, there: float, earliest_s: float) -> tuple[float, int]:
    """When the visit begins at this boundary, and the breaks taken by then."""
    worker, access_s = line.worker, wanted.visit.access_duration_s
    depart, taken = (line.depart[boundary - 1], line.taken[boundary - 1]) if boundary else (worker.free_s, 0)
    if worker.breaks:
        _, begin_s, taken, too_late = reach(worker.breaks, line.break_limits, taken, depart, there, access_s, earliest_s)
        return (FAR_S if too_late else begin_s), taken
    return max(depart + there + access_s, earliest_s), 0


def _holds(wanted: Wanted, slot: Slot, begin_s: float) -> bool:
    """What the table of latest arrivals leaves out: breaks, freshness, gaps, and meals that a parcel would delay."""
    seat, visit, boundary = slot.seat, wanted.visit, slot.boundary
    line = seat.line
    if line.walks:
        before = line.place[boundary - 1] if boundary else seat.worker.place
        there = wanted.problem.travel.duration_s(seat.worker.mode, before, visit.place)
        begun_s, taken = _begin(wanted, line, boundary, there, begin_s)
        depart = begun_s + visit.service_duration_s
        if begun_s != begin_s or not keeps_promises(wanted.problem, line, boundary, depart, taken, visit.place, {}):
            return False
    if seat.worker.max_distance_m and is_too_far(wanted, seat, (boundary, visit.place)):
        return False
    return not (line.parcels or visit.kind == "parcel") or not holds_up_meals(wanted, _route(visit, slot))


def order_change(line: Timeline, boundary: int, visit: Visit | None, prices: Prices) -> float:
    """What a door (None: a pickup) at this boundary changes in the price of the rounds' order."""
    before = line.visit[boundary - 1] if boundary else None
    after = line.visit[boundary] if boundary < len(line.visit) else None
    return order_price(before, visit, prices) + order_price(visit, after, prices) - order_price(before, after, prices)


def _has_room(line: Timeline, visit: Visit, boundary: int) -> bool:
    """Boxes without a pickup are in the hot box from the start; empties from the door on."""
    loads = [line.start_load, *line.load]
    most = max(max(loads[: boundary + 1]) + visit.boxes, max(loads[boundary:]) + visit.boxes_back)
    return most <= line.worker.capacity_boxes
