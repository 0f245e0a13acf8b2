"""A short day of the small district as both logs would hold it, for those who read logs."""

from __future__ import annotations

from streams.contracts import codec
from streams.contracts.envelope import JournalRecord, Source
from streams.core.chain import PartitionState, decide_raw
from tests.core_world import CoreWorld


def a_day() -> CoreWorld:
    """Five lunches in one round, all delivered but one that is cancelled."""
    world = CoreWorld()
    visits = [world.file(f"lunch-{n}") for n in range(5)]
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.cancel(visits.pop())
    world.until("11:20")
    world.report("rider-1", "picked_up", *visits)
    for visit in visits:
        world.report("rider-1", "arrived", visit)
        world.report("rider-1", "done", visit)
    world.close()
    return world


def logs(world: CoreWorld) -> tuple[list[tuple[int, bytes]], list[bytes]]:
    """Both logs as the desk and the dispatcher would have written them."""
    ps = PartitionState()
    journal, decisions = [], []
    for offset, (envelope, recorded_at) in enumerate(world.inputs):
        record = JournalRecord(source=Source("commands", 0, offset), recorded_at=recorded_at, envelope=envelope)
        journal.append((offset, codec.encode(record)))
        decisions.append(decide_raw(ps, offset, record)[1])
    return journal, decisions
