"""Lower bounds for insertion: what every position of every fitting worker costs at least, in a few table operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from routing.model import Place, Route, Stop, Visit, Worker
from routing.schedule import Timeline

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex

# Columns of a boundary: a place in a route where a stop may go in. FROM is the block before it, TO the one after.
FROM_X, FROM_Y, TO_X, TO_Y, LEG, FROM_DEPART, TO_LATEST, OPEN = range(8)
COLUMNS = 8
NOWHERE = float("nan")  # after the last stop of a worker who may end anywhere

ROUNDING_S = 1.0  # an exact leg is rounded to whole seconds, so bounds give way a little


class Seat(NamedTuple):
    """A worker who may serve the visit, with the route as it is."""

    worker: Worker
    line: Timeline
    row: int
    area_price: float


class Bounds:
    """Tables over [seat, boundary] around one place: seconds from the block before, and to the block after."""

    def __init__(self, index: PlanIndex, seats: Sequence[Seat]) -> None:
        travel = index.problem.travel
        paces = [travel.pace(seat.worker.mode) for seat in seats]
        self.s_per_m: Any = np.array([[pace.s_per_m] for pace in paces])
        self.access_s: Any = np.array([[float(pace.access_s)] for pace in paces])
        self.area_price: Any = np.array([[float(seat.area_price)] for seat in seats])
        width = max(len(seat.line.place) for seat in seats) + 1
        table: Any = index.data[[seat.row for seat in seats], :, :width]
        self.columns = [table[:, column, :] for column in range(COLUMNS)]
        self.depart: Any = self.columns[FROM_DEPART]
        self.latest: Any = self.columns[TO_LATEST]
        self.leg: Any = self.columns[LEG]
        self.open: Any = self.columns[OPEN] > 0.0

    def legs(self, place: Place) -> tuple[Any, Any]:
        """Straight-line seconds (a lower bound) from each FROM to `place` and from there to each TO (0 to nowhere)."""
        columns = self.columns
        return (
            self._seconds(columns[FROM_X] - place.x_m, columns[FROM_Y] - place.y_m),
            self._seconds(columns[TO_X] - place.x_m, columns[TO_Y] - place.y_m),
        )

    def _seconds(self, dx: Any, dy: Any) -> Any:
        metres = np.sqrt(dx * dx + dy * dy)
        metres = np.fmax(metres, 0.0)  # NaN, the way to nowhere, becomes 0
        return metres * self.s_per_m + (metres > 0.0) * self.access_s

    def seconds_between(self, a: Place, b: Place) -> Any:
        """For each seat, a lower bound of the way from `a` to `b`."""
        metres = float(np.hypot(a.x_m - b.x_m, a.y_m - b.y_m)) * (1.0 - 1e-12)
        return metres * self.s_per_m + (self.access_s if metres > 0.0 else 0.0)


def with_stops(route: Route, *placed: tuple[int, Stop]) -> Route:
    """The route with stops put in; each position counts in the finished route, ascending."""
    stops = list(route.stops)
    for position, stop in placed:
        stops.insert(position, stop)
    return Route(route.worker_id, tuple(stops), route.locked_count, route.onboard_since_s)


def lateness_bound(begin: Any, visit: Visit, late_per_min: float) -> Any:
    """At least this much lateness is priced when the visit begins at `begin` or after."""
    return np.maximum(begin - visit.due_s, 0.0) * (late_per_min / 60.0)
