"""Appends to the log from an event loop: one aiokafka producer (acks=all, idempotent) in the loop itself.

An append is answered with its partition and offset once the broker has it, or with `LogUnavailable`. After that the
record may still be there (the answer was lost): senders repeat with the same id, and the core drops what it knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from streams.contracts import codec
from streams.contracts.envelope import Envelope

log = logging.getLogger(__name__)

APPEND_TIMEOUT_S = 10.0
REQUEST_TIMEOUT_MS = 4_000  # a broker that restarts is back in about 4 s; one retry then fits into the ten
DELIVERY_TIMEOUT_MS = 9_000  # below APPEND_TIMEOUT_S: the producer gives a record up before we answer for it
METADATA_TIMEOUT_MS = 4_000
RECONNECT_MAX_MS = 500  # the default of 30 s would keep us away long after the broker is back
REOPEN_PAUSE_S = 1.0
GIVE_UP_S = 2.0


class LogUnavailable(Exception):
    """The broker did not take the record in time."""


class RecordTooLarge(Exception):
    """The record is beyond the limit of the log."""


class LogWriter:
    """`districts` is the explicit table district code -> partition. `make_producer` is for tests."""

    def __init__(
        self,
        bootstrap: str,
        districts: Mapping[str, int],
        *,
        timeout_s: float = APPEND_TIMEOUT_S,
        make_producer: Callable[[], Awaitable[Any]] | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._districts = districts
        self._timeout_s = timeout_s
        self._make_producer = make_producer or self._kafka_producer
        self._producer: Any = None
        self._opening = asyncio.Lock()
        self._reopen_at = 0.0
        self._given_up: set[asyncio.Task[None]] = set()

    async def append(self, topic: str, district: str, envelope: Envelope) -> tuple[int, int]:
        """Append one envelope; returns (partition, offset) as acknowledged. Raises `LogUnavailable`, `RecordTooLarge`,
        and KeyError for a district that is not in the table."""
        return await self.append_bytes(topic, self._districts[district], district.encode(), _encoded(envelope))

    async def append_all(self, topic: str, items: Iterable[tuple[str, Envelope]]) -> list[tuple[int, int]]:
        """Append (district, envelope) pairs in order, without waiting in between; all are acknowledged or it raises."""
        records = [(self._districts[district], district.encode(), _encoded(envelope)) for district, envelope in items]
        return await self._append(topic, records)

    async def append_bytes(self, topic: str, partition: int, key: bytes, value: bytes) -> tuple[int, int]:
        return (await self._append(topic, [(partition, key, value)]))[0]

    async def _append(self, topic: str, records: list[tuple[int, bytes, bytes]]) -> list[tuple[int, int]]:
        producer = None
        try:
            async with asyncio.timeout(self._timeout_s):
                producer = await self._open()
                sent = [
                    await producer.send(topic, value=value, key=key, partition=partition) for partition, key, value in records
                ]
                done = await asyncio.gather(*sent)
                return [(metadata.partition, metadata.offset) for metadata in done]
        except Exception as error:
            self._drop(producer)
            raise LogUnavailable(type(error).__name__) from None

    async def warm(self, topics: Iterable[str]) -> None:
        """Open the producer and learn the topics' leaders, so that the first append does not pay for it. Raises
        `LogUnavailable`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                producer = await self._open()
                for name in topics:
                    await producer.partitions_for(name)
        except Exception as error:
            raise LogUnavailable(type(error).__name__) from None

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        self._reopen_at = float("inf")
        if producer is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await producer.stop()
                    producer = None
            if producer is not None:
                await _give_up(producer)
        if self._given_up:
            await asyncio.wait(self._given_up, timeout=1.0)

    async def _open(self) -> Any:
        """The producer, made if there is none."""
        if self._producer is not None:
            return self._producer
        async with self._opening:
            if self._producer is None:
                if time.monotonic() < self._reopen_at:
                    raise LogUnavailable("the broker was away a moment ago")
                try:
                    self._producer = await self._make_producer()
                except Exception:
                    self._reopen_at = time.monotonic() + REOPEN_PAUSE_S
                    raise
        return self._producer

    def _drop(self, producer: Any) -> None:
        """The producer failed an append: take a new one for the next. Its state (sequence numbers, a stuck connection,
        a fatal error) goes with it; what it still held is given up, and its senders were told so."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        log.warning("the log's producer failed an append; the next append opens a new one")
        task = asyncio.create_task(_give_up(producer))
        self._given_up.add(task)
        task.add_done_callback(self._given_up.discard)

    async def _kafka_producer(self) -> Any:
        from aiokafka import AIOKafkaProducer

        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, client_id="dolbom-api", enable_idempotence=True, acks="all", linger_ms=0,
            request_timeout_ms=DELIVERY_TIMEOUT_MS, retry_backoff_ms=50,
        )  # fmt: skip
        try:
            await producer.start()
        except BaseException:
            await _give_up(producer)
            raise
        return producer


class LogEnds:
    """End offsets of partitions, from one consumer that stays open (opening one costs 100 ms, asking costs 1)."""

    def __init__(self, bootstrap: str, timeout_s: float = APPEND_TIMEOUT_S) -> None:
        self._bootstrap = bootstrap
        self._timeout_s = timeout_s
        self._consumer: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-ends")

    async def read(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """Topic -> offset of the next record. Raises `LogUnavailable`."""
        wanted = list(topics)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, wanted, partition)
        except Exception as error:
            raise LogUnavailable(type(error).__name__) from None

    def _read(self, topics: list[str], partition: int) -> dict[str, int]:
        from kafka import KafkaConsumer, TopicPartition

        if self._consumer is None:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap, client_id="dolbom-api-ends", group_id=None,
                bootstrap_timeout_ms=METADATA_TIMEOUT_MS, request_timeout_ms=REQUEST_TIMEOUT_MS,
                reconnect_backoff_max_ms=RECONNECT_MAX_MS, allow_auto_create_topics=False, metrics_enabled=False,
            )  # fmt: skip
        try:
            ends = self._consumer.end_offsets([TopicPartition(topic, partition) for topic in topics], timeout_ms=REQUEST_TIMEOUT_MS)
        except Exception:
            consumer, self._consumer = self._consumer, None
            with contextlib.suppress(Exception):
                consumer.close(autocommit=False, timeout_ms=0)
            raise
        return {where.topic: end for where, end in ends.items()}

    async def close(self) -> None:
        def shut() -> None:
            consumer, self._consumer = self._consumer, None
            if consumer is not None:
                with contextlib.suppress(Exception):
                    consumer.close(autocommit=False, timeout_ms=500)

        await asyncio.get_running_loop().run_in_executor(self._thread, shut)
        self._thread.shutdown(wait=False)


def _encoded(envelope: Envelope) -> bytes:
    raw = codec.encode(envelope)
    if len(raw) > codec.MESSAGE_LIMIT_BYTES:
        raise RecordTooLarge
    return raw


async def _give_up(producer: Any) -> None:
    """End a producer without waiting for what it still holds: `stop` would, for as long as the broker is away."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(GIVE_UP_S):
            if producer._sender is not None:
                await producer._sender.close()
            await producer.client.close()
    producer._closed = True
