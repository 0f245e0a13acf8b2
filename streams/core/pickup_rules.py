"""Whether what somebody asks for can be had at a kitchen or a shop, and from when on."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.district import BROUGHT
from streams.contracts.inputs import RequestVisit
from streams.contracts.refusals import Refusal
from streams.core import menus
from streams.core.turn import Turn


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
