"""Snapshots in the compacted topic, and what a projection is promised: each record once, its position kept with its data."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams import topics
from streams.adapters import snapshots as snapshots_module
from streams.adapters.barrier import Barrier
from streams.adapters.kafka_log import append, end_offsets, start_producer
from streams.adapters.log_reader import Followers, position_of, read_all, run_projection_plain
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.snapshots import Snapshots
from streams.agents.app import build_loop, make_app
from streams.agents.projection_agent import ProjectionAgent
from streams.contracts import codec
from streams.contracts.envelope import DecisionsRecord, JournalRecord, Source
from streams.core.chain import BrokenChain, PartitionState, decide_raw
from tests.integration.shell.events import MAPO, barrier, event, names
from tests.stack import Stores, fold, read, send
from tests.toy_core import TOY, ToyCore

pytestmark = pytest.mark.broker


def decided(ps: PartitionState, *raws: bytes) -> list[bytes]:
    """Decisions records of inbox events, as a dispatcher would write them."""
    from streams.contracts.envelope import Envelope

    out = []
    for raw in raws:
        offset = ps.next_journal_offset
        entry = JournalRecord(
            source=Source(topics.COMMANDS, 0, offset), recorded_at=datetime.now(UTC),
            envelope=codec.decode(raw, Envelope),
        )  # fmt: skip
        out.append(decide_raw(ps, offset, entry, TOY)[1])
    return out


def write(stores: Stores, ps: PartitionState, count: int, partition: int = 0) -> None:
    wanted = names("c", count, ps.next_journal_offset)
    send(stores.stack.bootstrap, topics.DECISIONS, partition, decided(ps, *(event(name) for name in wanted)))


@dataclass
class Listed:
    """A projection in memory that can be told to fail or to have lost its data."""

    name: str = "listed"
    kept: dict[int, Position] = field(default_factory=dict)
    heard: dict[int, list[str]] = field(default_factory=dict)
    history: list[bool] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    lose_at: int | None = None
    fail_at: int | None = None
    opened: int = 0

    async def open(self, partition: int) -> Position | None:
        self.opened += 1
        return self.kept.get(partition)

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        last = records[-1].journal_offset
        if self.fail_at is not None and last >= self.fail_at:
            self.fail_at = None
            raise RuntimeError("a bug")
        if self.lose_at is not None and last >= self.lose_at:
            self.lose_at = None
            self.kept.clear()
            self.heard.clear()
            raise PositionMoved("emptied")
        assert position == position_of(ps) == Position(last + 1, ps.digest)
        self.heard.setdefault(partition, []).extend(record.cause.split(":", 1)[1] for record in records)
        self.history += [rebuilding] * len(records)
        self.kept[partition] = position

    async def settle(self, token: str) -> None:
        self.settled.append(token)

    async def close(self) -> None:
        return


def snapshots(stores: Stores, core: ToyCore = TOY) -> Snapshots:
    return Snapshots(stores.stack.bootstrap, core)


async def save(kept: Snapshots, bootstrap: str, ps: PartitionState, decisions_offset: int) -> None:
    producer = await start_producer(bootstrap, "test")
    try:
        await kept.save(producer, 0, kept.pack(ps), ps.next_journal_offset, decisions_offset)
    finally:
        await producer.stop()


def test_a_snapshot_in_many_chunks_comes_back(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots_module, "CHUNK_BYTES", 1000)
    ps = PartitionState(digest="d", next_journal_offset=3)
    ps.districts[MAPO] = TOY.new_state(MAPO)
    ps.districts[MAPO].heard = [os.urandom(500).hex() for _ in range(40)]
    kept = snapshots(stores)
    asyncio.run(save(kept, stores.stack.bootstrap, ps, 5))
    assert len(read(stores.stack.bootstrap, topics.SNAPSHOTS, 0)) > 20
    loaded = asyncio.run(snapshots(stores).load(0))
    assert loaded is not None
    assert (loaded.state, loaded.decisions_offset) == (ps, 5)
    assert asyncio.run(snapshots(stores).load(1)) is None


def test_a_snapshot_that_is_not_whole_or_too_new_or_of_another_schema_is_passed_over(stores: Stores) -> None:
    bootstrap, kept = stores.stack.bootstrap, snapshots(stores)
    old, new = PartitionState(next_journal_offset=10), PartitionState(next_journal_offset=20)
    asyncio.run(save(kept, bootstrap, old, 10))
    asyncio.run(save(kept, bootstrap, new, 20))
    other = ToyCore()
    other.schema = "toy-next"
    asyncio.run(save(snapshots(stores, other), bootstrap, PartitionState(next_journal_offset=30), 30))
    # a dying dispatcher's: a manifest whose chunk is somebody else's
    broken = codec.encode({**_newest_manifest(stores), "digest": "0" * 32, "next_journal_offset": 40})

    async def tear() -> None:
        producer = await start_producer(bootstrap, "test")
        await append(producer, topics.SNAPSHOTS, 0, [broken], keys=[b"0/0/manifest"])
        await producer.stop()

    asyncio.run(tear())
    assert asyncio.run(kept.load(0)).state == new  # type: ignore[union-attr]
    assert asyncio.run(kept.load(0, not_after=19)).state == old  # type: ignore[union-attr]
    assert asyncio.run(kept.load(0, not_after=9)) is None


def _newest_manifest(stores: Stores) -> dict[str, object]:
    import msgspec

    raws = [r.value for r in read(stores.stack.bootstrap, topics.SNAPSHOTS, 0) if (r.key or b"").endswith(b"manifest")]
    value: dict[str, object] = msgspec.json.decode(raws[-2] or b"")
    return value


def follow(stores: Stores, folder: Path, projection: Listed) -> None:
    """Open at both partitions, take what is there, and let go, like a worker that is killed then."""
    settings = stores.settings(folder)

    async def go() -> None:
        barrier_ = Barrier(settings.redis_url)
        await Followers(projection, settings, barrier_, TOY).open([0, 1])
        await barrier_.close()

    asyncio.run(go())


def test_a_projection_goes_on_where_its_data_stand(stores: Stores, folder: Path) -> None:
    ps, projection = PartitionState(), Listed()
    write(stores, ps, 10)
    follow(stores, folder, projection)
    write(stores, ps, 5)
    follow(stores, folder, projection)
    assert projection.heard == {0: names("c", 15)}
    assert projection.history == [True] * 10 + [False] * 5


def test_it_starts_from_a_snapshot_that_is_not_ahead_of_it(stores: Stores, folder: Path) -> None:
    ps, projection = PartitionState(), Listed()
    write(stores, ps, 10)
    follow(stores, folder, projection)
    asyncio.run(save(snapshots(stores), stores.stack.bootstrap, ps, 10))
    write(stores, ps, 5)
    asyncio.run(save(snapshots(stores), stores.stack.bootstrap, ps, 15))
    follow(stores, folder, projection)
    assert projection.heard == {0: names("c", 15)}


def test_a_failed_batch_comes_again_and_records_that_do_not_count_never_come(stores: Stores, folder: Path) -> None:
    ps, projection = PartitionState(), Listed(fail_at=12)
    write(stores, ps, 10)
    zombie = fold(stores.stack.bootstrap, 0)[0]
    write(stores, ps, 3)
    write(stores, zombie, 4)
    write(stores, ps, 3)
    with pytest.raises(RuntimeError):
        follow(stores, folder, projection)
    follow(stores, folder, projection)
    assert projection.heard == {0: names("c", 16)}


def test_a_projection_that_lost_its_data_is_built_again(stores: Stores, folder: Path) -> None:
    ps, projection = PartitionState(), Listed()
    write(stores, ps, 10)
    follow(stores, folder, projection)
    write(stores, ps, 5)
    projection.lose_at = 14
    follow(stores, folder, projection)
    assert projection.heard == {0: names("c", 15)}


def test_a_position_of_another_log_is_not_believed(stores: Stores, folder: Path) -> None:
    write(stores, PartitionState(), 5)
    with pytest.raises(BrokenChain):
        follow(stores, folder, Listed(kept={0: Position(3, "f" * 32)}))


def test_read_all_is_the_fold(stores: Stores) -> None:
    ps = PartitionState()
    write(stores, ps, 7)

    async def go() -> tuple[PartitionState, int]:
        folded, count = PartitionState(), 0
        async for record in read_all(stores.stack.bootstrap, 0, folded, TOY):
            count += not record.skipped
        return folded, count

    assert asyncio.run(go()) == (ps, 7)


def test_followed_without_faust_as_it_grows_with_tokens_settled(stores: Stores, folder: Path) -> None:
    settings, projection, ps = stores.settings(folder), Listed(name="solver"), PartitionState()
    write(stores, ps, 3)

    async def go() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(run_projection_plain(projection, settings, TOY, stop))
        await _until(lambda: len(projection.heard.get(0, [])) == 3, running)
        tail = decided(ps, event("before"), barrier("t7"), event("after"))
        await asyncio.to_thread(send, settings.bootstrap, topics.DECISIONS, 0, tail)
        await _until(lambda: len(projection.heard[0]) == 6, running)
        stop.set()
        await running

    asyncio.run(go())
    assert projection.heard[0] == [*names("c", 3), "before", "barrier-t7", "after"]
    assert projection.settled == ["t7"]
    import redis

    assert redis.Redis.from_url(settings.redis_url).llen("dolbom:barrier:t7") == 1
    assert (folder / "progress" / "solver_pool.json").exists()


def test_of_the_tokens_in_history_only_the_last_is_settled_and_only_when_all_is_caught_up(stores: Stores, folder: Path) -> None:
    """The door may still wait for that one; a hop that was restarted must not say of it what is not so yet."""
    import redis

    class Rebuilt(Listed):
        async def caught_up(self, partition: int) -> None:
            self.settled.append(f"caught up with {len(self.heard.get(partition, []))}")

    ps, projection = PartitionState(), Rebuilt()
    raws = decided(ps, event("one"), barrier("t1"), event("two"), barrier("t2"), event("three"))
    send(stores.stack.bootstrap, topics.DECISIONS, 0, raws)
    follow(stores, folder, projection)
    assert projection.settled == ["caught up with 5", "t2", "caught up with 0"]
    heard_of = redis.Redis.from_url(stores.settings(folder).redis_url)
    assert [heard_of.llen(f"dolbom:barrier:{token}") for token in ("t1", "t2")] == [0, 1]


def test_followed_by_faust_through_a_rebalance_in_the_middle(stores: Stores, folder: Path) -> None:
    """A second worker of the group comes and goes; both keep the same data; each record is handled once by someone."""
    settings, projection, ps = stores.settings(folder), Listed(), PartitionState()

    async def worker(stop: asyncio.Event) -> None:
        app = make_app("listed", settings)
        agent = ProjectionAgent(projection, settings, Barrier(settings.redis_url), TOY)
        loop = build_loop(app, agent, settings)
        await app.start()
        running, ended = asyncio.create_task(loop.run()), asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        await agent.close()
        await app.stop()
        if running in done:
            running.result()

    async def go() -> None:
        first_stop, second_stop = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(worker(first_stop))
        for round_ in range(4):
            await asyncio.to_thread(write, stores, ps, 20)
            if round_ == 0:
                await _until(lambda: len(projection.heard.get(0, [])) == 20, first)
            if round_ == 1:
                second = asyncio.create_task(worker(second_stop))
                opened = projection.opened
                await _until(lambda n=opened: projection.opened > n, first)
            if round_ == 2:
                second_stop.set()
        await second
        await _until(lambda: len(projection.heard.get(0, [])) >= 80, first)
        first_stop.set()
        await first

    asyncio.run(go())
    assert projection.heard[0] == names("c", 80)


async def _until(true: object, running: asyncio.Task[None]) -> None:
    async with asyncio.timeout(60):
        while not true():  # type: ignore[operator]
            if running.done():
                running.result()
            await asyncio.sleep(0.05)


def test_ends_of_logs(stores: Stores) -> None:
    write(stores, PartitionState(), 4)
    parts = [(topics.DECISIONS, 0), (topics.DECISIONS, 1)]
    assert asyncio.run(end_offsets(stores.stack.bootstrap, parts)) == {parts[0]: 4, parts[1]: 0}
