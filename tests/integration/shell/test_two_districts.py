"""Desk and dispatcher on the real broker: two districts on two partitions, kills, zombies, stale writers, holes, poison."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from streams import topics
from streams.adapters.snapshots import Snapshots
from streams.agents.desk import FLOOD
from streams.contracts import codec
from streams.contracts.envelope import DecisionsRecord
from streams.contracts.inputs import ClockTicked, KitchenReported, MalformedReceived
from streams.core.chain import GAP, REPEAT, PartitionState, apply_record, decide_raw
from streams.dead_letters import list_dead_letters
from tests.integration.shell.events import (
    MAPO,
    SEODAEMUN,
    all_covered,
    barrier,
    event,
    journal,
    names,
)
from tests.integration.shell.senders import Senders
from tests.stack import Stores, ends, fold, read, send, wait_for_hop, wait_until
from tests.toy_core import TOY, ToyCore

pytestmark = pytest.mark.broker


def check_snapshot(stores: Stores, folder: Path, partition: int) -> None:
    """What the dispatcher kept is what a fresh fold makes."""
    settings = stores.settings(folder)
    snapshot = asyncio.run(Snapshots(settings.bootstrap, TOY).load(partition))
    assert snapshot is not None
    state = snapshot.state
    for record in read(settings.bootstrap, topics.DECISIONS, partition)[snapshot.decisions_offset :]:
        apply_record(state, record.value or b"", TOY)
    assert state == fold(settings.bootstrap, partition)[0]


def test_killed_with_messages_in_flight_nothing_is_lost_or_done_twice(stores: Stores, folder: Path) -> None:
    desk = stores.worker("desk", folder, snapshot_every="150")
    dispatcher = stores.worker("dispatcher", folder, snapshot_every="150")
    bootstrap = stores.stack.bootstrap
    with Senders(stores, 400, pause_s=1.5) as senders:  # some 30 s: they must outlast the kills
        for round_, worker in enumerate((desk, dispatcher, desk, dispatcher)):
            position = ends(bootstrap, (topics.DECISIONS, 0))[topics.DECISIONS, 0]
            wait_until(
                lambda p=position: ends(bootstrap, (topics.DECISIONS, 0))[topics.DECISIONS, 0] > p + 30,
                f"decisions before kill {round_}",
            )
            worker.kill()
            print(f"killed {worker.name} at {ends(bootstrap, (topics.JOURNAL, 0), (topics.DECISIONS, 0))}")
            worker.start()
    senders.check()
    for partition in (0, 1):
        check_snapshot(stores, folder, partition)


def test_a_zombie_dispatcher_wakes_up_after_its_heir_took_over(stores: Stores, folder: Path, tmp_path: Path) -> None:
    stores.worker("desk", folder)
    zombie = stores.worker("dispatcher", folder)
    bootstrap = stores.stack.bootstrap
    with Senders(stores, 300, pause_s=0.5) as senders:
        wait_until(lambda: ends(bootstrap, (topics.DECISIONS, 0))[topics.DECISIONS, 0] > 30, "the first decisions")
        zombie.freeze()
        stores.worker("dispatcher", tmp_path / "heir")  # gets the partitions when the zombie's session is over
        frozen_at = ends(bootstrap, (topics.DECISIONS, 0))[topics.DECISIONS, 0]
        wait_until(
            lambda: ends(bootstrap, (topics.DECISIONS, 0))[topics.DECISIONS, 0] > frozen_at + 30, "the heir's decisions"
        )
        zombie.thaw()
    senders.check()


def test_two_dispatchers_that_write_at_the_same_time_make_one_chain(stores: Stores, folder: Path) -> None:
    """A writer that ignores the group altogether: each record of the worker races one of ours."""
    stores.worker("desk", folder)
    stores.worker("dispatcher", folder)
    bootstrap = stores.stack.bootstrap
    other = ToyCore("toy-other")
    with Senders(stores, 100, pause_s=0.3) as senders:
        for _ in range(15):
            state, _ = fold(bootstrap, 0)
            entries = journal(stores, 0)
            offset = state.next_journal_offset
            if offset < len(entries):
                send(bootstrap, topics.DECISIONS, 0, [decide_raw(state, offset, entries[offset], other)[1]])
            else:  # nothing to decide: a stale one then, decided before all others
                stale = decide_raw(PartitionState(), 0, entries[0], other)[1] if entries else b""
                send(bootstrap, topics.DECISIONS, 0, [stale] if stale else [])
            time.sleep(0.1)
    senders.check()


def test_a_stale_writer_of_another_version_is_dropped_by_everyone(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    stores.worker("desk", folder)
    dispatcher = stores.worker("dispatcher", folder)
    send(bootstrap, topics.COMMANDS, 0, [event(name) for name in names("a", 5)])
    wait_until(lambda: all_covered(stores, 0), "five decided")
    stale, old = PartitionState(), ToyCore("toy-0")
    wrong = [decide_raw(stale, i, entry, old)[1] for i, entry in enumerate(journal(stores, 0))]
    send(bootstrap, topics.DECISIONS, 0, wrong)
    send(bootstrap, topics.COMMANDS, 0, [event(name) for name in names("b", 5)])
    wait_until(lambda: all_covered(stores, 0), "ten decided")
    state, dropped = fold(bootstrap, 0)
    assert state.districts[MAPO].heard == names("a", 5) + names("b", 5)
    assert dropped >= 5
    versions = {codec.decode(r.value or b"", DecisionsRecord).core_version for r in read(bootstrap, topics.DECISIONS, 0)}
    assert versions == {"toy-0", "toy-1"}
    assert "another writer" in dispatcher.log_path.read_text()


def test_what_the_journal_misses_is_appended_again_before_anything_after_it_is_applied(
    stores: Stores, folder: Path
) -> None:
    bootstrap = stores.stack.bootstrap
    desk = stores.worker("desk", folder)
    wanted = names("c", 30)
    send(bootstrap, topics.COMMANDS, 0, [event(name) for name in wanted[:20]])
    wait_until(lambda: ends(bootstrap, (topics.JOURNAL, 0))[topics.JOURNAL, 0] == 20, "twenty in the journal")
    desk.kill()
    # a desk that lost 20 to 24, as Faust's race has it
    send(bootstrap, topics.COMMANDS, 0, [event(name) for name in wanted[20:]])
    lost = [
        codec.encode(msgspec.structs.replace(
            journal(stores, 0)[19], source=(topics.COMMANDS, 0, offset), envelope=msgspec.Raw(event(wanted[offset]))
        ))
        for offset in range(25, 28)
    ]  # fmt: skip
    send(bootstrap, topics.JOURNAL, 0, lost)
    stores.worker("dispatcher", folder)
    wait_until(lambda: fold(bootstrap, 0)[0].coverage.get(topics.COMMANDS) == 30, "the hole is filled")
    state, _ = fold(bootstrap, 0)
    assert state.districts[MAPO].heard == wanted
    decided = [codec.decode(r.value or b"", DecisionsRecord) for r in read(bootstrap, topics.DECISIONS, 0)]
    assert [r.skipped for r in decided[20:23]] == [GAP] * 3
    stores.worker("desk", folder)  # it appends 20 to 29 once more
    wait_until(lambda: len(journal(stores, 0)) >= 43, "the desk's own")
    wait_until(lambda: all_covered(stores, 0), "all covered")
    assert fold(bootstrap, 0)[0].districts[MAPO].heard == wanted
    last = codec.decode(read(bootstrap, topics.DECISIONS, 0)[-1].value or b"", DecisionsRecord)
    assert last.skipped == REPEAT


def test_poison_is_parked_and_the_stream_goes_on(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    poison = [
        b"\x00\xff\xfe", b"", b"{", b"[]", b"null", b'{"id": 1}', "김말순 010-1234-5678".encode(),
        event("x").replace(b'"CancelVisit"', b'"VisitPainted"'), event("x").replace(b'"version":1', b'"version":7'),
        event("x", SEODAEMUN), b"9" * 900_000,
    ]  # fmt: skip
    stores.worker("desk", folder)
    stores.worker("dispatcher", folder)
    send(bootstrap, topics.REPORTS, 0, [event("before"), *poison, event("after")])
    wait_until(lambda: all_covered(stores, 0), "all decided")
    state, _ = fold(bootstrap, 0)
    assert state.districts[MAPO].heard == ["before", "after"]
    assert len(state.districts[MAPO].refused) == len(poison)
    letters = asyncio.run(list_dead_letters(bootstrap, 2))
    assert [letter.offset for letter in letters] == list(range(1, len(poison) + 1))
    assert {letter.code for letter in letters} == {
        "not_json", "wrong_field", "unknown_event", "unknown_version", "unknown_district",
    }  # fmt: skip
    parked = [e.envelope.read_payload() for e in journal(stores, 0) if e.envelope.type == MalformedReceived.__name__]
    assert [p.dead_letter_id for p in parked] == [letter.dead_letter_id for letter in letters]
    everything = b"".join(
        record.value or b""
        for topic in (topics.JOURNAL, topics.DECISIONS, topics.DEAD_LETTERS)
        for record in read(bootstrap, topic, 0)
    ) + b"".join(path.read_bytes() for path in folder.rglob("*.log"))
    assert "김말순".encode() not in everything
    assert b"1234-5678" not in everything

    from streams.agents.worker import open_bytes_vault

    kept = open_bytes_vault(stores.settings(folder, registry_url=f"sqlite:///{folder / 'registry.db'}"))
    assert [kept.load(letter.dead_letter_id) for letter in letters] == poison


def test_a_flood_of_poison_stops_the_desk(stores: Stores, folder: Path) -> None:
    desk = stores.worker("desk", folder)
    send(stores.stack.bootstrap, topics.REPORTS, 0, [b"?"] * (FLOOD + 50))
    wait_until(lambda: desk.process is not None and desk.process.poll() == 1, "the desk ended with 1")
    assert "Flood" in desk.log_path.read_text()


def test_a_deadline_is_ticked_once_and_is_gone(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    stores.worker("desk", folder)
    stores.worker("dispatcher", folder)
    due_at = [datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in (1, 2)]  # over: the clock here is the wall's
    for i, at in enumerate(due_at):
        late = KitchenReported(report_id=f"r{i}", kitchen_id=f"k{i}", ready_at=at)
        send(bootstrap, topics.REPORTS, 0, [event(f"late-{i}", payload=late)])
        wait_until(lambda n=i: len(read(bootstrap, topics.TICKS, 0)) >= n + 1, "a tick")
        wait_until(lambda: not fold(bootstrap, 0)[0].districts[MAPO].deadlines, "the deadline is gone")
    wait_until(lambda: all_covered(stores, 0), "all decided")
    ticks = [e for e in journal(stores, 0) if e.envelope.type == ClockTicked.__name__]
    assert [t.envelope.read_payload().due_at for t in ticks] == due_at


def test_a_barrier_token_comes_out_with_the_coverage(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    stores.worker("desk", folder, lockstep="1")
    stores.worker("dispatcher", folder, lockstep="1")
    send(bootstrap, topics.COMMANDS, 0, [event(name) for name in names("c", 3)])
    send(bootstrap, topics.TICKS, 0, [barrier("t1")])
    wait_for_hop(stores.stack.redis_url, "t1", "dispatcher")
    wait_until(lambda: all_covered(stores, 0), "all decided")
    send(bootstrap, topics.TICKS, 0, [barrier("t2")])
    said = wait_for_hop(stores.stack.redis_url, "t2", "dispatcher")
    assert said["coverage"] == {topics.COMMANDS: 3, topics.TICKS: 2}
    assert (said["journal_offset"], said["next_deadline_at"]) == (4, None)


def test_workers_end_as_they_should(stores: Stores, folder: Path, tmp_path: Path) -> None:
    """SIGTERM: 0. The broker away at the start: 1. And each second it says how far it is."""
    desk = stores.worker("desk", folder)
    send(stores.stack.bootstrap, topics.COMMANDS, 0, [event(name) for name in names("c", 3)])
    progress = folder / "progress" / "desk.json"
    wait_until(lambda: progress.exists() and json.loads(progress.read_text())["position"] == 3, "progress 3")
    assert json.loads(progress.read_text())["end"] == 3
    away = stores.worker("dispatcher", tmp_path / "away", bootstrap="127.0.0.1:1")
    assert desk.terminate() == 0
    assert away.process is not None
    assert away.process.wait(timeout=60) == 1
