"""The adapter between Faust's streams and ours: holes, repeats, jumps back, generations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from streams.adapters.contiguous import Contiguous, Unassigned
from streams.adapters.kafka_log import LogUnavailable, Record

T0 = ("commands", 0)
T1 = ("commands", 1)


def record(offset: int, part: tuple[str, int] = T0) -> Record:
    return Record(*part, offset, f"{offset}".encode())


class Log:
    """What lies in the broker, and what Faust was told."""

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []
        self.gaps: list[tuple[str, int, int, int]] = []
        self.away = False

    async def read_hole(self, topic: str, partition: int, first: int, end: int) -> list[Record]:
        if self.away:
            raise LogUnavailable("away")
        self.reads.append((first, end))
        return [record(offset, (topic, partition)) for offset in range(first, end)]

    async def add_gap(self, topic: str, partition: int, first: int, last: int) -> None:
        self.gaps.append((topic, partition, first, last))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def contiguous(log: Log) -> Contiguous:
    contiguous = Contiguous(log.read_hole, log.add_gap)
    contiguous.start({T0: 0, T1: 100})
    return contiguous


def offsets(contiguous: Contiguous, records: Iterable[Record]) -> list[int]:
    return [r.offset for r in asyncio.run(contiguous.arrange(records))]


def test_in_order_nothing_is_changed(contiguous: Contiguous, log: Log) -> None:
    assert offsets(contiguous, map(record, range(5))) == [0, 1, 2, 3, 4]
    assert log.reads == []


def test_a_hole_is_read_before_what_comes_after_it(contiguous: Contiguous, log: Log) -> None:
    assert offsets(contiguous, [record(0), record(3), record(4)]) == [0, 1, 2, 3, 4]
    assert log.reads == [(1, 3)]


def test_a_hole_before_the_first_record(contiguous: Contiguous) -> None:
    assert offsets(contiguous, [record(2)]) == [0, 1, 2]


def test_faust_hears_of_the_gap_only_when_everything_is_handled(contiguous: Contiguous, log: Log) -> None:
    offsets(contiguous, [record(0), record(3)])
    assert log.gaps == []
    asyncio.run(contiguous.handled())
    asyncio.run(contiguous.handled())
    assert log.gaps == [("commands", 0, 1, 2)]


def test_repeats_are_skipped(contiguous: Contiguous) -> None:
    assert offsets(contiguous, [record(0), record(0), record(1), record(0)]) == [0, 1]
    assert contiguous.repeats_skipped == 2


def test_messages_that_overtake_a_seek_and_the_re_read_ones_after_them(contiguous: Contiguous) -> None:
    """The sequence that Faust was seen to make: 7 and 8 fetched earlier, then the seek to 4."""
    offsets(contiguous, map(record, range(4)))
    assert offsets(contiguous, map(record, [7, 8, 4, 5, 6, 7, 8, 9])) == [4, 5, 6, 7, 8, 9]


def test_a_jump_back_is_seen_already(contiguous: Contiguous) -> None:
    offsets(contiguous, map(record, range(6)))
    assert offsets(contiguous, map(record, range(2, 8))) == [6, 7]


def test_partitions_do_not_mix(contiguous: Contiguous) -> None:
    mixed = [record(0), record(100, T1), record(2), record(101, T1), record(103, T1)]
    arranged = asyncio.run(contiguous.arrange(mixed))
    assert [r.offset for r in arranged if r.partition == 0] == [0, 1, 2]
    assert [r.offset for r in arranged if r.partition == 1] == [100, 101, 102, 103]


def test_a_new_generation_starts_where_it_is_told_and_forgets_the_gaps_of_the_old_one(
    contiguous: Contiguous, log: Log
) -> None:
    offsets(contiguous, [record(3)])
    contiguous.start({T0: 2})
    assert offsets(contiguous, [record(4), record(5)]) == [2, 3, 4, 5]
    asyncio.run(contiguous.handled())
    assert log.gaps == [("commands", 0, 2, 3)]


def test_a_record_of_a_partition_that_is_not_ours_is_an_error(contiguous: Contiguous) -> None:
    contiguous.start({T1: 100})
    with pytest.raises(Unassigned):
        offsets(contiguous, [record(0)])


def test_when_the_hole_cannot_be_read_nothing_passes_it(contiguous: Contiguous, log: Log) -> None:
    log.away = True
    with pytest.raises(LogUnavailable):
        offsets(contiguous, [record(3)])
    assert contiguous.expected[T0] == 0
    log.away = False
    assert offsets(contiguous, [record(3)]) == [0, 1, 2, 3]
