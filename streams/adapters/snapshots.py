"""Snapshots of a partition's state in a compacted topic of our own: chunks first, the manifest last.

Whatever is wrong with a snapshot (half written by a process that died, mixed with a zombie's, another schema), it is
passed over for an older one, and at worst the decisions are folded from the start.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass

import msgspec
from aiokafka import AIOKafkaProducer

from streams import topics
from streams.adapters.kafka_log import Record, append, end_offsets, read_list
from streams.contracts import codec
from streams.core.chain import REAL_CORE, Core, PartitionState, decode_state, encode_state, state_schema

log = logging.getLogger(__name__)

CHUNK_BYTES = 900_000
SLOTS = 2  # a snapshot never overwrites the one before it, so compaction leaves a whole one
LOOK_BACK = 64  # records; the newest manifest is nearly always the last record


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`decisions_offset`: where folding goes on. `first_chunk`: offset of the first chunk in this topic."""

    schema: str
    next_journal_offset: int
    decisions_offset: int
    slot: int
    chunks: int
    first_chunk: int
    digest: str  # of the packed state


@dataclass
class Snapshot:
    state: PartitionState
    decisions_offset: int


class Snapshots:
    def __init__(self, bootstrap: str, core: Core = REAL_CORE) -> None:
        self._bootstrap = bootstrap
        self._core = core
        self._slots: dict[int, int] = {}

    def pack(self, ps: PartitionState) -> bytes:
        """The state as it is now; quick, so that it can be taken between two batches."""
        return zlib.compress(encode_state(ps, self._core), 1)

    async def save(
        self, producer: AIOKafkaProducer, partition: int, packed: bytes, next_journal_offset: int, decisions_offset: int
    ) -> None:
        """Call when all decisions it covers are acknowledged."""
        slot = self._slots.get(partition, 0)
        self._slots[partition] = (slot + 1) % SLOTS
        chunks = [packed[i : i + CHUNK_BYTES] for i in range(0, len(packed), CHUNK_BYTES)]
        offsets = await append(
            producer, topics.SNAPSHOTS, partition, chunks,
            keys=[f"{partition}/{slot}/{i}".encode() for i in range(len(chunks))],
        )  # fmt: skip
        manifest = Manifest(
            schema=state_schema(self._core), next_journal_offset=next_journal_offset, decisions_offset=decisions_offset,
            slot=slot, chunks=len(chunks), first_chunk=offsets[0], digest=codec.digest(packed),
        )  # fmt: skip
        key = f"{partition}/{slot}/manifest".encode()
        await append(producer, topics.SNAPSHOTS, partition, [codec.encode(manifest)], keys=[key])

    async def load(self, partition: int, not_after: int | None = None) -> Snapshot | None:
        """The newest good one that covers no journal offset from `not_after` on."""
        topic = topics.SNAPSHOTS
        end = (await end_offsets(self._bootstrap, [(topic, partition)]))[topic, partition]
        first, look_back = end, LOOK_BACK
        while first > 0:
            last, first = first, max(0, first - look_back)
            look_back *= 2
            records = await read_list(self._bootstrap, topic, partition, first, last)
            for record in reversed([r for r in records if (r.key or b"").endswith(b"/manifest")]):
                snapshot = await self._open(partition, record, not_after)
                if snapshot is not None:
                    return snapshot
        return None

    async def _open(self, partition: int, record: Record, not_after: int | None) -> Snapshot | None:
        try:
            manifest = codec.decode(record.value or b"", Manifest)
            if manifest.schema != state_schema(self._core):
                return None
            if not_after is not None and manifest.next_journal_offset > not_after:
                return None
            records = await read_list(
                self._bootstrap, topics.SNAPSHOTS, partition, manifest.first_chunk, record.offset
            )
            wanted = [f"{partition}/{manifest.slot}/{i}".encode() for i in range(manifest.chunks)]
            latest = {r.key: r.value or b"" for r in records}
            packed = b"".join(latest.get(key, b"") for key in wanted)
            if codec.digest(packed) != manifest.digest:
                log.warning("snapshot of partition %d at %d is not whole", partition, record.offset)
                return None
            state = decode_state(zlib.decompress(packed), self._core)
        except (codec.Malformed, zlib.error, msgspec.MsgspecError) as error:
            log.warning("snapshot of partition %d at %d: %s", partition, record.offset, type(error).__name__)
            return None
        return None if state is None else Snapshot(state, manifest.decisions_offset)
