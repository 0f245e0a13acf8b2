"""Readers of the decisions: what a projection is, how one partition is followed, and a runner without Faust."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from aiokafka import TopicPartition

from streams import topics
from streams.adapters.barrier import Barrier
from streams.adapters.kafka_log import Record, end_offsets, open_reader, read_range
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.progress import Progress
from streams.adapters.snapshots import Snapshots
from streams.contracts.envelope import DecisionsRecord
from streams.core.chain import REAL_CORE, BrokenChain, Core, PartitionState, apply_record
from streams.settings import Settings

log = logging.getLogger(__name__)

BATCH = 200


class Projection(Protocol):
    """Somebody who makes something of the decisions. `open` says where its data stand (None: from the beginning); `handle`
    stores effects and position together: `ps` is after the last of `records`. `rebuilding`: nothing was kept, and these
    records lie before the end of the log as it was found: history, not news; a `caught_up(partition)`, if it has one, is called
    at its end. `settle`: return when everything caused so far is out. `handle` raises PositionMoved to be opened again."""

    name: str

    async def open(self, partition: int) -> Position | None: ...

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None: ...

    async def settle(self, token: str) -> None: ...

    async def close(self) -> None: ...


def position_of(ps: PartitionState) -> Position:
    return Position(ps.next_journal_offset, ps.digest)


async def read_all(
    bootstrap: str, partition: int, ps: PartitionState, core: Core = REAL_CORE, first: int = 0
) -> AsyncIterator[DecisionsRecord]:
    """Every valid decisions record of a partition up to its end, `ps` folded along; for the CLI and tests."""
    async for records in read_range(bootstrap, topics.DECISIONS, partition, first):
        for record in records:
            decided = apply_record(ps, record.value or b"", core)
            if decided is not None:
                yield decided


class Follower:
    """One partition for one projection: folded to where its data stand, then batch by batch."""

    def __init__(
        self, projection: Projection, partition: int, settings: Settings, barrier: Barrier, core: Core = REAL_CORE
    ) -> None:
        self._projection = projection
        self._partition = partition
        self._settings = settings
        self._barrier = barrier
        self._core = core
        self._snapshots = Snapshots(settings.bootstrap, core)
        self._rebuild_end = 0
        self._token = ""  # the last one in what is history
        self.state = PartitionState()
        self.next_offset = 0  # of the decisions log

    async def open(self) -> None:
        """Fold to the position kept, then handle what lies between it and the end of the log."""
        position = await self._projection.open(self._partition)
        end = (await end_offsets(self._settings.bootstrap, [(topics.DECISIONS, self._partition)]))[
            topics.DECISIONS, self._partition
        ]
        self.state, self.next_offset = PartitionState(), 0
        self._rebuild_end, self._token = end if position is None else 0, ""
        if position is not None and position.next_journal_offset > 0:
            await self._fold(position, end)
        async for records in read_range(
            self._settings.bootstrap, topics.DECISIONS, self._partition, self.next_offset, end, batch=BATCH
        ):
            await self.feed(records)
        if position is None:
            await self._end_history()

    async def _end_history(self) -> None:
        """Tokens in history were heard of or given up long ago, but for the last: the door may be waiting for that, and what
        was caused before it is only out now."""
        caught_up = getattr(self._projection, "caught_up", None)
        if caught_up is not None:
            await caught_up(self._partition)
        if self._token:
            await self._settle(self._token)

    async def _settle(self, token: str) -> None:
        await self._projection.settle(token)
        await self._barrier.ack(token, self._projection.name, partition=self._partition)

    async def _fold(self, position: Position, end: int) -> None:
        snapshot = await self._snapshots.load(self._partition, not_after=position.next_journal_offset)
        if snapshot is not None and snapshot.decisions_offset <= end:
            self.state, self.next_offset = snapshot.state, snapshot.decisions_offset
        if self.state.next_journal_offset < position.next_journal_offset:
            async for records in read_range(
                self._settings.bootstrap, topics.DECISIONS, self._partition, self.next_offset, end
            ):
                for record in records:
                    if self.state.next_journal_offset < position.next_journal_offset:
                        apply_record(self.state, record.value or b"", self._core)
                        self.next_offset = record.offset + 1
                if self.state.next_journal_offset >= position.next_journal_offset:
                    break
                await asyncio.sleep(0)
        if position_of(self.state) != position:
            raise BrokenChain(
                f"{self._projection.name} stands at journal {position.next_journal_offset} of another log than this one;"
                " remove its data to have them built again"
            )

    async def feed(self, records: Sequence[Record]) -> None:
        """Contiguous records of the decisions log. Returns when the projection has stored them."""
        batch: list[DecisionsRecord] = []
        for record in records:
            decided = apply_record(self.state, record.value or b"", self._core)
            self.next_offset = record.offset + 1
            if decided is None:
                continue
            batch.append(decided)
            if decided.token and self.next_offset <= self._rebuild_end:
                self._token = decided.token
            elif decided.token:
                await self._hand_over(batch)
                batch = []
                await self._settle(decided.token)
        if batch:
            await self._hand_over(batch)

    async def _hand_over(self, batch: list[DecisionsRecord]) -> None:
        rebuilding = self.next_offset <= self._rebuild_end
        await self._projection.handle(self._partition, batch, self.state, position_of(self.state), rebuilding)


class Followers:
    """The followers of a worker. Whatever goes wrong in one, its memory is dropped and it opens again."""

    def __init__(self, projection: Projection, settings: Settings, barrier: Barrier, core: Core = REAL_CORE) -> None:
        self._projection = projection
        self._settings = settings
        self._barrier = barrier
        self._core = core
        self._followers: dict[int, Follower] = {}

    async def open(self, partitions: Sequence[int]) -> dict[int, int]:
        """Partition -> next offset of the decisions log."""
        self._followers.clear()
        for partition in partitions:
            follower = Follower(self._projection, partition, self._settings, self._barrier, self._core)
            self._followers[partition] = follower
            await self._open(follower)
        return self.next_offsets()

    async def feed(self, records: Sequence[Record]) -> None:
        """Contiguous records, of several partitions perhaps."""
        by_partition: dict[int, list[Record]] = {}
        for record in records:
            by_partition.setdefault(record.partition, []).append(record)
        for partition, batch in by_partition.items():
            follower = self._followers[partition]
            try:
                # opening again may have read further than the stream has come
                await follower.feed([record for record in batch if record.offset >= follower.next_offset])
            except PositionMoved as moved:
                log.warning("%s, partition %d: %s; opening again", self._projection.name, partition, moved)
                await self._open(follower)
                if follower.next_offset <= batch[-1].offset:
                    await follower.feed([record for record in batch if record.offset >= follower.next_offset])

    async def look(self) -> None:
        """A store may be emptied while nothing is decided: ask the projections that can tell, and build theirs again."""
        is_intact = getattr(self._projection, "is_intact", None)
        if is_intact is None:
            return
        for partition, follower in self._followers.items():
            if not await is_intact(partition):
                log.warning("%s, partition %d: its data are gone; opening again", self._projection.name, partition)
                await self._open(follower)

    async def _open(self, follower: Follower) -> None:
        while True:
            try:
                return await follower.open()
            except PositionMoved as moved:
                log.warning("%s: %s; opening again", self._projection.name, moved)
                await asyncio.sleep(0.1)

    def next_offsets(self) -> dict[int, int]:
        return {partition: follower.next_offset for partition, follower in self._followers.items()}


async def run_projection_plain(
    projection: Projection, settings: Settings, core: Core = REAL_CORE, stop: asyncio.Event | None = None
) -> None:
    """Follow all partitions in one process, without a group; until SIGTERM or `stop`. For the solver pool."""
    stopped = asyncio.Event() if stop is None else stop
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    barrier = Barrier(settings.redis_url)
    progress = Progress(settings.state_dir, projection.name if projection.name != "solver" else "solver_pool")
    followers = Followers(projection, settings, barrier, core)
    parts = [TopicPartition(topics.DECISIONS, partition) for partition in range(settings.partitions)]
    try:
        async with open_reader(settings.bootstrap) as consumer:
            opened = await followers.open([part.partition for part in parts])
            consumer.assign(parts)
            for part in parts:
                consumer.seek(part, opened[part.partition])
            reported_at = 0.0
            while not stopped.is_set():
                if time.monotonic() - reported_at >= 1.0:
                    reported_at = time.monotonic()
                    ends = await consumer.end_offsets(parts)
                    progress.report(sum(followers.next_offsets().values()), sum(ends.values()))
                for part, got in (await consumer.getmany(*parts, timeout_ms=200, max_records=BATCH)).items():
                    await followers.feed([Record(part.topic, part.partition, r.offset, r.value, r.key) for r in got])
    finally:
        await projection.close()
        await barrier.close()
