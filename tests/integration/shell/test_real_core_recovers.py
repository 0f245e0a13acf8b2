"""The dispatcher with the real core, killed in the middle of a morning: the state is the one of the core run in process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams import topics
from streams.adapters.snapshots import Snapshots
from streams.contracts import codec
from streams.contracts.envelope import JournalRecord, Source
from streams.core.chain import REAL_CORE
from streams.core.state import state_hash
from tests.core_world import DISTRICT, CoreWorld
from tests.stack import Stores, ends, fold, send, wait_until

pytestmark = pytest.mark.broker


def a_morning() -> CoreWorld:
    """Shifts begin, thirty meals are filed, offers are answered, doors are reached; then the time passes until 13:00."""
    world = CoreWorld()
    for worker_id in ("rider-1", "rider-2", "carer-1"):
        world.report(worker_id, "shift_on")
    for number in range(30):
        world.file(f"meal-{number:02d}")
    for hhmm in ("09:00", "10:00", "11:00", "11:10", "11:20", "11:30", "12:00", "13:00"):
        world.until(hhmm)
        for offer_id in world.open_offers():
            world.answer(offer_id)
    return world


def test_killed_in_the_middle_of_a_morning(stores: Stores, folder: Path) -> None:
    world = a_morning()
    bootstrap = stores.stack.bootstrap
    entries = [
        codec.encode(JournalRecord(source=Source(topics.COMMANDS, 0, i), recorded_at=at, envelope=envelope))
        for i, (envelope, at) in enumerate(world.inputs)
    ]
    thirds = [entries[: len(entries) // 3], entries[len(entries) // 3 : 2 * len(entries) // 3]]
    thirds.append(entries[len(thirds[0]) + len(thirds[1]) :])
    # in lock-step the dispatcher writes no ticks of its own
    dispatcher = stores.worker("dispatcher", folder, "streams.agents.worker", snapshot_every="15", lockstep="1")
    decided = 0
    for part in thirds:
        send(bootstrap, topics.JOURNAL, 0, part)
        decided += len(part)
        wait_until(lambda n=decided: _end(stores, topics.DECISIONS) >= n - 3, "nearly decided")
        wait_until(lambda: _end(stores, topics.SNAPSHOTS) >= 2, "a first snapshot")
        dispatcher.kill()
        dispatcher.start()
    wait_until(lambda: fold(bootstrap, 0, REAL_CORE)[0].next_journal_offset == len(entries), "all decided")
    state, _ = fold(bootstrap, 0, REAL_CORE)
    assert state_hash(state.districts[DISTRICT]) == state_hash(world.state)
    snapshot = asyncio.run(Snapshots(bootstrap).load(0))
    assert snapshot is not None
    assert dispatcher.log_path.read_text().count("partition 0: snapshot at journal 0,") == 1


def _end(stores: Stores, topic: str) -> int:
    return ends(stores.stack.bootstrap, (topic, 0))[topic, 0]
