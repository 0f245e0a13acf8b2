"""An mdrplib instance: its five files as they are, in minutes and metres, and the travel table of its conventions.

Conventions of Reyes et al. (2018) and of the instances' own evaluator: a courier travels in a straight line at
`meters_per_minute`, every way rounded up to a whole minute (`exact=True`: not rounded). Half of a service time lies before
the pickup or drop (parking, walking there), half behind it. A courier may pick up from `on_time` until `off_time`, and may
drop later. Orders of one restaurant may be carried together; while they are, nothing else is picked up.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILES = ("orders.txt", "restaurants.txt", "couriers.txt", "instance_parameters.txt")


class BadInstance(ValueError):
    """The folder is no mdrplib instance; the message is one line."""


@dataclass(frozen=True, slots=True)
class Order:
    name: str
    number: int
    restaurant: int
    placed_min: float
    ready_min: float


@dataclass(frozen=True, slots=True)
class Courier:
    name: str
    number: int
    on_min: float
    off_min: float


@dataclass(frozen=True)
class Instance:
    """`way_min[a, b]`: minutes from node to node, without service. Nodes: restaurants, then orders' doors, then couriers'
    starts. `floor_min` of an order: ready - placed + distance / speed (not rounded) + half of each service time."""

    name: str
    orders: tuple[Order, ...]
    couriers: tuple[Courier, ...]
    restaurants: tuple[str, ...]
    points: npt.NDArray[np.float64]
    way_min: npt.NDArray[np.float64]
    straight_min: npt.NDArray[np.float64]
    half_pickup_min: float
    half_drop_min: float
    target_min: float
    maximum_min: float

    def door(self, order: int) -> int:
        return len(self.restaurants) + order

    def start(self, courier: int) -> int:
        return len(self.restaurants) + len(self.orders) + courier

    def floor_min(self, order: Order) -> float:
        straight = float(self.straight_min[order.restaurant, self.door(order.number)])
        return order.ready_min - order.placed_min + straight + self.half_pickup_min + self.half_drop_min


def read_instance(folder: Path, *, exact: bool = False) -> Instance:
    """Read a folder. Orders are numbered by placement. Raises BadInstance."""
    tables = {}
    for name in FILES:
        try:
            with (folder / name).open(encoding="utf-8-sig", newline="") as lines:
                tables[name] = list(csv.DictReader(lines, delimiter="\t"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInstance(f"{folder / name} cannot be read: {error}") from None
    try:
        return _made(folder.name, tables, exact)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadInstance(f"{folder} is no mdrplib instance: {error!r}") from None


def _made(name: str, tables: dict[str, list[dict[str, str]]], exact: bool) -> Instance:
    parameters = tables["instance_parameters.txt"][0]
    restaurants = {row["restaurant"]: number for number, row in enumerate(tables["restaurants.txt"])}
    rows = sorted(tables["orders.txt"], key=lambda row: (float(row["placement_time"]), int(row["order"].lstrip("o"))))
    orders = tuple(
        Order(
            row["order"], number, restaurants[row["restaurant"]], float(row["placement_time"]), float(row["ready_time"])
        )
        for number, row in enumerate(rows)
    )
    couriers = tuple(
        Courier(row["courier"], number, float(row["on_time"]), float(row["off_time"]))
        for number, row in enumerate(tables["couriers.txt"])
    )
    points = np.array(
        [(float(row["x"]), float(row["y"])) for row in (*tables["restaurants.txt"], *rows, *tables["couriers.txt"])]
    )
    away = points[:, None, :] - points[None, :, :]
    straight = np.sqrt((away * away).sum(axis=2)) / float(parameters["meters_per_minute"])
    if not orders or not couriers or not all(map(math.isfinite, straight.ravel())):
        raise ValueError("no orders, no couriers or a place that is no number")
    return Instance(
        name, orders, couriers, tuple(restaurants), points, straight if exact else np.ceil(straight), straight,
        float(parameters["pickup service minutes"]) / 2, float(parameters["dropoff service minutes"]) / 2,
        float(parameters["target click-to-door"]), float(parameters["maximum click-to-door"]),
    )  # fmt: skip
