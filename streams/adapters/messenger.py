"""The `messenger` projection: what a district says to another goes into that one's inbox.

The sender's index is in the message and the receiver keeps a watermark for each sender, so a message that is sent twice
(its position was not kept in time) is heard once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from streams import topics
from streams.adapters.deliveries import AWAY, DeliveryStore
from streams.adapters.kafka_out import KafkaOut, Out, event_id
from streams.adapters.positions import is_worth_keeping
from streams.contracts.decisions import DistrictMessageSent
from streams.contracts.envelope import seal
from streams.contracts.inputs import DistrictMessage

if TYPE_CHECKING:
    from streams.adapters.positions import Position
    from streams.adapters.registry import Registry
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

REGISTRY_WAIT_S = 0.5


class Messenger:
    """Messages between districts. Its position is in the registry. `unknown_targets` counts messages to districts that the
    settings do not know: nobody could read them."""

    name = "messenger"

    def __init__(self, settings: Settings, registry: Registry | None = None, out: KafkaOut | None = None) -> None:
        self._settings = settings
        self._registry = registry
        self._owns_registry = registry is None
        self._out = out or KafkaOut(settings.bootstrap, "dolbom-messenger")
        self._store: DeliveryStore | None = None
        self._kept: dict[int, Position | None] = {}
        self.unknown_targets = 0

    async def open(self, partition: int) -> Position | None:
        if self._store is None:
            if self._registry is None:
                from streams.adapters.registry import open_registry

                self._registry = await asyncio.to_thread(
                    open_registry, self._settings.registry_url, self._settings.state_dir
                )
            self._store = await asyncio.to_thread(DeliveryStore, self._registry.engine)
        self._kept[partition] = await asyncio.to_thread(self._store.find_position, self.name, partition)
        return self._kept[partition]

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        """Send, then keep the position. Raises PositionMoved when another messenger was here."""
        messages = [out for record in records for out in self._messages(record)]
        if not (messages or is_worth_keeping(self._kept.get(partition), position)):
            return
        await self._out.send(messages)
        assert self._store is not None
        while True:
            try:
                await asyncio.to_thread(
                    self._store.keep_position, self.name, partition, self._kept.get(partition), position
                )
                break
            except AWAY as error:
                logger.warning("the registry is away (%s), waiting for it", type(error).__name__)
                await asyncio.sleep(REGISTRY_WAIT_S)
        self._kept[partition] = position

    async def settle(self, token: str) -> None:
        """Everything was acknowledged in `handle`."""

    async def close(self) -> None:
        await self._out.close()
        if self._owns_registry and self._registry is not None:
            self._registry.close()
            self._registry = None
        self._store = None

    def _messages(self, record: DecisionsRecord) -> Iterator[Out]:
        for index, decision in enumerate(record.decisions):
            if not isinstance(decision, DistrictMessageSent):
                continue
            partition = self._settings.partition_of(decision.to)
            if partition is None:
                self.unknown_targets += 1
                logger.error("a message of %s to %s has no inbox: unknown district", record.district, decision.to)
                continue
            effect_id = f"{record.district}-{record.journal_offset}-{index}"
            message = DistrictMessage(
                sender=record.district, index=decision.index, kind=decision.kind, visit_id=decision.visit_id,
                service=decision.service, priority=decision.priority, ask_id=decision.ask_id, price_krw=decision.price_krw,
                terms=decision.terms, recipient_id=decision.recipient_id, reason=decision.reason, arrived_at=decision.arrived_at,
                done_at=decision.done_at, tasks_done=decision.tasks_done,
            )  # fmt: skip
            envelope = seal(
                message, id=event_id(effect_id), district=decision.to, actor=f"district:{record.district}",
                at=record.now_at, cause=effect_id,
            )  # fmt: skip
            yield Out(topics.DISTRICT_MESSAGES, partition, envelope)
