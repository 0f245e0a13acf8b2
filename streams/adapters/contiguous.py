"""Makes Faust's streams contiguous: every offset of a partition once, in order, whatever a rebalance did to the stream.

Faust 0.15.3 can lose records: its `perform_seek` may run while messages fetched earlier are still on their way; they
overtake the seek, the re-read ones are then dropped as seen, and the commit sticks at the hole or passes it. Hence
`guard_perform_seek`, which closes most of the race, and `Contiguous`, which needs no trust: it expects the next offset,
skips what was seen, and on a jump reads the hole with a reader of its own before it goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from streams.adapters.kafka_log import Record, read_list

log = logging.getLogger(__name__)

Part = tuple[str, int]
"""Topic and partition."""

SETTLE_S = 0.05  # what the consumer thread needs to hand over messages that it already has


class Unassigned(Exception):
    """A record of a partition without a position: nobody said where it starts."""


@dataclass
class Contiguous:
    """Per partition: what comes next. `read_hole(topic, partition, first, end)` brings what a stream left out; `add_gap`
    tells Faust's consumer that offsets first..last are done, so that its commits go on."""

    read_hole: Callable[[str, int, int, int], Awaitable[list[Record]]]
    add_gap: Callable[[str, int, int, int], Awaitable[None]]
    expected: dict[Part, int] = field(default_factory=dict)
    holes_filled: int = 0
    repeats_skipped: int = 0
    _pending_gaps: list[tuple[str, int, int, int]] = field(default_factory=list)

    def start(self, positions: dict[Part, int]) -> None:
        """A new generation: exactly these partitions, from these offsets. What was arranged before is forgotten."""
        self.expected = dict(positions)
        self._pending_gaps.clear()

    async def arrange(self, records: Iterable[Record]) -> list[Record]:
        """The records without those seen and with the missing ones read in; per partition in order. Raises what `read_hole`
        raises; nothing is lost then, the records come again."""
        arranged: list[Record] = []
        for record in records:
            part = (record.topic, record.partition)
            expected = self.expected.get(part)
            if expected is None:
                raise Unassigned(f"{record.topic}/{record.partition}")
            if record.offset < expected:
                self.repeats_skipped += 1
                continue
            if record.offset > expected:
                missing = await self.read_hole(*part, expected, record.offset)
                log.warning(
                    "hole in %s/%d: read %d records from %d to %d", *part, len(missing), expected, record.offset
                )
                arranged.extend(missing)
                self.holes_filled += 1
                self._pending_gaps.append((*part, expected, record.offset - 1))
            arranged.append(record)
            self.expected[part] = record.offset + 1
        return arranged

    async def handled(self) -> None:
        """Everything arranged so far is done and acknowledged: let Faust's commits pass the holes that were filled."""
        while self._pending_gaps:
            await self.add_gap(*self._pending_gaps[0])
            self._pending_gaps.pop(0)


def contiguous_for(app: Any, bootstrap: str) -> Contiguous:
    """The adapter of a Faust app."""
    from faust.types import TP

    async def read_hole(topic: str, partition: int, first: int, end: int) -> list[Record]:
        return await read_list(bootstrap, topic, partition, first, end)

    async def add_gap(topic: str, partition: int, first: int, last: int) -> None:
        await app.consumer._add_gap(TP(topic, partition), first, last)

    return Contiguous(read_hole, add_gap)


def guard_perform_seek(app: Any, settle_s: float = SETTLE_S) -> None:
    """Stop the flow, wait for what is on its way and drop it, before the consumer seeks to the committed offsets."""
    original = app.consumer.perform_seek

    async def perform_seek() -> None:
        consumer = app.consumer
        consumer.stop_flow()
        app.flow_control.suspend()
        await asyncio.sleep(settle_s)
        app.flow_control.clear()
        await original()

    app.consumer.perform_seek = perform_seek
