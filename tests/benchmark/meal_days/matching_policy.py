"""The baseline: every two minutes, a minimum-cost assignment of the orders that are about to be ready to couriers, one
order each.

Its best form of those tried on the development days: the assignment is rolling (a courier who need not leave before the next
round is matched anew then), about to be ready means within 20 minutes (4 to 30 were tried), a courier counts with the time
at which the present drop is done, and couriers of the roster count an hour before they start.
"""

from __future__ import annotations

import numpy as np

from routing.matching import perfect_assignment
from tests.benchmark.meal_days.day import MealDay

PERIOD_MIN = 2.0
ABOUT_TO_BE_READY_MIN = 20.0
ROSTER_MIN = 60.0
UNMATCHED = 1e5  # minutes: as many orders as possible are matched


def run_matching(day: MealDay) -> None:
    now_min = 0.0
    while now_min <= day.end_min:
        day.reveal(now_min)
        _round(day, now_min)
        now_min += PERIOD_MIN


def _round(day: MealDay, now_min: float) -> None:
    instance = day.instance
    orders = [order for order in day.waiting.values() if order.ready_min <= now_min + ABOUT_TO_BE_READY_MIN]
    couriers = [one for one in instance.couriers if one.on_min <= now_min + ROSTER_MIN and one.off_min >= now_min]
    if not orders or not couriers:
        return
    start = np.array([max(day.couriers[one.number].free_min, now_min) for one in couriers])
    nodes = [day.couriers[one.number].node for one in couriers]
    legs = instance.way_min[np.ix_(nodes, [order.restaurant for order in orders])] + instance.half_pickup_min
    ready = np.array([order.ready_min for order in orders])
    pickup = np.maximum(start[:, None] + legs, ready)
    late = pickup > np.array([one.off_min for one in couriers])[:, None]
    size = max(len(orders), len(couriers))
    cost = np.full((size, size), UNMATCHED)
    cost[: len(couriers), : len(orders)] = np.where(late, UNMATCHED, pickup - ready)
    for row, column in enumerate(perfect_assignment(cost)[: len(couriers)]):
        if column >= len(orders) or late[row, column]:
            continue
        order, courier = orders[column], couriers[row].number
        begin_min = float(pickup[row, column])
        leave_min = max(float(start[row]), begin_min - float(legs[row, column]))
        if leave_min < now_min + PERIOD_MIN:
            day.send(courier, order.restaurant, leave_min, now_min)
            day.take(courier, [order.number], begin_min, now_min)
