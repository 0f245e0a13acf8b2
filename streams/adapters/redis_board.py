"""The live board in Redis. A batch's rows, stories, command outcomes, frame and position go in one script, so the
board never shows half a decision and its position never lies. Rebuilt from the decisions whenever Redis was emptied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError as RedisConnectionError,
    ReadOnlyError,
    TimeoutError as RedisTimeoutError,
)

from streams.adapters import board_keys as keys
from streams.adapters.board_batch import BoardBatches, DistrictBatch
from streams.adapters.positions import Position, PositionMoved, read_position, write_position

if TYPE_CHECKING:
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

AWAY = (RedisConnectionError, RedisTimeoutError, BusyLoadingError, ReadOnlyError, OSError)
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
COMMAND_TIMEOUT_S = 5.0  # a rebuild's largest script takes some 50 ms; more than this is a hung connection

MOST_AT_ONCE = 1000  # a script may unpack some 8,000 values

STORE = """
local kept_by_us, stored = true, true
for _, board in ipairs(KEYS) do
  local kept = redis.call('HGET', board, 'position') or redis.call('HGET', board, 'building') or ''
  kept_by_us = kept_by_us and kept == ARGV[1]
  stored = stored and kept == ARGV[2]
end
if not kept_by_us then
  if stored then return 0 end
  return -1
end
local i = 4
while i <= #ARGV do
  local count = tonumber(ARGV[i])
  redis.call(unpack(ARGV, i + 1, i + count))
  i = i + count + 1
end
for _, board in ipairs(KEYS) do
  redis.call('HDEL', board, 'building')
  redis.call('HSET', board, ARGV[3], ARGV[2])
end
return 1
"""
"""One round trip for a batch: the kept position is looked at (0: stored before, only the answer was lost; -1: moved), all
commands run, the position moves (while a board is built again, a mark in its place). Redis runs a script alone, so nobody
sees half of it."""

SHOW = """
for _, board in ipairs(KEYS) do
  if redis.call('HGET', board, 'building') ~= ARGV[1] and redis.call('HGET', board, 'position') ~= ARGV[1] then return -1 end
end
for _, board in ipairs(KEYS) do
  redis.call('HDEL', board, 'building')
  redis.call('HSET', board, 'position', ARGV[1])
end
return 1
"""
"""Sent twice is no harm."""

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
        self._script = self._redis.register_script(STORE)
        self._batches = BoardBatches()
        self._show = self._redis.register_script(SHOW)
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
        field = keys.BUILDING if rebuilding else keys.POSITION
        await self._patiently(lambda: self._commit(districts, batches, expected, position, field))
        self._kept[partition] = position

    async def caught_up(self, partition: int) -> None:
        """The board is whole again, and can be read."""
        built = self._kept.get(partition)
        if built is not None:
            boards = [keys.board_key(district) for district in self._districts.get(partition, [])]
            if await self._patiently(lambda: self._show(keys=boards, args=[write_position(built)])) < 0:
                raise PositionMoved("the board that was built is gone")

    async def is_intact(self, partition: int) -> bool:
        """False when Redis was emptied since the last batch. Redis away: nothing is known yet."""
        try:
            found = await self._read_positions(self._districts.get(partition, []))
        except AWAY:
            return True
        return all(position == self._kept.get(partition) for position in found)

    async def settle(self, token: str) -> None:
        """Nothing is under way after `handle`."""

    async def close(self) -> None:
        await self._redis.aclose()

    async def _commit(
        self, districts: list[str], batches: list[DistrictBatch], expected: Position | None, position: Position, field: str
    ) -> None:
        boards = [keys.board_key(district) for district in districts]
        arguments: list[Any] = ["" if expected is None else write_position(expected), write_position(position), field]
        for batch in batches:
            for command in commands_of(batch):
                arguments += [len(command), *command]
        if await self._script(keys=boards, args=arguments) < 0:
            raise PositionMoved("the board's position is not the one written last")

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


def commands_of(batch: DistrictBatch) -> Iterator[list[Any]]:
    """A batch as Redis commands, none with more arguments than a script may unpack."""
    fields = list(batch.fields.items())
    for first in range(0, len(fields), MOST_AT_ONCE):
        pairs = [part for field in fields[first : first + MOST_AT_ONCE] for part in field]
        yield ["HSET", keys.board_key(batch.district), *pairs]
    for visit_id in sorted(batch.begun):
        yield ["DEL", keys.story_key(visit_id)]
    for visit_id, lines in batch.story.items():
        for first in range(0, len(lines), MOST_AT_ONCE):
            yield ["RPUSH", keys.story_key(visit_id), *lines[first : first + MOST_AT_ONCE]]
    for command_id, outcome in batch.commands.items():
        yield ["SET", keys.command_key(command_id), outcome]
    if batch.frame is not None:
        yield [
            "XADD", keys.live_key(batch.district), "MAXLEN", "~", keys.LIVE_FRAMES_KEPT, f"{batch.frame_number}-0",
            "frame", batch.frame,
        ]  # fmt: skip
