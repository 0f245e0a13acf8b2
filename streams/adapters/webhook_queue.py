"""One endpoint's deliveries: who may go now. Those that share a key (visit, offer, worker) go one after the other."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count

from streams.adapters.deliveries import Delivery

Key = tuple[str, str, str]


def place_of(delivery: Delivery) -> tuple[int, int]:
    """Its place in the order in which things were decided."""
    return delivery.outgoing.journal_offset, delivery.outgoing.index


class Queue:
    """Every step costs what the delivery's own keys cost, however much waits: an endpoint that is away for a day must not
    slow the others down."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[Delivery]] = {}
        self._ready: list[tuple[tuple[int, int], int, Delivery]] = []
        self._later: list[tuple[float, int, Delivery]] = []
        self._number = count()
        self.known: dict[Key, Delivery] = {}
        self.under_way: dict[Key, Delivery] = {}

    def add(self, delivery: Delivery) -> bool:
        """Take a delivery on at its place. False when it is here already."""
        if delivery.key in self.known:
            return False
        self.known[delivery.key] = delivery
        for key in delivery.outgoing.keys:
            line = self._lines.setdefault(key, deque())
            at = len(line)
            while at and place_of(line[at - 1]) > place_of(delivery):
                at -= 1
            line.insert(at, delivery)
        self._offer(delivery)
        return True

    def take_ready(self, now: float, room: int) -> list[Delivery]:
        """At most `room` deliveries that are due and that none before them holds back; they are under way then."""
        while self._later and self._later[0][0] <= now:
            _, number, delivery = heapq.heappop(self._later)
            heapq.heappush(self._ready, (place_of(delivery), number, delivery))
        taken: list[Delivery] = []
        while self._ready and len(taken) < room:
            _, _, delivery = heapq.heappop(self._ready)
            if self._may_go(delivery) and delivery.due_at <= now:
                self.under_way[delivery.key] = delivery
                taken.append(delivery)
        return taken

    def finished(self, delivery: Delivery) -> None:
        """It is delivered or given up: those behind it may go."""
        self.under_way.pop(delivery.key, None)
        self.known.pop(delivery.key, None)
        behind: list[Delivery] = []
        for key in delivery.outgoing.keys:
            line = self._lines.get(key)
            if line is None:
                continue
            if line and line[0] is delivery:
                line.popleft()
            elif delivery in line:
                line.remove(delivery)
            if line:
                behind.append(line[0])
            else:
                del self._lines[key]
        for one in behind:
            self._offer(one)

    def failed(self, delivery: Delivery) -> None:
        """It comes again when it is due; its place is before what came after it."""
        self.under_way.pop(delivery.key, None)
        self._offer(delivery)

    def hurry(self, delivery: Delivery, now: float) -> None:
        """It is due now."""
        delivery.due_at = now
        self._offer(delivery)

    def heads(self) -> Iterator[Delivery]:
        """Those that nothing but their time holds back, and that are not under way."""
        seen: set[Key] = set()
        for *_, delivery in [*self._ready, *self._later]:
            if delivery.key not in seen and self._may_go(delivery):
                seen.add(delivery.key)
                yield delivery

    def of(self, key: str) -> list[Delivery]:
        """What waits (or is under way) with that key."""
        return list(self._lines.get(key, ()))

    def next_due(self) -> float | None:
        while self._later and not self._may_go(self._later[0][2]):
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    def _offer(self, delivery: Delivery) -> None:
        if self._may_go(delivery):
            heapq.heappush(self._later, (delivery.due_at, next(self._number), delivery))

    def _may_go(self, delivery: Delivery) -> bool:
        if delivery.key in self.under_way or self.known.get(delivery.key) is not delivery:
            return False
        return all(self._lines[key][0] is delivery for key in delivery.outgoing.keys)
