"""Dongs as cells on a map, living areas as unions of them, and where a place lies.

Without real boundaries a dong is the cell around its centroid (Voronoi), cut by the district's outline and the river.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely

from routing.place import Place

TOUCH_M = 20.0  # areas whose borders run together for at least this long are neighbours
SNAP_M = 1.0  # boundaries drawn by different hands meet within this


class Outside(StrEnum):
    """Where a place is that lies in no dong."""

    OUTSIDE = "outside"
    IN_RIVER = "in_river"


def cells_around(
    centroids: Mapping[str, Place], outline: Sequence[Place], river: Sequence[Place] = ()
) -> dict[str, tuple[Place, ...]]:
    """A cell for each dong: the part of the outline nearest to its centroid, without the river; corners in metres, not
    rounded. Where that leaves several pieces, the one on whose bank the centroid stands is it; a dong that lies in the water
    altogether has none. Same input, in whatever order, same cells."""
    frame: Any = shapely.Polygon(_ring(outline))
    water: Any = shapely.Polygon(_ring(river))
    codes = sorted(centroids)
    points = shapely.points(_ring([centroids[code] for code in codes]))
    if len(set(points)) < len(codes):
        raise ValueError("two dongs have the same centroid")
    if len(codes) == 1:
        around = [frame]
    else:
        around = list(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame, ordered=True).geoms)
    cells: dict[str, tuple[Place, ...]] = {}
    for code, point, part in zip(codes, points, around, strict=True):
        dry: Any = shapely.make_valid(part.intersection(frame)).difference(water)
        pieces = [piece for piece in getattr(dry, "geoms", [dry]) if piece.geom_type == "Polygon" and not piece.is_empty]
        if pieces:
            cell = min(pieces, key=lambda piece: float(piece.distance(point)))
            cells[code] = tuple(Place(x, y) for x, y in cell.exterior.coords[:-1])
    return cells


def _corners(polygon: Any) -> tuple[Place, ...]:
    """Corners of a polygon's outside to 0.1 m, starting with the least, so that equal shapes are equal tuples."""
    ring = [(round(x, 1), round(y, 1)) for x, y in shapely.normalize(polygon).exterior.coords[:-1]]
    first = ring.index(min(ring))
    return tuple(Place(x, y) for x, y in ring[first:] + ring[:first])


def _ring(places: Sequence[Place]) -> list[tuple[float, float]]:
    return [(place.x_m, place.y_m) for place in places]


@dataclass(frozen=True)
class AreaMap:
    """Where dongs and living areas lie. `cells` by dong code; `areas` gives each living area's dongs; a place up to
    `tolerance_m` outside all dongs still belongs to the nearest (coordinates are rounded to about 100 m)."""

    cells: Mapping[str, Sequence[Place]]
    areas: Mapping[str, Sequence[str]]
    river: Sequence[Place] = ()
    tolerance_m: float = 150.0
    _codes: list[str] = field(init=False, repr=False, compare=False, default_factory=list)
    _shapes: list[Any] = field(init=False, repr=False, compare=False, default_factory=list)
    _area_of: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _water: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for code in sorted(self.cells):
            shape: Any = shapely.make_valid(shapely.Polygon([(p.x_m, p.y_m) for p in self.cells[code]]))
            shapely.prepare(shape)
            self._codes.append(code)
            self._shapes.append(shape)
        for area_id, codes in self.areas.items():
            for code in codes:
                if self._area_of.setdefault(code, area_id) != area_id:
                    raise ValueError(f"dong {code} is in two living areas")
        if len(self.river) >= 3:
            water: Any = shapely.make_valid(shapely.Polygon([(p.x_m, p.y_m) for p in self.river]))
            shapely.prepare(water)
            object.__setattr__(self, "_water", water)

    def locate(self, place: Place) -> str | Outside:
        """The dong that holds the place (the lowest code on a border), or why there is none. A place in the water
        within tolerance of a bank belongs to the bank: rounding put it there."""
        point = shapely.Point(place.x_m, place.y_m)
        for code, shape in zip(self._codes, self._shapes, strict=True):
            if shape.covers(point) and not self._wet(point):
                return code
        near = [(round(float(shape.distance(point)), 3), code) for code, shape in zip(self._codes, self._shapes, strict=True)]
        wet = self._wet(point)
        if wet and float(self._water.boundary.distance(point)) > self.tolerance_m:
            return Outside.IN_RIVER
        if near and min(near)[0] <= self.tolerance_m:
            return min(near)[1]
        return Outside.IN_RIVER if wet else Outside.OUTSIDE

    def _wet(self, point: Any) -> bool:
        return self._water is not None and bool(self._water.contains(point))

    def area_of(self, dong: str) -> str | None:
        """The living area of a dong."""
        return self._area_of.get(dong)

    def outline(self, area_id: str) -> list[tuple[Place, ...]]:
        """A living area's outside, as one polygon or (across a river) several, largest first."""
        union: Any = self._union(area_id)
        pieces = [p for p in getattr(union, "geoms", [union]) if p.geom_type == "Polygon" and not p.is_empty]
        return [_corners(p) for p in sorted(pieces, key=lambda p: (-p.area, p.bounds))]

    def neighbours(self) -> dict[str, tuple[str, ...]]:
        """Which living areas border on which."""
        names = sorted(self.areas)
        wide = {name: self._union(name).buffer(SNAP_M) for name in names}
        found: dict[str, list[str]] = {name: [] for name in names}
        for one in names:
            for other in names:
                if one < other and wide[one].intersects(wide[other]):
                    # A strip 2 x SNAP_M wide along the border: its area tells the border's length.
                    length = wide[one].intersection(wide[other]).area / (2 * SNAP_M)
                    if length >= TOUCH_M:
                        found[one].append(other)
                        found[other].append(one)
        return {name: tuple(sorted(found[name])) for name in names}

    def _union(self, area_id: str) -> Any:
        shapes = dict(zip(self._codes, self._shapes, strict=True))
        return shapely.union_all([shapes[code].buffer(0) for code in self.areas[area_id] if code in shapes])
