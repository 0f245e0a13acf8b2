"""One contract for everything that stands behind the travel port (later: OSRM and Valhalla tables)."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from routing import Mode, Place, TravelModel, TravelPort

PLACES = [Place(0, 0), Place(300, 400), Place(-1200, 50), Place(0, -2600), Place(300, 400)]


class TravelPortContract:
    def make(self) -> TravelPort:
        raise NotImplementedError

    mode = "walk"

    def test_no_time_to_the_same_place(self) -> None:
        port = self.make()
        assert port.duration_s(self.mode, PLACES[1], PLACES[4]) == 0
        assert port.distance_m(PLACES[1], PLACES[4]) == 0

    def test_whole_seconds_the_same_every_time(self) -> None:
        port = self.make()
        for a in PLACES:
            for b in PLACES:
                seconds = port.duration_s(self.mode, a, b)
                assert type(seconds) is int
                assert seconds >= 0
                assert seconds == port.duration_s(self.mode, a, b)
                assert type(port.distance_m(a, b)) is int

    def test_never_faster_than_the_pace_says(self) -> None:
        # Insertion prunes by this bound; a port that breaks it would lose the best position.
        port = self.make()
        pace = port.pace(self.mode)
        for a in PLACES:
            for b in PLACES:
                if a != b:
                    straight = sqrt((a.x_m - b.x_m) ** 2 + (a.y_m - b.y_m) ** 2)
                    assert port.duration_s(self.mode, a, b) >= straight * pace.s_per_m + pace.access_s - 0.5

    def test_the_matrix_is_the_pairs(self) -> None:
        port = self.make()
        expected = [[port.duration_s(self.mode, a, b) for b in PLACES] for a in PLACES]
        assert np.asarray(port.matrix_s(self.mode, PLACES)).tolist() == expected
        metres = [[port.distance_m(a, b) for b in PLACES] for a in PLACES]
        assert np.asarray(port.matrix_m(PLACES)).tolist() == metres

    def test_an_unknown_mode_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            self.make().duration_s("ski", PLACES[0], PLACES[1])


class TestPlane(TravelPortContract):
    def make(self) -> TravelPort:
        return TravelModel({"walk": Mode(1.3, 1.25, 60)})


class TestPlaneWithRiver(TravelPortContract):
    def make(self) -> TravelPort:
        river = (Place(-9000, -500), Place(9000, -500), Place(9000, -1500), Place(-9000, -1500))
        return TravelModel({"walk": Mode(1.3, 1.25, 60)}, river, ((Place(2000, -500), Place(2000, -1500)),), 0.8)
