"""What the simulated world sends and hears, and the agenda of what happens next in it. Pure: no I/O, no clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a public door. `key` stays the same on every retry (webhook-id, or idempotency key); messages of
    one `lane` (a worker, a kitchen, a person) keep their order. `kind`: file, cancel, settle, acknowledge, report,
    kitchen, provider, pause, programme_on, posting, concern, emergency_call, assign,
    forbid, call."""

    kind: str
    key: str
    lane: str
    body: dict[str, Any]
    organisation: str = ""  # whose webhook it is
    actor: str = ""  # of a call to the API
    subject: str = ""  # visit_id of a cancel, exception_id of a settlement, reference of a filing


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Received:
    """One webhook from the dispatch system. `(journal_offset, index)` come from its webhook-id and order it."""

    journal_offset: int
    index: int
    organisation: str
    webhook_id: str
    type: str = field(compare=False)
    data: dict[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """Where the system stands after a lock-step step: its clock, its next alarm, and what it sent out, in order."""

    now_at: datetime
    next_deadline_at: datetime | None
    heard: tuple[Received, ...] = ()


Action = Callable[[datetime], list[Message]]
"""Something that happens in the world at an instant; returns what somebody sends because of it."""


@dataclass(slots=True)
class Entry:
    """An appointment in the agenda; `cancel` takes it out."""

    action: Action | None

    def cancel(self) -> None:
        self.action = None


class Agenda:
    """What happens next, in one total order: time, rank, subject, then the order in which it was put in.

    The last only ever decides between entries of one subject, so the order in which entities were asked has no effect.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, str, int, Entry]] = []
        self._count = 0

    def put(self, at: datetime, rank: int, subject: str, action: Action) -> Entry:
        """Put `action` in at `at`; lower `rank` goes first at the same instant."""
        entry = Entry(action)
        self._count += 1
        heapq.heappush(self._heap, (at, rank, subject, self._count, entry))
        return entry

    def next_at(self) -> datetime | None:
        """When the next thing happens; None when nothing ever will."""
        while self._heap and self._heap[0][4].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_next(self, until: datetime) -> list[Message] | None:
        """Let the next thing happen if it is due at `until`; None if nothing is."""
        next_at = self.next_at()
        if next_at is None or next_at > until:
            return None
        at, _, _, _, entry = heapq.heappop(self._heap)
        assert entry.action is not None  # next_at dropped the cancelled ones
        return entry.action(at)


RANK_SHIFT, RANK_TROUBLE, RANK_FILING, RANK_ANSWER, RANK_ROAD, RANK_SETTLE = range(6)
"""What goes first at one instant: shifts, trouble, filings, answers to offers, workers' doings, settlements."""


def instant(text: str | datetime) -> datetime:
    """An ISO instant as the doors write it."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)


def written(at: datetime) -> str:
    """An instant as the doors read it."""
    return at.isoformat().replace("+00:00", "Z")
