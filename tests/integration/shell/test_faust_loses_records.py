"""Faust's race, made to happen with the real Faust and broker: without the adapter a record is lost, with it none.

A rebalance drops what waits in the stream (5 to 9); the flow goes on before `perform_seek` is through, and a message that
was fetched before the seek (10) arrives after it. Faust then takes the re-read ones for old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from streams import topics
from streams.adapters.contiguous import contiguous_for, guard_perform_seek
from streams.adapters.kafka_log import Record, committed_or_beginning
from streams.agents.app import group_of, make_app
from streams.settings import Settings
from tests.integration.shell.events import event, names
from tests.stack import Stores, send

pytestmark = pytest.mark.broker

TOPIC = topics.COMMANDS
EVENTS = [event(name) for name in names("c", 12)]


class Race:
    """A Faust app on one topic whose agent can be held, and whose consumer's fetches can be held back."""

    def __init__(self, settings: Settings, guarded: bool) -> None:
        self.settings = settings
        self.app = make_app("race", settings)
        if guarded:
            guard_perform_seek(self.app)
        self.taken: list[Any] = []
        self.agent_may_go_on = asyncio.Event()
        self.agent_may_go_on.set()
        self.fetched = asyncio.Event()
        self.hand_over = asyncio.Event()
        self.hand_over.set()
        self.stop_after = 5
        topic = self.app.topic(TOPIC, key_type=bytes, value_type=bytes)

        @self.app.agent(topic, concurrency=1)
        async def take(stream: Any) -> None:
            async for taken in stream.events():
                self.taken.append(taken.message)
                if len(self.taken) == self.stop_after:
                    self.agent_may_go_on.clear()
                await self.agent_may_go_on.wait()

    def offsets(self) -> list[int]:
        return [message.offset for message in self.taken]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not true():
                await asyncio.sleep(0.02)

    async def run(self) -> None:
        """Leaves the app as it is after the race, everything delivered that Faust will deliver."""
        app, bootstrap = self.app, self.settings.bootstrap
        await app.start()
        consumer = app.consumer
        fetch = consumer._thread.getmany

        async def getmany(*args: Any, **kwargs: Any) -> Any:
            records = await fetch(*args, **kwargs)
            if any(r.offset == 10 for found in records.values() for r in found) and not self.hand_over.is_set():
                self.fetched.set()
                await self.hand_over.wait()
            return records

        consumer._thread.getmany = getmany
        await asyncio.to_thread(send, bootstrap, TOPIC, 0, EVENTS[:5])
        await self.until(lambda: self.offsets() == [0, 1, 2, 3, 4])
        await asyncio.to_thread(send, bootstrap, TOPIC, 0, EVENTS[5:10])
        tp = next(tp for tp in consumer.assignment() if tp.partition == 0)
        await self.until(lambda: consumer._read_offset[tp] == 9)
        # the rebalance: what waits in the stream is dropped, the agent's unfinished event (4) is done
        app.flow_control.suspend()
        app.flow_control.clear()
        self.agent_may_go_on.set()
        app.flow_control.resume()
        async with asyncio.timeout(30):
            while consumer._committed_offset[tp] != 5:
                await consumer.commit()
                await asyncio.sleep(0.02)
        # the flow is active again before the seek is through
        self.hand_over.clear()
        await asyncio.to_thread(send, bootstrap, TOPIC, 0, EVENTS[10:11])
        async with asyncio.timeout(30):
            await self.fetched.wait()
        await consumer.perform_seek()
        self.hand_over.set()
        await asyncio.sleep(0.2)  # 10 is on its way
        app.flow_control.resume()  # what Faust does after a seek
        consumer.resume_flow()
        await asyncio.to_thread(send, bootstrap, TOPIC, 0, EVENTS[11:])
        await self.until(lambda: 11 in self.offsets())

    async def commit(self, wanted: int) -> None:
        """Returns when the broker has a commit of `wanted` or more."""
        part = (TOPIC, 0)
        async with asyncio.timeout(30):
            while (await committed_or_beginning(self.settings.bootstrap, group_of("race"), [part]))[part] < wanted:
                await self.app.consumer.commit()
                await asyncio.sleep(0.05)


def race(settings: Settings, guarded: bool, then: Callable[[Race], Awaitable[None]]) -> None:
    async def go() -> None:
        made = Race(settings, guarded)
        try:
            await made.run()
            await then(made)
        finally:
            await made.app.stop()

    asyncio.run(go())


def test_without_the_adapter_records_are_lost_for_good(stores: Stores, folder: Path) -> None:
    async def then(made: Race) -> None:
        assert sorted(set(made.offsets())) == [0, 1, 2, 3, 4, 10, 11]
        await made.commit(11)  # past the hole: no restart brings 5 to 9 back

    race(stores.settings(folder), False, then)


def test_with_the_adapter_every_record_comes_once_and_in_order(stores: Stores, folder: Path) -> None:
    async def then(made: Race) -> None:
        contiguous = contiguous_for(made.app, made.settings.bootstrap)
        contiguous.start({(TOPIC, 0): 0})
        delivered = [Record(m.topic, m.partition, m.offset, m.value) for m in made.taken]
        arranged = await contiguous.arrange(delivered)
        assert [record.offset for record in arranged] == list(range(12))
        assert [record.value for record in arranged] == EVENTS
        await contiguous.handled()
        await made.commit(12)

    race(stores.settings(folder), False, then)


def test_with_the_guard_the_messages_fetched_earlier_do_not_overtake_the_seek(stores: Stores, folder: Path) -> None:
    async def then(made: Race) -> None:
        assert sorted(set(made.offsets())) == list(range(12))

    race(stores.settings(folder), True, then)
