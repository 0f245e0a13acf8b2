"""Travel from a table: measured or published times between numbered places, instead of a formula.

`TableTravel` is a `TravelPort`. Its places are `TablePlace`s: they keep their coordinates (for maps, areas and lower
bounds) and say which row of the table is theirs. Times may be floats; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.place import Place
from routing.refusals import Code
from routing.travel import Pace
from routing.validate import BadProblem, Refused

FloatTable = npt.NDArray[np.float64]
ROUNDING = 1 - 1e-9  # a lower bound must stay one after the last bit is rounded
LEAST_S_PER_M = 1e-12  # where a table says that somewhere distance costs nothing


@dataclass(frozen=True, slots=True)
class TablePlace(Place):
    """A place with its `row` (and column) in the table."""

    row: int


class TableTravel:
    """Seconds (and metres: the same numbers if not given) from row to column. The same for every mode, unless `modes`
    holds tables of their own. Raises BadProblem if a table is not square, does not fit the places, or holds a negative
    number or NaN."""

    def __init__(
        self,
        coordinates: Sequence[tuple[float, float]],
        seconds: FloatTable,
        metres: FloatTable | None = None,
        modes: dict[str, FloatTable] | None = None,
    ) -> None:
        self.places = tuple(TablePlace(float(x), float(y), row) for row, (x, y) in enumerate(coordinates))
        self._seconds = _checked(seconds, len(self.places))
        self._metres = self._seconds if metres is None else _checked(metres, len(self.places))
        self._modes = {name: _checked(table, len(self.places)) for name, table in (modes or {}).items()}
        self._paces: dict[str, Pace] = {}

    def table_s(self, mode: str) -> FloatTable:
        """The whole table of a mode; not to be written to."""
        return self._modes.get(mode, self._seconds)

    def duration_s(self, mode: str, a: Place, b: Place) -> float:
        """Seconds from `a` to `b`. Raises TypeError for a place that is none of this table's."""
        return self.table_s(mode).item(_row(a), _row(b))

    def distance_m(self, a: Place, b: Place) -> float:
        return self._metres.item(_row(a), _row(b))

    def matrix_s(self, mode: str, places: Sequence[Place]) -> FloatTable:
        """`duration_s` of all pairs."""
        rows = [_row(place) for place in places]
        return self.table_s(mode)[np.ix_(rows, rows)]

    def matrix_m(self, places: Sequence[Place]) -> FloatTable:
        """`distance_m` of all pairs."""
        rows = [_row(place) for place in places]
        return self._metres[np.ix_(rows, rows)]

    def pace(self, mode: str) -> Pace:
        """The least seconds for a straight metre that the table has anywhere."""
        if mode not in self._paces:
            points = np.array([(place.x_m, place.y_m) for place in self.places]).reshape(-1, 2)
            away = points[:, None, :] - points[None, :, :]
            straight = np.sqrt((away * away).sum(axis=2))
            apart = straight > 0
            least = float((self.table_s(mode)[apart] / straight[apart]).min()) if apart.any() else 1.0
            self._paces[mode] = Pace(max(LEAST_S_PER_M, least * ROUNDING), 0)
        return self._paces[mode]


def _row(place: Place) -> int:
    if not isinstance(place, TablePlace):
        raise TypeError(f"not a place of this table: {place}")
    return place.row


def _checked(table: FloatTable, places: int) -> FloatTable:
    table = np.ascontiguousarray(table, dtype=np.float64)
    if table.shape != (places, places):
        raise BadProblem([Refused(Code.WRONG_MATRIX, "", f"shape {table.shape} for {places} places")])
    if not bool((table >= 0).all()):
        raise BadProblem([Refused(Code.WRONG_MATRIX, "", "a negative number or NaN")])
    return table
