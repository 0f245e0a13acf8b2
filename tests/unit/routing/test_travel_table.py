"""Travel by a table of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from routing import BadProblem, Place
from routing.travel_table import TableTravel

CORNERS = [(0.0, 0.0), (3.0, 4.0), (3.0, 4.0)]
TABLE = np.array([[0, 5.5, 6.25], [5, 0, 0.5], [7, 0.5, 0]])


def test_times_are_those_of_the_table_to_the_last_bit_and_each_way() -> None:
    travel = TableTravel(CORNERS, TABLE)
    a, b, c = travel.places
    assert (travel.duration_s("any", a, b), travel.duration_s("any", b, a), travel.distance_m(a, c)) == (5.5, 5.0, 6.25)
    assert travel.matrix_s("any", [c, a]).tolist() == [[0, 7], [6.25, 0]]


def test_two_rows_may_lie_on_one_spot() -> None:
    _, b, c = TableTravel(CORNERS, TABLE).places
    assert b != c
    assert (b.x_m, b.y_m) == (c.x_m, c.y_m)


def test_a_mode_may_have_a_table_of_its_own() -> None:
    travel = TableTravel(CORNERS, TABLE, modes={"foot": 3 * TABLE})
    a, b, _ = travel.places
    assert travel.duration_s("foot", a, b) == 16.5
    assert travel.distance_m(a, b) == 5.5


def test_the_pace_is_a_lower_bound() -> None:
    travel = TableTravel(CORNERS, TABLE)
    a, b, _ = travel.places
    assert travel.pace("any").s_per_m * 5 <= travel.duration_s("any", b, a) < 5.000001


@pytest.mark.parametrize("table", [TABLE[:2], TABLE - 1, TABLE * np.nan])
def test_a_table_that_does_not_fit_is_refused(table: np.ndarray) -> None:
    with pytest.raises(BadProblem, match="matrix"):
        TableTravel(CORNERS, table)


def test_a_place_from_elsewhere_is_refused() -> None:
    with pytest.raises(TypeError):
        TableTravel(CORNERS, TABLE).duration_s("any", Place(0, 0), Place(3, 4))
