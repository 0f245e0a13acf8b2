"""A meal is in the box of a worker who cannot go on: collected from them, cooked again, or replaced by another meal,
whichever is soonest at the recipient's door. The comparison is a decision of its own and stands in the visit's story."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import routing
from streams.contracts import decisions as d
from streams.contracts.disruptions import MealRescued, RescueOption
from streams.contracts.district import Kitchen
from streams.core.disruption_record import closed_until
from streams.core.instants import instant
from streams.core.kitchens import can_cook, change_kitchen, find_way, near_first, way_by_kitchen
from streams.core.placing import put_in
from streams.core.turn import Turn

COLLECT, COOK_AGAIN, REPLACE = "collect", "cook_again", "replace"
NOBODY_FREE, STALE, KITCHEN_FAILED = "nobody_free", "stale", "kitchen_failed"
NO_SPARE_MEAL, NOT_FOUND = "no_spare_meal", "not_found"
ANYWHERE = 2  # the ladder's rung that is the whole district: hot food does not wait on the lower ones
LOAD_S = 180  # taking boxes over from a colleague's vehicle


class _Way(NamedTuple):
    option: RescueOption
    found: routing.Insertion | None = None
    ready_at: datetime | None = None


def rescue(turn: Turn, visit_id: str, worker_id: str, picked_up_at: datetime, *, reachable: bool) -> bool:
    """Choose the soonest way and place the meal; the visit is waiting. False when there is no way: the caller leaves it to
    the ladder, to be collected. `reachable`: somebody knows where the worker is."""
    ways = [
        _collect(turn, visit_id, worker_id, picked_up_at, reachable), _cook_again(turn, visit_id), _replace(turn, visit_id)
    ]
    return _choose(turn, visit_id, worker_id, ways)


def not_found(turn: Turn, visit_id: str) -> bool:
    """Who was to collect it found neither worker nor box: it is made anew, or replaced."""
    worker_id = turn.state.visits[visit_id].pickup_worker
    gone = _Way(RescueOption(COLLECT, "", None, NOT_FOUND))
    return _choose(turn, visit_id, worker_id, [gone, _cook_again(turn, visit_id), _replace(turn, visit_id)])


def _choose(turn: Turn, visit_id: str, worker_id: str, ways: list[_Way]) -> bool:
    possible = [way for way in ways if way.found is not None]
    # In this order when two are equally soon: what is cooked already is not thrown away.
    best = min(possible, key=lambda way: way.option.door_at or turn.now_at, default=None)
    turn.emit(
        MealRescued(
            visit_id=visit_id, worker_id=worker_id, way=best.option.way if best else "",
            options=tuple(way.option for way in ways), at=turn.now_at,
        )
    )  # fmt: skip
    if best is None or best.found is None:
        return False
    if best.option.way == COLLECT:
        turn.emit(d.PickupMoved(visit_id=visit_id, worker_id=worker_id, ready_at=best.ready_at or turn.now_at))
    else:
        why = "replacement" if best.option.way == REPLACE else COOK_AGAIN
        change_kitchen(turn, visit_id, best.option.kitchen_id, best.ready_at or turn.now_at, why)
    _climb_to(turn, visit_id, best.found.routes[0].worker_id)
    put_in(turn, visit_id, best.found)
    turn.dirty()
    return True


def _climb_to(turn: Turn, visit_id: str, worker_id: str) -> None:
    """The rung on which this worker may help."""
    visit, area_id = turn.state.visits[visit_id], turn.state.workers[worker_id].profile.area_id
    prices = turn.state.runtime.geography.area_prices
    rung = next((r for r in range(visit.rung, ANYWHERE) if area_id in prices(visit.spec.area_id, r)), ANYWHERE)
    if rung > visit.rung:
        turn.emit(d.RungClimbed(visit_id=visit_id, rung=rung))


def _collect(turn: Turn, visit_id: str, worker_id: str, picked_up_at: datetime, reachable: bool) -> _Way:
    place = turn.state.workers[worker_id].place
    ready_at = turn.now_at if reachable else turn.after(turn.policy.search_for_worker_s)
    found = find_way(turn, visit_id, f"worker:{worker_id}", place, ready_at, LOAD_S, ANYWHERE)
    if found is None:
        return _Way(RescueOption(COLLECT, "", None, NOBODY_FREE))
    door_at = instant(int(found.begin_s))
    freshness_s = turn.state.visits[visit_id].spec.freshness_s
    if freshness_s and door_at > picked_up_at + timedelta(seconds=freshness_s):
        return _Way(RescueOption(COLLECT, "", None, STALE))
    return _Way(RescueOption(COLLECT, "", door_at), found, ready_at)


def _cook_again(turn: Turn, visit_id: str) -> _Way:
    kitchen = turn.state.runtime.geography.kitchens[turn.state.visits[visit_id].spec.kitchen_id]
    if closed_until(turn.state, kitchen.kitchen_id) is not None:
        return _Way(RescueOption(COOK_AGAIN, kitchen.kitchen_id, None, KITCHEN_FAILED))
    return _made_by(turn, visit_id, COOK_AGAIN, kitchen, turn.after(kitchen.cook_again_s))


def _replace(turn: Turn, visit_id: str) -> _Way:
    """A packed meal from the nearest kitchen that has one left and may serve this recipient."""
    visit = turn.state.visits[visit_id]
    own = turn.state.runtime.geography.kitchens[visit.spec.kitchen_id]
    for kitchen in (own, *near_first(turn, visit)):
        left = kitchen.spare_meals - turn.state.spare_used.get(kitchen.kitchen_id, 0)
        if left > 0 and can_cook(turn, visit, kitchen):
            return _made_by(turn, visit_id, REPLACE, kitchen, turn.after(kitchen.spare_ready_s))
    return _Way(RescueOption(REPLACE, "", None, NO_SPARE_MEAL))


def _made_by(turn: Turn, visit_id: str, way: str, kitchen: Kitchen, ready_at: datetime) -> _Way:
    found = way_by_kitchen(turn, visit_id, kitchen, ready_at, ANYWHERE)
    if found is None:
        return _Way(RescueOption(way, kitchen.kitchen_id, None, NOBODY_FREE))
    return _Way(RescueOption(way, kitchen.kitchen_id, instant(int(found.begin_s))), found, ready_at)
