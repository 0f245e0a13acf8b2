"""Where workers are, for the board: the newest of what their phones say, in whatever order it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from redis.exceptions import RedisError

from services.api.board import geo_key
from services.api.doors import Doors

NEWER = """
for i = 2, #ARGV, 3 do
  local before = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0')
  local at = tonumber(ARGV[i + 1])
  if before <= at or before > tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
"""
"""An older place does not go over a newer one. One from after now was left by a clock that has been set back since: it goes."""


class Place(NamedTuple):
    """Metres or degrees, rounded; `at` by the phone's clock."""

    worker_id: str
    x: float
    y: float
    at: datetime


async def show(doors: Doors, district: str, places: Iterable[Place]) -> None:
    """Put them on the board. A hint only: with Redis away the next ones come soon."""
    now = doors.clock.now()
    arguments: list[Any] = [now.timestamp()]
    for one in places:
        # A phone that is ahead of time would be the newest for as long as that.
        arguments += [one.worker_id, min(one.at, now).timestamp(), msgspec.json.encode((one.x, one.y))]
    with contextlib.suppress(RedisError, OSError):
        running: Any = doors.redis.eval(NEWER, 2, geo_key(district), f"{geo_key(district)}:at", *arguments)
        await running
