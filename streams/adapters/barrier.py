"""Lock-step: each hop says in Redis that a barrier token has passed it; the door waits for all of them."""

from __future__ import annotations

import json
import time
from typing import Any

import redis
import redis.asyncio

HOPS = ("dispatcher", "board", "outbox", "messenger", "solver")
KEEP_S = 600


def barrier_key(token: str) -> str:
    return f"dolbom:barrier:{token}"


class Barrier:
    """A hop's side."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)

    async def ack(self, token: str, hop: str, **facts: Any) -> None:
        """The token and everything before it are through. Twice is no harm. Redis away: the door times out and sends
        another token."""
        key = barrier_key(token)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.rpush(key, json.dumps({"hop": hop, **facts}))
                pipe.expire(key, KEEP_S)
                await pipe.execute()
        except redis.RedisError:
            return

    async def close(self) -> None:
        await self._redis.aclose()


def wait_for_hops(
    client: redis.Redis, token: str, hops: tuple[str, ...] = HOPS, timeout_s: float = 20.0
) -> dict[str, dict[str, Any]] | None:
    """The door's side (blocking): hop -> what it said, or None when one of them stayed silent."""
    heard: dict[str, dict[str, Any]] = {}
    end = time.monotonic() + timeout_s
    while not set(hops) <= set(heard):
        left = end - time.monotonic()
        if left <= 0:
            return None
        item = client.blpop([barrier_key(token)], timeout=min(left, 1.0))
        if item is not None:
            said = json.loads(item[1])
            heard[said["hop"]] = said
    return heard
