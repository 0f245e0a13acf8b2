"""The `outbox` projection: decisions become deliveries in one transaction with the position; a sender makes them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from streams.adapters.deliveries import AWAY, DeliveryStore
from streams.adapters.positions import is_worth_keeping
from streams.adapters.webhook_bodies import Notice, Outgoing, Told, outgoing
from streams.adapters.webhook_sender import LIVE_RETRIES, LOCKSTEP_RETRIES, Retries, WebhookSender

if TYPE_CHECKING:
    from streams.adapters.positions import Position
    from streams.adapters.registry import Registry
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

REGISTRY_WAIT_S = 0.5


class Outbox:
    """Webhooks to organisations and notices to people. Without `registry` it opens the one of the settings."""

    name = "outbox"

    def __init__(
        self, settings: Settings, registry: Registry | None = None, retries: Retries | None = None
    ) -> None:
        self._settings = settings
        self._retries = retries or (LOCKSTEP_RETRIES if settings.lockstep else LIVE_RETRIES)
        self._registry = registry
        self._owns_registry = registry is None
        self._store: DeliveryStore | None = None
        self._sender: WebhookSender | None = None
        self._told: dict[int, dict[str, Told]] = {}
        self._kept: dict[int, Position | None] = {}

    async def open(self, partition: int) -> Position | None:
        """The position; deliveries still to be made are taken up again."""
        store, sender = await self._start()
        position = await asyncio.to_thread(store.find_position, self.name, partition)
        self._told[partition] = await asyncio.to_thread(store.load_told, partition)
        self._kept[partition] = position
        sender.add(await asyncio.to_thread(store.load_pending, partition))
        return position

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        """Store the batch's deliveries and notices with the position, then let the sender begin. Raises PositionMoved when
        another outbox was here."""
        store, sender = await self._start()
        told = self._told[partition]
        webhooks: list[Outgoing] = []
        notices: list[Notice] = []
        for record in records:
            if record.decisions and record.district in ps.districts:
                own = told.setdefault(record.district, Told())
                some_webhooks, some_notices = outgoing(record, ps.districts[record.district], own)
                webhooks += some_webhooks
                notices += some_notices
        changes = {district: own.take_changed() for district, own in told.items() if own.changed}
        if not (webhooks or notices or changes or is_worth_keeping(self._kept.get(partition), position)):
            return
        while True:
            try:
                fresh = await asyncio.to_thread(
                    store.store, partition, self._kept.get(partition), position, webhooks, notices, changes
                )
                break
            except AWAY as error:
                logger.warning("the registry is away (%s), waiting for it", type(error).__name__)
                await asyncio.sleep(REGISTRY_WAIT_S)
        self._kept[partition] = position
        sender.add(fresh)

    async def settle(self, token: str) -> None:
        """Every delivery that is due was tried, and in lock-step tried again at once as often as the policy says."""
        if self._sender is not None:
            await self._sender.idle()

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()
            self._sender = None
        if self._owns_registry and self._registry is not None:
            self._registry.close()
            self._registry = None
        self._store = None

    async def _start(self) -> tuple[DeliveryStore, WebhookSender]:
        if self._store is None or self._sender is None:
            if self._registry is None:
                from streams.adapters.registry import open_registry

                self._registry = await asyncio.to_thread(
                    open_registry, self._settings.registry_url, self._settings.state_dir
                )
            self._store = await asyncio.to_thread(DeliveryStore, self._registry.engine)
            self._sender = WebhookSender(self._registry, self._store, self._retries)
        return self._store, self._sender
