"""The best ways to insert a visit that the exact look has found so far, and what such a look asks of one route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from routing.insert_field import Seat
from routing.model import Route, Stop, Visit, Worker
from routing.pair_rules import price_of_begin
from routing.place import Place
from routing.schedule import Timeline, share_price
from routing.walk import walked

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex, Window


class Found(NamedTuple):
    """A feasible way: in order of price, then worker, then position (a pickup's and the door's in the new route)."""

    price: float
    worker_id: str
    positions: tuple[int, ...]
    begin_s: float
    seat: Seat


class Wanted:
    """The visit that is to be inserted, when it may begin, and the cheapest ways by worker: of `count` workers."""

    def __init__(self, index: PlanIndex, visit: Visit, window: Window, count: int = 1) -> None:
        self.index = index
        self.problem = index.problem
        self.visit = visit
        self.window = window
        self.count = count
        self.found: dict[str, Found] = {}
        self.limit: float = inf  # a dearer way is of no interest
        self.delays: dict[str, tuple[Timeline, dict[str, float]]] = {}  # see holds_up_meals
        per_s = index.problem.prices.greatest_lateness_per_s
        self.greatest_s = index.greatest_lateness_s() if per_s else 0.0

    def begin_price(self, begin_s: float) -> float:
        """What beginning then costs one worker."""
        prices = self.problem.prices
        price = price_of_begin(self.visit, begin_s, prices)
        if prices.greatest_lateness_per_s and begin_s - self.visit.due_s > self.greatest_s:
            price += prices.greatest_lateness_per_s * (begin_s - self.visit.due_s - self.greatest_s)
        return price

    def wants(self, price: float, worker_id: str, positions: tuple[int, ...]) -> bool:
        """Would this way be better than what is found? Worth the rest of the look then."""
        if price > self.limit:
            return False
        if self.count == 1 and self.found:
            (best,) = self.found.values()
            return (price, worker_id, positions) < best[:3]
        known = self.found.get(worker_id)
        return known is None or (price, positions) < (known.price, known.positions)

    def is_settled(self, worker_id: str, least: float) -> bool:
        """Has this worker a way already that is cheaper than `least`?"""
        known = self.found.get(worker_id) if self.count > 1 else None
        return known is not None and least > known.price

    def most(self, worker_id: str) -> float:
        """A way of this worker that is dearer is of no interest."""
        known = self.found.get(worker_id) if self.count > 1 else None
        return self.limit if known is None else min(self.limit, known.price)

    def take(self, found: Found) -> None:
        if self.count == 1:
            self.found = {found.worker_id: found}
            self.limit = found.price
            return
        self.found[found.worker_id] = found
        if len(self.found) >= self.count:
            self.limit = sorted(one.price for one in self.found.values())[self.count - 1]

    def best(self) -> list[Found]:
        """The cheapest way of each of the best workers, cheapest first."""
        return sorted(self.found.values(), key=lambda one: one[:3])[: self.count]


def with_stops(route: Route, *placed: tuple[int, Stop]) -> Route:
    """The route with stops put in; each position counts in the finished route, ascending."""
    stops = list(route.stops)
    for position, stop in placed:
        stops.insert(position, stop)
    return Route(route.worker_id, tuple(stops), route.locked_count, route.onboard_since_s)


def share_change(wanted: Wanted, seat: Seat, active_s: float) -> float | None:
    """What `active_s` more work costs beyond the worker's fair share; None if the limit on work breaks."""
    worker, line = seat.worker, seat.line
    if worker.max_active_s and line.active_s + active_s > worker.max_active_s:
        return None
    if worker.fair_active_s is None:
        return 0
    prices = wanted.problem.prices
    return share_price(worker, line.active_s + active_s, prices) - share_price(worker, line.active_s, prices)


def is_too_far(wanted: Wanted, seat: Seat, *placed: tuple[int, Place]) -> bool:
    """Would the route break its worker's limit on distance with these places in it, each before the block of that
    number, the last one first?"""
    worker = seat.worker
    places = list(seat.line.place)
    for boundary, place in placed:
        places.insert(boundary, place)
    if worker.end is not None:
        places.append(worker.end)
    distance_m, metres, here = wanted.problem.travel.distance_m, 0.0, worker.place
    for place in places:
        metres += distance_m(here, place)
        here = place
    return metres > worker.max_distance_m


def works_limited(worker: Worker) -> bool:
    return worker.max_active_s > 0 or worker.fair_active_s is not None


def holds_up_meals(wanted: Wanted, route: Route) -> bool:
    """Would a parcel of this route now delay one of its meals more than before?"""
    index, visits = wanted.index, wanted.problem.visits
    line = index.line(route.worker_id)
    if not (line.parcels or wanted.visit.kind == "parcel") or not (line.meals or wanted.visit.kind == "meal"):
        return False
    kinds = [visits[stop.visit_id].kind for stop in route.stops]
    if "meal" not in kinds[kinds.index("parcel") :]:
        return False  # all meals come first
    floors = {wanted.visit.visit_id: wanted.window.earliest_s}
    if route.worker_id not in wanted.delays:
        alone_line = index.try_route(_without_parcels(line.route, visits))
        alone = _meals(alone_line)
        wanted.delays[route.worker_id] = alone_line, {v: begin_s - alone[v] for v, begin_s in _meals(line).items()}
    alone_line, delays = wanted.delays[route.worker_id]
    if wanted.visit.kind == "parcel":
        alone = _meals(alone_line)
    else:
        alone = meal_begins(index, route.worker_id, _without_parcels(route, visits).stops, floors, alone_line)
    for visit_id, begin_s in meal_begins(index, route.worker_id, route.stops, floors, line).items():
        if begin_s - alone[visit_id] > max(0, delays.get(visit_id, 0)):
            return True
    return False


def _without_parcels(route: Route, visits: Mapping[str, Visit]) -> Route:
    locked = route.locked_count  # under way, and driven in any case
    kept = tuple(stop for at, stop in enumerate(route.stops) if at < locked or visits[stop.visit_id].kind != "parcel")
    return replace(route, stops=kept, locked_count=0)


def _meals(line: Timeline) -> dict[str, float]:
    return {
        visit.visit_id: begin_s
        for visit, begin_s in zip(line.visit, line.begin, strict=True)
        if visit is not None and visit.kind == "meal"
    }


def meal_begins(
    index: PlanIndex, worker_id: str, stops: Sequence[Stop], floors: Mapping[str, float], line: Timeline | None = None
) -> dict[str, float]:
    """When the meals of these stops begin. `line`: of nearly these stops."""
    problem = index.problem

    def floor(visit_id: str) -> float:
        return max(floors.get(visit_id, -inf), index.floor(visit_id))

    doors = walked(problem, problem.workers[worker_id], stops, floor, line).doors
    return {visit.visit_id: begin_s for visit, begin_s in doors if visit is not None and visit.kind == "meal"}
