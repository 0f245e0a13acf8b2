"""Appends to the log from an event loop: one kafka-python producer (acks=all, idempotent), answers through callbacks.

An append is answered with its partition and offset once the broker has it, or with `LogUnavailable`. After that the
record may still be there (the answer was lost): senders repeat with the same id, and the core drops what it knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
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
        make_producer: Callable[[], Any] | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._districts = districts
        self._timeout_s = timeout_s
        self._make_producer = make_producer or self._kafka_producer
        self._producer: Any = None
        self._reopen_at = 0.0
        # One thread: sends keep their order, and what may block (the first metadata of a topic) blocks here only.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-writer")

    async def append(self, topic: str, district: str, envelope: Envelope) -> tuple[int, int]:
        """Append one envelope; returns (partition, offset) as acknowledged. Raises `LogUnavailable`, `RecordTooLarge`,
        and KeyError for a district that is not in the table."""
        return await self.append_bytes(topic, self._districts[district], district.encode(), _encoded(envelope))

    async def append_all(self, topic: str, items: Iterable[tuple[str, Envelope]]) -> list[tuple[int, int]]:
        """Append (district, envelope) pairs in order, without waiting in between; all are acknowledged or it raises."""
        records = [(self._districts[district], district.encode(), _encoded(envelope)) for district, envelope in items]
        tasks = [asyncio.ensure_future(self.append_bytes(topic, *record)) for record in records]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def append_bytes(self, topic: str, partition: int, key: bytes, value: bytes) -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[int, int]] = loop.create_future()
        producer: list[Any] = []

        def settle(apply: Callable[[Any], None], value: Any) -> None:
            if not answer.done():
                apply(value)

        def from_thread(apply: Callable[[Any], None], value: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, apply, value)

        def send() -> None:
            try:
                producer.append(self._open())
                producer[0].send(topic, value=value, key=key, partition=partition).add_callback(
                    lambda done: from_thread(answer.set_result, (done.partition, done.offset))
                ).add_errback(lambda error: from_thread(answer.set_exception, error))
            except Exception as error:  # whatever the client raises, the caller must hear of it
                from_thread(answer.set_exception, error)

        try:
            async with asyncio.timeout(self._timeout_s):
                await loop.run_in_executor(self._thread, send)
                return await answer
        except Exception as error:
            answer.cancel()
            self._drop(producer[0] if producer else None)
            raise LogUnavailable(type(error).__name__) from None

    async def warm(self, topics: Iterable[str]) -> None:
        """Open the producer and learn the topics' leaders, so that the first append does not pay for it (about 0.3 s).
        Raises `LogUnavailable`."""
        names = list(topics)

        def look() -> None:
            producer = self._open()
            for name in names:
                producer.partitions_for(name)

        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.get_running_loop().run_in_executor(self._thread, look)
        except Exception as error:
            raise LogUnavailable(type(error).__name__) from None

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        self._reopen_at = float("inf")
        if producer is not None:
            await asyncio.to_thread(_close, producer, 1.0)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> Any:
        """In the writer's thread: the producer, made if there is none."""
        if self._producer is None:
            if time.monotonic() < self._reopen_at:
                raise LogUnavailable("the broker was away a moment ago")
            try:
                self._producer = self._make_producer()
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
        threading.Thread(target=_close, args=(producer, 0.0), daemon=True).start()

    def _kafka_producer(self) -> Any:
        from kafka import KafkaProducer

        return KafkaProducer(
            bootstrap_servers=self._bootstrap, client_id="dolbom-api", acks="all", linger_ms=0,
            max_block_ms=METADATA_TIMEOUT_MS, bootstrap_timeout_ms=METADATA_TIMEOUT_MS,
            request_timeout_ms=REQUEST_TIMEOUT_MS, delivery_timeout_ms=DELIVERY_TIMEOUT_MS, retry_backoff_ms=50,
            reconnect_backoff_ms=20, reconnect_backoff_max_ms=RECONNECT_MAX_MS, allow_auto_create_topics=False,
            metrics_enabled=False,
        )  # fmt: skip


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


def _close(producer: Any, timeout_s: float) -> None:
    try:
        producer.close(timeout=timeout_s)
    except Exception:  # close() gives up when records are left over, and leaves its thread running
        with contextlib.suppress(Exception):
            producer._sender.initiate_close()
            producer._sender.force_close()
