"""The dispatcher: one decisions record for each journal record, written and acknowledged before anything else happens.

It starts from its snapshot and the end of the decisions, never from Faust's committed offset, and reads what is left of the
journal by itself before it takes the stream. Who else may be writing (a zombie, its heir) it learns from the offsets of
its acks: one that is not the next means that the state in memory is not what the log says, so it is dropped and folded
again; the chain of digests decides whose records count.

A source that jumps ("gap", see streams.core.chain) is not applied. The dispatcher then appends what is missing to the
journal itself, with the desk's own code: from the first offset missing to the end of that inbox, so that what the desk
has appended meanwhile out of turn comes again behind it and is a repeat once it was applied. It asks again when the hole
is still open after a while. Wherever it dies in between, the hole is in the fold (`PartitionState.missing`), and the next
dispatcher sees it at its start.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiokafka import AIOKafkaProducer

from streams import topics
from streams.adapters.barrier import Barrier
from streams.adapters.contiguous import Part
from streams.adapters.kafka_log import Record, append, end_offsets, read_list, read_range
from streams.adapters.service_clock import ServiceClock
from streams.adapters.snapshots import Snapshots
from streams.agents.app import IDLE_S
from streams.agents.desk import Desk
from streams.agents.faults import Faults
from streams.agents.query_answers import QueryAnswers
from streams.contracts import codec
from streams.contracts.decisions import DayClosed
from streams.contracts.envelope import DecisionsRecord, JournalRecord, seal
from streams.contracts.inputs import ClockTicked
from streams.core.chain import (
    GAP,
    REAL_CORE,
    BrokenChain,
    Core,
    PartitionState,
    apply_record,
    decide_raw,
    next_deadlines,
)  # fmt: skip
from streams.dead_letters import BytesVault
from streams.settings import Settings

log = logging.getLogger(__name__)

NAME = "dispatcher"
LOOK_AT_CLOCK_S = 0.2  # the service clock may change its speed at any time
TICK_AGAIN_S = 0.25  # after a tick that did not move the deadline
ASK_AGAIN_S = 5.0  # a tick or a missing source that nobody has seen since
CONFLICT_WAIT_S = 0.2  # two writers must not take turns for ever
PREPARE_UP_TO_SPEED = 2.0  # on a faster clock a second is over before anybody comes in it
INTO_THE_SECOND_S = 0.01  # what was recorded in the second before is through the desk by then


@dataclass
class Lead:
    """What one dispatcher holds of one partition."""

    partition: int
    state: PartitionState
    next_decisions_offset: int
    saved_at: int = 0  # journal offset of the last snapshot
    deadlines: dict[str, datetime] = field(default_factory=dict)
    ticked: dict[str, tuple[datetime, float]] = field(default_factory=dict)  # district -> deadline, try again at
    asked: dict[str, tuple[int, float]] = field(default_factory=dict)  # inbox -> appended up to, ask again at
    prepared_for: datetime | None = None  # the second of the service clock that the cores were last brought to


class Dispatcher:
    topics: tuple[str, ...] = (topics.JOURNAL,)

    def __init__(
        self, settings: Settings, producer: AIOKafkaProducer, clock: ServiceClock, barrier: Barrier, desk: Desk,
        vault: BytesVault, core: Core = REAL_CORE,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._producer = producer
        self._clock = clock
        self._barrier = barrier
        self._desk = desk
        self._core = core
        self._faults = Faults(producer, vault)
        self._snapshots = Snapshots(settings.bootstrap, core)
        self._saving: set[asyncio.Task[None]] = set()
        self.leads: dict[int, Lead] = {}
        self.questions: QueryAnswers | None = None
        self.conflicts = 0
        self._folded_to: dict[int, int] = {}

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        """Every generation loads anew: in between, somebody else may have written."""
        self.leads.clear()
        for _, partition in sorted(parts):
            await self._recover(partition)
        return {part: self.leads[part[1]].state.next_journal_offset for part in parts}

    async def handle(self, records: Sequence[Record]) -> None:
        by_partition: dict[int, list[Record]] = {}
        for record in records:
            by_partition.setdefault(record.partition, []).append(record)
        for partition, batch in by_partition.items():
            lead = self.leads[partition]
            if not await self._decide(lead, batch):
                await self._recover(partition, batch[-1].offset + 1)

    async def _recover(self, partition: int, until: int = 0) -> None:
        """Load, fold, and decide what the journal holds (up to `until` at least). Again, if someone else writes."""
        while True:
            self.leads.pop(partition, None)
            lead = await self._fold(partition)
            first, clean = lead.state.next_journal_offset, True
            async for batch in read_range(self._settings.bootstrap, topics.JOURNAL, partition, first):
                if not await self._decide(lead, batch):
                    clean = False
                    break
            if clean and lead.state.next_journal_offset >= until:
                self.leads[partition] = lead
                await self._after(lead, [])
                return
            await asyncio.sleep(CONFLICT_WAIT_S * random.random())

    async def _fold(self, partition: int) -> Lead:
        began = time.monotonic()
        bootstrap, part = self._settings.bootstrap, (topics.DECISIONS, partition)
        end = (await end_offsets(bootstrap, [part]))[part]
        snapshot = await self._snapshots.load(partition)
        lead = Lead(partition, PartitionState(), 0)
        if snapshot is not None and snapshot.decisions_offset <= end:
            lead = Lead(partition, snapshot.state, snapshot.decisions_offset)
        lead.saved_at = lead.state.next_journal_offset
        folded = 0
        async for records in read_range(bootstrap, topics.DECISIONS, partition, lead.next_decisions_offset, end):
            for record in records:
                folded += apply_record(lead.state, record.value or b"", self._core) is not None
                lead.next_decisions_offset = record.offset + 1
            self._folded_to[partition] = lead.next_decisions_offset
            await asyncio.sleep(0)
        log.info(
            "partition %d: snapshot at journal %d, %d decisions folded, %d dropped, %.0f ms", partition, lead.saved_at,
            folded, lead.next_decisions_offset - lead.saved_at - folded, (time.monotonic() - began) * 1000,
        )  # fmt: skip
        return lead

    async def _decide(self, lead: Lead, records: Sequence[Record]) -> bool:
        """Decide, append, wait for the acks. False: someone else wrote or the core failed, `lead` is worth nothing any more."""
        decided: list[tuple[DecisionsRecord, bytes]] = []
        failed: tuple[int, JournalRecord, Exception] | None = None
        in_a_row = lead.state.set_aside_in_a_row
        for record in records:
            if record.offset >= lead.state.next_journal_offset:
                journal = codec.decode(record.value or b"", JournalRecord)
                in_a_row = lead.state.set_aside_in_a_row
                try:
                    aside = self._faults.is_set_aside(lead.partition, record.offset)
                    decided.append(decide_raw(lead.state, record.offset, journal, self._core, aside))
                except BrokenChain:
                    raise
                except Exception as error:
                    failed = (record.offset, journal, error)
                    break
        if decided and not await self._append(lead, decided):
            return False
        if failed is not None:
            await self._faults.failed(lead.partition, *failed, in_a_row)
            return False
        if decided:
            await self._after(lead, [record for record, _ in decided])
        return True

    async def _append(self, lead: Lead, decided: Sequence[tuple[DecisionsRecord, bytes]]) -> bool:
        """Whether they were written one after the other, right behind what this lead knows of."""
        offsets = await append(
            self._producer, topics.DECISIONS, lead.partition, [raw for _, raw in decided],
            keys=[record.district.encode() for record, _ in decided],
        )  # fmt: skip
        first = lead.next_decisions_offset
        if offsets != list(range(first, first + len(offsets))):
            self.conflicts += 1
            log.warning(
                "partition %d: decisions acknowledged at %d where %d was next: another writer, loading again",
                lead.partition, offsets[0], first,
            )  # fmt: skip
            return False
        lead.next_decisions_offset += len(offsets)
        return True

    async def _after(self, lead: Lead, decided: Sequence[DecisionsRecord]) -> None:
        """Everything that may happen only now, the decisions being in the log."""
        state = lead.state
        lead.deadlines = next_deadlines(state, self._core)
        wall = time.monotonic()
        for record in decided:
            if record.cause.startswith("ClockTicked:") and record.district in lead.ticked:
                lead.ticked[record.district] = (lead.ticked[record.district][0], wall + TICK_AGAIN_S)
            if record.token:
                deadline = min(lead.deadlines.values(), default=None)
                await self._barrier.ack(
                    record.token, NAME, partition=lead.partition, coverage=state.coverage,
                    journal_offset=record.journal_offset,
                    next_deadline_at=None if deadline is None else deadline.isoformat(),
                )  # fmt: skip
        if any(record.skipped == GAP for record in decided):
            log.warning("partition %d: missing in the journal: %s", lead.partition, state.holes())
        await self._fill_holes(lead)
        closed = any(isinstance(decision, DayClosed) for record in decided for decision in record.decisions)
        if closed or state.next_journal_offset - lead.saved_at >= self._settings.snapshot_every:
            self._save(lead)

    async def _fill_holes(self, lead: Lead) -> None:
        """Append to the journal again what its sources miss; see the module."""
        wall = time.monotonic()
        for topic, (first, end) in lead.state.holes().items():
            appended, again_at = lead.asked.get(topic, (0, 0.0))
            if appended >= end and wall < again_at:
                continue
            start = max(first, appended) if wall < again_at else first
            records = await read_list(self._settings.bootstrap, topic, lead.partition, start)
            await self._desk.append(records)
            lead.asked[topic] = (records[-1].offset + 1 if records else end, wall + ASK_AGAIN_S)
            log.warning("appended %d records of %s/%d to the journal again", len(records), topic, lead.partition)

    def _save(self, lead: Lead) -> None:
        if self._saving:
            return
        state = lead.state
        packed = self._snapshots.pack(state)
        lead.saved_at = state.next_journal_offset
        task = asyncio.create_task(
            self._snapshots.save(
                self._producer, lead.partition, packed, state.next_journal_offset, lead.next_decisions_offset
            )
        )
        self._saving.add(task)
        task.add_done_callback(self._saved)

    def _saved(self, task: asyncio.Task[None]) -> None:
        self._saving.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("snapshot not saved: %s", type(task.exception()).__name__)  # the next one comes

    def opened_to(self) -> int:
        return sum(self._folded_to.values())

    async def idle(self) -> None:
        if self._settings.lockstep:
            return  # the conductor moves the clock and writes the ticks
        now, wall = self._clock.now(), time.monotonic()
        for lead in self.leads.values():
            await self._fill_holes(lead)
            self._prepare(lead, now)
            for district, due_at in lead.deadlines.items():
                ticked_for, again_at = lead.ticked.get(district, (None, 0.0))
                if due_at > now or (ticked_for == due_at and wall < again_at):
                    continue
                tick = seal(
                    ClockTicked(due_at=due_at), id=f"tick-{district}-{due_at.isoformat()}", district=district,
                    actor="clock", at=now,
                )  # fmt: skip
                await append(self._producer, topics.TICKS, lead.partition, [codec.encode(tick)], keys=[district.encode()])
                lead.ticked[district] = (due_at, wall + ASK_AGAIN_S)

    def _prepare(self, lead: Lead, now: datetime) -> None:
        """A second of the service clock has begun: let the cores do now what its first input would wait for."""
        second = now.replace(microsecond=0)
        if lead.prepared_for != second and now - second >= timedelta(seconds=INTO_THE_SECOND_S):
            if 0 < self._clock.speed() <= PREPARE_UP_TO_SPEED:
                for state in lead.state.districts.values():
                    self._core.prepare(state, second)
            lead.prepared_for = second

    def wake_in_s(self) -> float:
        """Until the next tick is due or the next second begins by the wall clock; the clock's speed is looked at often."""
        if self._settings.lockstep:
            return IDLE_S
        now, wall, speed = self._clock.now(), time.monotonic(), self._clock.speed()
        soonest = IDLE_S
        if 0 < speed <= PREPARE_UP_TO_SPEED:
            soonest = min(soonest, (INTO_THE_SECOND_S - now.microsecond / 1e6) % 1.0 / speed)
        for lead in self.leads.values():
            for district, due_at in lead.deadlines.items():
                ticked_for, again_at = lead.ticked.get(district, (None, 0.0))
                if ticked_for == due_at:
                    left_s = again_at - wall
                else:
                    left_s = (due_at - now).total_seconds() / speed if speed > 0 else LOOK_AT_CLOCK_S
                soonest = min(soonest, LOOK_AT_CLOCK_S, left_s)
        return max(0.005, soonest)

    async def close(self) -> None:
        """Waits for a snapshot under way; a lost one is no harm."""
        if self._saving:
            await asyncio.wait(self._saving, timeout=2.0)
        if self.questions is not None:
            await self.questions.close()
        await self._barrier.close()
