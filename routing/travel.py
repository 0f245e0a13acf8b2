"""How long a worker takes from place to place: straight distance x detour at the mode's speed, never across the river.

Only square roots and products are used, so the same places give the same seconds on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians, sqrt
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from routing.place import Place

METRES_PER_DEGREE = 111_320.0  # of latitude, on the sphere of 40,075 km
CACHE_SIZE = 50_000  # pairs near the river; places are rounded to about 100 m, so a day's pairs repeat
ALONG_BANK_RATIO = 1.6  # a chord whose way along the bank is at most this much longer cuts a bend, it does not cross


class Pace(NamedTuple):
    """A lower bound of travel: at least `s_per_m` for a straight metre, and `access_s` on arriving at another place."""

    s_per_m: float
    access_s: int


class TravelPort(Protocol):
    """What the planner asks of travel times. An OSRM or Valhalla table may stand behind it.

    Rules (tests/unit/routing/test_travel_port.py): 0 for the same place; finite numbers of seconds; the same answer every time;
    never less than the pace says.
    """

    def duration_s(self, mode: str, a: Place, b: Place) -> float: ...

    def distance_m(self, a: Place, b: Place) -> float: ...

    def pace(self, mode: str) -> Pace: ...

    def matrix_s(self, mode: str, places: Sequence[Place]) -> npt.ArrayLike: ...

    def matrix_m(self, places: Sequence[Place]) -> npt.ArrayLike: ...


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to move. `access_s`: stairs, lock, finding the door; on arriving at another place."""

    detour: float
    speed_m_per_s: float
    access_s: int = 0


