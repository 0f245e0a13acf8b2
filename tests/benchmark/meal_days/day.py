"""A meal day as it runs: where couriers are, what was decided when. Policies see only what is placed by now."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmark.meal_days.instance import Instance, Order

ORDER_COLUMNS = ("order", "courier", "trip", "place_in_trip", "decided_min", "pickup_min", "drop_min")
MOVE_COLUMNS = ("trip", "courier", "restaurant", "sent_decided_min", "leave_min", "arrive_min", "pickup_min", "free_min")

LAST_BIT = 1e-9  # what sums of minutes, and minutes by way of seconds, may lose


@dataclass
class CourierNow:
    """Free at `free_min` at `node`. `bound`: the restaurant the courier was sent to (free there from `free_min`)."""

    free_min: float
    node: int
    bound: int | None = None
    sent_decided_min: float = 0.0
    leave_min: float = 0.0


@dataclass(frozen=True)
class Trip:
    """One pickup and its drops, as carried out."""

    courier: int
    restaurant: int
    orders: tuple[int, ...]
    sent_decided_min: float
    decided_min: float
    leave_min: float
    arrive_min: float
    pickup_min: float
    drops_min: tuple[float, ...]
    free_min: float


@dataclass
class MealDay:
    """The day's state. Times in minutes."""

    instance: Instance
    couriers: list[CourierNow] = field(init=False)
    waiting: dict[int, Order] = field(default_factory=dict)  # placed and not picked up
    trips: list[Trip] = field(default_factory=list)
    _placed: int = 0

    def __post_init__(self) -> None:
        self.couriers = [CourierNow(one.on_min, self.instance.start(one.number)) for one in self.instance.couriers]

    @property
    def end_min(self) -> float:
        """Behind this nobody may pick up anything."""
        return max(courier.off_min for courier in self.instance.couriers)

    def reveal(self, now_min: float) -> list[Order]:
        """Orders placed by now become visible; those that are new."""
        new = []
        while self._placed < len(self.instance.orders) and self.instance.orders[self._placed].placed_min <= now_min:
            order = self.instance.orders[self._placed]
            self.waiting[order.number] = order
            new.append(order)
            self._placed += 1
        return new

    def next_placement_min(self) -> float | None:
        """Only the simulator asks: when something happens next."""
        return self.instance.orders[self._placed].placed_min if self._placed < len(self.instance.orders) else None

    def arrival_min(self, courier: int, restaurant: int, leave_min: float) -> float:
        """At the counter: travel and half of the service time; at once if the courier stands there already."""
        now = self.couriers[courier]
        if now.node == restaurant:
            return now.free_min
        return leave_min + float(self.instance.way_min[now.node, restaurant]) + self.instance.half_pickup_min

    def send(self, courier: int, restaurant: int, leave_min: float, decided_min: float) -> None:
        """The courier leaves for a restaurant and does not turn round: the next pickup is there."""
        now = self.couriers[courier]
        if leave_min < max(now.free_min, decided_min) - LAST_BIT or now.bound is not None:
            raise AssertionError(f"courier {courier} cannot leave at {leave_min}")
        leave_min = max(leave_min, now.free_min, decided_min)
        arrive_min = self.arrival_min(courier, restaurant, leave_min)
        self.couriers[courier] = CourierNow(arrive_min, restaurant, restaurant, decided_min, leave_min)

    def take(self, courier: int, orders: Sequence[int], pickup_min: float, decided_min: float) -> Trip:
        """The courier, standing at the restaurant, picks up these orders and drops them in this order."""
        now, instance = self.couriers[courier], self.instance
        restaurant = instance.orders[orders[0]].restaurant
        ready = max(instance.orders[order].ready_min for order in orders)
        if now.bound != restaurant or pickup_min < max(now.free_min, ready, decided_min) - LAST_BIT:
            raise AssertionError(f"courier {courier} cannot pick up at {pickup_min}")
        pickup_min = max(pickup_min, now.free_min, ready, decided_min)
        clock, node, drops = pickup_min + instance.half_pickup_min, restaurant, []
        for order in orders:
            del self.waiting[order]
            clock += float(instance.way_min[node, instance.door(order)]) + instance.half_drop_min
            drops.append(clock)
            clock, node = clock + instance.half_drop_min, instance.door(order)
        trip = Trip(
            courier, restaurant, tuple(orders), now.sent_decided_min, decided_min, now.leave_min, now.free_min,
            pickup_min, tuple(drops), clock,
        )  # fmt: skip
        self.trips.append(trip)
        self.couriers[courier] = CourierNow(clock, node)
        return trip

    def write(self, orders_file: Path, trips_file: Path) -> None:
        """Each order's courier, pickup and drop times; and each trip with the times of its decisions."""
        orders_file.parent.mkdir(parents=True, exist_ok=True)
        names = self.instance
        rows: dict[int, list[str]] = {}
        with trips_file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(MOVE_COLUMNS)
            for number, trip in enumerate(self.trips, 1):
                courier, restaurant = names.couriers[trip.courier].name, names.restaurants[trip.restaurant]
                times = (trip.sent_decided_min, trip.leave_min, trip.arrive_min, trip.pickup_min, trip.free_min)
                writer.writerow([number, courier, restaurant, *map(_minutes, times)])
                for place, (order, drop) in enumerate(zip(trip.orders, trip.drops_min, strict=True), 1):
                    found = (trip.decided_min, trip.pickup_min, drop)
                    rows[order] = [courier, str(number), str(place), *map(_minutes, found)]
        with orders_file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(ORDER_COLUMNS)
            for order in names.orders:
                writer.writerow([order.name, *rows.get(order.number, [""] * 6)])


def _minutes(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
