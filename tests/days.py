"""Whole days for tests: seeds nobody tuned for, days run by the product's own command or through a `Stack`, and what must
hold of the logs, the board and the outbox afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from deploy.local.run import verify
from deploy.local.stack import CHECKOUT, Stack
from streams import topics
from streams.adapters import board_keys as keys
from streams.adapters.board_batch import BoardBatches
from streams.adapters.endpoint_tables import DELIVERED, PENDING
from streams.adapters.kafka_log import Record, end_offsets, read_list
from streams.adapters.webhook_bodies import Told, outgoing
from streams.contracts import codec
from streams.contracts.decisions import VisitChanged, VisitEvent, VisitRequested
from streams.contracts.envelope import DecisionsRecord, JournalRecord
from streams.contracts.inputs import WorkerReported
from streams.core.chain import PartitionState, apply_record

RUN_LIMIT_S = 1500.0
BY_REPORT = (VisitEvent.PICKED_UP, VisitEvent.ARRIVED, VisitEvent.DONE)  # nothing else makes these happen


def seed_of(name: str) -> int:
    """A seed that nobody chose: it follows from a name."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1_000_000


def make_day(kind: str, seed: int, folder: Path) -> Path:
    from services.sample_day.generate import generate_day

    return generate_day(kind, seed, folder)


@dataclass(frozen=True)
class Headless:
    """One `make run HEADLESS=1`: its exit code, its last line on stdout, and what people were told."""

    code: int
    result: dict[str, Any]
    said: str


