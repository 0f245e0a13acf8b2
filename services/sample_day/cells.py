"""Cells around centroids: a stand-in for dong boundaries, until real ones are imported (`dolbom areas import`).

A cell is the part of the district's coarse outline that is nearest to its centroid: the hull of the centroids, widened,
without the river. Nothing here is copied from a boundary file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shapely import MultiPoint, Polygon
from shapely.affinity import affine_transform

if TYPE_CHECKING:
    from routing import Place

OUTLINE_MARGIN_M = 700  # about the radius of a Mapo dong, so that its homes lie inside
SIMPLIFY_DIGITS = 5  # about a metre; one result on every machine

Points = Sequence[tuple[float, float]]


class Plane:
    """Metres east and north of an origin, and back. Exact enough (1 in 10,000) over one district."""

    def __init__(self, lon: float, lat: float, metric: bool = False) -> None:
        """`metric`: the coordinates are metres already and stay as they are."""
        self.lon, self.lat = (0.0, 0.0) if metric else (lon, lat)
        self.kx = 1.0 if metric else 111_195.0 * math.cos(math.radians(lat))
        self.ky = 1.0 if metric else 111_195.0

    def to_m(self, polygon: Polygon) -> Polygon:
        return affine_transform(polygon, [self.kx, 0, 0, self.ky, -self.lon * self.kx, -self.lat * self.ky])

    def from_m(self, polygon: Polygon) -> Polygon:
        return affine_transform(polygon, [1 / self.kx, 0, 0, 1 / self.ky, self.lon, self.lat])

    def xy(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.lon) * self.kx, (y - self.lat) * self.ky

    def back(self, x_m: float, y_m: float) -> tuple[float, float]:
        return x_m / self.kx + self.lon, y_m / self.ky + self.lat


def plane_of(points: Points, metric: bool = False) -> Plane:
    """The plane around the middle of some points."""
    return Plane(sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points), metric)


def hull_of(plane: Plane, centroids: Points, margin_m: float) -> Polygon:
    """The hull of the centroids in metres, widened by a margin (corners cut straight: few points)."""
    hull = MultiPoint([plane.xy(*c) for c in centroids]).convex_hull
    return hull.buffer(margin_m, quad_segs=4)


def cells_around(centroids: Points, river: Points = (), metric: bool = False) -> list[tuple[tuple[float, float], ...]]:
    """One cell for each centroid, in order, as an open ring of rounded coordinates. Centroids must differ."""
    import routing  # by the way: it takes half a second to load, and most days bring their cells along

    plane = plane_of(centroids, metric)
    made = routing.cells_around(
        {f"{number:09}": routing.Place(*plane.xy(*centroid)) for number, centroid in enumerate(centroids)},
        _places(hull_of(plane, centroids, OUTLINE_MARGIN_M)),
        _places(plane.to_m(Polygon(river))) if river else (),
    )
    digits = 0 if metric else SIMPLIFY_DIGITS
    cells = []
    for number in range(len(centroids)):
        cell = plane.from_m(Polygon([(place.x_m, place.y_m) for place in made.get(f"{number:09}", ())]))
        cells.append(tuple((round(x, digits), round(y, digits)) for x, y in list(cell.exterior.coords)[:-1]))
    return cells


def _places(polygon: Polygon) -> list[Place]:
    from routing import Place

    return [Place(x, y) for x, y in list(polygon.exterior.coords)[:-1]]
