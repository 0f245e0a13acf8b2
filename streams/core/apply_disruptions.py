"""The fold of what breaks: failures, pauses, and the meals and visits that go elsewhere because of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from streams.contracts.disruptions import (
    DisruptionEnded,
    KitchenChanged,
    MealRescued,
    ModePaused,
    PickupPutOff,
    PromiseChanged,
    ProviderFailed,
    VisitsMoved,
)
from streams.core.cut_offs import late_key, passed_cut_off
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.disruption_record import MODE, PROVIDER, DisruptionRecord
from streams.core.lifecycle import CLOSED
from streams.core.state import DistrictState


def tally(state: DistrictState, what: str, more: int = 1) -> None:
    """For the day's ledger."""
    if more:
        state.totals.broken[what] = state.totals.broken.get(what, 0) + more


def _provider_failed(state: DistrictState, failed: ProviderFailed) -> None:
    tally(state, "provider_failures")
    _begin(state, DisruptionRecord(
        disruption_id=failed.disruption_id, kind=PROVIDER, provider_id=failed.provider_id, kitchen_id=failed.kitchen_id,
        span=failed.span, reason=failed.reason, by=failed.by, from_at=failed.at, until_at=failed.until_at,
        todo=list(failed.visit_ids),
    ))  # fmt: skip


def _mode_paused(state: DistrictState, paused: ModePaused) -> None:
    tally(state, "mode_pauses")
    _begin(state, DisruptionRecord(
        disruption_id=paused.disruption_id, kind=MODE, mode=paused.mode, area_id=paused.area_id, reason=paused.reason,
        by=paused.by, from_at=paused.at, until_at=paused.until_at, todo=list(paused.visit_ids),
    ))  # fmt: skip


def _begin(state: DistrictState, record: DisruptionRecord) -> None:
    state.disruptions[record.disruption_id] = record
    set_deadline(state, f"disruption:{record.disruption_id}", record.until_at)
    _look_again(state, record)


def _look_again(state: DistrictState, record: DisruptionRecord) -> None:
    """Whom these visits may be given to, or when their meals can be had, has changed."""
    for visit_id, visit in state.visits.items():
        begins_at = visit.spec.window_start_at  # a meal's way to the door begins at its kitchen, before the window does
        if visit.state not in CLOSED and min(begins_at, visit.ready_at or begins_at) < record.until_at:
            state.runtime.visit_changed(visit_id)


def _ended(state: DistrictState, ended: DisruptionEnded) -> None:
    record = state.disruptions[ended.disruption_id]
    record.ended_at = ended.at
    record.todo, record.waiting = record.waiting, []  # who still has nobody is looked at once more
    clear_deadline(state, f"disruption:{ended.disruption_id}")
    clear_deadline(state, f"moving:{ended.disruption_id}")
    _look_again(state, record)


def _moved(state: DistrictState, moved: VisitsMoved) -> None:
    record = state.disruptions[moved.disruption_id]
    record.todo = record.todo[len(moved.visit_ids) :]
    record.moved += moved.moved
    tally(state, "visits_given_on", moved.moved)
    record.waiting.extend(moved.waiting)


def _promise_changed(state: DistrictState, change: PromiseChanged) -> None:
    state.disruptions[change.disruption_id].told.append(change.visit_id)
    tally(state, "promises_changed")
    if change.kind == "late":
        state.visits[change.visit_id].late_told_at = change.expected_at


def _kitchen_changed(state: DistrictState, change: KitchenChanged) -> None:
    visit = state.visits[change.visit_id]
    visit.spec = msgspec.structs.replace(visit.spec, kitchen_id=change.kitchen_id)
    visit.ready_at = change.ready_at
    visit.pickup_worker = ""
    if change.why == "provider_failed":
        tally(state, "kitchens_changed")
        cut_off = passed_cut_off(state.runtime.geography.kitchens[change.kitchen_id], visit.spec.meal_kind, state.now_at)
        if cut_off is not None:
            key = late_key(change.kitchen_id, cut_off.meal_kind)
            state.late_boxes[key] = state.late_boxes.get(key, 0) + visit.spec.boxes
    if change.why == "replacement":
        state.spare_used[change.kitchen_id] = state.spare_used.get(change.kitchen_id, 0) + 1
    state.runtime.visit_changed(change.visit_id)


def _pickup_put_off(state: DistrictState, put_off: PickupPutOff) -> None:
    state.visits[put_off.visit_id].ready_at = put_off.ready_at
    state.runtime.visit_changed(put_off.visit_id)


RESCUED = {"collect": "meals_collected", "cook_again": "meals_cooked_again", "replace": "meals_replaced"}


def _meal_rescued(state: DistrictState, rescued: MealRescued) -> None:
    tally(state, RESCUED.get(rescued.way, "meals_not_rescued"))


APPLY_DISRUPTIONS: dict[type, Callable[[DistrictState, Any], None]] = {
    ProviderFailed: _provider_failed,
    ModePaused: _mode_paused,
    DisruptionEnded: _ended,
    VisitsMoved: _moved,
    PromiseChanged: _promise_changed,
    KitchenChanged: _kitchen_changed,
    PickupPutOff: _pickup_put_off,
    MealRescued: _meal_rescued,
}
