"""Whose reports go to which district's inbox: from the registry, kept in memory, known before any board is up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from streams.adapters.end_tasks import end_tasks
from streams.adapters.registry import Home, Registry
from streams.contracts.district import DistrictConfig

READ_AGAIN_S = 5.0  # another API process may have taken a district's configuration


class Roster:
    """(kind, id) -> homes. Unknown ids make it read the registry again, but not more often than every five seconds."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._homes: dict[tuple[str, str], list[Home]] = {}
        self._read_at = float("-inf")
        self._following: set[asyncio.Task[None]] = set()

    async def add(self, config: DistrictConfig) -> None:
        """Take over who is new in a district, before its configuration is appended: it may be refused, so nobody goes yet."""
        await self._put(config, keep=True)

    def follow(self, in_force: Awaitable[DistrictConfig | None]) -> None:
        """Who is not in the configuration that comes to be in force is forgotten then. Without an answer they stay for now:
        what they report is refused by the log."""
        task = asyncio.create_task(self._follow(in_force))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def stop(self) -> None:
        await end_tasks(list(self._following))

    async def _follow(self, in_force: Awaitable[DistrictConfig | None]) -> None:
        with contextlib.suppress(RedisError, SQLAlchemyError):  # away: they stay for now
            config = await in_force
            if config is not None:
                await self._put(config, keep=False)

    async def _put(self, config: DistrictConfig, keep: bool) -> None:
        organisations = [provider.provider_id for provider in config.providers]
        workers = {worker.worker_id: worker.organisation for worker in config.workers}
        kitchens = {kitchen.kitchen_id: kitchen.provider_id for kitchen in config.kitchens}
        await asyncio.to_thread(self._registry.put_roster, config.district, organisations, workers, kitchens, keep)
        await self._read()

    async def find(self, kind: str, id_: str) -> list[Home]:
        """Homes of an organisation, worker or kitchen; empty when not known."""
        if not id_:
            return []
        if (kind, id_) not in self._homes and time.monotonic() - self._read_at > READ_AGAIN_S:
            await self._read()
        return self._homes.get((kind, id_), [])

    async def refresh(self) -> None:
        """Read again if it is time to, whoever is asked for: else the time would tell a limited caller that an id is known."""
        if time.monotonic() - self._read_at > READ_AGAIN_S:
            await self._read()

    async def districts(self) -> list[str]:
        """Districts that were configured, sorted."""
        if not self._homes:
            await self.find("organisation", "-")
        return sorted({home.district for homes in self._homes.values() for home in homes})

    async def _read(self) -> None:
        self._homes = await asyncio.to_thread(self._registry.list_roster)
        self._read_at = time.monotonic()
