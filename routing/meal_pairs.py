"""Which rider may serve which meal, and at what price, before any times are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from routing.meal_facts import FORBIDDEN, Floats
from routing.model import Visit, Worker


def may_serve(rider: Worker, meal: Visit) -> bool:
    """Skills, credentials, gender, areas, exclusions and pins; what can be said of a rider and a meal without times. A
    credential must be good for the whole rest of the meal's window and the rider's shift, not only at the begin."""
    return (
        _suits(rider, meal)
        and _credentials_last(rider, meal)
        and rider.worker_id not in meal.excluded_worker_ids
        and (not meal.pinned_worker_ids or rider.worker_id in meal.pinned_worker_ids)
    )


def _suits(rider: Worker, meal: Visit) -> bool:
    """The part of `may_serve` that is the same for riders of one `_sort`."""
    return (
        rider.kind == "rider"
        and meal.required_skills <= rider.skills
        and (not meal.gender or meal.gender == rider.gender)
        and rider.area_id in meal.allowed_area_prices
        and meal.area_id not in rider.banned_area_ids
        and meal.boxes <= rider.capacity_boxes
    )


def _credentials_last(rider: Worker, meal: Visit) -> bool:
    until_s = min(meal.latest_s, rider.shift_end_s)
    for name, greatest_age_s in meal.required_credentials.items():
        held = rider.credentials.get(name)
        if held is None or held.valid_until_s < until_s or 0 < greatest_age_s < until_s - held.issued_s:
            return False
    return True


def _sort(rider: Worker) -> tuple[object, ...]:
    return rider.kind, rider.skills, rider.gender, rider.area_id, rider.banned_area_ids, rider.capacity_boxes


def pair_prices(
    riders: Sequence[Worker],
    meals: Sequence[Visit],
    extra: Mapping[tuple[str, str], float],
    forbidden: Iterable[tuple[str, str]],
) -> Floats:
    """[rider, meal]: the price of serving it (help from another area, and `extra` by ids), FORBIDDEN where it may not be.
    Riders of one sort share the work."""
    by_sort: dict[tuple[object, ...], list[float]] = {}
    prices = np.zeros((len(riders), len(meals)))
    for row, rider in enumerate(riders):
        sort = _sort(rider)
        if sort not in by_sort:
            by_sort[sort] = [
                meal.allowed_area_prices[rider.area_id] if _suits(rider, meal) else FORBIDDEN for meal in meals
            ]
        prices[row] = by_sort[sort]
    row_of = {rider.worker_id: row for row, rider in enumerate(riders)}
    column_of = {meal.visit_id: column for column, meal in enumerate(meals)}
    for column, meal in enumerate(meals):
        if meal.excluded_worker_ids or meal.pinned_worker_ids or meal.required_credentials:
            barred = [row for row, rider in enumerate(riders) if not may_serve(rider, meal)]
            prices[barred, column] = FORBIDDEN
    for (rider_id, visit_id), price in extra.items():
        if rider_id in row_of and visit_id in column_of:
            prices[row_of[rider_id], column_of[visit_id]] += price
    for rider_id, visit_id in forbidden:
        if rider_id in row_of and visit_id in column_of:
            prices[row_of[rider_id], column_of[visit_id]] = FORBIDDEN
    return prices
