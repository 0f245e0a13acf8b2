"""Lower bounds for insertion: what every position of every fitting worker costs at least, in a few table operations;
and the best that the exact look has found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from routing.model import Prices, Route, Stop, Visit, Worker
from routing.pair_rules import price_of_begin
from routing.place import Place
from routing.schedule import Timeline, share_price
from routing.walk import walked

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex, Window

# Columns of a boundary: a place in a route where a stop may go in. FROM is the block before it, TO the one after.
FROM_X, FROM_Y, TO_X, TO_Y, LEG, FROM_DEPART, TO_LATEST, OPEN = range(8)
COLUMNS = 8
NOWHERE = float("nan")  # after the last stop of a worker who may end anywhere

ROUNDING_S = 1.0  # an exact leg may be rounded to whole seconds, so bounds give way a little


class Seat(NamedTuple):
    """A worker who may serve the visit, with the route as it is; what the two cost together (help from another area,
    preferences, a move), and until when the visit may begin with this worker."""

    worker: Worker
    line: Timeline
    row: int
    price: float
    until_s: float


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
        self.delays: dict[str, tuple[dict[str, float], dict[str, float]]] = {}  # see holds_up_meals
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


class Bounds:
    """What the tables of an index say of the seats' rows, for lower bounds."""

    def __init__(self, index: PlanIndex, seats: Sequence[Seat]) -> None:
        self.index, self.prices = index, index.problem.prices
        self.seat_at = {seat.row: seat for seat in seats}
        rows = list(self.seat_at)
        count = index.data.shape[1]
        self.price: Any = np.zeros(count)
        self.price[rows] = [seat.price for seat in seats]
        self.until: Any = np.full(count, -inf)  # rows without a seat: never
        self.until[rows] = [seat.until_s for seat in seats]

    def spots(self, lead_s: float, least_s: float, by_s: float = inf) -> Spots:
        """Boundaries that time does not rule out at first sight: left at least `lead_s` before the visit has to begin,
        and before `by_s`; the next block may be reached after `least_s`."""
        data = self.index.data
        left_by = np.minimum(self.until - (lead_s - ROUNDING_S), by_s + ROUNDING_S)
        mask = data[FROM_DEPART] <= left_by[:, None]
        mask &= data[TO_LATEST] >= least_s - 2.0 * ROUNDING_S
        mask &= data[OPEN] > 0.0
        return Spots(self, np.flatnonzero(mask))


class Spots:
    """Boundaries by row and column, flat and in that order, with what the tables say of them."""

    def __init__(self, bounds: Bounds, flat: Any) -> None:
        index = bounds.index
        width = index.data.shape[2]
        table = index.data.reshape(COLUMNS, -1)
        self.prices, self.width, self.flat = bounds.prices, width, flat
        self.rows: Any = flat // width
        self.columns: Any = flat - self.rows * width
        self.from_x: Any = table[FROM_X][flat]
        self.from_y: Any = table[FROM_Y][flat]
        self.to_x: Any = table[TO_X][flat]
        self.to_y: Any = table[TO_Y][flat]
        self.leg: Any = table[LEG][flat]
        self.depart: Any = table[FROM_DEPART][flat]
        self.latest: Any = table[TO_LATEST][flat]
        self.s_per_m: Any = index.s_per_m[self.rows]
        self.access_s: Any = index.access_s[self.rows]
        self.until: Any = bounds.until[self.rows]
        self.price: Any = bounds.price[self.rows]
        if index.saved is not None:
            self.price -= index.saved.reshape(-1)[flat]
        self.share: Any = None if index.share is None else index.share[self.rows]

    def legs(self, place: Place) -> tuple[Any, Any]:
        """Straight-line seconds (a lower bound) from each FROM to `place` and from there to each TO (0 to nowhere)."""
        return (
            self._seconds(self.from_x - place.x_m, self.from_y - place.y_m),
            self._seconds(self.to_x - place.x_m, self.to_y - place.y_m),
        )

    def _seconds(self, dx: Any, dy: Any) -> Any:
        metres = np.sqrt(dx * dx + dy * dy)
        metres = np.fmax(metres, 0.0)  # NaN, the way to nowhere, becomes 0
        return metres * self.s_per_m + (metres > 0.0) * self.access_s

    def seconds_between(self, a: Place, b: Place) -> Any:
        """A lower bound of the way from `a` to `b`, for the worker of each."""
        metres = float(np.hypot(a.x_m - b.x_m, a.y_m - b.y_m)) * (1.0 - 1e-12)
        return metres * self.s_per_m + (self.access_s if metres > 0.0 else 0.0)

    def travel_price(self, seconds: Any) -> Any:
        """At least this is paid for `seconds` more of travel, the part beyond a fair share of work included."""
        price = self.prices.travel_per_s * seconds
        if self.share is not None:
            over = np.maximum(self.share + seconds, 0.0) - np.maximum(self.share, 0.0)
            price = price + over * (self.prices.over_share_per_min / 60.0)
        return price


def with_stops(route: Route, *placed: tuple[int, Stop]) -> Route:
    """The route with stops put in; each position counts in the finished route, ascending."""
    stops = list(route.stops)
    for position, stop in placed:
        stops.insert(position, stop)
    return Route(route.worker_id, tuple(stops), route.locked_count, route.onboard_since_s)


def lateness_bound(begin: Any, visit: Visit, prices: Prices) -> Any:
    """At least this much lateness is priced when the visit begins at `begin` or after."""
    per_min = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
    price = np.maximum(begin - visit.due_s, 0.0) * (per_min / 60.0)
    if visit.promised_s is not None:
        price = price + np.maximum(begin - visit.promised_s, 0.0) * (prices.promise_per_min / 60.0)
    return price


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

    def without_parcels(one: Route) -> dict[str, float]:
        locked = one.locked_count  # under way, and driven in any case
        kept = tuple(stop for at, stop in enumerate(one.stops) if at < locked or visits[stop.visit_id].kind != "parcel")
        return meal_begins(index, one.worker_id, kept, floors)

    if route.worker_id not in wanted.delays:
        wanted.delays[route.worker_id] = without_parcels(line.route), meal_begins(index, route.worker_id, line.route.stops, floors)
    alone_before, before = wanted.delays[route.worker_id]
    alone = alone_before if wanted.visit.kind == "parcel" else without_parcels(route)
    for visit_id, begin_s in meal_begins(index, route.worker_id, route.stops, floors).items():
        if begin_s - alone[visit_id] > max(0, before.get(visit_id, 0) - alone_before.get(visit_id, 0)):
            return True
    return False


def meal_begins(index: PlanIndex, worker_id: str, stops: Sequence[Stop], floors: Mapping[str, float]) -> dict[str, float]:
    """When the meals of these stops begin."""
    problem = index.problem

    def floor(visit_id: str) -> float:
        return max(floors.get(visit_id, -inf), index.floor(visit_id))

    doors = walked(problem, problem.workers[worker_id], stops, floor).doors
    return {visit.visit_id: begin_s for visit, begin_s in doors if visit is not None and visit.kind == "meal"}
