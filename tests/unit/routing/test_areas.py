"""Cells around centroids, the river cut out, and where a place lies."""

from __future__ import annotations

import pytest

from routing import AreaMap, Outside, Place, cells_around

OUTLINE = (Place(0, 0), Place(4000, 0), Place(4000, 2000), Place(0, 2000))
RIVER = (Place(-100, -100), Place(4100, -100), Place(4100, 500), Place(-100, 500))
CENTROIDS = {"west": Place(500, 1000), "middle": Place(1500, 1000), "east": Place(3500, 1000)}
AREAS = {"A": ("west", "middle"), "B": ("east",)}


def town() -> AreaMap:
    return AreaMap(cells_around(CENTROIDS, OUTLINE, RIVER), AREAS, RIVER, tolerance_m=100)


def test_cells_meet_halfway_and_stop_at_the_river() -> None:
    cells = cells_around(CENTROIDS, OUTLINE, RIVER)
    assert len(cells["west"]) == 4
    assert set(cells["west"]) == {Place(0, 500), Place(0, 2000), Place(1000, 2000), Place(1000, 500)}
    assert {p.x_m for p in cells["east"]} == {2500, 4000}


def test_of_a_cell_on_both_banks_the_centroids_own_is_kept_and_a_drowned_dong_has_none() -> None:
    stream = (Place(-100, 1200), Place(4100, 1200), Place(4100, 1300), Place(-100, 1300))
    cells = cells_around(CENTROIDS, OUTLINE, stream)
    assert {place.y_m for place in cells["east"]} == {0, 1200}
    assert sorted(cells_around(CENTROIDS, OUTLINE, (Place(2400, -9), Place(4100, -9), Place(4100, 2100), Place(2400, 2100)))) == [
        "middle", "west",
    ]  # fmt: skip


def test_the_same_cells_whatever_the_order() -> None:
    turned = dict(reversed(CENTROIDS.items()))
    assert cells_around(turned, OUTLINE, RIVER) == cells_around(CENTROIDS, OUTLINE, RIVER)


def test_two_dongs_at_one_place_are_an_error() -> None:
    with pytest.raises(ValueError, match="same centroid"):
        cells_around({"a": Place(1, 1), "b": Place(1, 1)}, OUTLINE)


def test_one_dong_is_the_whole_outline() -> None:
    assert len(cells_around({"all": Place(1, 1)}, OUTLINE)["all"]) == 4


@pytest.mark.parametrize(
    ("x", "y", "where"),
    [
        (500, 1000, "west"),
        (2000, 900, "middle"),
        (3999, 1999, "east"),
        (1000, 1000, "middle"),  # on the border: the lower code
        (500, 450, "west"),  # 50 m off the bank: rounding put it there
        (500, 200, Outside.IN_RIVER),
        (500, 2050, "west"),  # 50 m over the border
        (500, 2500, Outside.OUTSIDE),
        (9000, 9000, Outside.OUTSIDE),
    ],
)
def test_where_a_place_lies(x: float, y: float, where: str) -> None:
    assert town().locate(Place(x, y)) == where


def test_living_areas_are_unions_of_their_dongs() -> None:
    (outline,) = town().outline("A")
    assert {(p.x_m, p.y_m) for p in outline} >= {(0, 500), (0, 2000), (2500, 2000), (2500, 500)}
    assert town().area_of("middle") == "A"
    assert town().area_of("nowhere") is None


def test_neighbours_share_a_border_not_a_corner() -> None:
    squares = {
        "a": (Place(0, 0), Place(1000, 0), Place(1000, 1000), Place(0, 1000)),
        "b": (Place(1000, 0), Place(2000, 0), Place(2000, 1000), Place(1000, 1000)),
        "c": (Place(1000, 1000), Place(2000, 1000), Place(2000, 2000), Place(1000, 2000)),
    }
    found = AreaMap(squares, {"A": ("a",), "B": ("b",), "C": ("c",)}).neighbours()
    assert found == {"A": ("B",), "B": ("A", "C"), "C": ("B",)}


def test_a_dong_belongs_to_one_living_area() -> None:
    with pytest.raises(ValueError, match="two living areas"):
        AreaMap(cells_around(CENTROIDS, OUTLINE), {"A": ("west",), "B": ("west",)})
