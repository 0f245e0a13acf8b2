"""The day's visits counted by what the figures ask for, kept while visits change: counters and ledger are drawn up with
nearly every batch, and cost what has changed since and not the whole day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from streams.contracts.decisions import VisitState
from streams.core.pickups import is_meal
from streams.core.state import DistrictState, VisitRecord


class DoneLine(NamedTuple):
    """What a visit that is done adds to the figures."""

    is_meal: bool
    late_min: float | None
    click_to_door_min: float | None
    ready_to_pickup_min: float | None
    is_helped: bool


class Tallies:
    """Derived from one state, and told which of its visits have changed."""

    def __init__(self, state: DistrictState) -> None:
        self._state = state
        self._changed = set(state.visits)
        self._found: dict[str, tuple[VisitState, str]] = {}
        self._counts: Counter[tuple[VisitState, str]] = Counter()
        self._missed: dict[VisitState, set[str]] = {VisitState.FAILED: set(), VisitState.HANDED_OVER: set()}
        self._done: dict[str, DoneLine] = {}

    def visit_changed(self, visit_id: str) -> None:
        self._changed.add(visit_id)

    @property
    def counts(self) -> Counter[tuple[VisitState, str]]:
        """How many visits are in which state and living area; nothing stands with 0."""
        self._catch_up()
        return self._counts

    @property
    def missed(self) -> dict[VisitState, set[str]]:
        """The visits that failed, and those handed over."""
        self._catch_up()
        return self._missed

    @property
    def done(self) -> dict[str, DoneLine]:
        """Of every visit that is done, in no order."""
        self._catch_up()
        return self._done

    def _catch_up(self) -> None:
        for visit_id in self._changed:
            visit = self._state.visits[visit_id]
            was, now = self._found.get(visit_id), (visit.state, visit.spec.area_id)
            if was is not None:
                self._counts[was] -= 1
                if not self._counts[was]:
                    del self._counts[was]
            self._counts[now] += 1
            self._found[visit_id] = now
            for state, ids in self._missed.items():
                (ids.add if visit.state is state else ids.discard)(visit_id)
            if visit.state is VisitState.DONE:
                self._done[visit_id] = _done_line(self._state, visit)
            else:
                self._done.pop(visit_id, None)
        self._changed.clear()


def _done_line(state: DistrictState, visit: VisitRecord) -> DoneLine:
    return DoneLine(
        is_meal=is_meal(visit.spec), late_min=lateness_min(visit),
        click_to_door_min=_span_min(visit.spec.at, visit.arrived_at),
        ready_to_pickup_min=_span_min(visit.ready_at, visit.picked_up_at), is_helped=bool(helped_from(state, visit)),
    )  # fmt: skip


def lateness_min(visit: VisitRecord) -> float | None:
    """Minutes between what was promised and when the door was reached; None before that."""
    if visit.arrived_at is None:
        return None
    return max(0.0, (visit.arrived_at - visit.spec.due_at).total_seconds() / 60)


def helped_from(state: DistrictState, visit: VisitRecord) -> str:
    """The area of a worker from another living area than the visit's, "" when it is its own."""
    for worker_id in visit.worker_ids:
        area_id = state.workers[worker_id].profile.area_id
        if area_id != visit.spec.area_id:
            return area_id
    return ""


def _span_min(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() / 60 if start is not None and end is not None else None
