"""Which kitchen can make a meal instead of another, when it would be ready, and moving a meal there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import routing
from streams.contracts.disruptions import KitchenChanged
from streams.contracts.district import BROUGHT, Kitchen, Place
from streams.core.cut_offs import late_key, passed_cut_off
from streams.core.disruption_record import closed_until
from streams.core.eligibility import MEALS
from streams.core.instants import seconds
from streams.core.lifecycle import CLOSED
from streams.core.menus import diet_refusal
from streams.core.placing import find_room, put_in
from streams.core.state import VisitRecord
from streams.core.turn import Turn


class Load:
    """How many meals of each kind every kitchen has today, counted once for a chunk of visits."""

    def __init__(self, turn: Turn) -> None:
        self._count: dict[tuple[str, str], int] = {}
        for visit in turn.state.visits.values():
            if visit.spec.kitchen_id and (visit.state not in CLOSED or visit.done_at is not None):
                self.add(visit, visit.spec.kitchen_id, 1)

    def add(self, visit: VisitRecord, kitchen_id: str, more: int) -> None:
        key = (kitchen_id, visit.spec.meal_kind or "")
        self._count[key] = self._count.get(key, 0) + more

    def has_room(self, kitchen: Kitchen, visit: VisitRecord) -> bool:
        have = self._count.get((kitchen.kitchen_id, visit.spec.meal_kind or ""), 0)
        return not kitchen.capacity_meals or have < kitchen.capacity_meals


def can_cook(turn: Turn, visit: VisitRecord, kitchen: Kitchen) -> bool:
    """May this kitchen make this recipient's meal?"""
    kind = visit.spec.meal_kind
    if kitchen.meal_kinds and kind is not None and kind not in kitchen.meal_kinds:
        return False
    if not turn.state.runtime.rules.may_supply(kitchen.provider_id, MEALS):
        return False
    if diet_refusal(kitchen, kind, visit.spec.diet, visit.spec.avoid_allergens) is not None:
        return False
    return closed_until(turn.state, kitchen.kitchen_id) is None


def takes_more(turn: Turn, visit: VisitRecord, kitchen: Kitchen) -> bool:
    """After its cut-off a kitchen takes a few late boxes only."""
    missed = passed_cut_off(kitchen, visit.spec.meal_kind, turn.now_at)
    if missed is None:
        return True
    return turn.state.late_boxes.get(late_key(kitchen.kitchen_id, missed.meal_kind), 0) + visit.spec.boxes <= missed.late_boxes


def near_first(turn: Turn, visit: VisitRecord) -> list[Kitchen]:
    """Other kitchens, by their distance from the door; ties by id."""
    geography = turn.state.runtime.geography
    door = geography.project(visit.spec.place)

    def far(kitchen: Kitchen) -> tuple[float, str]:
        place = geography.project(kitchen.place)
        return (place.x_m - door.x_m) ** 2 + (place.y_m - door.y_m) ** 2, kitchen.kitchen_id

    if visit.spec.service in BROUGHT:
        return []  # what one shop has is not had at another
    others = (one for one in geography.kitchens.values() if one.kitchen_id != visit.spec.kitchen_id and not one.shop)
    return sorted(others, key=far)


def find_way(
    turn: Turn, visit_id: str, pickup_id: str, place: Place, ready_at: datetime, load_s: int, rung: int = 0
) -> routing.Insertion | None:
    """How the meal would come to the door if it were to be had there and then. The visit is in no route. `rung`: how far
    help may come from, at least."""
    runtime = turn.state.runtime
    runtime.catch_up()
    record = turn.state.visits[visit_id]
    areas = runtime.geography.area_prices(record.spec.area_id, max(rung, record.rung))
    pickup = routing.Pickup(
        kitchen_id=pickup_id, place=runtime.geography.project(place), ready_s=seconds(ready_at), service_duration_s=load_s
    )
    return find_room(turn, replace(runtime.problem.visits[visit_id], pickup=pickup, allowed_area_prices=areas))


def way_by_kitchen(
    turn: Turn, visit_id: str, kitchen: Kitchen, ready_at: datetime, rung: int = 0
) -> routing.Insertion | None:
    return find_way(turn, visit_id, kitchen.kitchen_id, kitchen.place, ready_at, kitchen.load_duration_s, rung)


def supply_instead(turn: Turn, visit_id: str, load: Load) -> bool:
    """Another organisation's kitchen supplies, the nearest that can; the meal is placed. False when none can."""
    visit = turn.state.visits[visit_id]
    for kitchen in near_first(turn, visit):
        if not (can_cook(turn, visit, kitchen) and takes_more(turn, visit, kitchen) and load.has_room(kitchen, visit)):
            continue
        asked_at = turn.now_at + timedelta(seconds=kitchen.take_over_s)
        ready_at = max(visit.ready_at or visit.spec.window_start_at, asked_at)
        found = way_by_kitchen(turn, visit_id, kitchen, ready_at)
        if found is None:
            continue
        load.add(visit, visit.spec.kitchen_id, -1)
        load.add(visit, kitchen.kitchen_id, 1)
        change_kitchen(turn, visit_id, kitchen.kitchen_id, ready_at, "provider_failed")
        put_in(turn, visit_id, found)
        turn.dirty()
        return True
    return False


def change_kitchen(turn: Turn, visit_id: str, kitchen_id: str, ready_at: datetime, why: str) -> None:
    turn.emit(
        KitchenChanged(
            visit_id=visit_id, from_kitchen_id=turn.state.visits[visit_id].spec.kitchen_id, kitchen_id=kitchen_id,
            ready_at=ready_at, why=why,
        )
    )  # fmt: skip
