"""The real broker and Redis for tests, and worker processes on them that can be killed and stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from deploy.local.stack import CHECKOUT, Stack
from streams import topics
from streams.adapters.barrier import barrier_key
from streams.adapters.kafka_log import Record, append, end_offsets, read_list, start_producer
from streams.contracts import codec
from streams.core.chain import Core, PartitionState, apply_record
from streams.settings import Settings, read_settings
from tests.toy_core import TOY

WAIT_S = 60.0
Tell = Callable[[str], None]  # the fixture `tell`


def wait_until(true: Callable[[], bool], what: str, timeout_s: float = WAIT_S, every_s: float = 0.05) -> None:
    """Waits for a condition, however slow the machine is; fails with `what` when it never comes."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(every_s)


@dataclass
class Stores:
    """One broker and one Redis for the session. `fresh` empties both; logs of a test are its own then."""

    stack: Stack
    workers: list[Worker] = field(default_factory=list)

    def settings(self, folder: Path, **changes: str) -> Settings:
        return read_settings(self.environment(folder, **changes))

    def environment(self, folder: Path, **changes: str) -> dict[str, str]:
        """DOLBOM_* of a test's own processes: `folder` holds their progress, registry and keys."""
        variables = {f"DOLBOM_{name.upper()}": value for name, value in changes.items()}
        return {
            "DOLBOM_STATE_DIR": str(folder), "DOLBOM_BOOTSTRAP": self.stack.bootstrap,
            "DOLBOM_REDIS_URL": self.stack.redis_url, "DOLBOM_SESSION_TIMEOUT_S": "6", **variables,
        }  # fmt: skip

    def fresh(self, partitions: int = 2) -> None:
        """New, empty topics; no group; an empty Redis."""
        from kafka.admin import KafkaAdminClient

        redis.Redis.from_url(self.stack.redis_url).flushall()
        admin = KafkaAdminClient(bootstrap_servers=self.stack.bootstrap)
        try:
            ours = {topic.name for topic in topics.TOPICS}
            present = sorted(ours & set(admin.list_topics()))
            if present:
                admin.delete_topics(present)
            wait_until(lambda: not ours & set(admin.list_topics()), "topics deleted")
            groups = [name for name in _group_names(admin) if name.startswith("dolbom-")]
            if groups:
                admin.delete_groups(groups)
        finally:
            admin.close()
        topics.create_topics(self.stack.bootstrap, partitions)

    def worker(self, name: str, folder: Path, module: str = "tests.toy_worker", **changes: str) -> Worker:
        """Start `python -m MODULE NAME`; ended with the test."""
        env = {**os.environ, **self.environment(folder, **changes), "PYTHONUNBUFFERED": "1"}
        worker = Worker(name, folder, env, module)
        worker.start()
        self.workers.append(worker)
        return worker

    def end_workers(self) -> None:
        for worker in self.workers:
            worker.end()
        self.workers.clear()


def _group_names(admin: object) -> list[str]:
    listed = admin.list_groups()  # type: ignore[attr-defined]
    return [group["group_id"] if isinstance(group, dict) else group[0] for group in listed]


@dataclass
class Worker:
    """A process that a test may hurt."""

    name: str
    folder: Path
    env: dict[str, str]
    module: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def log_path(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, self.name], cwd=CHECKOUT, env=self.env, stdout=out, stderr=out
            )

    def kill(self) -> None:
        """kill -9, and gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=30)

    def keep_alive(self) -> None:
        """What the supervisor does: start it again when it ended."""
        assert self.process is not None
        if self.process.poll() is not None:
            self.start()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.kill()


def send(bootstrap: str, topic: str, partition: int, values: Iterable[bytes]) -> list[int]:
    """Append to a topic; offsets."""

    async def go() -> list[int]:
        producer = await start_producer(bootstrap, "tests")
        try:
            return await append(producer, topic, partition, list(values))
        finally:
            await producer.stop()

    return asyncio.run(go())


def read(bootstrap: str, topic: str, partition: int) -> list[Record]:
    return asyncio.run(read_list(bootstrap, topic, partition, 0))


def ends(bootstrap: str, *parts: tuple[str, int]) -> dict[tuple[str, int], int]:
    return asyncio.run(end_offsets(bootstrap, parts))


def fold(bootstrap: str, partition: int, core: Core = TOY) -> tuple[PartitionState, int]:
    """A fresh fold of the decisions from the beginning, and how many records it dropped."""
    state, dropped = PartitionState(), 0
    for record in read(bootstrap, topics.DECISIONS, partition):
        dropped += apply_record(state, record.value or b"", core) is None
    return state, dropped


def state_bytes(state: PartitionState) -> bytes:
    return codec.encode(dict(sorted(state.districts.items())))


def wait_for_hop(redis_url: str, token: str, hop: str, timeout_s: float = WAIT_S) -> dict[str, Any]:
    """What a hop said of a barrier token."""
    client = redis.Redis.from_url(redis_url)
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        item = client.blpop([barrier_key(token)], timeout=1)
        if item is not None and (said := json.loads(item[1]))["hop"] == hop:
            return dict(said)
    raise AssertionError(f"{hop} never acknowledged {token}")
