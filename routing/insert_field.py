"""Lower bounds for insertion: what every position of every fitting worker costs at least, in a few table operations."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from routing.model import Prices, Visit, Worker
from routing.pair_rules import credentials_until_s, pair_price
from routing.place import Place
from routing.schedule import Timeline

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex

# Columns of a boundary: a place in a route where a stop may go in. FROM is the block before it, TO the one after.
FROM_X, FROM_Y, TO_X, TO_Y, LEG, FROM_DEPART, TO_LATEST, OPEN = range(8)
COLUMNS = 8
NOWHERE = float("nan")  # after the last stop of a worker who may end anywhere

ROUNDING_S = 1.0  # an exact leg may be rounded to whole seconds, so bounds give way a little
SLACK_S = 2.0 * ROUNDING_S  # of two of them
FIRST = 24  # ways that are put in order at once: seldom are more looked at


class Seat(NamedTuple):
    """A worker who may serve the visit, with the route as it is; what the two cost together (help from another area,
    preferences, a move), and until when the visit may begin with this worker."""

    worker: Worker
    line: Timeline
    price: float
    until_s: float


class Field:
    """The open boundaries of workers' routes as flat tables, by worker and position. A worker's number is the place in
    `worker_ids`, a boundary's cell is number x `width` + position. Holds as long as the index is not changed. Without
    those that are left after `left_by_s`, or lead to what must be reached before `reach_s`."""

    def __init__(self, index: PlanIndex, workers: Iterable[Worker], left_by_s: float = inf, reach_s: float = -inf) -> None:
        self.index = index
        by_row = sorted((index.row(worker.worker_id), worker.worker_id) for worker in workers)
        self.worker_ids = [worker_id for _, worker_id in by_row]
        self.number = {worker_id: number for number, worker_id in enumerate(self.worker_ids)}
        rows = np.array([row for row, _ in by_row], dtype=np.intp)
        table, width = index.data, index.data.shape[2]
        is_open = table[OPEN, rows] > 0.0
        if left_by_s < inf:
            is_open &= table[FROM_DEPART, rows] <= left_by_s
            is_open &= table[TO_LATEST, rows] >= reach_s
        found = np.flatnonzero(is_open)
        self.numbers: Any = found // width
        self.width = width + 1  # behind the last boundary there is always one that is not open
        self.cells: Any = found + self.numbers
        found += (rows[self.numbers] - self.numbers) * width
        told = np.take(table[:OPEN].reshape(OPEN, -1), found, axis=1)
        self.from_x, self.from_y, self.to_x, self.to_y = told[FROM_X], told[FROM_Y], told[TO_X], told[TO_Y]
        self.leg, self.depart, self.latest = told[LEG], told[FROM_DEPART], told[TO_LATEST]
        self.s_per_m: Any = index.s_per_m[rows[self.numbers]]
        self.access_s: Any = index.access_s[rows[self.numbers]]
        self.saved: Any = None if index.saved is None else index.saved.reshape(-1)[found]
        self.share: Any = None if index.share is None else index.share[rows[self.numbers]]
        self._joins: dict[str, Any] = {}
        self._rounds: dict[str, list[tuple[int, int]]] = {}
        self._legs: dict[Place, tuple[Any, Any]] = {}

    def legs(self, place: Place) -> tuple[Any, Any]:
        """Straight-line seconds (a lower bound) from each FROM to `place` and from there to each TO (0 to nowhere)."""
        return (
            self._seconds(self.from_x - place.x_m, self.from_y - place.y_m),
            self._seconds(self.to_x - place.x_m, self.to_y - place.y_m),
        )

    def legs_to_kitchen(self, place: Place) -> tuple[Any, Any]:
        """`legs`, remembered: a few kitchens and shops serve many doors."""
        if place not in self._legs:
            self._legs[place] = self.legs(place)
        return self._legs[place]

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
        prices = self.index.problem.prices
        price = prices.travel_per_s * seconds
        if self.share is not None:
            over = np.maximum(self.share + seconds, 0.0) - np.maximum(self.share, 0.0)
            price = price + over * (prices.over_share_per_min / 60.0)
        return price

    def joins(self, kitchen_id: str) -> Any:
        """Cells right behind a pickup at this kitchen that another one may join."""
        if kitchen_id not in self._joins:
            self._joins[kitchen_id] = np.array([
                number * self.width + block + 1
                for number, worker_id in enumerate(self.worker_ids)
                for line in (self.index.line(worker_id),)
                for block in line.groups.get(kitchen_id, ())
                if line.first[block + 1] >= line.route.locked_count
            ], dtype=np.intp)  # fmt: skip
        return self._joins[kitchen_id]

    def pickups_of_round(self, round_id: str) -> list[tuple[int, int]]:
        """The workers' numbers who take a part of this round up, with the cell that another pickup joins it by."""
        if round_id not in self._rounds:
            blocks = ((number, self.index.line(worker_id).rounds.get(round_id)) for worker_id, number in self.number.items())
            self._rounds[round_id] = [(n, n * self.width + block + 1) for n, block in blocks if block is not None]
        return self._rounds[round_id]


