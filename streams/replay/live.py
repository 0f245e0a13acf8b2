"""The state as the running dispatcher has it: its newest snapshot, written from its memory, and the decisions since."""

from __future__ import annotations

from streams import topics
from streams.adapters.kafka_log import read_list
from streams.adapters.snapshots import Snapshots
from streams.core.chain import PartitionState, apply_record
from streams.replay.verify import system_hash
from streams.settings import Settings


async def live_state(settings: Settings, partition: int) -> PartitionState:
    """The partition as its dispatcher would load it again."""
    snapshot = await Snapshots(settings.bootstrap).load(partition)
    state, first = (snapshot.state, snapshot.decisions_offset) if snapshot is not None else (PartitionState(), 0)
    for record in await read_list(settings.bootstrap, topics.DECISIONS, partition, first):
        apply_record(state, record.value or b"")
    return state


async def live_state_hash(settings: Settings) -> str:
    """One hash over all partitions; compare it with a replay's."""
    return system_hash([await live_state(settings, partition) for partition in range(settings.partitions)])
