"""Chains of hops under a paced load: who sends, who watches, and the processes between."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.stack import CHECKOUT, SMALL_CHILDREN
from tests.benchmark.figures import quantile

OUT_OF_SIGHT_S = 60.0
BURNER_WARM_S = 8.0
TOPICS_SETTLE_S = 2.0  # until the broker leads new partitions; clients ask in a tight loop before

Seen = dict[str, float]
"""Event id -> when it was seen (perf_counter)."""


class Lost(Exception):
    """Events did not come out at the end of a chain."""


@dataclass
class Watch:
    """One log that is watched. `name_of` finds the event's id in a record, "" for one that is none of ours."""

    topic: str
    name_of: Callable[[bytes], str]
    seen: Seen = field(default_factory=dict)


@asynccontextmanager
async def watching(bootstrap: str, watches: list[Watch]) -> AsyncIterator[None]:
    """A consumer of its own for each log, from its end on."""

    async def follow(consumer: AIOKafkaConsumer, watch: Watch) -> None:
        while True:
            got = await consumer.getmany(timeout_ms=1000, max_records=500)
            now = time.perf_counter()
            for records in got.values():
                for record in records:
                    name = watch.name_of(record.value)
                    if name:
                        watch.seen.setdefault(name, now)

    consumers, tasks = [], []
    try:
        for watch in watches:
            consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="latest")
            await consumer.start()
            consumers.append(consumer)
            part = TopicPartition(watch.topic, 0)
            consumer.assign([part])
            await consumer.seek_to_end(part)
            await consumer.position(part)
            tasks.append(asyncio.create_task(follow(consumer, watch)))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for consumer in consumers:
            await consumer.stop()


async def send_paced(
    producer: AIOKafkaProducer, events: list[tuple[str, str, bytes]], rate: float, start: Callable[[str, float], None]
) -> None:
    """(name, topic, bytes) at `rate` a second, evenly; `start` hears when each was handed to the producer."""
    begun = time.perf_counter()
    for number, (name, topic, raw) in enumerate(events):
        wait_s = begun + number / rate - time.perf_counter()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        start(name, time.perf_counter())
        await producer.send(topic, raw, partition=0)


async def until_seen(watch: Watch, names: list[str], timeout_s: float = OUT_OF_SIGHT_S) -> None:
    end = time.perf_counter() + timeout_s
    while not all(name in watch.seen for name in names[-1:]) or not all(name in watch.seen for name in names):
        if time.perf_counter() > end:
            missing = sum(name not in watch.seen for name in names)
            raise Lost(f"{missing} of {len(names)} events did not come to {watch.topic} in {timeout_s:.0f} s")
        await asyncio.sleep(0.02)


def spread_ms(values: list[float]) -> tuple[float, float]:
    """(p50, p95) in milliseconds."""
    return quantile(values, 0.5) * 1e3, quantile(values, 0.95) * 1e3


class _Id(msgspec.Struct):
    id: str


class _Journal(msgspec.Struct):
    envelope: _Id


class _Decisions(msgspec.Struct):
    cause: str


_ENVELOPE = msgspec.json.Decoder(_Id)
_JOURNAL = msgspec.json.Decoder(_Journal)
_DECISIONS = msgspec.json.Decoder(_Decisions)


def envelope_name(raw: bytes) -> str:
    return _ENVELOPE.decode(raw).id


def journal_name(raw: bytes) -> str:
    return _JOURNAL.decode(raw).envelope.id


def decisions_name(raw: bytes) -> str:
    return _DECISIONS.decode(raw).cause.partition(":")[2]


@contextmanager
def processes(*modules: tuple[str, ...]) -> Iterator[None]:
    """`python -m ...` for each, ended with the block."""
    env = {**os.environ, **SMALL_CHILDREN}
    started = [
        subprocess.Popen([sys.executable, "-m", *module], cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL) for module in modules
    ]
    try:
        yield
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def relays(bootstrap: str, names: list[str]) -> list[tuple[str, ...]]:
    """A chain of relays through the topics of `names`, one process for each step."""
    return [("tests.benchmark.relay", bootstrap, a, b) for a, b in pairwise(names)]


def make_topics(bootstrap: str, names: list[str]) -> None:
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics([NewTopic(name, 1, 1) for name in names])
        time.sleep(TOPICS_SETTLE_S)
    finally:
        admin.close()
