"""Parcels go into spare time, and where that time goes, they go too."""

from __future__ import annotations

from collections.abc import Sequence

from routing.insert_search import meal_begins
from routing.model import Stop
from routing.plan_index import PlanIndex


def parcels_in_the_way(index: PlanIndex, worker_id: str) -> tuple[str, ...]:
    """Of the parcels that are not locked into this worker's route: those that must leave it for its meals to begin no later
    than without any of them, in the route's order. The ones behind go only where those before were not enough."""
    route, visits = index.route(worker_id), index.problem.visits
    locked = {stop.visit_id for stop in route.stops[: route.locked_count]}
    free = list(dict.fromkeys(
        stop.visit_id for stop in route.stops if visits[stop.visit_id].kind == "parcel" and stop.visit_id not in locked
    ))  # fmt: skip

    def begins(without: Sequence[str]) -> dict[str, float]:
        kept: list[Stop] = [stop for stop in route.stops if stop.visit_id not in without]
        return meal_begins(index, worker_id, kept, {})

    if not free:
        return ()
    alone = begins(free)
    for count in range(len(free)):
        if all(begin_s <= alone[visit_id] for visit_id, begin_s in begins(free[:count]).items()):
            return tuple(free[:count])
    return tuple(free)
