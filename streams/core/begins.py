"""When the plan has a visit begin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.contracts.decisions import PlannedStop
    from streams.core.state import DistrictState, VisitRecord


def begin_of(stops: Iterable[PlannedStop], visit_id: str) -> datetime | None:
    """When these stops have the visit begin; None when it is not among them."""
    return next((stop.begin_at for stop in stops if stop.visit_id == visit_id and stop.kind == "visit"), None)


def expected_at(state: DistrictState, visit: VisitRecord) -> datetime | None:
    """When the first of its workers who still has it ahead begins it; None when nobody has."""
    visit_id = visit.spec.visit_id
    begins = (begin_of(state.workers[worker_id].stops, visit_id) for worker_id in visit.worker_ids)
    return next(filter(None, begins), None)


def ahead_of(state: DistrictState, visit: VisitRecord) -> set[str]:
    """Its workers who still have it to do."""
    return {w for w in visit.worker_ids for stop in state.workers[w].stops if stop.visit_id == visit.spec.visit_id}


def has_finished(state: DistrictState, visit: VisitRecord, worker_id: str) -> bool:
    """One of two workers has said "done", and the other one is still expected or there."""
    still = ahead_of(state, visit)
    return bool(still) and worker_id not in still
