"""The core's own alarms: which deadline is next. Keys are "kind:subject"; ties fire in the order of their keys."""

from __future__ import annotations

import heapq
from datetime import datetime

from streams.core.state import DistrictState


class DeadlineQueue:
    """A heap over `state.deadlines`, with stale entries left in until they surface."""

    def __init__(self, deadlines: dict[str, datetime]) -> None:
        self._deadlines = deadlines
        self._heap = [(at, key) for key, at in deadlines.items()]
        heapq.heapify(self._heap)

    def push(self, key: str, at: datetime) -> None:
        heapq.heappush(self._heap, (at, key))

    def peek(self) -> tuple[datetime, str] | None:
        """The earliest live deadline."""
        while self._heap:
            at, key = self._heap[0]
            if self._deadlines.get(key) == at:
                return at, key
            heapq.heappop(self._heap)
        return None


def set_deadline(state: DistrictState, key: str, at: datetime) -> None:
    if state.deadlines.get(key) != at:
        state.deadlines[key] = at
        state.runtime.queue.push(key, at)


def clear_deadline(state: DistrictState, key: str) -> None:
    state.deadlines.pop(key, None)


def next_deadline(state: DistrictState) -> datetime | None:
    """When the core wants to be woken (service clock), None if never."""
    first = state.runtime.queue.peek()
    return first[0] if first else None
