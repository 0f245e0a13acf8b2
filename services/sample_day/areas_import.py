"""Real boundaries into a day folder: dongs (a `code` each) or living areas (an `id` and, if known, `dong_codes`) as GeoJSON.

Everything is checked first; the folder changes only if all is well, and only if its visits still stand inside the district.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely import MultiPolygon, Point, Polygon, STRtree
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from services.sample_day import day_format as form
from services.sample_day.day import DayInvalid, RowError, Text
from services.sample_day.read_cell import LAT_RANGE, LON_RANGE, Context
from services.sample_day.read_day import must_be_a_folder, read_day
from services.sample_day.read_table import FILE_LIMIT_BYTES, read_table
from services.sample_day.reading import Reading

OVERLAP_SHARE = 0.01  # of the smaller: simplified boundaries overlap by slivers, a wrong file by much more
PART_SHARE = 0.05  # islets and slivers up to this share of a dong are left out; a cell is one ring
DIGITS = 6  # about 10 cm

GOOD_CRS = ("CRS84", "4326")


@dataclass(frozen=True)
class Boundary:
    """One feature: a dong by its code, or a living area by its id with its dongs."""

    number: int
    kind: str  # dong, area
    key: str
    polygon: Polygon
    name_ko: str = ""
    name_en: str = ""
    dong_codes: tuple[str, ...] = ()


@dataclass
class Boundaries:
    """A file's features, what was left out of them, and everything wrong."""

    file: str
    items: list[Boundary] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def of(self, kind: str) -> list[Boundary]:
        return [item for item in self.items if item.kind == kind]

    def bad(self, number: int, column: str, code: str, ko: str, en: str, fix_ko: str, fix_en: str) -> None:
        """`number`: which feature, from 1; 0: the file."""
        self.errors.append(RowError(self.file, number, column, Text(ko, en), Text(fix_ko, fix_en), code))


REPROJECT = ("WGS 84(EPSG:4326, 경도·위도)로 변환해 다시 저장하세요.",
             "Reproject it to WGS 84 (EPSG:4326, longitude and latitude).")  # fmt: skip


def _read_collection(path: Path, found: Boundaries) -> list[Any]:
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            found.bad(0, "", "too_large", "파일이 너무 큽니다.", "The file is too large.",
                      "자치구 하나만 담으세요(20MB 이하).", "Keep one district in it (at most 20 MB).")  # fmt: skip
            return []
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        found.bad(0, "", "missing_file", "파일이 없습니다.", "The file is missing.", "경로를 확인하세요.", "Check the path.")
        return []
    except OSError as error:
        why = error.strerror or type(error).__name__
        found.bad(0, "", "missing_file", f"파일을 읽을 수 없습니다({why}).", f"The file cannot be read ({why}).",
                  "GeoJSON 파일의 경로를 쓰세요.", "Name a GeoJSON file.")  # fmt: skip
        return []
    except (ValueError, RecursionError):
        found.bad(0, "", "not_json", "GeoJSON이 아닙니다.", "This is no GeoJSON.",
                  "UTF-8 GeoJSON으로 저장하세요.", "Save it as GeoJSON in UTF-8.")  # fmt: skip
        return []
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or not features:
        found.bad(0, "", "no_rows", "경계(feature)가 없습니다.", "There are no features.",
                  "FeatureCollection으로 저장하세요.", "Save it as a FeatureCollection.")  # fmt: skip
        return []
    crs = json.dumps(data.get("crs") or "")
    if data.get("crs") and not any(good in crs for good in GOOD_CRS):
        found.bad(0, "crs", "wrong_crs", "WGS 84가 아닌 좌표계입니다.", "The coordinates are not WGS 84.", *REPROJECT)
        return []
    return features