def run_headless(day: str | Path, seed: int, state: Path) -> Headless:
    """The command behind `make run HEADLESS=1`, with random free ports and a state folder of its own."""
    spared = {"PORT_BASE", *(name for name in os.environ if name.endswith("_PORT") or name.startswith("DOLBOM_"))}
    env = {name: value for name, value in os.environ.items() if name not in spared}
    command = [sys.executable, "-m", "deploy.local.run", "--headless", "--day", str(day), "--seed", str(seed)]
    done = subprocess.run(
        [*command, "--state", str(state)], cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    assert lines, f"exit {done.returncode}, nothing on stdout: {done.stderr[-2000:]}"
    return Headless(done.returncode, json.loads(lines[-1]), done.stderr)


def in_process(day: Path, seed: int) -> dict[str, Any]:
    """The same day through the same core in one process: the oracle."""
    from services.sample_day.in_process import run_in_process
    from services.sample_day.read_day import read_day

    return run_in_process(read_day(day), seed)[0]


def wait_for_day(stack: Stack, result: Path) -> dict[str, Any]:
    """The world's result, when its day is over."""
    end = time.monotonic() + RUN_LIMIT_S
    while not stack.supervisor.ended("world"):
        assert time.monotonic() < end, "the day never ended"
        time.sleep(0.2)
    assert stack.supervisor.last_exit("world") == 0, (stack.state_dir / "logs" / "world.log").read_text()[-3000:]
    return dict(json.loads(result.read_text(encoding="utf-8")))


def replay(stack: Stack) -> dict[str, Any]:
    """`streams.replay.verify` in a process with another hash seed."""
    found, complaint = verify(stack)
    assert complaint is None, complaint
    return found


# --- the logs ---------------------------------------------------------------------------------------------------------


@dataclass
class Logs:
    """Both logs of one partition as they lie, and what they make."""

    partition: int
    journal: list[JournalRecord]
    decisions: list[DecisionsRecord]  # the valid ones
    states: PartitionState
    board: dict[str, dict[str, bytes]]  # a board rebuilt: key -> field -> bytes
    stories: dict[str, list[bytes]]
    commands: dict[str, bytes]
    webhooks: set[tuple[str, str]]  # (webhook-id, organisation) of everything that organisations must be told


def read_logs(bootstrap: str, partition: int) -> Logs:
    """Read and fold one partition from offset 0; the board is drawn record by record, by nobody that ran that day."""

    async def read() -> tuple[list[Record], list[Record]]:
        return (
            await read_list(bootstrap, topics.JOURNAL, partition, 0),
            await read_list(bootstrap, topics.DECISIONS, partition, 0),
        )

    journal, decisions = asyncio.run(read())
    logs = Logs(
        partition, [codec.decode(r.value or b"", JournalRecord) for r in journal], [], PartitionState(), {}, {}, {}, set()
    )
    batches, told = BoardBatches(), dict[str, Told]()
    for one in decisions:
        record = apply_record(logs.states, one.value or b"")
        if record is None:
            continue
        logs.decisions.append(record)
        if record.skipped:
            continue
        for batch in batches.draw([record], logs.states, False):
            logs.board.setdefault(keys.board_key(batch.district), {}).update(batch.fields)
            for visit_id in batch.begun:
                logs.stories.pop(keys.story_key(visit_id), None)
            for visit_id, lines in batch.story.items():
                logs.stories.setdefault(keys.story_key(visit_id), []).extend(lines)
            logs.commands.update({keys.command_key(id_): raw for id_, raw in batch.commands.items()})
        state = logs.states.districts[record.district]
        found, _ = outgoing(record, state, told.setdefault(record.district, Told()))
        logs.webhooks.update((one.effect_id, one.organisation) for one in found)
    return logs


def check_logs(bootstrap: str, logs: Logs) -> None:
    """Every inbox record is decided exactly once, in order, and every journal record has its decision."""
    parts = [(topic, logs.partition) for topic in topics.INBOXES]
    ends = asyncio.run(end_offsets(bootstrap, parts))
    decided: dict[str, list[int]] = {topic: [] for topic in topics.INBOXES}
    for record in logs.decisions:
        if not record.skipped:
            decided[record.source.topic].append(record.source.offset)
    assert decided == {
        topic: list(range(ends[topic, logs.partition])) for topic in topics.INBOXES
    }
    assert len(logs.decisions) == len(logs.journal)
    assert logs.states.missing == {}


def check_nothing_twice(logs: Logs) -> None:
    """No visit is filed twice, or done or cancelled more often than there are workers for it, and no report counts twice."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for asked, record in zip(logs.journal, logs.decisions, strict=True):
        changed = [decision for decision in record.decisions if isinstance(decision, VisitChanged)]
        for decision in changed:
            if decision.event in (VisitEvent.DONE, VisitEvent.CANCELLED):
                counted[decision.visit_id, decision.event.value, decision.worker_id] += 1
        for decision in record.decisions:
            if isinstance(decision, VisitRequested):
                counted[decision.visit_id, "requested", ""] += 1
        payload = asked.envelope.read_payload()
        if isinstance(payload, WorkerReported) and any(
            decision.event in BY_REPORT and decision.visit_id in payload.visit_ids for decision in changed
        ):
            counted[payload.report_id, "report", asked.envelope.organisation] += 1
    assert [what for what, times in counted.items() if times > 1] == []


# --- Redis and the outbox ---------------------------------------------------------------------------------------------


def wait_for_board(stack: Stack, logs: list[Logs]) -> None:
    """The board has drawn the last decision."""
    client = redis.Redis.from_url(stack.redis_url)
    from streams.adapters.positions import read_position
    from tests.stack import wait_until

    def caught_up() -> bool:
        for one in logs:
            for district in one.states.districts:
                position = read_position(client.hget(keys.board_key(district), keys.POSITION))  # type: ignore[arg-type]
                if position is None or position.next_journal_offset != one.states.next_journal_offset:
                    return False
        return True

    wait_until(caught_up, "the board at the end of the decisions", 120.0)


def check_board(stack: Stack, logs: list[Logs]) -> None:
    """The board in Redis, all of it, equals the board rebuilt from the logs."""
    wait_for_board(stack, logs)
    client: Any = redis.Redis.from_url(stack.redis_url)
    for one in logs:
        for key, fields in one.board.items():
            found = {field.decode(): raw for field, raw in client.hgetall(key).items()}
            assert found.pop(keys.POSITION)
            assert sorted(found) == sorted(fields)
            assert [field for field in fields if found[field] != fields[field]] == []
    stories = {key: lines for one in logs for key, lines in one.stories.items()}
    found_stories = {key.decode(): client.lrange(key, 0, -1) for key in client.scan_iter(keys.story_key("*"))}
    assert found_stories == stories
    commands = {key: raw for one in logs for key, raw in one.commands.items()}
    found_commands = {key.decode(): client.get(key) for key in client.scan_iter(keys.command_key("*"))}
    assert found_commands == commands


def check_outbox(stack: Stack, logs: list[Logs]) -> None:
    """Everything that organisations must be told was told once: one delivery for each effect, which has arrived or is
    tried again (a server that was killed is asked after five minutes), and none given up."""
    import sqlalchemy as sa

    from tests.stack import wait_until

    engine = sa.create_engine(f"sqlite:///{stack.state_dir / 'registry.db'}")

    def rows() -> dict[tuple[str, str], str]:
        with engine.connect() as connection:
            found = connection.execute(sa.text("select effect_id, organisation, status from webhook_deliveries"))
            return {(row.effect_id, row.organisation): row.status for row in found}

    expected = {effect for one in logs for effect in one.webhooks}
    try:
        wait_until(lambda: expected <= rows().keys(), "every effect in the outbox", 120.0)
        assert rows().keys() == expected
        assert set(rows().values()) <= {DELIVERED, PENDING}
    finally:
        engine.dispose()


def check_books(result: dict[str, Any]) -> None:
    """The ledger balances, and the world's own books say the same."""
    assert result["mismatches"] == [], f"{result['unaccounted']} unaccounted: {result['mismatches']}"
    assert result["unaccounted"] == 0
    classes = ("done", "cancelled", "failed", "handed_over")
    assert sum(result[name] for name in classes) == result["visits"]
