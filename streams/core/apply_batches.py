"""What filing many visits at once makes of the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts.batches import ChunkPlaced, PlacingPostponed
from streams.contracts.decisions import VisitEvent
from streams.core.lifecycle import LIFECYCLE
from streams.core.state import DistrictState


def _postponed(state: DistrictState, postponed: PlacingPostponed) -> None:
    for visit_id in postponed.visit_ids:
        visit = state.visits[visit_id]
        visit.state = LIFECYCLE[visit.state][VisitEvent.QUEUED]
        visit.waiting_since_at = postponed.at
        visit.changes += 1
        visit.changed_at = postponed.at
        state.runtime.visit_changed(visit_id)
    state.to_place.extend(postponed.visit_ids)


def _placed(state: DistrictState, placed: ChunkPlaced) -> None:
    del state.to_place[: placed.count]


APPLY_BATCHES: dict[type, Callable[[DistrictState, Any], None]] = {PlacingPostponed: _postponed, ChunkPlaced: _placed}
