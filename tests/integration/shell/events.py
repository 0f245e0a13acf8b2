"""Events for tests of the shell, and how to tell what became of them."""

from __future__ import annotations

from datetime import UTC, datetime

from streams import topics
from streams.contracts import codec
from streams.contracts.envelope import JournalRecord, seal
from streams.contracts.inputs import CancelVisit, ClockTicked, Payload
from streams.core.chain import PartitionState
from tests.stack import Stores, ends, fold, read

MAPO, SEODAEMUN = "11440", "11410"  # partitions 0 and 1
PARTITION = {MAPO: 0, SEODAEMUN: 1}


def event(name: str, district: str = MAPO, payload: Payload | None = None) -> bytes:
    what = payload or CancelVisit(command_id=name, visit_id="v", reason="office")
    return codec.encode(seal(what, id=name, district=district, actor="operator", at=datetime.now(UTC)))


def barrier(token: str, district: str = MAPO) -> bytes:
    return event(f"barrier-{token}", district, ClockTicked(due_at=datetime.now(UTC), token=token))


def names(prefix: str, count: int, first: int = 0) -> list[str]:
    return [f"{prefix}-{i:05d}" for i in range(first, first + count)]


def all_covered(stores: Stores, partition: int) -> bool:
    """The decisions cover every inbox up to its end, and the journal."""
    bootstrap = stores.stack.bootstrap
    inboxes = ends(bootstrap, *((topic, partition) for topic in topics.INBOXES), (topics.JOURNAL, partition))
    state, _ = fold(bootstrap, partition)
    return state.next_journal_offset == inboxes.pop((topics.JOURNAL, partition)) and not state.holes() and all(
        state.coverage.get(topic, 0) == end for (topic, _), end in inboxes.items()
    )  # fmt: skip


def heard(state: PartitionState, district: str, prefix: str) -> list[str]:
    return [name for name in state.districts[district].heard if name.startswith(prefix)]


def journal(stores: Stores, partition: int) -> list[JournalRecord]:
    records = read(stores.stack.bootstrap, topics.JOURNAL, partition)
    return [codec.decode(record.value or b"", JournalRecord) for record in records]
