"""Whose reports go to which district's inbox: from the registry, kept in memory, known before any board is up."""

from __future__ import annotations

import asyncio
import time

from streams.adapters.registry import Home, Registry
from streams.contracts.district import DistrictConfig

READ_AGAIN_S = 5.0  # another API process may have taken a district's configuration


class Roster:
    """(kind, id) -> homes. Unknown ids make it read the registry again, but not more often than every five seconds."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._homes: dict[tuple[str, str], list[Home]] = {}
        self._read_at = float("-inf")

    async def put(self, config: DistrictConfig) -> None:
        """Take over who is who in a district, before its configuration is appended."""
        organisations = [provider.provider_id for provider in config.providers]
        workers = {worker.worker_id: worker.organisation for worker in config.workers}
        kitchens = {kitchen.kitchen_id: kitchen.provider_id for kitchen in config.kitchens}
        await asyncio.to_thread(self._registry.put_roster, config.district, organisations, workers, kitchens)
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
