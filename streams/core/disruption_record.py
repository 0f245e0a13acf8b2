"""A disruption as it stands, and whom and what it keeps away: pure reads of the state, for planning."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streams.core.state import DistrictState, VisitRecord, WorkerRecord

PROVIDER, MODE = "provider", "mode"


class DisruptionRecord(msgspec.Struct, kw_only=True):
    """`todo`: visits still to be looked at; `waiting`: looked at, with nobody yet; `told`: whose promise has changed."""

    disruption_id: str
    kind: str  # provider or mode
    provider_id: str = ""
    kitchen_id: str = ""
    mode: str = ""
    area_id: str = ""
    span: str = ""
    reason: str = ""
    by: str = ""
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None = None
    todo: list[str] = []
    waiting: list[str] = []
    told: list[str] = []
    moved: int = 0

    def stops(self, worker: WorkerRecord) -> bool:
        """Is this one of the workers who cannot come (to doors in `area_id`, or anywhere)?"""
        if self.kind == PROVIDER:
            return not self.kitchen_id and worker.profile.organisation == self.provider_id
        return worker.profile.mode == self.mode


def going_on(state: DistrictState) -> list[DisruptionRecord]:
    """What is not over."""
    return [one for one in state.disruptions.values() if one.ended_at is None]


def kept_away(state: DistrictState, visit: VisitRecord) -> set[str]:
    """Workers who are not to be given this visit now, because its time window opens while they cannot come. Who has it
    all the same (begun, or planned for after the end) keeps it."""
    found: set[str] = set()
    for one in going_on(state):
        if visit.spec.window_start_at < one.until_at and one.area_id in ("", visit.spec.area_id):
            found |= state.runtime.workers_of(one)
    return found.difference(visit.worker_ids)


def closed_until(state: DistrictState, kitchen_id: str, over: str = "") -> datetime | None:
    """When a failed kitchen is expected back; None while it works. `over`: a disruption that does not count."""
    provider_id = state.runtime.geography.kitchens[kitchen_id].provider_id
    return max(
        (one.until_at for one in going_on(state)
         if one.kind == PROVIDER and one.provider_id == provider_id and one.kitchen_id in ("", kitchen_id)
         and one.disruption_id != over),
        default=None,
    )  # fmt: skip
