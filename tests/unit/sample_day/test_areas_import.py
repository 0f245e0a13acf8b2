"""Real boundaries: all checked before anything changes, and a folder that would not fit them stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.sample_day.areas_import import import_areas, read_boundaries
from services.sample_day.day import DayInvalid
from services.sample_day.generate import generate_day
from services.sample_day.read_day import read_day
from tests.unit.sample_day.small_day import write

GEO = Path(__file__).parents[3].parent / "shared" / "data" / "geo"

Ring = list[list[float]]


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


EAST, WEST = box(126.92, 37.541, 126.95, 37.57), box(126.88, 37.541, 126.92, 37.57)


def feature(properties: dict[str, Any], *rings: Ring, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": list(rings)}}


def collection(path: Path, *features: Any, **more: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)} | more), encoding="utf-8")
    return path


def good_dongs(path: Path) -> Path:
    return collection(path, feature({"code": "1144000001"}, EAST), feature({"code": "1144000002"}, WEST))


def found_in(path: Path) -> list[tuple[int, str]]:
    return [(error.line, error.code) for error in read_boundaries(path).errors]


def test_dongs_get_their_boundaries_and_the_day_still_reads(tmp_path: Path) -> None:
    day_folder = tmp_path / "day"
    day_folder.mkdir()
    found = import_areas(good_dongs(tmp_path / "dongs.geojson"), write(day_folder))
    assert [item.key for item in found.of("dong")] == ["1144000001", "1144000002"]
    cells = {dong.code: {(p.x, p.y) for p in dong.cell} for dong in read_day(day_folder).config.dongs}
    assert cells["1144000001"] == {(x, y) for x, y in EAST}


def test_living_areas_take_over_their_dongs(tmp_path: Path) -> None:
    day_folder = tmp_path / "day"
    day_folder.mkdir()
    areas = collection(
        tmp_path / "areas.geojson",
        feature({"id": "A", "name_ko": "새이름", "dong_codes": ["1144000002"]}, WEST),
        feature({"id": "B"}, EAST),
    )
    with_codes_and_places = import_areas(areas, write(day_folder))
    assert with_codes_and_places.errors == []
    areas_now = {area.area_id: area for area in read_day(day_folder).config.areas}
    assert areas_now["A"].dong_codes == ("1144000002",)
    assert areas_now["A"].name_ko == "새이름"
    assert areas_now["B"].dong_codes == ("1144000001",)


BAD_FILES: list[tuple[str, Any, list[tuple[int, str]]]] = [
    ("self-intersection", feature({"code": "1144000001"}, [EAST[0], EAST[2], EAST[1], EAST[3], EAST[0]]), [(1, "bad_polygon")]),
    ("metres", feature({"code": "1144000001"}, box(946000, 1950000, 947000, 1951000)), [(1, "wrong_crs")]),
    ("swapped", feature({"code": "1144000001"}, box(37.54, 126.92, 37.55, 126.93)), [(1, "wrong_crs")]),
    ("a point", feature({"code": "1144000001"}, [126.9, 37.5], kind="Point"), [(1, "bad_polygon")]),
    ("no geometry", {"type": "Feature", "properties": {"code": "1144000001"}, "geometry": None}, [(1, "bad_polygon")]),
    ("no code", feature({"name": "가동"}, EAST), [(1, "missing_code")]),
    ("short code", feature({"code": "11440"}, EAST), [(1, "missing_code")]),
    ("no feature", 7, [(1, "missing_code")]),
    ("NaN", feature({"code": "1144000001"}, box(float("nan"), 37.5, 126.9, 37.6)), [(1, "bad_polygon")]),
    ("big hole", feature({"code": "1144000001"}, EAST, box(126.925, 37.545, 126.945, 37.565)), [(1, "many_parts")]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "bad", "expected"), BAD_FILES, ids=[one[0] for one in BAD_FILES])
def test_each_bad_boundary_is_named(what: str, bad: Any, expected: list[tuple[int, str]], tmp_path: Path) -> None:
    assert found_in(collection(tmp_path / "bad.geojson", bad)) == expected, what


def test_duplicates_overlaps_and_another_coordinate_system_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.geojson"
    twice = collection(path, feature({"code": "1144000001"}, EAST), feature({"code": "1144000001"}, WEST))
    assert found_in(twice) == [(2, "duplicate")]
    over = collection(path, feature({"code": "1144000001"}, EAST), feature({"code": "1144000002"}, EAST))
    assert found_in(over) == [(2, "overlap")]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}
    assert found_in(collection(path, feature({"code": "1144000001"}, EAST), crs=crs)) == [(0, "wrong_crs")]


@pytest.mark.parametrize(
    ("raw", "code"), [(b"", "not_json"), (b"a,b\n1,2", "not_json"), (b"[]", "no_rows"), (b"[" * 100_000, "not_json")]
)
def test_files_that_are_no_geojson(raw: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(raw)
    assert found_in(path) == [(0, code)]
    assert found_in(tmp_path / "nowhere.geojson") == [(0, "missing_file")]
    (error,) = read_boundaries(tmp_path).errors
    assert "Is a directory" in error.problem.en


def test_other_districts_are_left_out_and_said(tmp_path: Path) -> None:
    day_folder = tmp_path / "day"
    day_folder.mkdir()
    stranger = feature({"code": "1141000001"}, box(126.8, 37.5, 126.81, 37.51))
    here = [feature({"code": "1144000001"}, EAST), feature({"code": "1144000002"}, WEST)]
    found = import_areas(collection(tmp_path / "seoul.geojson", *here, stranger), write(day_folder))
    assert [item.key for item in found.of("dong")] == ["1144000001", "1144000002"]
    assert [note.en for note in found.notes] == ["Left out: 1 dongs of other districts."]


def test_a_day_folder_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(DayInvalid) as stopped:
        import_areas(collection(tmp_path / "d.geojson", feature({"code": "1144000001"}, EAST)), tmp_path / "nowhere")
    assert [error.code for error in stopped.value.errors] == ["missing_folder"]


def test_a_folder_that_would_not_fit_stays_as_it_is(tmp_path: Path) -> None:
    day_folder = tmp_path / "day"
    day_folder.mkdir()
    write(day_folder)
    before = {path.name: path.read_bytes() for path in day_folder.iterdir()}
    small = box(126.92, 37.541, 126.925, 37.57)  # the meal's home is east of it
    path = collection(tmp_path / "d.geojson", feature({"code": "1144000001"}, small), feature({"code": "1144000002"}, WEST))
    with pytest.raises(DayInvalid) as stopped:
        import_areas(path, day_folder)
    assert [(error.file, error.code) for error in stopped.value.errors] == [("visits.csv", "outside_district")]
    one_dong, strange_area = feature({"code": "1144000001"}, EAST), feature({"id": "Q"}, EAST)
    for missing, code in ((one_dong, "missing_dong"), (strange_area, "unknown_area")):
        with pytest.raises(DayInvalid) as stopped:
            import_areas(collection(tmp_path / "d.geojson", missing), day_folder)
        assert code in [error.code for error in stopped.value.errors]
    assert {path.name: path.read_bytes() for path in day_folder.iterdir()} == before


@pytest.mark.skipif(not GEO.is_dir(), reason="the boundary files (../shared/data/geo) are not here")
def test_mapos_real_boundaries_fit_generated_days(tmp_path: Path) -> None:
    for seed in range(6):
        folder = generate_day("busy" if seed % 2 else "mapo", seed, tmp_path / "day")
        for name, kind, count in (("mapo_dongs_16", "dong", 16), ("mapo_living_areas_4", "area", 4)):
            assert len(import_areas(GEO / f"{name}.geojson", folder).of(kind)) == count
        day = read_day(folder)
        assert max(len(dong.cell) for dong in day.config.dongs) > 20
        assert [len(area.dong_codes) for area in day.config.areas] == [4, 4, 5, 3]
