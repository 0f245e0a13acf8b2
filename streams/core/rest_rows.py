"""A worker's rests as people see them: had, or where the route leaves room for them. Follows from the route and from what was
reported, not from the clock: a row drawn later from the same log is the same row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from streams.contracts.board import RestRow

if TYPE_CHECKING:
    from streams.core.state import DistrictState, WorkerRecord


def rest_rows(state: DistrictState, record: WorkerRecord) -> tuple[RestRow, ...]:
    """In the order of the shift."""
    rests = state.runtime.rests_of(record.profile.worker_id)
    if not rests:
        return ()
    had = {one.earliest_at: RestRow(begin_at=one.begun_at, until_at=one.until_at, taken=True) for one in record.rests_taken}
    gaps = _gaps(state, record)
    free_at, until_at = next(gaps)
    rows = []
    for rest in rests:
        if rest.earliest_at in had:
            rows.append(had[rest.earliest_at])
            continue
        length = timedelta(seconds=rest.duration_s)
        while until_at is not None and until_at - max(free_at, rest.earliest_at) < length:
            free_at, until_at = next(gaps)
        begin_at = max(free_at, rest.earliest_at)
        free_at = begin_at + length
        rows.append(RestRow(begin_at=begin_at, until_at=free_at))
    return tuple(rows)


def _gaps(state: DistrictState, record: WorkerRecord) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when nothing is to be done at a stop; the last one is open."""
    free_at = max(record.free_at, record.profile.shift_start_at)
    for stop in record.stops:
        yield free_at, stop.begin_at
        service_s = state.visits[stop.visit_id].spec.service_duration_s if stop.kind == "visit" else 0
        free_at = max(free_at, stop.begin_at + timedelta(seconds=service_s))
    yield free_at, None
