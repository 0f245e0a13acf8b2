"""Runs one projection (board, outbox, messenger) as a Faust agent on the decisions."""

from __future__ import annotations

from collections.abc import Sequence

from streams import topics
from streams.adapters.barrier import Barrier
from streams.adapters.contiguous import Part
from streams.adapters.kafka_log import Record
from streams.adapters.log_reader import Followers, Projection
from streams.agents.app import IDLE_S
from streams.core.chain import REAL_CORE, Core
from streams.settings import Settings


class ProjectionAgent:
    topics: tuple[str, ...] = (topics.DECISIONS,)

    def __init__(self, projection: Projection, settings: Settings, barrier: Barrier, core: Core = REAL_CORE) -> None:
        self._projection = projection
        self._barrier = barrier
        self._followers = Followers(projection, settings, barrier, core)

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        """Each generation opens anew: in between, another worker may have stored more."""
        opened = await self._followers.open(sorted(partition for _, partition in parts))
        return {part: opened[part[1]] for part in parts}

    async def handle(self, records: Sequence[Record]) -> None:
        await self._followers.feed(records)

    def opened_to(self) -> int:
        return sum(self._followers.next_offsets().values())

    async def idle(self) -> None:
        return

    def wake_in_s(self) -> float:
        return IDLE_S

    async def close(self) -> None:
        await self._projection.close()
        await self._barrier.close()
