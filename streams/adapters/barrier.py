"""Lock-step: each hop says in Redis that a barrier token has passed it; the door waits for all of them."""

from __future__ import annotations

import json
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
