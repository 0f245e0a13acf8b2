"""The writer answers with what the broker acknowledged, never hangs, and replaces a producer that failed."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

from streams.adapters.log_writer import LogUnavailable, LogWriter, RecordTooLarge
from streams.contracts.envelope import Envelope, seal
from streams.contracts.inputs import CancelVisit
from tests.unit.api.test_doors import T0


class Metadata(NamedTuple):
    partition: int
    offset: int


class Client:
    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Producer:
    """Answers as told: "ok", "fail", "silent" (never)."""

    _sender = None

    def __init__(self, manner: str) -> None:
        self.manner = manner
        self.sent: list[tuple[str, int]] = []
        self.client = Client()

    async def send(self, topic: str, value: bytes, key: bytes, partition: int) -> asyncio.Future[Metadata]:
        self.sent.append((topic, partition))
        answer: asyncio.Future[Metadata] = asyncio.get_running_loop().create_future()
        if self.manner == "ok":
            answer.set_result(Metadata(partition, len(self.sent) - 1))
        elif self.manner == "fail":
            answer.set_exception(OSError("x"))
        return answer


def envelope(reason: str = "office") -> Envelope:
    payload = CancelVisit(command_id="c", visit_id="v", reason=reason)
    return seal(payload, id="c", district="11410", actor="operator", at=T0)


def writer(*producers: Producer | Exception) -> tuple[LogWriter, list[Producer | Exception]]:
    left = list(producers)

    async def make() -> Producer:
        producer = left.pop(0)
        if isinstance(producer, Exception):
            raise producer
        return producer

    return LogWriter("", {"11440": 0, "11410": 1}, timeout_s=0.3, make_producer=make), left


def test_the_answer_is_partition_and_offset() -> None:
    log, _ = writer(Producer("ok"))
    assert asyncio.run(log.append("commands", "11410", envelope())) == (1, 0)


def test_several_keep_their_order() -> None:
    producer = Producer("ok")
    log, _ = writer(producer)
    answers = asyncio.run(log.append_all("commands", [("11410", envelope()), ("11440", envelope()), ("11410", envelope())]))
    assert [partition for partition, _ in answers] == [1, 0, 1]
    assert producer.sent == [("commands", 1), ("commands", 0), ("commands", 1)]


@pytest.mark.parametrize("manner", ["fail", "silent"])
def test_a_producer_that_failed_is_replaced(manner: str) -> None:
    bad, good = Producer(manner), Producer("ok")
    log, _ = writer(bad, good)

    async def go() -> tuple[int, int]:
        with pytest.raises(LogUnavailable):
            await log.append("commands", "11410", envelope())
        answer = await log.append("commands", "11410", envelope())
        await asyncio.sleep(0)
        return answer

    assert asyncio.run(go()) == (1, 0)
    assert bad.client.closed
    assert not good.client.closed


def test_a_broker_that_is_away_is_not_asked_by_every_request() -> None:
    log, left = writer(OSError("away"), Producer("ok"))

    async def go() -> None:
        for _ in range(5):
            with pytest.raises(LogUnavailable):
                await log.append("commands", "11410", envelope())

    asyncio.run(go())
    assert len(left) == 1  # the second try of opening is put off


def test_a_record_beyond_the_limit_is_not_sent() -> None:
    producer = Producer("ok")
    log, _ = writer(producer)
    with pytest.raises(RecordTooLarge):
        asyncio.run(log.append("commands", "11410", envelope("x" * 1_000_001)))
    assert producer.sent == []


def test_an_unknown_district_is_not_guessed() -> None:
    log, _ = writer(Producer("ok"))
    with pytest.raises(KeyError):
        asyncio.run(log.append("commands", "26000", envelope()))
