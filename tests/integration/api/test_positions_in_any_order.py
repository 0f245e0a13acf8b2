"""Position batches come late, twice and in any order: the board shows where a worker was last."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from services.api.board import geo_key
from services.api.places import Place, show
from tests.integration.projections.redis_server import running_redis

NOW = datetime(2026, 11, 3, 3, tzinfo=UTC)


class _Clock:
    def now(self) -> datetime:
        return NOW


class _Doors:
    def __init__(self, client: redis.asyncio.Redis) -> None:
        self.redis, self.clock = client, _Clock()


def at(worker_id: str, x: float, minutes: float) -> Place:
    return Place(worker_id, x, 0.0, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("batches", "shown"),
    [
        (([at("w", 1, -9)], [at("w", 2, -5)], [at("w", 1, -9)]), 2.0),  # the first one again
        (([at("w", 3, -1), at("w", 1, -9), at("w", 2, -5)],), 3.0),  # in one batch, mixed up
        (([at("w", 2, 600)], [at("w", 3, 0)]), 3.0),  # a phone ten hours ahead is not the newest for ten hours
        (([at("w", 2, -5)], [at("v", 9, -30)]), 2.0),  # each worker for itself
    ],
)
def test_the_newest_place_is_shown(tmp_path: Path, batches: tuple[list[Place], ...], shown: float) -> None:
    async def play() -> dict[bytes, bytes]:
        with running_redis(tmp_path) as server:
            client = redis.asyncio.Redis.from_url(server.url)
            doors = _Doors(client)
            for batch in batches:
                await show(doors, "11440", batch)  # type: ignore[arg-type]
            found: dict[bytes, bytes] = await client.hgetall(geo_key("11440"))  # type: ignore[misc]
            await client.aclose()
            return found

    found = asyncio.run(play())
    assert msgspec.json.decode(found[b"w"]) == [shown, 0.0]


def test_a_clock_that_was_set_back_shows_the_day_that_is_played_now(tmp_path: Path) -> None:
    async def play() -> bytes | None:
        with running_redis(tmp_path) as server:
            client = redis.asyncio.Redis.from_url(server.url)
            doors = _Doors(client)
            doors.clock.now = lambda: NOW + timedelta(hours=9)  # type: ignore[method-assign]
            await show(doors, "11440", [at("w", 1, 500)])  # type: ignore[arg-type]
            doors.clock.now = lambda: NOW  # type: ignore[method-assign]
            await show(doors, "11440", [at("w", 2.5, -1)])  # type: ignore[arg-type]
            found: bytes | None = await client.hget(geo_key("11440"), "w")  # type: ignore[misc]
            await client.aclose()
            return found

    assert asyncio.run(play()) == b"[2.5,0.0]"
