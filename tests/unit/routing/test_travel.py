"""Travel times: straight ways, detours, access, bridges, bends; degrees to metres and back."""

from __future__ import annotations

import pytest

from routing import Mode, Place, TravelModel, project, unproject

HERE, THERE = Place(0, 0), Place(3000, 4000)
# A river from west to east, 1 km wide, with one bridge far to the east.
RIVER = (Place(-50_000, -500), Place(50_000, -500), Place(50_000, -1500), Place(-50_000, -1500))
BRIDGE = (Place(2000, -500), Place(2000, -1500))


def walker(**changes: object) -> TravelModel:
    return TravelModel({"walk": Mode(1.0, 1.0)}, **changes)  # type: ignore[arg-type]


def test_distance_times_detour_over_speed_plus_access() -> None:
    model = TravelModel({"bicycle": Mode(detour=1.35, speed_m_per_s=15 / 3.6, access_s=120)})
    assert model.distance_m(HERE, THERE) == 5000
    assert model.duration_s("bicycle", HERE, THERE) == 1620 + 120


def test_the_same_place_takes_no_time_and_no_access() -> None:
    model = TravelModel({"bicycle": Mode(1.35, 4.0, 120)})
    assert model.duration_s("bicycle", HERE, Place(0, 0)) == 0


def test_slow_weather_makes_ways_longer_not_the_stairs() -> None:
    model = TravelModel({"walk": Mode(1.0, 1.0, 60)}, speed_factor=0.5)
    assert model.duration_s("walk", HERE, Place(300, 0)) == 660


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(KeyError):
        walker().duration_s("ski", HERE, THERE)


def test_across_the_river_only_by_the_bridge() -> None:
    model = walker(river=RIVER, bridges=(BRIDGE,))
    south = Place(0, -2000)
    assert model.distance_m(HERE, south) == 5123  # 2062 to the bridge, 1000 over it, 2062 back
    assert walker().distance_m(HERE, south) == 2000


def test_the_best_of_two_bridges() -> None:
    model = walker(river=RIVER, bridges=(BRIDGE, (Place(-100, -1500), Place(-100, -500))))
    assert model.distance_m(Place(-100, 0), Place(-100, -2000)) == 2000


def test_on_one_bank_the_river_does_not_matter() -> None:
    model = walker(river=RIVER, bridges=(BRIDGE,))
    assert model.distance_m(Place(0, -400), Place(900, -400)) == 900
    assert model.distance_m(Place(0, -2000), Place(900, -1600)) == walker().distance_m(Place(0, 0), Place(900, 400))


def test_round_a_bend_along_the_bank_not_over_two_bridges() -> None:
    bend = (Place(-9000, -5000), Place(-200, 0), Place(200, 0), Place(9000, -5000), Place(9000, -7000), Place(-9000, -7000))
    model = walker(river=bend, bridges=((Place(8900, -4900), Place(8900, -7100)),))
    west, east = Place(-600, -100), Place(600, -100)
    assert 1200 < model.distance_m(west, east) < 1400


def test_there_and_back_are_equally_far() -> None:
    model = walker(river=RIVER, bridges=(BRIDGE,))
    a, b = Place(123.4, 77.7), Place(-815.2, -2011.9)
    assert model.distance_m(a, b) == model.distance_m(b, a)


def test_the_cache_changes_nothing() -> None:
    model = walker(river=RIVER, bridges=(BRIDGE,))
    first = model.duration_s("walk", HERE, Place(0, -2000))
    assert model.duration_s("walk", HERE, Place(0, -2000)) == first
    assert model == walker(river=RIVER, bridges=(BRIDGE,))


def test_degrees_become_metres() -> None:
    place = project(126.9413, 37.5406, 126.92, 37.555)
    assert (place.x_m, place.y_m) == (1879.7, -1603.0)
    assert unproject(place, 126.92, 37.555) == pytest.approx((126.9413, 37.5406), abs=1e-6)
