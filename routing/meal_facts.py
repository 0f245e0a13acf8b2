"""The arrays that the search for runs (routing/meal_search.py) works on, made from riders and meals.

Meals are numbered 0..K-1, riders 0..W-1, places 0..P-1, vehicle modes 0..M-1. Times are seconds in float64: whole
seconds stay whole. A run is a row of meal numbers; `opens[row, i]` is 1 where a bundle begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.bundles import Bundle, pickup_of
from routing.model import Visit, Worker
from routing.place import Place
from routing.travel import TravelPort

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FREE, PICKUP_BY, END_BY = 0, 1, 2  # columns of MealFacts.hours
START, HOME, MODE, CAPACITY, BOUND = 0, 1, 2, 3, 4  # columns of MealFacts.riders
READY, CLOSES, LOADING, EARLIEST, DUE, LATEST, ACCESS, SERVICE, FRESHNESS, LATE, UNSERVED = range(11)  # of MealFacts.times
KITCHEN, KITCHEN_PLACE, DOOR, BOXES = 0, 1, 2, 3  # columns of MealFacts.meals
WAITING_PRICE, BUSY_PRICE, BUNDLE_SIZE, NOW = 0, 1, 2, 3  # entries of MealFacts.rules
NOBODY = -1
FORBIDDEN = 1e15  # a price that no run may have


class MealFacts(NamedTuple):
    """What does not change during a search."""

    travel: Floats  # [M, P, P] seconds
    riders: Ints  # [W, 5]
    hours: Floats  # [W, 3]
    meals: Ints  # [K, 4]
    times: Floats  # [K, 11]; freshness 0: none
    remote: Floats  # [M, P] price of becoming free at a place
    price: Floats  # [W, K] of this rider serving this meal; FORBIDDEN: may not
    rules: Floats  # [4]


class Runs(NamedTuple):
    """What riders are meant to do next, being worked on."""

    meals: Ints  # [W, L]
    opens: Ints  # [W, L]
    size: Ints  # [W]
    cost: Floats  # [W]
    holder: Ints  # [K] rider row or NOBODY


class _Places:
    """Places by number, each once."""

    def __init__(self) -> None:
        self.numbers: dict[Place, int] = {}

    def number(self, place: Place) -> int:
        return self.numbers.setdefault(place, len(self.numbers))


def facts_of(
    now_s: float,
    riders: Sequence[Worker],
    meals: Sequence[Visit],
    travel: TravelPort,
    *,
    prices: Floats,
    unserved: Floats,
    late_per_s: Floats,
    rules: Floats,
    bound: Mapping[str, str],
    demand: Mapping[Place, float],
    remote_per_s: float,
    doors_after_shift: bool,
) -> MealFacts:
    """The arrays of a round. `prices` [riders, meals]: FORBIDDEN where the rider may not serve the meal."""
    places = _Places()
    modes = sorted({rider.mode for rider in riders})
    kitchens: dict[str, int] = {}
    rider_rows = np.zeros((len(riders), 5), np.int64)
    hours = np.zeros((len(riders), 3))
    for row, rider in enumerate(riders):
        wanted = bound.get(rider.worker_id)
        rider_rows[row] = (
            places.number(rider.place),
            NOBODY if rider.end is None else places.number(rider.end),
            modes.index(rider.mode),
            rider.capacity_boxes,
            NOBODY if wanted is None else kitchens.setdefault(wanted, len(kitchens)),
        )
        end_s = rider.shift_end_s
        hours[row] = (rider.free_s, end_s, np.inf if doors_after_shift else end_s)
    meal_rows = np.zeros((len(meals), 4), np.int64)
    times = np.zeros((len(meals), 11))
    for row, meal in enumerate(meals):
        pickup = pickup_of(meal)
        meal_rows[row] = (
            kitchens.setdefault(pickup.kitchen_id, len(kitchens)), places.number(pickup.place), places.number(meal.place),
            meal.boxes,
        )  # fmt: skip
        times[row] = (
            pickup.ready_s, pickup.latest_s, pickup.service_duration_s, meal.earliest_s, meal.due_s, meal.latest_s,
            meal.access_duration_s, meal.service_duration_s, meal.freshness_s, late_per_s[row], unserved[row],
        )  # fmt: skip
    wanted_places = [places.number(place) for place in demand]
    tables = [np.asarray(travel.matrix_s(mode, list(places.numbers)), dtype=np.float64) for mode in modes]
    seconds = np.ascontiguousarray(np.stack(tables))
    remote = np.zeros(seconds.shape[:2])
    if demand:
        weights = np.array(list(demand.values()), dtype=np.float64)
        remote = remote_per_s * (seconds[:, :, wanted_places] @ weights) / weights.sum()
    return MealFacts(seconds, rider_rows, hours, meal_rows, times, remote, prices, np.append(rules, now_s))


def runs_of(
    riders: Sequence[Worker], meals: Sequence[Visit], given: Mapping[str, Sequence[Bundle]], room: int
) -> Runs:
    """Rows for the runs that are given; the rest is empty."""
    number = {meal.visit_id: row for row, meal in enumerate(meals)}
    width = max([room, *(sum(len(one.visit_ids) for one in given.get(rider.worker_id, ())) + room for rider in riders)])
    runs = Runs(
        np.zeros((len(riders), width), np.int64), np.zeros((len(riders), width), np.int64),
        np.zeros(len(riders), np.int64), np.zeros(len(riders)), np.full(len(meals), NOBODY, np.int64),
    )  # fmt: skip
    for row, rider in enumerate(riders):
        for bundle in given.get(rider.worker_id, ()):
            for position, visit_id in enumerate(bundle.visit_ids):
                meal = number[visit_id]
                if runs.holder[meal] != NOBODY:
                    raise ValueError(f"{visit_id} is in two runs")
                runs.meals[row, runs.size[row]] = meal
                runs.opens[row, runs.size[row]] = position == 0
                runs.size[row] += 1
                runs.holder[meal] = row
    return runs


def bundles_of(runs: Runs, row: int, meals: Sequence[Visit]) -> tuple[Bundle, ...]:
    """The way back: a row as bundles."""
    groups: list[list[Visit]] = []
    for position in range(int(runs.size[row])):
        if runs.opens[row, position]:
            groups.append([])
        groups[-1].append(meals[int(runs.meals[row, position])])
    return tuple(Bundle(pickup_of(group[0]).kitchen_id, tuple(meal.visit_id for meal in group)) for group in groups)
