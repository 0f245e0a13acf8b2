"""Plain access to the logs beside Faust: a producer that keeps the order, readers without a group, offsets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import RecordMetadata

READ_TIMEOUT_S = 30.0  # a reader that gets nothing for so long gives up; its worker ends and is started again
ACK_TIMEOUT_S = 30.0  # the idempotent producer retries for ever by itself


class LogUnavailable(Exception):
    """The broker did not answer in time, or a range that was promised is not there."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in a log. `value` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = None


async def start_producer(bootstrap: str, client_id: str) -> AIOKafkaProducer:
    """Idempotent, acks=all, no linger: within a partition records land in the order of `send`, each once, and a send that
    fails is retried inside. What still fails is fatal for the producer: the worker ends and starts again."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, client_id=client_id, enable_idempotence=True, acks="all", linger_ms=0,
        request_timeout_ms=15_000, retry_backoff_ms=50,
    )  # fmt: skip
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


async def append(
    producer: AIOKafkaProducer, topic: str, partition: int, values: Sequence[bytes | None], *,
    keys: Sequence[bytes | None] | None = None, timeout_s: float = ACK_TIMEOUT_S,
) -> list[int]:  # fmt: skip
    """Append in order and wait for every ack. Returns the offsets. Raises LogUnavailable, KafkaError."""
    return await acked([await sent(producer, topic, partition, values, keys)], timeout_s)


async def sent(
    producer: AIOKafkaProducer, topic: str, partition: int, values: Sequence[bytes | None],
    keys: Sequence[bytes | None] | None = None,
) -> list[Awaitable[RecordMetadata]]:  # fmt: skip
    """Hand the values to the producer in order; `acked` waits for them."""
    return [
        await producer.send(topic, value, key=keys[i] if keys else None, partition=partition)
        for i, value in enumerate(values)
    ]


async def acked(groups: Iterable[list[Awaitable[RecordMetadata]]], timeout_s: float = ACK_TIMEOUT_S) -> list[int]:
    """The offsets of everything sent, in order."""
    waiting = [future for group in groups for future in group]
    try:
        async with asyncio.timeout(timeout_s):
            return [(await future).offset for future in waiting]
    except TimeoutError:
        raise LogUnavailable(f"{len(waiting)} records not acknowledged in {timeout_s:.0f} s") from None


@asynccontextmanager
async def open_reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group. Positions are set by `seek` only."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=100, max_poll_records=500,
    )  # fmt: skip
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def read_range(
    bootstrap: str, topic: str, partition: int, first: int, end: int | None = None, *, batch: int = 500,
    timeout_s: float = READ_TIMEOUT_S,
) -> AsyncIterator[list[Record]]:  # fmt: skip
    """The records [first, end) in batches; `end` None is the end of the log at the time of the call.

    Offsets that compaction took away are left out. Raises LogUnavailable when the log begins after `first` or nothing
    comes for `timeout_s`."""
    tp = TopicPartition(topic, partition)
    async with open_reader(bootstrap) as consumer:
        consumer.assign([tp])
        log_end = (await consumer.end_offsets([tp]))[tp]
        end = log_end if end is None else end
        if first >= end:
            return
        if end > log_end:
            raise LogUnavailable(f"{topic}/{partition} ends at {log_end}, before {end}")
        log_start = (await consumer.beginning_offsets([tp]))[tp]
        if log_start > first:
            raise LogUnavailable(f"{topic}/{partition} begins at {log_start}, after {first}")
        consumer.seek(tp, first)
        position = first
        while position < end:
            async with asyncio.timeout(timeout_s):
                while not (got := (await consumer.getmany(tp, timeout_ms=1000, max_records=batch)).get(tp, [])):
                    if await consumer.position(tp) >= end:  # only removed or control records were left
                        return
            position = got[-1].offset + 1
            yield [Record(topic, partition, r.offset, r.value, r.key) for r in got if r.offset < end]


async def read_list(bootstrap: str, topic: str, partition: int, first: int, end: int | None = None) -> list[Record]:
    """`read_range` in one list, for holes and tests."""
    return [record async for part in read_range(bootstrap, topic, partition, first, end) for record in part]


async def end_offsets(bootstrap: str, parts: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """(topic, partition) -> end of the log."""
    async with open_reader(bootstrap) as consumer:
        ends = await consumer.end_offsets([TopicPartition(*part) for part in parts])
    return {(tp.topic, tp.partition): end for tp, end in ends.items()}


async def committed_or_beginning(
    bootstrap: str, group: str, parts: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Where a group goes on: its committed offset, else where the log begins."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    positions = {
        part: entry.offset for part in parts if (entry := committed.get(TopicPartition(*part))) and entry.offset >= 0
    }
    new = [TopicPartition(*part) for part in parts if part not in positions]
    if new:
        async with open_reader(bootstrap) as consumer:
            starts = await consumer.beginning_offsets(new)
        positions |= {(tp.topic, tp.partition): start for tp, start in starts.items()}
    return positions
