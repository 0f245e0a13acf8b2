"""The Faust app of a worker, and the loop that carries records from its consumer to ours.

Faust hands messages to `Inflow` (by the short way) and does nothing else with them. Everything else happens in one
coroutine, `Loop.run`, so an agent of ours needs no locks: a new generation, a batch, a timer come one after the other.
Batches are what is there when the loop is ready for more: a single message does not wait for company, and under load
they grow by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import faust

from streams.adapters.contiguous import Contiguous, Part, contiguous_for, guard_perform_seek
from streams.adapters.kafka_log import Record
from streams.adapters.loop_consumer import consume_in_loop
from streams.adapters.short_way import fetch_together, take_short_way
from streams.settings import Settings

MAX_BATCH = 500
IDLE_S = 1.0  # the loop turns at least so often
HANDLE_TIMEOUT_S = 120.0  # a handler that takes longer hangs: the worker ends and starts again

# Faust's own heartbeats go through the consumer thread; the broker wants about three in a session.
HEARTBEATS_PER_SESSION = 4


def group_of(name: str) -> str:
    """One consumer group for each agent."""
    return f"dolbom-{name}"


def make_app(name: str, settings: Settings) -> faust.App:
    """A Faust app with the settings that its traps ask for (docs in the design notes: raw bytes, no tables, no web)."""
    datadir = settings.state_dir / "faust" / name
    datadir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        group_of(name),
        broker=";".join(f"kafka://{address}" for address in settings.bootstrap.split(",")),
        datadir=str(datadir),
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,  # its leader topic is one more thing to rebalance for
        topic_allow_declare=False,  # topics come from streams.topics
        topic_partitions=settings.partitions,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=MAX_BATCH,
        broker_session_timeout=float(settings.session_timeout_s),
        broker_heartbeat_interval=max(0.5, settings.session_timeout_s / HEARTBEATS_PER_SESSION),
        broker_rebalance_timeout=float(settings.session_timeout_s),
        broker_request_timeout=max(30.0, settings.session_timeout_s * 2.0),
        broker_commit_interval=1.0,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        table_standby_replicas=0,
        worker_redirect_stdouts=False,
    )
    app.finalize()
    consume_in_loop(app)
    return app


@dataclass(frozen=True)
class Batch:
    """What the loop gets: a generation (rises with every assignment and revocation), its partitions, and its messages."""

    generation: int
    parts: frozenset[Part]
    messages: Sequence[Any] = ()

    def records(self) -> list[Record]:
        return [
            Record(message.topic, message.partition, message.offset, message.value) for message in self.messages
        ]


class Inflow:
    """Faust's messages as prompt batches; acknowledged when the loop says so."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._messages: list[Any] = []
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self.generation = 0
        self.parts: frozenset[Part] = frozenset()
        app.on_partitions_assigned.connect(self._assigned, weak=False)
        app.on_partitions_revoked.connect(self._revoked, weak=False)

    def has_room(self) -> bool:
        return len(self._messages) < MAX_BATCH

    def put(self, message: Any) -> None:
        self._messages.append(message)
        self._wake.set()

    async def wait_room(self) -> None:
        while not self.has_room():
            self._room.clear()
            await self._room.wait()

    async def next(self, timeout_s: float) -> Batch:
        """What is there; waits up to `timeout_s` for something. Messages of an older generation are dropped: they come
        again, here or at another worker."""
        if not self._wake.is_set() and timeout_s > 0:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
        self._wake.clear()
        messages, self._messages = self._messages, []
        self._room.set()
        return Batch(self.generation, self.parts, [message for message in messages if self._is_current(message)])

    def _is_current(self, message: Any) -> bool:
        return (message.topic, message.partition) in self.parts and (
            message.generation_id == self._app.consumer_generation_id
        )

    def ack(self, batch: Batch) -> None:
        """Let Faust commit these. Not those of an older generation: their acks would make it commit past records that
        it is about to read again."""
        for message in batch.messages:
            if self._is_current(message):
                message.ack(self._app.consumer)

    def poke(self) -> None:
        """Turn the loop now."""
        self._wake.set()

    async def _assigned(self, app: Any, assigned: set[Any], **_: Any) -> None:
        fetch_together(app)
        self._renew(frozenset((tp.topic, tp.partition) for tp in assigned))

    async def _revoked(self, app: Any, revoked: set[Any], **_: Any) -> None:
        self._renew(self.parts - {(tp.topic, tp.partition) for tp in revoked})

    def _renew(self, parts: frozenset[Part]) -> None:
        self.generation += 1
        self.parts = parts
        self._messages.clear()
        self._room.set()
        self._wake.set()


class Agent(Protocol):
    """What a worker does with its records."""

    topics: tuple[str, ...]

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        """A new generation: make ready, and say at which offset each partition goes on."""
        ...

    async def handle(self, records: Sequence[Record]) -> None:
        """Contiguous records; when it returns, what they caused is acknowledged. Raises to end the worker."""
        ...

    def opened_to(self) -> int:
        """How far a long `assigned` has come: a sum of offsets that rises."""
        ...

    async def idle(self) -> None:
        """Called after each batch and whenever `wake_in_s` is over."""
        ...

    def wake_in_s(self) -> float:
        """Seconds until `idle` wants to be called again."""
        ...

    async def close(self) -> None: ...


@dataclass
class Loop:
    """One worker's loop; `contiguous.expected` is where it stands."""

    app: Any
    agent: Agent
    inflow: Inflow
    contiguous: Contiguous
    opening: bool = False

    async def run(self) -> None:
        generation = 0
        while True:
            batch = await self.inflow.next(min(IDLE_S, self.agent.wake_in_s()))
            if batch.generation != generation:
                self.opening = True
                self.contiguous.start(await self.agent.assigned(batch.parts))  # may take long: it has time-outs inside
                self.opening = False
                generation = batch.generation
            async with asyncio.timeout(HANDLE_TIMEOUT_S):
                if batch.messages:
                    records = await self.contiguous.arrange(batch.records())
                    if records:
                        await self.agent.handle(records)
                    await self.contiguous.handled()
                    self.inflow.ack(batch)
                await self.agent.idle()


def build_loop(app: Any, agent: Agent, settings: Settings) -> Loop:
    """Register the agent with Faust. Call before `app.start()`; run `Loop.run` beside it."""
    inflow = Inflow(app)
    topic = app.topic(
        *agent.topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw",
    )  # fmt: skip

    @app.agent(topic, name=f"{app.conf.id}-inflow", concurrency=1)
    async def subscribed(stream: Any) -> None:
        """What Faust subscribes for; nothing comes this way."""
        async for _ in stream.events():
            raise AssertionError("a message took Faust's own way")

    guard_perform_seek(app)
    take_short_way(app, inflow)
    return Loop(app, agent, inflow, contiguous_for(app, settings.bootstrap))
