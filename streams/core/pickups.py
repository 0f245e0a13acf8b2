"""What is picked up before it comes to a door: meals at kitchens, errands and parcels at shops."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from streams.contracts.district import BROUGHT, Kitchen, Service
from streams.contracts.refusals import Refusal
from streams.core import menus

if TYPE_CHECKING:
    from streams.contracts.decisions import VisitRequested
    from streams.contracts.inputs import RequestVisit
    from streams.core.turn import Turn

KINDS: dict[Service, Literal["errand", "parcel"]] = {Service.ERRAND: "errand", Service.LOCAL_PARCEL: "parcel"}
"""Kinds of visits, as routing calls them."""


def is_meal(spec: VisitRequested | RequestVisit) -> bool:
    """Something that a kitchen cooks."""
    return bool(spec.kitchen_id) and spec.service not in BROUGHT


def closes_s(kitchen: Kitchen) -> float:
    """The last second at which something is had there; no end of a kitchen."""
    return kitchen.shop.closes_at.timestamp() if kitchen.shop else float("inf")


def boxes_of(spec: VisitRequested) -> int:
    """Room that it takes in the rider's box: an errand is carried by hand, unless it is said to be more than one box."""
    return 0 if spec.service is Service.ERRAND and spec.boxes <= 1 else spec.boxes


def ready_at(turn: Turn, request: RequestVisit) -> datetime:
    """When it can be had: a meal as the kitchen says, what a shop has while it is open."""
    shop = turn.state.runtime.geography.kitchens[request.kitchen_id].shop
    if not shop:
        return request.ready_at or request.window_start_at
    return max(request.ready_at or turn.now_at, shop.opens_at)


def judge_pickup(turn: Turn, request: RequestVisit) -> Refusal | None:
    """Can it be had there, and in time? Meals come from kitchens, everything else that is brought from shops."""
    kitchen = turn.state.runtime.geography.kitchens.get(request.kitchen_id)
    shop = kitchen.shop if kitchen is not None else None
    if request.service not in BROUGHT:
        return Refusal.UNKNOWN_KITCHEN if shop else menus.judge_meal(turn, request)
    if request.worker_count != 1:
        return Refusal.WRONG_FIELD
    if not shop or max(ready_at(turn, request), turn.now_at) > min(shop.closes_at, request.window_end_at):
        return Refusal.ERRAND_WITHOUT_SHOP
    return None
