"""The facts table: sixteen dongs, four areas, dry centroids, bridges from bank to bank, cells that cover and do not overlap."""

from __future__ import annotations

import pytest
from shapely import Point, Polygon
from shapely.ops import unary_union

from services.sample_day import facts
from services.sample_day.cells import cells_around, plane_of

CENTROIDS = [(dong.lon, dong.lat) for dong in facts.DONGS]
RIVER = Polygon(facts.RIVER)


def test_sixteen_dongs_in_four_areas_with_an_enterprise_each() -> None:
    assert len({dong.code for dong in facts.DONGS}) == 16
    assert all(dong.code.startswith(facts.DISTRICT) and len(dong.code) == 10 for dong in facts.DONGS)
    assert {dong.area_id for dong in facts.DONGS} == {area.area_id for area in facts.AREAS}
    assert len(facts.AREAS) == 4
    assert sum(dong.population_65 for dong in facts.DONGS) == 53_891
    enterprises = [area.responsible_enterprise for area in facts.AREAS]
    assert len(set(enterprises)) == 4
    assert all(enterprise in facts.PROVIDER_BY_ID for enterprise in enterprises)


def test_help_between_areas_goes_both_ways() -> None:
    helps = {(area.area_id, helper) for area in facts.AREAS for helper, _ in area.helpers}
    assert helps == {(b, a) for a, b in helps}


def test_the_river_is_sound_and_every_bridge_has_dry_ends_on_both_banks() -> None:
    assert RIVER.is_valid
    for bridge in facts.BRIDGES:
        north, south = facts.bridge_ends(bridge)
        assert not RIVER.covers(Point(north))
        assert not RIVER.covers(Point(south))
        assert RIVER.intersects(Point(north).buffer(0.002))
        assert north[1] > south[1]


def test_cells_hold_their_centroids_do_not_overlap_and_stay_dry() -> None:
    cells = [Polygon(cell) for cell in cells_around(CENTROIDS, facts.RIVER)]
    for cell, centroid in zip(cells, CENTROIDS, strict=True):
        assert cell.is_valid
        assert cell.contains(Point(centroid))
    together = unary_union(cells)
    assert together.geom_type == "Polygon"
    assert sum(cell.area for cell in cells) == pytest.approx(together.area, rel=1e-3)
    assert together.intersection(RIVER).area / together.area < 1e-4


def test_one_dong_gets_the_whole_outline() -> None:
    (cell,) = cells_around([(1000.0, 2000.0)], metric=True)
    assert Polygon(cell).contains(Point(1000, 2000))
    assert Polygon(cell).area > 1_000_000


def test_the_plane_goes_there_and_back() -> None:
    plane = plane_of(CENTROIDS)
    x, y = plane.xy(126.9, 37.55)
    assert plane.back(x, y) == pytest.approx((126.9, 37.55))


def test_the_attribution_that_is_owed_is_kept() -> None:
    from pathlib import Path

    text = (Path(__file__).parents[3] / "docs" / "attribution.md").read_text(encoding="utf-8")
    for words in ("공공누리 제1유형", "vuski/admdongkor", "CC BY 4.0", "https://sgis.kostat.go.kr"):
        assert words in text
        assert words in (facts.__doc__ or "")
