"""Envelopes into inboxes, from projections: acknowledged by all replicas, tried until they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from aiokafka.errors import KafkaError

from streams.adapters.kafka_log import LogUnavailable, append, start_producer
from streams.contracts import codec

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

    from streams.contracts.envelope import Envelope

logger = logging.getLogger(__name__)

EVENT_IDS = UUID("6f9d1c1e-7a6b-5d0f-9c55-2b1f0e3a8d47")
"""Namespace of the ids of events that we send ourselves: the same cause gives the same id, so a resend is known."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0


def event_id(cause: str) -> str:
    return str(uuid5(EVENT_IDS, cause))


@dataclass(frozen=True)
class Out:
    """One envelope and where it goes."""

    topic: str
    partition: int
    envelope: Envelope


class KafkaOut:
    """Sends in order. A producer that failed is thrown away: after a fatal error it would fail for ever."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()

    async def send(self, outs: Sequence[Out]) -> None:
        """Return when all are acknowledged, however long the broker is away. What is sent twice on the way has the same id."""
        async with self._turn:
            wait_s = FIRST_WAIT_S
            left = list(outs)
            while left:
                try:
                    if self._producer is None:
                        self._producer = await start_producer(self._bootstrap, self._client_id)
                    while left:
                        out = left[0]
                        await append(
                            self._producer, out.topic, out.partition, [codec.encode(out.envelope)],
                            keys=[out.envelope.district.encode()],
                        )  # fmt: skip
                        left.pop(0)
                except (KafkaError, LogUnavailable, OSError) as error:
                    logger.warning("%d records of %s wait: %s", len(left), self._client_id, type(error).__name__)
                    await self._drop_producer()
                    await asyncio.sleep(wait_s)
                    wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def close(self) -> None:
        await self._drop_producer()

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(2.0):
                    await producer.stop()
            except (TimeoutError, KafkaError, OSError):
                pass  # it is thrown away; its connections go with it
