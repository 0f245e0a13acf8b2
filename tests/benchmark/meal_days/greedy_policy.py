"""Greedy: each order, when it is placed, goes to the courier who can deliver it earliest, behind what that one has."""

from __future__ import annotations

from tests.benchmark.meal_days.day import MealDay


def run_greedy(day: MealDay) -> None:
    instance = day.instance
    while (now_min := day.next_placement_min()) is not None:
        for order in day.reveal(now_min):
            best: tuple[float, float, int, float] | None = None
            for one in instance.couriers:
                courier = day.couriers[one.number]
                start_min = max(courier.free_min, now_min)
                leg_min = float(instance.way_min[courier.node, order.restaurant]) + instance.half_pickup_min
                pickup_min = max(start_min + leg_min, order.ready_min)
                if pickup_min <= one.off_min:
                    # among couriers who deliver at the same minute, the one with the shortest way
                    best = min(best or (pickup_min + 1, 0.0, 0, 0.0), (pickup_min, leg_min, one.number, start_min))
            if best is not None:
                pickup_min, leg_min, number, start_min = best
                day.send(number, order.restaurant, max(start_min, pickup_min - leg_min), now_min)
                day.take(number, [order.number], pickup_min, now_min)