class Seats:
    """Workers of a field whom no rule of the pair forbids to serve one visit; for each boundary of the field what they
    cost beside time and travel, and until when the visit may begin (who is not among them: never)."""

    def __init__(
        self, field: Field, visit: Visit, able: Sequence[Worker], latest_s: float, stay_with: Container[str] = frozenset()
    ) -> None:
        self.field, self.visit, self.able, self.stay_with = field, visit, able, stay_with
        self._seats: dict[str, Seat] = {}
        index = field.index
        if stay_with or index.problem.prices.worker_used or visit.required_credentials or index.is_in_gap(visit):
            latest_s = min(latest_s, visit.latest_s)
        self.latest_s = latest_s
        count = len(field.worker_ids)
        numbers = [field.number[worker.worker_id] for worker in able]
        price, until = np.zeros(count), np.full(count, -inf)
        price[numbers] = self._prices()
        until[numbers] = (
            [min(latest_s, credentials_until_s(worker, visit)) for worker in able] if visit.required_credentials else latest_s
        )
        self.line_price: Any = price[field.numbers]
        self.price: Any = self.line_price if field.saved is None else self.line_price - field.saved
        self.until: Any = until[field.numbers]

    def _prices(self) -> list[float]:
        visit, prices = self.visit, self.field.index.problem.prices
        if self.stay_with or prices.worker_used:
            return [self._price(worker) for worker in self.able]
        if visit.preferred_gender or visit.preferred_worker_ids or visit.familiar_worker_ids:
            return [pair_price(worker, visit, prices) for worker in self.able]
        helps = visit.allowed_area_prices
        return [helps[worker.area_id] for worker in self.able]

    def _price(self, worker: Worker) -> float:
        index, visit = self.field.index, self.visit
        prices = index.problem.prices
        price = pair_price(worker, visit, prices)
        if self.stay_with and worker.worker_id not in self.stay_with:
            price += prices.move_accepted if visit.accepted else prices.move
        if prices.worker_used and not index.route(worker.worker_id).stops:
            price += prices.worker_used
        return price

    def seat(self, worker_id: str) -> Seat:
        found = self._seats.get(worker_id)
        if found is None:
            index, visit = self.field.index, self.visit
            worker = index.problem.workers[worker_id]
            until_s = self.latest_s
            if visit.required_credentials:
                until_s = min(until_s, credentials_until_s(worker, visit))
            found = Seat(worker, index.line_beside(visit, worker_id), self._price(worker), until_s)
            self._seats[worker_id] = found
        return found


def cheapest_first(least: Any, ties: Any) -> Iterator[tuple[float, int]]:
    """Pairs of both, in order. Not all at once: whoever asks seldom wants more than the first few."""
    count = FIRST
    while len(least) > 2 * count:
        near = least <= np.partition(least, count)[count]
        yield from _in_order(least[near], ties[near])
        least, ties = least[~near], ties[~near]
        count *= 4
    yield from _in_order(least, ties)


def _in_order(least: Any, ties: Any) -> Iterator[tuple[float, int]]:
    order = np.lexsort((ties, least))
    return zip(least[order].tolist(), ties[order].tolist(), strict=True)


def lateness_bound(begin: Any, visit: Visit, prices: Prices) -> Any:
    """At least this much lateness is priced when the visit begins at `begin` or after."""
    per_min = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
    price = np.maximum(begin - visit.due_s, 0.0) * (per_min / 60.0)
    if visit.promised_s is not None:
        price = price + np.maximum(begin - visit.promised_s, 0.0) * (prices.promise_per_min / 60.0)
    return price
