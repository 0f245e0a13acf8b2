"""Places and travel of the simulated world: the same travel-time port as the plan's, with seeded noise on every leg."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import routing
from streams.contracts.district import DistrictConfig, Place

TRAVEL_NOISE_SIGMA = 0.1  # lognormal: a leg takes 0.82 to 1.22 of what the plan expects, nineteen times of twenty


class Roads(Protocol):
    """How long it takes, and where one is on the way."""

    def seconds(self, mode: str, origin: Place, destination: Place) -> int:
        """Expected travel time with access time at the destination."""
        ...

    def way(self, origin: Place, destination: Place) -> tuple[Place, ...]:
        """The points one passes, both ends included (bridges between)."""
        ...


class DistrictRoads:
    """Roads of a district by its own travel model, on the plane whose origin is the middle of its dongs."""

    def __init__(self, config: DistrictConfig) -> None:
        travel = config.travel
        self._plane = travel.coordinates == "plane_m"
        centroids = [dong.centroid for dong in config.dongs]
        count = max(1, len(centroids))
        self._origin = Place(sum(c.x for c in centroids) / count, sum(c.y for c in centroids) / count)
        self._bridges = [(a, b) for one, other in travel.bridges for a, b in ((one, other), (other, one))]
        self._model = routing.TravelModel(
            modes={
                name: routing.Mode(mode.detour, mode.speed_m_per_s * travel.speed_factor, mode.access_s)
                for name, mode in travel.modes.items()
            },
            river=tuple(self._metres(place) for place in travel.river),
            bridges=tuple((self._metres(a), self._metres(b)) for a, b in travel.bridges),
        )

    def _metres(self, place: Place) -> routing.Place:
        if self._plane:
            return routing.Place(place.x, place.y)
        return routing.project(place.x, place.y, self._origin.x, self._origin.y)

    def seconds(self, mode: str, origin: Place, destination: Place) -> int:
        return self._model.duration_s(mode, self._metres(origin), self._metres(destination))

    def way(self, origin: Place, destination: Place) -> tuple[Place, ...]:
        a, b = self._metres(origin), self._metres(destination)
        straight = math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)
        if not self._bridges or self._model.distance_m(a, b) <= straight * 1.02 + 1:
            return (origin, destination)

        def detour(bridge: tuple[Place, Place]) -> float:
            near, far = self._metres(bridge[0]), self._metres(bridge[1])
            return math.hypot(a.x_m - near.x_m, a.y_m - near.y_m) + math.hypot(far.x_m - b.x_m, far.y_m - b.y_m)

        near, far = min(self._bridges, key=detour)
        return (origin, near, far, destination)


@dataclass(frozen=True, slots=True)
class Leg:
    """One drive: leaves at `leave_at`, arrives at `arrive_at`, along `way`."""

    way: tuple[Place, ...]
    leave_at: datetime
    arrive_at: datetime

    def place_at(self, at: datetime) -> Place:
        """Where the traveller is at `at`, at even speed along the way."""
        total_s = (self.arrive_at - self.leave_at).total_seconds()
        if at >= self.arrive_at or total_s <= 0:
            return self.way[-1]
        if at <= self.leave_at:
            return self.way[0]
        lengths = [math.hypot(b.x - a.x, b.y - a.y) for a, b in zip(self.way, self.way[1:], strict=False)]
        left = sum(lengths) * (at - self.leave_at).total_seconds() / total_s
        for a, b, length in zip(self.way, self.way[1:], lengths, strict=False):
            if left <= length and length > 0:
                share = left / length
                return rounded(Place(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))
            left -= length
        return self.way[-1]


def rounded(place: Place) -> Place:
    """To about 100 m in degrees, to a metre on a plane: nobody's door can be read from a position."""
    digits = 3 if abs(place.x) <= 180 and abs(place.y) <= 90 else 0
    return Place(round(place.x, digits), round(place.y, digits))


def leg_of(roads: Roads, mode: str, origin: Place, destination: Place, leave_at: datetime, chance: random.Random) -> Leg:
    """A real drive: the expected time with noise, in whole seconds."""
    factor = math.exp(chance.gauss(0.0, TRAVEL_NOISE_SIGMA))
    travel_s = round(roads.seconds(mode, origin, destination) * factor)
    return Leg(roads.way(origin, destination), leave_at, leave_at + timedelta(seconds=max(0, travel_s)))
