"""Runs one projection (board, outbox, messenger) as a Faust agent on the decisions."""

from __future__ import annotations

import time
from collections.abc import Sequence

from streams import topics
from streams.adapters.barrier import Barrier
from streams.adapters.contiguous import Part
from streams.adapters.kafka_log import Record
from streams.adapters.log_reader import Followers, Projection
from streams.agents.app import IDLE_S
from streams.core.chain import REAL_CORE, Core
from streams.settings import Settings

LOOK_EVERY_S = 1.0  # an emptied store is noticed within this, even when nothing is decided


class ProjectionAgent:
    topics: tuple[str, ...] = (topics.DECISIONS,)

    def __init__(self, projection: Projection, settings: Settings, barrier: Barrier, core: Core = REAL_CORE) -> None:
        self._projection = projection
        self._barrier = barrier
        self._followers = Followers(projection, settings, barrier, core)
        self._look_at = 0.0

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        """Each generation opens anew: in between, another worker may have stored more."""
        opened = await self._followers.open(sorted(partition for _, partition in parts))
        return {part: opened[part[1]] for part in parts}

    async def handle(self, records: Sequence[Record]) -> None:
        await self._followers.feed(records)

    def opened_to(self) -> int:
        return sum(self._followers.next_offsets().values())

    async def idle(self) -> None:
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            await self._followers.look()

    def wake_in_s(self) -> float:
        return IDLE_S

    async def close(self) -> None:
        await self._projection.close()
        await self._barrier.close()