@dataclass(frozen=True)
class TravelModel:
    """Travel on a plane. `river` is a polygon, `bridges` go from bank to bank, `speed_factor` 0.8 is slow weather."""

    modes: Mapping[str, Mode]
    river: tuple[Place, ...] = ()
    bridges: tuple[tuple[Place, Place], ...] = ()
    speed_factor: float = 1.0
    _paces: dict[str, Pace] = field(init=False, repr=False, compare=False, default_factory=dict)
    _river: _River | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for name, mode in self.modes.items():
            self._paces[name] = Pace(mode.detour / (mode.speed_m_per_s * self.speed_factor), mode.access_s)
        if len(self.river) >= 3:
            object.__setattr__(self, "_river", _River(self.river, self.bridges))

    def pace(self, mode: str) -> Pace:
        return self._paces[mode]

    def duration_s(self, mode: str, a: Place, b: Place) -> int:
        """Seconds from leaving `a` to standing at the door of `b`; 0 if they are the same place."""
        dx = a.x_m - b.x_m
        dy = a.y_m - b.y_m
        square = dx * dx + dy * dy
        if square == 0.0:
            return 0
        s_per_m, access_s = self._paces[mode]
        metres = sqrt(square) if self._river is None else self._river.metres(a, b, sqrt(square))
        return int(metres * s_per_m + 0.5) + access_s

    def distance_m(self, a: Place, b: Place) -> int:
        """Metres of the way without the mode's detour: straight, or by the best bridge."""
        straight = _straight(a, b)
        return int((straight if self._river is None else self._river.metres(a, b, straight)) + 0.5)

    def matrix_s(self, mode: str, places: Sequence[Place]) -> npt.NDArray[np.int64]:
        """`duration_s` of all pairs, the same to the last second; a dense table for the solver."""
        s_per_m, access_s = self._paces[mode]
        apart, table = self._tables(places)
        table *= s_per_m
        table += 0.5
        seconds = table.astype(np.int64)
        del table
        seconds += int(access_s)
        seconds[~apart] = 0
        return seconds

    def matrix_m(self, places: Sequence[Place]) -> npt.NDArray[np.int64]:
        """`distance_m` of all pairs, the same to the last metre."""
        metres = self._tables(places)[1]
        metres += 0.5
        return metres.astype(np.int64)

    def _tables(self, places: Sequence[Place]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        """Which pairs are two places, and the metres between them: straight ones at once, by the river one by one. In place: of
        a large day's places one table is 40 MB."""
        xs = np.array([place.x_m for place in places], dtype=np.float64)
        ys = np.array([place.y_m for place in places], dtype=np.float64)
        metres, dy = xs[:, None] - xs[None, :], ys[:, None] - ys[None, :]
        metres *= metres
        dy *= dy
        metres += dy
        del dy
        np.sqrt(metres, out=metres)
        apart = metres > 0.0
        if self._river is not None:
            for a, b in zip(*np.nonzero(apart & self._river.may_lie_between(xs, ys)), strict=True):
                metres[a, b] = self._river.metres(places[a], places[b], float(metres[a, b]))
        return apart, metres


class _River:
    """Ways round a river. Built once for a model; answers are cached, for the polygon test costs microseconds."""

    def __init__(self, outline: tuple[Place, ...], bridges: tuple[tuple[Place, Place], ...]) -> None:
        self.polygon: Any = shapely.Polygon([(p.x_m, p.y_m) for p in outline])
        self.ring: Any = self.polygon.exterior
        shapely.prepare(self.polygon)
        self.left, self.bottom, self.right, self.top = self.polygon.bounds
        self.bridges = [(a, b, _straight(a, b)) for one, other in bridges for a, b in ((one, other), (other, one))]
        self.cache: dict[tuple[float, float, float, float], float] = {}

    def may_lie_between(self, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Pairs that are not both on one side of the river's frame."""
        beside = np.zeros((len(xs), len(xs)), dtype=bool)
        for side in (xs < self.left, xs > self.right, ys < self.bottom, ys > self.top):
            beside |= side[:, None] & side[None, :]
        return ~beside

    def metres(self, a: Place, b: Place, straight: float) -> float:
        ax, ay, bx, by = a.x_m, a.y_m, b.x_m, b.y_m
        if (
            (ax < self.left and bx < self.left)
            or (ax > self.right and bx > self.right)
            or (ay < self.bottom and by < self.bottom)
            or (ay > self.top and by > self.top)
        ):
            return straight
        # One entry for both directions: the way back is as long, to the last bit.
        key = (ax, ay, bx, by) if (ax, ay) <= (bx, by) else (bx, by, ax, ay)
        found = self.cache.get(key)
        if found is None:
            found = self._measure(Place(key[0], key[1]), Place(key[2], key[3]), straight)
            if len(self.cache) >= CACHE_SIZE:
                self.cache.clear()
            self.cache[key] = found
        return found

    def _measure(self, a: Place, b: Place, straight: float) -> float:
        line: Any = shapely.LineString([(a.x_m, a.y_m), (b.x_m, b.y_m)])
        if not self.polygon.intersects(line):
            return straight
        inside: Any = line.intersection(self.polygon)
        chords = list(getattr(inside, "geoms", [inside]))
        chord_m = float(sum(chord.length for chord in chords))
        if chord_m == 0.0:
            return straight  # touches the bank
        arc_m = sum(self._along_bank(chord) for chord in chords)
        if arc_m <= ALONG_BANK_RATIO * chord_m or not self.bridges:
            return max(straight, straight - chord_m + arc_m)
        by_bridge = min(_straight(a, near) + length + _straight(far, b) for near, far, length in self.bridges)
        return max(straight, by_bridge)

    def _along_bank(self, chord: Any) -> float:
        if chord.length == 0.0:
            return 0.0
        ends = [shapely.Point(chord.coords[0]), shapely.Point(chord.coords[-1])]
        one, other = (self.ring.project(end) for end in ends)
        along = abs(one - other)
        return float(max(chord.length, min(along, self.ring.length - along)))


def _straight(a: Place, b: Place) -> float:
    dx = a.x_m - b.x_m
    dy = a.y_m - b.y_m
    return sqrt(dx * dx + dy * dy)


def project(lon: float, lat: float, origin_lon: float, origin_lat: float) -> Place:
    """Degrees to metres east and north of the origin (equirectangular: under 0.1 % off across a city), to 0.1 m, so
    that the last bit of a machine's cosine does not matter."""
    east = (lon - origin_lon) * METRES_PER_DEGREE * cos(radians(origin_lat))
    north = (lat - origin_lat) * METRES_PER_DEGREE
    return Place(round(east, 1), round(north, 1))


def unproject(place: Place, origin_lon: float, origin_lat: float) -> tuple[float, float]:
    """Longitude and latitude (six decimals) of a place in metres; the way back of `project`."""
    lon = origin_lon + place.x_m / (METRES_PER_DEGREE * cos(radians(origin_lat)))
    return round(lon, 6), round(origin_lat + place.y_m / METRES_PER_DEGREE, 6)
