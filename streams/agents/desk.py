"""The desk (통합창구): whatever comes in by an inbox becomes one journal record, in order of arrival. It judges the shape only.

It keeps no state. It may append a record twice (after a kill) and, if a rebalance goes wrong, too late; the dispatcher
skips the one and asks for the other by `source`, and uses this same class to append what is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaProducer

from streams import topics
from streams.adapters.contiguous import Part
from streams.adapters.kafka_log import Record, acked, committed_or_beginning, sent
from streams.agents.app import IDLE_S, group_of
from streams.contracts import codec
from streams.contracts.envelope import Envelope, JournalRecord, Source, seal
from streams.contracts.inputs import ConfigureDistrict, MalformedReceived
from streams.contracts.upcasters import INPUT_STEPS
from streams.dead_letters import BytesVault, DeadLetter, dead_letter_id, park
from streams.settings import Settings

log = logging.getLogger(__name__)

NAME = "desk"
FLOOD = 200  # malformed ones in a row: that is a bad deploy, not bad data
CONFIGURES = ConfigureDistrict.__name__.encode()


class Flood(Exception):
    """Too many malformed records in a row; an operator must look before more of them are parked."""


def read_envelope(record: Record, settings: Settings) -> Envelope:
    """The envelope of an inbox record, with its payload in canonical bytes. Raises `Malformed`."""
    if record.value is None:
        raise codec.Malformed("not_json", "no bytes at all")
    envelope = codec.decode(record.value, Envelope)
    if settings.partition_of(envelope.district) != record.partition:
        raise codec.Malformed("unknown_district", "not a district of this partition")
    payload = envelope.read_payload()
    for at in (envelope.occurred_at, envelope.received_at):
        codec.as_utc(at)
    if _has_naive_instant(payload):
        raise codec.Malformed("wrong_field", "an instant without a time zone")
    # In the sender's own bytes a field may stand twice, and what the decoder passed over may be a name: the journal gets what
    # was understood, in the form of today.
    return msgspec.structs.replace(
        envelope, version=INPUT_STEPS.current(envelope.type), payload=msgspec.Raw(codec.encode(payload))
    )


def _has_naive_instant(value: object) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, msgspec.Struct):
        return any(_has_naive_instant(getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, (tuple, list)):
        return any(_has_naive_instant(item) for item in value)
    return False


class Desk:
    """See the module. `vault` keeps the bytes of dead letters."""

    topics: tuple[str, ...] = topics.INBOXES

    def __init__(
        self, settings: Settings, producer: AIOKafkaProducer, now: Callable[[], datetime], vault: BytesVault,
        now_as_set: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._producer = producer
        self._now = now
        self._now_as_set = now_as_set or now
        self._vault = vault
        self._done: dict[Part, int] = {}
        self._malformed_in_a_row = 0
        self._district_of = {partition: code for code, partition in sorted(settings.districts.items(), reverse=True)}

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        """The committed offset, or later where we know that the journal has it."""
        positions = await committed_or_beginning(self._settings.bootstrap, group_of(NAME), sorted(parts))
        return {part: max(offset, self._done.get(part, 0)) for part, offset in positions.items()}

    async def handle(self, records: Sequence[Record]) -> None:
        await self.append(records)
        for record in records:
            self._done[record.topic, record.partition] = record.offset + 1

    async def append(self, records: Sequence[Record]) -> None:
        """Append inbox records to the journal, each partition in the order given, and wait for the acks."""
        # A day begins by setting the clock back to its morning and configuring the district: a moment that was still read from
        # the clock before would hold for the whole day, since a district's time never goes back.
        begins = any(record.topic == topics.COMMANDS and CONFIGURES in (record.value or b"") for record in records)
        recorded_at = self._now_as_set() if begins else self._now()
        values: dict[int, list[bytes]] = {}
        keys: dict[int, list[bytes | None]] = {}
        for record in records:
            district, raw = await self._journal_bytes(record, recorded_at)
            values.setdefault(record.partition, []).append(raw)
            keys.setdefault(record.partition, []).append(district.encode())
        await acked([
            await sent(self._producer, topics.JOURNAL, partition, list(batch), keys[partition])
            for partition, batch in values.items()
        ])  # fmt: skip

    async def _journal_bytes(self, record: Record, recorded_at: datetime) -> tuple[str, bytes]:
        source = Source(record.topic, record.partition, record.offset)
        try:
            envelope = read_envelope(record, self._settings)
            if self._settings.lockstep:  # the door's clock is the only one: ours is late, or unset, while Redis does not answer
                recorded_at = envelope.received_at
            raw = codec.encode(JournalRecord(source=source, recorded_at=recorded_at, envelope=envelope))
            if len(raw) > codec.MESSAGE_LIMIT_BYTES:
                raise codec.Malformed("too_large", f"{len(raw)} bytes")
            self._malformed_in_a_row = 0
        except codec.Malformed as malformed:
            envelope = await self._park(record, malformed, recorded_at)
            raw = codec.encode(JournalRecord(source=source, recorded_at=recorded_at, envelope=envelope))
        return envelope.district, raw

    async def _park(self, record: Record, malformed: codec.Malformed, at: datetime) -> Envelope:
        self._malformed_in_a_row += 1
        if self._malformed_in_a_row > FLOOD:
            raise Flood(f"{FLOOD} malformed records in a row, the last at {record.topic}/{record.partition}")
        log.warning(
            "malformed: %s at %s/%d offset %d", malformed.code, record.topic, record.partition, record.offset
        )
        letter = DeadLetter(
            dead_letter_id=dead_letter_id(record.topic, record.partition, record.offset), topic=record.topic,
            partition=record.partition, offset=record.offset, code=malformed.code, detail=malformed.detail, at=at,
            size=len(record.value or b""),
        )  # fmt: skip
        await park(self._producer, self._vault, letter, record.value or b"")
        return seal(
            MalformedReceived(dead_letter_id=letter.dead_letter_id, code=letter.code), id=letter.dead_letter_id,
            district=self._district_of.get(record.partition, ""), actor="desk", at=at,
        )  # fmt: skip

    def opened_to(self) -> int:
        return 0

    async def idle(self) -> None:
        return

    def wake_in_s(self) -> float:
        return IDLE_S

    async def close(self) -> None:
        return
