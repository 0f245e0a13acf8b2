"""Ours: every minute the product's own rolling matching of bundles to riders (routing/matching.py), nothing else."""

from __future__ import annotations

import time

import numpy as np

from routing.bundles import Bundle
from routing.matching import Matching, MatchingRules, Round, match_meals
from routing.model import Pickup, Visit, Worker
from routing.travel_table import TableTravel
from tests.benchmark.meal_days.day import MealDay
from tests.benchmark.meal_days.instance import Instance, Order

PERIOD_MIN = 1.0
ROSTER_MIN = 60.0  # couriers who start within the hour are known from the roster
LATE_SHARE = 0.9  # an order counts as late from this share of the maximum click-to-door on
RULES = MatchingRules(doors_after_shift=True, late_per_s=1.0)
BOXES = 1_000  # the benchmark knows no limit of boxes, only bundles


class OurPolicy:
    """Turns the day's state into a `Round` of the planner's own model, and its commitments into moves."""

    def __init__(self, day: MealDay, seed: int = 1, rules: MatchingRules = RULES) -> None:
        self.day, self.seed, self.rules = day, seed, rules
        self.travel = travel_of(day.instance)
        self.runs: dict[str, tuple[Bundle, ...]] = {}
        self.seen = np.ones(len(day.instance.restaurants))  # every restaurant counts once before it had an order
        self.visits: dict[int, Visit] = {}
        self.longest_round_s = 0.0

    def run(self) -> None:
        now_min, rounds = 0.0, 0
        while now_min <= self.day.end_min:
            for order in self.day.reveal(now_min):
                self.seen[order.restaurant] += 1
                self.visits[order.number] = self._visit(order)
            rounds += 1
            self._round(now_min, rounds)
            now_min += PERIOD_MIN

    def _round(self, now_min: float, rounds: int) -> None:
        day, places = self.day, self.travel.places
        riders, bound = [], {}
        for one in day.instance.couriers:
            if one.on_min <= now_min + ROSTER_MIN and one.off_min >= now_min:
                courier = day.couriers[one.number]
                riders.append(
                    Worker(
                        one.name, "rider", "", "", "courier", courier.free_min * 60, one.off_min * 60,
                        places[courier.node], capacity_boxes=BOXES,
                    )
                )  # fmt: skip
                if courier.bound is not None:
                    bound[one.name] = day.instance.restaurants[courier.bound]
        if not riders or not day.waiting:
            return
        present = Round(
            now_min * 60, (now_min + PERIOD_MIN) * 60, riders, [self.visits[number] for number in day.waiting], bound,
            self.runs, {places[node]: float(weight) for node, weight in enumerate(self.seen)},
        )  # fmt: skip
        begun = time.thread_time()
        matching = match_meals(present, self.travel, self.rules, seed=self.seed * 10_000 + rounds)
        self.longest_round_s = max(self.longest_round_s, time.thread_time() - begun)
        self._carry_out(matching, now_min)

    def _carry_out(self, matching: Matching, now_min: float) -> None:
        instance = self.day.instance
        numbers = {one.name: one.number for one in instance.couriers}
        self.runs = dict(matching.runs)
        for commitment in matching.commitments:
            courier = numbers[commitment.rider_id]
            orders = [int(visit_id) for visit_id in commitment.bundle.visit_ids]
            restaurant = instance.orders[orders[0]].restaurant
            if self.day.couriers[courier].bound is None:
                self.day.send(courier, restaurant, commitment.times.leave_s / 60, now_min)
            if commitment.kind == "take":
                self.day.take(courier, orders, commitment.at_s / 60, now_min)

    def _visit(self, order: Order) -> Visit:
        instance, places = self.day.instance, self.travel.places
        restaurant = places[order.restaurant]
        pickup = Pickup(instance.restaurants[order.restaurant], restaurant, order.ready_min * 60, instance.half_pickup_min * 60)
        due_s = (order.placed_min + LATE_SHARE * instance.maximum_min) * 60
        return Visit(
            str(order.number), "meal", "", places[instance.door(order.number)], 0.0, due_s, float("inf"),
            instance.half_drop_min * 60, {"": 0.0}, pickup, boxes=1,
        )  # fmt: skip


def travel_of(instance: Instance) -> TableTravel:
    """Seconds between nodes with the first half of the service at the far end: at a restaurant's counter, at a door.
    The second half is the stop's service. A place to itself takes no time."""
    first_half = np.full(len(instance.points), instance.half_drop_min)
    first_half[: len(instance.restaurants)] = instance.half_pickup_min
    seconds = (instance.way_min + first_half[None, :]) * 60
    np.fill_diagonal(seconds, 0.0)
    return TableTravel([(float(x), float(y)) for x, y in instance.points], seconds)