def _read_polygon(number: int, geometry: Any, found: Boundaries) -> Polygon | None:
    try:
        read = shape(geometry)
    except (ShapelyError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        read = None
    if not isinstance(read, Polygon | MultiPolygon) or read.is_empty:
        found.bad(number, "geometry", "bad_polygon", "다각형이 아닙니다.", "This is no polygon.",
                  "Polygon이나 MultiPolygon이어야 합니다.", "It must be a Polygon or MultiPolygon.")  # fmt: skip
        return None
    west, south, east, north = read.bounds
    if not (LON_RANGE[0] <= west <= east <= LON_RANGE[1] and LAT_RANGE[0] <= south <= north <= LAT_RANGE[1]):
        swapped = LON_RANGE[0] <= south <= north <= LON_RANGE[1] and LAT_RANGE[0] <= west <= east <= LAT_RANGE[1]
        ko = "경도와 위도가 바뀌었습니다." if swapped else "한국의 경도·위도가 아닙니다(미터 좌표계일 수 있음)."
        en = "Longitude and latitude are swapped." if swapped else "These are no degrees in Korea (perhaps metres)."
        found.bad(number, "geometry", "wrong_crs", ko, en, *REPROJECT)
        return None
    if not read.is_valid:
        why = explain_validity(read)
        found.bad(number, "geometry", "bad_polygon", f"다각형이 잘못되었습니다: {why}", f"The polygon is invalid: {why}",
                  "지도 프로그램에서 도형을 고치세요.", "Repair it in a map program (fix geometries).")  # fmt: skip
        return None
    return _one_ring(number, read, found)


def _one_ring(number: int, read: Polygon | MultiPolygon, found: Boundaries) -> Polygon | None:
    parts = sorted(getattr(read, "geoms", [read]), key=lambda part: part.area, reverse=True)
    kept = Polygon(parts[0].exterior)
    lost = (read.area - parts[0].area + sum(Polygon(hole).area for hole in parts[0].interiors)) / read.area
    if lost > PART_SHARE:
        found.bad(number, "geometry", "many_parts", "떨어진 조각이나 구멍이 큽니다.", "It has large separate parts or holes.",
                  "하나의 다각형으로 나누거나 합치세요.", "Make it one polygon.")  # fmt: skip
        return None
    if len(parts) > 1 or parts[0].interiors:
        found.notes.append(
            Text(f"{number}번째 경계: 작은 조각 {lost:.2%}를 뺐습니다.", f"Feature {number}: small parts left out, {lost:.2%}.")
        )
    return Polygon([(round(x, DIGITS), round(y, DIGITS)) for x, y, *_ in kept.exterior.coords]).simplify(0)


def read_boundaries(path: Path) -> Boundaries:
    """All features of a file and everything wrong with it. Lines of errors are the features' numbers from 1."""
    found = Boundaries(path.name)
    seen: dict[tuple[str, str], int] = {}
    for number, feature in enumerate(_read_collection(path, found), 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        code, area_id = str(properties.get("code") or ""), str(properties.get("id") or properties.get("area_id") or "")
        kind, key = ("dong", code) if code else ("area", area_id)
        if not key or (kind == "dong" and not (len(code) == 10 and code.isascii() and code.isdigit())):
            found.bad(number, "code", "missing_code", "행정동 코드(code)나 생활권 번호(id)가 없습니다.",
                      "It has neither a ten-digit dong code (code) nor an area's id (id).",
                      "properties에 10자리 code 또는 id를 넣으세요.",
                      "Put a ten-digit code, or an id, into its properties.")  # fmt: skip
            continue
        if (kind, key) in seen:
            found.bad(number, "code", "duplicate", f"{seen[kind, key]}번째 경계와 코드가 같습니다.",
                      f"Feature {seen[kind, key]} has the same code.", "하나를 지우세요.", "Remove one of them.")  # fmt: skip
            continue
        seen[kind, key] = number
        polygon = _read_polygon(number, feature.get("geometry"), found)
        if polygon is not None:
            found.items.append(
                Boundary(
                    number, kind, key, polygon, str(properties.get("name_ko") or ""), str(properties.get("name_en") or ""),
                    tuple(str(one) for one in properties.get("dong_codes") or ()),
                )
            )  # fmt: skip
    for kind in ("dong", "area"):
        _check_overlaps(found.of(kind), found)
    return found


def _check_overlaps(items: list[Boundary], found: Boundaries) -> None:
    tree = STRtree([item.polygon for item in items])
    for item in items:
        for index in tree.query(item.polygon, predicate="intersects"):
            other = items[int(index)]
            if other.number <= item.number:
                continue
            share = item.polygon.intersection(other.polygon).area / min(item.polygon.area, other.polygon.area)
            if share > OVERLAP_SHARE:
                found.bad(other.number, "geometry", "overlap", f"{item.number}번째 경계와 {share:.0%} 겹칩니다.",
                          f"It overlaps feature {item.number} by {share:.0%}.",
                          "같은 때의 경계인지 확인하세요.", "Check that all boundaries are of one date.")  # fmt: skip


def _raw_rows(reading: Reading, table: form.Table) -> list[dict[str, Any]]:
    """Rows as texts, to be written back with changes."""
    texts = form.Table(
        table.file,
        tuple(form.Column(column.name, "raw", required=False) for column in table.columns_for(reading.coordinates)),
    )
    # All columns are listed, places too: no more are added for either kind of coordinates.
    return [dict(row.values) for row in read_table(reading.folder, texts, "wgs84", Context())[0]]


def _match_dongs(found: Boundaries, dongs: list[dict[str, Any]]) -> None:
    boundaries = {item.key: item for item in found.of("dong")}
    if not boundaries:
        return
    codes = {dong["code"] for dong in dongs}
    for item in boundaries.values():
        # A file of all of Seoul is welcome: other districts' dongs are left out. A stranger in this district is not.
        if item.key not in codes and item.key[:5] in {code[:5] for code in codes}:
            found.bad(item.number, "code", "unknown_dong", f"{item.key}: dongs.csv에 없습니다.",
                      f"{item.key} is not in dongs.csv.", "dongs.csv에 줄을 더하세요.", "Add a row to dongs.csv.")  # fmt: skip
    left = len(boundaries.keys() - codes)
    if left:
        found.notes.append(Text(f"다른 자치구의 행정동 {left}곳은 뺐습니다.", f"Left out: {left} dongs of other districts."))
        found.items = [item for item in found.items if item.kind != "dong" or item.key in codes]
    for dong in dongs:
        its = boundaries.get(dong["code"])
        if its is None:
            found.bad(0, "code", "missing_dong", f"{dong['code']}의 경계가 없습니다.", f"{dong['code']} has no boundary.",
                      "빠진 행정동을 넣으세요.", "Add the missing dong.")  # fmt: skip
        else:
            dong["cell_wkt"] = its.polygon.wkt


def _match_areas(found: Boundaries, dongs: list[dict[str, Any]], areas: list[dict[str, Any]]) -> None:
    boundaries = found.of("area")
    if not boundaries:
        return
    known = {area["area_id"]: area for area in areas}
    for item in boundaries:
        if item.key not in known:
            found.bad(item.number, "id", "unknown_area", "areas.csv에 없는 생활권입니다.", "The area is not in areas.csv.",
                      "책임기업과 함께 areas.csv에 줄을 더하세요.",
                      "Add a row to areas.csv, with its responsible enterprise.")  # fmt: skip
            continue
        for name in ("name_ko", "name_en"):
            known[item.key][name] = getattr(item, name) or known[item.key].get(name, "")
    for dong in dongs:
        listed = [item for item in boundaries if dong["code"] in item.dong_codes]
        centre = Point(float(dong["lon"]), float(dong["lat"]))
        inside = listed or [item for item in boundaries if not item.dong_codes and item.polygon.covers(centre)]
        if len(inside) != 1:
            found.bad(0, "dong_codes", "dong_without_area", f"{dong['code']}의 생활권이 {len(inside)}곳입니다.",
                      f"{dong['code']} is in {len(inside)} areas.",
                      "dong_codes에 한 번만 쓰세요.", "List it in the dong_codes of one area.")  # fmt: skip
        else:
            dong["area_id"] = inside[0].key


def import_areas(path: Path, folder: Path) -> Boundaries:
    """Put the boundaries of a file into a day folder. Raises `DayInvalid` (the file's errors, or those that the day would
    have with these boundaries); then the folder is as it was."""
    found = read_boundaries(path)
    must_be_a_folder(folder)
    reading = Reading(folder)
    if reading.errors:
        raise DayInvalid(reading.errors)
    if reading.coordinates != "wgs84":
        found.bad(0, "", "wrong_crs", "평면 좌표 자치구에는 경계를 넣을 수 없습니다.", "The day is on a plane, not in degrees.",
                  "경도·위도(wgs84) 폴더에 쓰세요.", "Use a day in longitude and latitude (wgs84).")  # fmt: skip
        raise DayInvalid(found.errors)
    dongs, areas = _raw_rows(reading, form.DONGS), _raw_rows(reading, form.AREAS)
    _match_dongs(found, dongs)
    _match_areas(found, dongs, areas)
    if found.errors:
        raise DayInvalid(found.errors)
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "day"
        shutil.copytree(folder, trial)
        form.write_table(trial, form.DONGS, "wgs84", dongs)
        form.write_table(trial, form.AREAS, "wgs84", areas)
        read_day(trial)
        for table in (form.DONGS, form.AREAS):
            coming = folder / f"{table.file}.new"
            shutil.copyfile(trial / table.file, coming)
            coming.replace(folder / table.file)
    return found
