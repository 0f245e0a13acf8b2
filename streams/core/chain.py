"""The mechanics of the two logs, pure: from a journal record to its decisions record, and the fold back to the state.

One decisions record for each journal record, in the journal's order. Each carries the digest of the one it builds on, so
a reader knows which records are valid: the others (of a zombie, or of the heir that lost the race against it) build on
something else or decide a journal offset again, and are dropped by every reader alike.

What stands in the journal need not be new: after a kill the desk appends records a second time ("repeat"), and it can
lose one. The dispatcher covers the sources: a source that is covered is skipped; one that comes before its predecessors
is not applied ("gap"), coverage stays, and `PartitionState.missing` says which offsets have to be appended to the
journal again, the jumped one included. Nothing is lost then, the order of a source is kept, and the decisions stay a
function of the journal alone, which a dispatcher that slipped the missing record in by itself would break.

An input on which the core itself fails is covered and not applied ("set_aside", see streams.agents.faults): the log says so,
and whoever decides the journal again leaves it out where the log does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

import msgspec

from streams.contracts import codec
from streams.contracts.decisions import Decision
from streams.contracts.envelope import DecisionsRecord, Envelope, JournalRecord
from streams.contracts.inputs import ClockTicked
from streams.contracts.read_decisions import read_decisions

REPEAT = "repeat"
GAP = "gap"
SET_ASIDE = "set_aside"

SNAPSHOT_SCHEMA = 1  # of PartitionState itself; the core's own schema stands beside it


class BrokenChain(Exception):
    """The logs contradict each other in a way that no crash explains; a person must look."""


class Core(Protocol):
    """The pure core as the shell sees it. Tests put a small one in its place."""

    @property
    def version(self) -> str: ...

    @property
    def schema(self) -> str: ...

    def decide(self, state: Any, received: Envelope, recorded_at: datetime) -> list[Decision]: ...

    def apply(self, state: Any, decision: Decision) -> None: ...

    def new_state(self, district: str) -> Any: ...

    def next_deadline(self, state: Any) -> datetime | None: ...

    def prepare(self, state: Any, at: datetime) -> None: ...

    def encode_state(self, state: Any) -> bytes: ...

    def decode_state(self, raw: bytes | msgspec.Raw) -> Any: ...


@cache
def _state_schema() -> str:
    """Once a process: drawing up the JSON schema takes some 20 ms."""
    from streams.core.state import STATE_SCHEMA, DistrictState

    return f"{STATE_SCHEMA}-{codec.digest(codec.encode(msgspec.json.schema(DistrictState)))}"


class DispatchCore:
    """The real core. `decide` is imported when first used: readers that only fold stay small."""

    @property
    def version(self) -> str:
        from streams.core.dispatch import CORE_VERSION

        return CORE_VERSION

    @property
    def schema(self) -> str:
        """Changes with the fields of the state by itself, and with STATE_SCHEMA when a meaning changes."""
        return _state_schema()

    def decide(self, state: Any, received: Envelope, recorded_at: datetime) -> list[Decision]:
        from streams.core.dispatch import decide

        return decide(state, received, recorded_at)

    def apply(self, state: Any, decision: Decision) -> None:
        from streams.core.apply import apply

        apply(state, decision)

    def new_state(self, district: str) -> Any:
        from streams.core.state import new_state

        return new_state(district)

    def next_deadline(self, state: Any) -> datetime | None:
        from streams.core.deadlines import next_deadline

        return next_deadline(state)

    def prepare(self, state: Any, at: datetime) -> None:
        """Between two inputs: do ahead what the first input of the second `at` would wait for. Changes no decision."""
        state.runtime.prepare(at)

    def encode_state(self, state: Any) -> bytes:
        return msgspec.json.encode(state)  # not sorted: the order of insertion is part of the state

    def decode_state(self, raw: bytes | msgspec.Raw) -> Any:
        from streams.core.state import DistrictState

        return msgspec.json.decode(raw, type=DistrictState)


REAL_CORE: Core = DispatchCore()


@dataclass
class PartitionState:
    """What the decisions of one partition have made, and how far. Advanced in place; whoever sees an exception drops it.

    `coverage`: inbox topic -> next offset expected. `missing`: inbox topic -> end (exclusive) of what must come again,
    while coverage is below it. `digest` is of the last valid decisions record, "" before the first. `set_aside_in_a_row`: how many
    were set aside since the last that was decided.
    """

    districts: dict[str, Any] = field(default_factory=dict)
    coverage: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    next_journal_offset: int = 0
    digest: str = ""
    set_aside_in_a_row: int = 0

    def holes(self) -> dict[str, tuple[int, int]]:
        """Inbox topic -> the offsets [first, end) that have to be appended to the journal again."""
        return {topic: (self.coverage.get(topic, 0), end) for topic, end in sorted(self.missing.items())}

    def _cover(self, topic: str, offset: int, skipped: str) -> None:
        if skipped == GAP:
            self.missing[topic] = max(self.missing.get(topic, 0), offset + 1)
        elif skipped != REPEAT:
            self.set_aside_in_a_row = self.set_aside_in_a_row + 1 if skipped else 0
            self.coverage[topic] = offset + 1
            if self.missing.get(topic, offset + 2) <= offset + 1:
                del self.missing[topic]


def next_deadlines(ps: PartitionState, core: Core = REAL_CORE) -> dict[str, datetime]:
    """District -> when its core wants to be woken (service clock)."""
    named = ((code, core.next_deadline(state)) for code, state in ps.districts.items())
    return {code: at for code, at in named if at is not None}


def decide_raw(
    ps: PartitionState, offset: int, record: JournalRecord, core: Core = REAL_CORE, set_aside: bool = False
) -> tuple[DecisionsRecord, bytes]:
    """Decide the next journal record, or set it aside; advances `ps` as if the result had been read back. Returns it with its
    bytes.

    Raises `BrokenChain` when `offset` is not the next of the journal; what the core raises leaves `ps` worth nothing.
    """
    if offset != ps.next_journal_offset:
        raise BrokenChain(f"journal offset {offset} where {ps.next_journal_offset} is next")
    source, envelope = record.source, record.envelope
    expected = ps.coverage.get(source.topic, 0)
    skipped = REPEAT if source.offset < expected else GAP if source.offset > expected else SET_ASIDE if set_aside else ""
    decisions: list[Decision] = []
    now_at = record.recorded_at
    if not skipped:
        state = ps.districts.get(envelope.district)
        if state is None:
            state = ps.districts[envelope.district] = core.new_state(envelope.district)
        decisions = core.decide(state, envelope, record.recorded_at)
        now_at = state.now_at
    decided = DecisionsRecord(
        journal_offset=offset, source=source, district=envelope.district, now_at=now_at, core_version=core.version,
        builds_on=ps.digest, decisions=tuple(decisions), skipped=skipped, cause=f"{envelope.type}:{envelope.id}",
        actor=envelope.actor, token="" if skipped else _token(envelope),
    )  # fmt: skip
    raw = codec.encode(decided)
    ps._cover(source.topic, source.offset, skipped)
    ps.next_journal_offset = offset + 1
    ps.digest = codec.digest(raw)
    return decided, raw


def decide_record(
    ps: PartitionState, offset: int, record: JournalRecord, core: Core = REAL_CORE
) -> DecisionsRecord:
    """`decide_raw` for those who do not write: replays, tests."""
    return decide_raw(ps, offset, record, core)[0]


def apply_record(ps: PartitionState, raw: bytes, core: Core = REAL_CORE) -> DecisionsRecord | None:
    """Fold one decisions record. None: it was dropped (it does not build on the last valid one, or its journal offset is
    decided already). Raises `Malformed` on bytes that are no decisions record, `BrokenChain` when a record builds on the
    last valid one but skips a journal offset."""
    record = read_decisions(raw)
    if record.journal_offset < ps.next_journal_offset or record.builds_on != ps.digest:
        return None
    if record.journal_offset != ps.next_journal_offset:
        raise BrokenChain(f"decides journal offset {record.journal_offset} where {ps.next_journal_offset} is next")
    if not record.skipped:
        state = ps.districts.get(record.district)
        if state is None:
            state = ps.districts[record.district] = core.new_state(record.district)
        state.now_at = record.now_at  # here and not by a decision: a tick may bring nothing but the time
        for decision in record.decisions:
            core.apply(state, decision)
    ps._cover(record.source.topic, record.source.offset, record.skipped)
    ps.next_journal_offset = record.journal_offset + 1
    ps.digest = codec.digest(raw)
    return record


def _token(envelope: Envelope) -> str:
    """The lock-step barrier that this input carries."""
    if envelope.type != ClockTicked.__name__:
        return ""
    try:
        payload = envelope.read_payload()
    except codec.Malformed:
        return ""
    return payload.token if isinstance(payload, ClockTicked) else ""


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    schema: str
    districts: dict[str, msgspec.Raw]
    coverage: dict[str, int]
    missing: dict[str, int]
    next_journal_offset: int
    digest: str
    set_aside_in_a_row: int = 0


class _Header(msgspec.Struct, frozen=True):
    schema: str


def state_schema(core: Core = REAL_CORE) -> str:
    """What a snapshot must say of itself to be readable by this code."""
    return f"{SNAPSHOT_SCHEMA}/{core.schema}"


def encode_state(ps: PartitionState, core: Core = REAL_CORE) -> bytes:
    """The whole partition as one unit, for a snapshot."""
    return msgspec.json.encode(
        _Stored(
            schema=state_schema(core),
            districts={code: msgspec.Raw(core.encode_state(state)) for code, state in ps.districts.items()},
            coverage=ps.coverage, missing=ps.missing, next_journal_offset=ps.next_journal_offset, digest=ps.digest,
            set_aside_in_a_row=ps.set_aside_in_a_row,
        )
    )  # fmt: skip


def decode_state(raw: bytes, core: Core = REAL_CORE) -> PartitionState | None:
    """A snapshot's partition, or None when another schema wrote it: then the decisions are folded again."""
    if codec.decode(raw, _Header).schema != state_schema(core):
        return None
    stored = codec.decode(raw, _Stored)
    return PartitionState(
        districts={code: core.decode_state(state) for code, state in stored.districts.items()},
        coverage=dict(stored.coverage), missing=dict(stored.missing),
        next_journal_offset=stored.next_journal_offset, digest=stored.digest, set_aside_in_a_row=stored.set_aside_in_a_row,
    )  # fmt: skip
