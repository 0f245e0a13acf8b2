"""What became of commands: asked once for all who wait, whenever the board moved and every few milliseconds besides."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.adapters import board_keys as keys
from streams.adapters.end_tasks import end_tasks
from streams.contracts.board import CommandOutcome

ASK_EVERY_S = 0.03  # a refusal moves no row, so no frame tells of it; only asked while somebody waits
AFTER_FAILURE_S = 0.5


class OutcomeWaiter:
    """`wait(command_id)` until its outcome stands in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis
        self._waiting: dict[str, set[asyncio.Future[CommandOutcome]]] = {}
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def find(self, command_id: str) -> CommandOutcome | None:
        """None: nothing is known (yet). Raises RedisError."""
        return _decode(await self._redis.get(keys.command_key(command_id)))

    async def wait(self, command_id: str, timeout_s: float) -> CommandOutcome | None:
        """None when it takes longer (or Redis is away): the command is recorded all the same."""
        answer: asyncio.Future[CommandOutcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(command_id, set()).add(answer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            return None
        finally:
            waiting = self._waiting.get(command_id, set())
            waiting.discard(answer)
            if not waiting:
                self._waiting.pop(command_id, None)

    def moved(self) -> None:
        """The board moved: ask at once."""
        self._moved.set()

    async def stop(self) -> None:
        if self._task is not None:
            await end_tasks([self._task])

    async def _ask(self) -> None:
        while self._waiting:
            ids = list(self._waiting)
            pause_s = ASK_EVERY_S
            try:
                found = await self._redis.mget([keys.command_key(id_) for id_ in ids])
            except (RedisError, OSError):
                found, pause_s = [], AFTER_FAILURE_S
            for id_, raw in zip(ids, found, strict=False):
                outcome = _decode(raw)
                for answer in self._waiting.get(id_, ()) if outcome is not None else ():
                    if not answer.done():
                        answer.set_result(outcome)  # type: ignore[arg-type]
                if outcome is not None:
                    self._waiting.pop(id_, None)
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._moved.wait()


def _decode(raw: bytes | None) -> CommandOutcome | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=CommandOutcome)
    except msgspec.DecodeError:
        return None
