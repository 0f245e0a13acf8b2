"""Bundles: meals of one kitchen that a rider takes up in one stop and carries to their doors in one go.

The idea and the rules are those of Reyes, Erera, Savelsbergh, Sahasrabudhe and O'Neil (2018), "The Meal Delivery Routing
Problem": a bundle has one pickup, which waits for the last of its meals; while it is carried nothing else is taken up. A
*run* is what a rider is meant to do next, one bundle after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from routing.model import Pickup, Route, Stop, Visit, Worker
from routing.place import Place
from routing.travel import TravelPort


@dataclass(frozen=True, slots=True)
class Bundle:
    """Meals of one kitchen, in the order of their doors."""

    kitchen_id: str
    visit_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundleTimes:
    """When a bundle is carried, in seconds. `leave_s`: as late as the rider may set out for the kitchen without being
    later there; `pickup_s`: the pickup begins; `depart_s`: the rider leaves the kitchen; `door_s`: each visit begins;
    `free_s`, `place`: when and where the rider is free again."""

    leave_s: float
    pickup_s: float
    depart_s: float
    door_s: tuple[float, ...]
    free_s: float
    place: Place


def pickup_of(meal: Visit) -> Pickup:
    """Where a meal is taken up. Raises ValueError for a visit without a pickup."""
    if meal.pickup is None:
        raise ValueError(f"{meal.visit_id} is no meal: it has no pickup")
    return meal.pickup


def bundle_times(
    bundle: Sequence[Visit], rider: Worker, travel: TravelPort, now_s: float, free_s: float, place: Place
) -> BundleTimes | None:
    """Times of a bundle for a rider who is free at `free_s` at `place`; None if a limit of its meals forbids it (the
    kitchen's closing, freshness, the latest begin at a door, room in the box)."""
    pickups = [pickup_of(meal) for meal in bundle]
    kitchen = pickups[0].place
    leg_s = travel.duration_s(rider.mode, place, kitchen)
    pickup_s = max([max(free_s, now_s) + leg_s, *(pickup.ready_s for pickup in pickups)])
    depart_s = pickup_s + max(pickup.service_duration_s for pickup in pickups)
    if pickup_s > min(pickup.latest_s for pickup in pickups) or sum(meal.boxes for meal in bundle) > rider.capacity_boxes:
        return None
    here, clock_s, doors = kitchen, depart_s, []
    for meal in bundle:
        clock_s += travel.duration_s(rider.mode, here, meal.place) + meal.access_duration_s
        begin_s = max(clock_s, meal.earliest_s)
        if begin_s > meal.latest_s or 0 < meal.freshness_s < begin_s - depart_s:
            return None
        doors.append(begin_s)
        here, clock_s = meal.place, begin_s + meal.service_duration_s
    return BundleTimes(max(free_s, now_s, pickup_s - leg_s), pickup_s, depart_s, tuple(doors), clock_s, here)


def pool_bundles(
    meals: Iterable[Visit], travel: TravelPort, mode: str, size: int, wait_s: float, detour_s: float
) -> list[tuple[Visit, ...]]:
    """Meals into bundles, each meal in exactly one: in the order in which they are ready, a meal joins the bundle of
    its kitchen in which it delays its companions least, if no meal waits there more than `wait_s` for another one and
    the whole costs its companions and itself at most `detour_s` of later doors a meal. At most `size` meals a bundle.
    """
    bundles: list[list[Visit]] = []
    by_kitchen: dict[tuple[str, Place], list[int]] = {}
    for meal in sorted(meals, key=lambda visit: (pickup_of(visit).ready_s, visit.visit_id)):
        pickup = pickup_of(meal)
        near = by_kitchen.setdefault((pickup.kitchen_id, pickup.place), [])
        best, best_price = None, inf
        for number in near:
            held = bundles[number]
            if len(held) >= size or pickup.ready_s - min(pickup_of(other).ready_s for other in held) > wait_s:
                continue
            alone = sum(_door_s([other], travel, mode) for other in (*held, meal))
            for position in range(len(held) + 1):
                joined = [*held[:position], meal, *held[position:]]
                price = (_doors_s(joined, travel, mode) - alone) / len(joined)
                if price < min(best_price, detour_s):
                    best, best_price = (number, joined), price
        if best is None:
            near.append(len(bundles))
            bundles.append([meal])
        else:
            bundles[best[0]] = best[1]
    return [tuple(bundle) for bundle in bundles]


def _door_s(bundle: Sequence[Visit], travel: TravelPort, mode: str) -> float:
    return _doors_s(bundle, travel, mode)


def _doors_s(bundle: Sequence[Visit], travel: TravelPort, mode: str) -> float:
    """Seconds from the readiness of each meal to its door, summed, if a rider stands at the kitchen."""
    pickups = [pickup_of(meal) for meal in bundle]
    here = pickups[0].place
    clock_s = max(pickup.ready_s for pickup in pickups) + max(pickup.service_duration_s for pickup in pickups)
    total_s = 0.0
    for meal, pickup in zip(bundle, pickups, strict=True):
        clock_s += travel.duration_s(mode, here, meal.place) + meal.access_duration_s
        total_s += clock_s - pickup.ready_s
        here, clock_s = meal.place, clock_s + meal.service_duration_s
    return total_s


def as_route(rider_id: str, run: Iterable[Bundle]) -> Route:
    """A run as a route of stops, as the rest of the planner reads it."""
    stops: list[Stop] = []
    for bundle in run:
        stops += [Stop(visit_id, "pickup") for visit_id in bundle.visit_ids]
        stops += [Stop(visit_id, "visit") for visit_id in bundle.visit_ids]
    return Route(rider_id, tuple(stops))


def held(run: Iterable[Bundle], meals: Mapping[str, Visit]) -> tuple[Bundle, ...]:
    """The run without meals that are gone (taken up, cancelled)."""
    kept = (Bundle(one.kitchen_id, tuple(visit_id for visit_id in one.visit_ids if visit_id in meals)) for one in run)
    return tuple(one for one in kept if one.visit_ids)
