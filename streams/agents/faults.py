"""An input on which our own core fails is set aside, so that one fault does not stop a district.

The state that failed is dropped and folded again, and the input is tried once more: it may have been the machine. When it fails
again it is parked as a dead letter, the operator is told through the clock's inbox, and the decisions say that it was set aside.
Several in a row are no input's fault but a bad deploy's: then the worker ends, and what comes in waits in the journal.
"""

from __future__ import annotations

import logging
import os
import traceback

from aiokafka import AIOKafkaProducer

from streams import topics
from streams.adapters.kafka_log import append
from streams.contracts import codec
from streams.contracts.envelope import JournalRecord, seal
from streams.contracts.inputs import MalformedReceived
from streams.contracts.refusals import Refusal
from streams.dead_letters import BytesVault, DeadLetter, dead_letter_id, park

log = logging.getLogger(__name__)

TRIES = 2
IN_A_ROW = 3
FRAMES = 8


def where(error: BaseException) -> str:
    """Where it happened, innermost first, without the message: it may quote what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " < ".join(f"{os.path.basename(f.filename)}:{f.lineno}:{f.name}" for f in reversed(frames))


class Faults:
    """What the core failed on since this worker began, by journal offset."""

    def __init__(self, producer: AIOKafkaProducer, vault: BytesVault) -> None:
        self._producer = producer
        self._vault = vault
        self._failed: dict[tuple[int, int], int] = {}

    def is_set_aside(self, partition: int, offset: int) -> bool:
        """It has failed as often as it is tried, and is parked."""
        return self._failed.get((partition, offset), 0) >= TRIES

    async def failed(self, partition: int, offset: int, record: JournalRecord, error: Exception, in_a_row: int) -> None:
        """The core failed on this record; `in_a_row`: how many before it were set aside, without one that was decided between.
        Raises the error again when that is too many."""
        tries = self._failed.get((partition, offset), 0) + 1
        log.error(
            "the core fails on journal %d/%d, the %d. time: %s at %s", partition, offset, tries, type(error).__name__, where(error)
        )
        if tries >= TRIES:
            if in_a_row >= IN_A_ROW:
                raise error
            await self._park(partition, offset, record, error)
        self._failed[partition, offset] = tries

    async def _park(self, partition: int, offset: int, record: JournalRecord, error: Exception) -> None:
        """Again by whoever comes after us, if we die here: the letter keeps its id, and an open exception is raised once."""
        source, envelope = record.source, record.envelope
        letter_id, code = dead_letter_id(topics.JOURNAL, partition, offset), Refusal.CORE_FAULT.value
        raw = codec.encode(envelope)
        letter = DeadLetter(
            dead_letter_id=letter_id, topic=source.topic, partition=partition, offset=source.offset, code=code,
            detail=f"{envelope.type}: {type(error).__name__} at {where(error)}", at=record.recorded_at, size=len(raw),
        )  # fmt: skip
        await park(self._producer, self._vault, letter, raw)
        told = seal(
            MalformedReceived(dead_letter_id=letter_id, code=code), id=letter_id, district=envelope.district, actor="dispatcher",
            at=record.recorded_at,
        )  # fmt: skip
        await append(self._producer, topics.TICKS, partition, [codec.encode(told)], keys=[envelope.district.encode()])
        log.error("journal %d/%d is set aside: dead letter %s", partition, offset, letter_id)
