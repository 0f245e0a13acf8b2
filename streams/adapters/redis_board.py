"""The live board in Redis. A batch's rows, stories, command outcomes, frame and position go in one transaction, so the
board never shows half a decision and its position never lies. Rebuilt from the decisions whenever Redis was emptied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, ReadOnlyError, WatchError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from streams.adapters import board_keys as keys
from streams.adapters.board_batch import BoardBatches, DistrictBatch
from streams.adapters.positions import Position, PositionMoved, read_position, write_position

if TYPE_CHECKING:
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

# WatchError: the board was written in between, or the connection broke: look again at what is kept, then decide.
AWAY = (RedisConnectionError, RedisTimeoutError, BusyLoadingError, ReadOnlyError, WatchError, OSError)
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
COMMAND_TIMEOUT_S = 5.0  # a rebuild's largest transaction takes some 50 ms; more than this is a hung connection

T = TypeVar("T")


class RedisBoard:
    """The `board` projection."""

    name = "board"

    def __init__(self, settings: Settings) -> None:
        self._districts: dict[int, list[str]] = {}
        for district, partition in settings.districts.items():
            self._districts.setdefault(partition, []).append(district)
        self._redis: Any = redis.Redis.from_url(
            settings.redis_url, socket_timeout=COMMAND_TIMEOUT_S, socket_connect_timeout=COMMAND_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        self._batches = BoardBatches()
        self._kept: dict[int, Position | None] = {}

    async def open(self, partition: int) -> Position | None:
        """The position that stands beside the rows; None when Redis holds none (or holds half a board)."""
        districts = self._districts.get(partition, [])
        found = await self._patiently(lambda: self._read_positions(districts))
        position = found[0] if found and len(set(found)) == 1 else None
        if position is None:
            # Leftovers of an earlier life would stay for ever: a rebuild writes only what is.
            stale = [name for district in districts for name in (keys.board_key(district), keys.live_key(district))]
            if stale:
                await self._patiently(lambda: self._redis.delete(*stale))
        self._batches.forget(districts)
        self._kept[partition] = position
        return position

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        """Store the batch and its position, or neither. Waits for Redis as long as it is away. Raises PositionMoved when
        the kept position is not the one this process wrote last: Redis was emptied, or another writer was here."""
        batches = self._batches.draw(records, ps, rebuilding)
        expected = self._kept.get(partition)
        districts = self._districts.get(partition, [])
        await self._patiently(lambda: self._commit(districts, batches, expected, position))
        self._kept[partition] = position

    async def settle(self, token: str) -> None:
        """Nothing is under way after `handle`."""

    async def close(self) -> None:
        await self._redis.aclose()

    async def _commit(
        self, districts: list[str], batches: list[DistrictBatch], expected: Position | None, position: Position
    ) -> None:
        watched = [keys.board_key(district) for district in districts]
        async with self._redis.pipeline(transaction=True) as pipe:
            if watched:
                await pipe.watch(*watched)
            found = [read_position(await pipe.hget(key, keys.POSITION)) for key in watched]
            if any(kept != expected for kept in found):
                if found and all(kept == position for kept in found):
                    return  # it was stored, only the answer was lost
                raise PositionMoved("the board's position is not the one written last")
            pipe.multi()
            for batch in batches:
                queue_batch(pipe, batch)
            kept = write_position(position)
            for key in watched:
                pipe.hset(key, keys.POSITION, kept)
            await pipe.execute()

    async def _read_positions(self, districts: list[str]) -> list[Position | None]:
        return [read_position(await self._redis.hget(keys.board_key(d), keys.POSITION)) for d in districts]

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                return await attempt()
            except AWAY as error:
                if wait_s == FIRST_WAIT_S:
                    logger.warning("redis did not take the batch (%s), trying again", type(error).__name__)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def queue_batch(pipe: Any, batch: DistrictBatch) -> None:
    """Put a batch's commands into a transaction."""
    if batch.fields:
        pipe.hset(keys.board_key(batch.district), mapping=batch.fields)
    if batch.begun:
        pipe.delete(*(keys.story_key(visit_id) for visit_id in sorted(batch.begun)))
    for visit_id, lines in batch.story.items():
        pipe.rpush(keys.story_key(visit_id), *lines)
    for command_id, outcome in batch.commands.items():
        pipe.set(keys.command_key(command_id), outcome)
    if batch.frame is not None:
        pipe.xadd(
            keys.live_key(batch.district), {"frame": batch.frame}, id=f"{batch.frame_number}-0",
            maxlen=keys.LIVE_FRAMES_KEPT, approximate=True,
        )  # fmt: skip
