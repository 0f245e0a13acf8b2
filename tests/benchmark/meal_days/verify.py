"""An independent check of a meal day, from the raw files and the two tables that a run wrote. Shares no code with the
simulator, the policies or the planner: it may be read as the rules of the game.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path

LARGEST_BUNDLE = 4
CLOSE = 1e-4  # minutes: the tables are written to six decimals

Row = dict[str, str]


def verify(folder: Path, orders_file: Path, trips_file: Path, *, exact: bool = False) -> list[str]:
    """What is wrong, in words; empty if nothing. Rules:

    every order is in the table, delivered once or not at all; nobody is sent or picks up before the order is placed (the
    decision's time counts); no pickup before the order is ready, before half of the pickup's service after arriving, or
    after the courier's shift; ways take their time (rounded up to whole minutes unless `exact`), each half of a service
    its own; a courier does one thing after the other, from the place where the shift begins on, and is never sent
    elsewhere on the way; orders of one trip are of one restaurant, at most LARGEST_BUNDLE, picked up together.
    """
    orders = {row["order"]: row for row in _rows(folder / "orders.txt", "\t")}
    restaurants = {row["restaurant"]: row for row in _rows(folder / "restaurants.txt", "\t")}
    couriers = {row["courier"]: row for row in _rows(folder / "couriers.txt", "\t")}
    parameters = next(_rows(folder / "instance_parameters.txt", "\t"))
    speed = float(parameters["meters_per_minute"])
    half_pickup = float(parameters["pickup service minutes"]) / 2
    half_drop = float(parameters["dropoff service minutes"]) / 2

    def way(a: Row, b: Row) -> float:
        straight = math.hypot(float(a["x"]) - float(b["x"]), float(a["y"]) - float(b["y"])) / speed
        return straight if exact else math.ceil(straight)

    faults: list[str] = []
    told = list(_rows(orders_file, ","))
    if sorted(row["order"] for row in told) != sorted(orders):
        faults.append("the table does not have every order exactly once")
    by_trip: dict[str, list[Row]] = {}
    for row in told:
        if row["courier"]:
            by_trip.setdefault(row["trip"], []).append(row)
    trips = {row["trip"]: row for row in _rows(trips_file, ",")}
    if set(trips) != set(by_trip):
        faults.append("trips and orders do not belong together")
        return faults
    by_courier: dict[str, list[Row]] = {}
    for trip in trips.values():
        by_courier.setdefault(trip["courier"], []).append(trip)

    def check_trip(trip: Row, here: Row, free: float, off: float) -> tuple[Row, float, list[str]]:
        """Where and when the courier is free behind the trip, and what is wrong."""
        wrong: list[str] = []
        carried = sorted(by_trip[trip["trip"]], key=lambda row: int(row["place_in_trip"]))
        restaurant = restaurants[trip["restaurant"]]
        sent, leave, pickup = float(trip["sent_decided_min"]), float(trip["leave_min"]), float(trip["pickup_min"])
        must = _musts(wrong, f"trip {trip['trip']}")
        must(leave >= free - CLOSE, "leaves before being free")
        must(leave >= sent - CLOSE, "leaves before being sent")
        must(pickup >= leave + way(here, restaurant) + half_pickup - CLOSE, "is at the counter too soon")
        must(pickup <= off + CLOSE, "picks up after the shift")
        must(len(carried) <= LARGEST_BUNDLE, "carries too many")
        # who was sent for what is free until the pickup, but some order of that restaurant was known when the courier left
        placed = [
            float(order["placement_time"]) for order in orders.values() if order["restaurant"] == trip["restaurant"]
        ]
        must(any(time <= sent + CLOSE for time in placed), "is sent to a restaurant without an order")
        clock = pickup + half_pickup
        for row in carried:
            order = orders[row["order"]]
            decided = float(row["decided_min"])
            must(row["courier"] == trip["courier"], "has an order of another courier")
            must(order["restaurant"] == trip["restaurant"], "has an order of another restaurant")
            must(abs(float(row["pickup_min"]) - pickup) <= CLOSE, "picks up its orders at different times")
            must(pickup >= float(order["ready_time"]) - CLOSE, "picks up before the order is ready")
            must(decided >= float(order["placement_time"]) - CLOSE, "knows an order before it is placed")
            must(pickup >= decided - CLOSE, "picks up before it is decided")
            clock += way(here if row is not carried[0] else restaurant, order) + half_drop
            must(float(row["drop_min"]) >= clock - CLOSE, "is at a door too soon")
            clock, here = max(clock, float(row["drop_min"])) + half_drop, order
        must(float(trip["free_min"]) >= clock - CLOSE, "is free too soon")
        return here, max(clock, float(trip["free_min"])), wrong

    for name, own in by_courier.items():
        if name not in couriers:
            faults.append(f"no courier {name}")
            continue
        here, free, off = couriers[name], float(couriers[name]["on_time"]), float(couriers[name]["off_time"])
        for trip in sorted(own, key=lambda row: float(row["leave_min"])):
            here, free, wrong = check_trip(trip, here, free, off)
            faults += wrong
    return faults


def _musts(faults: list[str], who: str) -> Callable[[bool, str], None]:
    def must(holds: bool, otherwise: str) -> None:
        if not holds:
            faults.append(f"{who} {otherwise}")

    return must


def _rows(path: Path, delimiter: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=delimiter)
