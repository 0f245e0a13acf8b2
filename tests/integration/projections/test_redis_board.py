"""The board in a real Redis keeps the board's contract, and survives what Redis may do: go away, stall, come back empty."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis

from services.api.board import BoardReader
from services.api.problems import Problem
from streams.adapters import board_keys as keys
from streams.adapters.positions import PositionMoved, read_position
from streams.adapters.redis_board import RedisBoard
from streams.contracts.refusals import Refusal
from tests.core_world import DISTRICT
from tests.integration.projections.redis_server import RedisServer, running_redis
from tests.unit.projections.board_contract import BoardContract, day, run_async
from tests.unit.projections.feeding import Feed, settings

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


async def do_nothing(partition: int) -> None:
    """In place of a projection's own word that it has caught up."""


class Store:
    def __init__(self, url: str, state_dir: Path) -> None:
        self._settings = settings(state_dir, redis_url=url)
        self._redis: Any = redis.Redis.from_url(url)
        self._boards: list[RedisBoard] = []

    def board(self) -> RedisBoard:
        self._boards.append(RedisBoard(self._settings))
        return self._boards[-1]

    async def rows(self, district: str) -> dict[str, bytes]:
        rows: dict[bytes, bytes] = await self._redis.hgetall(keys.board_key(district))
        return {field.decode(): raw for field, raw in rows.items()}

    async def _named(self, prefix: str) -> list[str]:
        return sorted([key.decode() async for key in self._redis.scan_iter(f"{prefix}*", count=500)])

    async def stories(self) -> dict[str, list[bytes]]:
        prefix = keys.story_key("")
        return {key.removeprefix(prefix): await self._redis.lrange(key, 0, -1) for key in await self._named(prefix)}

    async def commands(self) -> dict[str, bytes]:
        prefix = keys.command_key("")
        return {key.removeprefix(prefix): await self._redis.get(key) for key in await self._named(prefix)}

    async def frames(self, district: str) -> list[tuple[str, bytes]]:
        found = await self._redis.xrange(keys.live_key(district))
        return [(number.decode(), fields[b"frame"]) for number, fields in found]

    async def position(self, partition: int) -> Any:
        return read_position(await self._redis.hget(keys.board_key(DISTRICT), keys.POSITION))

    async def everything(self) -> Any:
        boards = {key: await self.rows(key.removeprefix(keys.board_key(""))) for key in await self._named(keys.board_key(""))}
        return boards, await self.stories(), await self.commands()

    async def empty(self) -> None:
        await self._redis.flushall()

    async def close(self) -> None:
        for board in self._boards:
            await board.close()
        await self._redis.aclose()


class TestRedisBoard(BoardContract):
    @pytest.fixture(autouse=True)
    def _over(self, server: RedisServer, tmp_path: Path) -> None:
        self.server, self.state_dir = server, tmp_path

    def run(self, scenario: Callable[[Any], Awaitable[None]]) -> None:
        async def over_redis() -> None:
            store = Store(self.server.url, self.state_dir)
            await store.empty()
            try:
                await scenario(store)
            finally:
                await store.close()

        run_async(over_redis)

    def test_an_emptied_redis_is_noticed_though_nothing_is_decided(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board)
            await feed.hand_over(board)
            assert await board.is_intact(0)
            await store.empty()
            assert not await board.is_intact(0)

        self.run(scenario)

    def test_half_a_board_is_read_by_nobody(self) -> None:
        """While it is built again: what is in the other half would look as if it had never been."""

        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            reader = BoardReader(store._redis, [DISTRICT])
            await feed.open(board, end=0)
            await feed.hand_over(board)
            exceptions, visits = await reader.rows(DISTRICT, b"x:"), await reader.rows(DISTRICT, b"v:")
            (name, *_) = [field for field in await store.rows(DISTRICT) if field.startswith("v:")]
            await store.empty()
            again, caught_up = Feed(list(day())), board.caught_up
            board.caught_up = do_nothing
            for half in (0, len(again.raws) // 2, len(again.raws)):
                await again.open(board, end=half)
                assert await reader.find_snapshot(DISTRICT) is None
                for read in (
                    reader.rows(DISTRICT, b"v:"), reader.rows(DISTRICT, b"x:"), reader.field(DISTRICT, name),
                    reader.find_home(name), reader.find_home("v:nobody"),
                ):  # fmt: skip
                    with pytest.raises(Problem) as refused:
                        await read
                    assert refused.value.code == Refusal.BOARD_UNAVAILABLE
            await caught_up(0)
            assert (await reader.rows(DISTRICT, b"x:"), await reader.rows(DISTRICT, b"v:")) == (exceptions, visits)
            assert await reader.find_home(name) is not None
            assert await reader.find_home("v:nobody") is None
            assert await board.is_intact(0)
            await caught_up(0)  # its answer may have been lost

        self.run(scenario)

    def test_a_board_that_is_emptied_while_it_is_built_is_built_again(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=len(feed.raws) // 2)
            board._kept[0] = feed.position()
            await store.empty()
            with pytest.raises(PositionMoved):
                await board.caught_up(0)

        self.run(scenario)

    def test_redis_away_loses_nothing(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            await store.empty()
            again = Feed(list(day()))
            await again.open(board, end=20)
            self.server.kill()
            rest = asyncio.create_task(again.hand_over(board))
            await asyncio.sleep(0.3)
            assert not rest.done()
            await asyncio.to_thread(self.server.start)  # and empty: nothing of it is on disk
            await rest
            await store._redis.connection_pool.disconnect()
            assert await store.everything() == lived

        self.run(scenario)

    def test_an_answer_that_was_lost_is_not_stored_twice(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            await store.empty()
            again = Feed(list(day()))
            await again.open(board, end=0)
            commit, lost = board._commit, 0

            async def commit_and_lose_the_answer(*arguments: Any) -> None:
                nonlocal lost
                await commit(*arguments)
                if lost < 3:
                    lost += 1
                    raise redis.ConnectionError

            board._commit = commit_and_lose_the_answer
            await again.hand_over(board)
            assert lost == 3
            assert await store.everything() == lived

        self.run(scenario)

    def test_half_a_board_is_no_board(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            await store._redis.hdel(keys.board_key(DISTRICT), keys.POSITION)
            await store._redis.hset(keys.board_key(DISTRICT), "v:ghost", b"{}")
            again = Feed(list(day()))
            await again.open(store.board())
            assert await store.everything() == lived

        self.run(scenario)

    def test_frames_are_numbered_by_the_journal(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            numbers = [int(number.partition("-")[0]) for number, _ in await store.frames(DISTRICT)]
            assert numbers[-1] == len(day())

        self.run(scenario)
