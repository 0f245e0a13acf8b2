"""The ground of a day: dong cells as written or made, and whether every place stands on dry land in the district."""

from __future__ import annotations

from shapely import Point, Polygon, prepare
from shapely.ops import unary_union

from services.sample_day import day_format as form
from services.sample_day.cells import cells_around
from services.sample_day.day_format import Table
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading

Cell = tuple[tuple[float, float], ...]

LOG_DIGITS = 3  # places enter the log rounded to about 100 m (three decimals); checked as they will stand there


def ring_of(polygon: Polygon) -> Cell:
    """A polygon's outer ring, open."""
    return tuple((x, y) for x, y, *_ in list(polygon.exterior.coords)[:-1])


def dong_cells(reading: Reading) -> dict[str, Cell]:
    """Cell by dong code: as written in cell_wkt, or (if no dong has one) the cells around the centroids."""
    axes = _axes(reading.coordinates)
    rows = [row for row in reading.of(form.DONGS) if row.good("code", *axes)]
    written = [row for row in rows if row.good("cell_wkt")]
    if written and len(written) < len(rows):
        for row in rows:
            if not row.good("cell_wkt") and "cell_wkt" not in row.bad:
                reading.report(
                    form.DONGS, row, "cell_wkt", "missing_cell", "다른 동에는 경계가 있는데 이 동에는 없습니다.",
                    "Other dongs have a cell, this one has none.", "모두 채우거나 모두 비우세요.",
                    "Give every dong a cell, or none (then cells around the centroids are made).",
                )  # fmt: skip
    if written:
        return {row["code"]: ring_of(row["cell_wkt"]) for row in written}
    places: dict[str, tuple[float, float]] = {}
    for row in rows:
        place = (row[axes[0]], row[axes[1]])
        if place in places.values():
            reading.report(
                form.DONGS, row, axes[0], "duplicate_place", "다른 동과 중심점이 같습니다.",
                "Another dong has the same centroid.", "중심점을 고치세요.", "Correct the centroid.",
            )  # fmt: skip
            return {}
        places[row["code"]] = place
    if not places or any("cell_wkt" in row.bad for row in rows):
        return {}
    head = reading.of(form.DISTRICT)[:1]
    river = ring_of(head[0]["river_wkt"]) if head and head[0].good("river_wkt") else ()
    made = cells_around(list(places.values()), river, metric=reading.coordinates == "plane_m")
    return dict(zip(places, made, strict=True))


def _axes(coordinates: str, prefix: str = "") -> tuple[str, str]:
    return (prefix + "lon", prefix + "lat") if coordinates == "wgs84" else (prefix + "x_m", prefix + "y_m")


class Ground:
    """District and river as shapes, to ask where a place stands."""

    def __init__(self, reading: Reading, cells: dict[str, Cell]) -> None:
        self.reading = reading
        head = reading.of(form.DISTRICT)[:1]
        self.river: Polygon = head[0]["river_wkt"] if head and head[0].good("river_wkt") else Polygon()
        # No judgement about the outside if a dong's cell is missing: its homes are not to blame.
        whole = bool(cells) and len(cells) == len(reading.of(form.DONGS))
        self.district = unary_union([Polygon(cell) for cell in cells.values()]) if whole else None
        prepare(self.river)
        if self.district is not None:
            prepare(self.district)

    def _in_river(self, table: Table, row: Row, prefix: str) -> bool:
        axes = _axes(self.reading.coordinates, prefix)
        if not row.good(*axes):
            return False
        x, y = row[axes[0]], row[axes[1]]
        if not (self.river.covers(Point(x, y)) or self.river.covers(Point(self._as_logged(x, y)))):
            return False
        self.reading.report(
            table, row, axes[0], "point_in_river", "좌표가 강 위이거나 물가 100m 안입니다.",
            "The place is in the river, or so near that rounding to 100 m puts it there.",
            "주소를 다시 찾아 좌표를 고치세요.", "Look the address up again and correct the coordinates.",
        )  # fmt: skip
        return True

    def _as_logged(self, x: float, y: float) -> tuple[float, float]:
        if self.reading.coordinates != "wgs84":
            return x, y
        return round(x, LOG_DIGITS), round(y, LOG_DIGITS)

    def check_places(self) -> None:
        """Homes inside the district and dry; kitchens and workers' places dry."""
        for table in (form.KITCHENS, form.SHOPS):
            for row in self.reading.of(table):
                self._in_river(table, row, "")
        for row in self.reading.of(form.WORKERS):
            for prefix in ("start_", "end_"):
                self._check_pair(form.WORKERS, row, prefix)
                self._in_river(form.WORKERS, row, prefix)
        axes = _axes(self.reading.coordinates)
        for row in self.reading.of(form.VISITS):
            if self._in_river(form.VISITS, row, "") or self.district is None or not row.good(*axes):
                continue
            x, y = row[axes[0]], row[axes[1]]
            if not (self.district.covers(Point(x, y)) and self.district.covers(Point(self._as_logged(x, y)))):
                self.reading.report(
                    form.VISITS, row, axes[0], "outside_district", "자치구 밖(또는 경계 100m 안)의 좌표입니다.",
                    "The place is outside the district, or so near its edge that rounding to 100 m puts it outside.",
                    "주소를 다시 찾거나, dolbom areas import로 실제 경계를 넣으세요.",
                    "Look the address up again, or bring the real boundaries in with dolbom areas import.",
                )  # fmt: skip

    def _check_pair(self, table: Table, row: Row, prefix: str) -> None:
        first, second = _axes(self.reading.coordinates, prefix)
        if row.good(first) != row.good(second) and not {first, second} & row.bad:
            self.reading.report(
                table, row, first, "half_place", "좌표가 한쪽만 있습니다.", "Only half of the place is there.",
                f"{first}와 {second}를 모두 채우거나 비우세요.", f"Fill in both {first} and {second}, or none.",
            )  # fmt: skip
