"""Dead letters: what could not be read, or not be handled, is parked with its origin and reason; its bytes are sealed, not in
Kafka."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import Protocol

import msgspec
from aiokafka import AIOKafkaProducer

from streams import topics
from streams.adapters.kafka_log import append, read_range
from streams.contracts import codec

_NAMESPACE = uuid.UUID("5bb1b8a0-6f0e-5c51-9f6e-0d3c1f6f4f11")


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Where it came from and why; never what was in it."""

    dead_letter_id: str
    topic: str
    partition: int
    offset: int
    code: str
    detail: str
    at: datetime
    size: int


class BytesVault(Protocol):
    """Keeps bytes sealed. Storing an id again replaces it; `load` raises KeyError."""

    def store(self, dead_letter_id: str, raw: bytes) -> None: ...

    def load(self, dead_letter_id: str) -> bytes: ...


class MemoryVault:
    """For tests."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def store(self, dead_letter_id: str, raw: bytes) -> None:
        self.kept[dead_letter_id] = raw

    def load(self, dead_letter_id: str) -> bytes:
        return self.kept[dead_letter_id]


def dead_letter_id(topic: str, partition: int, offset: int) -> str:
    """The same record is the same dead letter, however often it is read."""
    return str(uuid.uuid5(_NAMESPACE, f"{topic}/{partition}/{offset}"))


async def park(producer: AIOKafkaProducer, vault: BytesVault, letter: DeadLetter, raw: bytes) -> None:
    """Keep its bytes, then say where they came from; the same letter again replaces itself."""
    await asyncio.to_thread(vault.store, letter.dead_letter_id, raw)
    await append(producer, topics.DEAD_LETTERS, letter.partition, [codec.encode(letter)])


async def list_dead_letters(bootstrap: str, partitions: int) -> list[DeadLetter]:
    """All of them, oldest first within a partition; each once, though a restarted desk may have parked it twice."""
    found: dict[str, DeadLetter] = {}
    for partition in range(partitions):
        async for records in read_range(bootstrap, topics.DEAD_LETTERS, partition, 0):
            for record in records:
                if record.value is not None:
                    letter = codec.decode(record.value, DeadLetter)
                    found[letter.dead_letter_id] = letter
    return list(found.values())
