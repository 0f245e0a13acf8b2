"""Faust's race, made to happen with the real Faust and broker: without the adapter a record is lost, with it none.

A rebalance drops what waits (5 to 9); the flow goes on before `perform_seek` is through, and a message that was fetched
before the seek (10) arrives after it. Faust then takes the re-read ones for old. It happens in Faust's own streams and by our
short way alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streams import topics
from streams.adapters.contiguous import Contiguous, Part, contiguous_for, guard_perform_seek
from streams.adapters.end_tasks import end_tasks
from streams.adapters.kafka_log import Record, committed_or_beginning
from streams.agents.app import build_loop, group_of, make_app
from streams.settings import Settings
from tests.integration.shell.events import event, names
from tests.stack import Stores, send

pytestmark = pytest.mark.broker

TOPIC = topics.COMMANDS
EVENTS = [event(name) for name in names("c", 12)]


class Race:
    """A Faust app on one topic whose agent can be held, and whose consumer's fetches can be held back. Its messages come by
    Faust's own stream."""

    def __init__(self, settings: Settings, guarded: bool) -> None:
        self.settings = settings
        self.app = make_app("race", settings)
        self.taken: list[Any] = []
        self.agent_may_go_on = asyncio.Event()
        self.agent_may_go_on.set()
        self.fetched = asyncio.Event()
        self.hand_over = asyncio.Event()
        self.hand_over.set()
        self.stop_after = 5
        self.subscribe()
        if guarded:
            guard_perform_seek(self.app)

    def subscribe(self) -> None:
        topic = self.app.topic(TOPIC, key_type=bytes, value_type=bytes)

        @self.app.agent(topic, concurrency=1)
        async def take(stream: Any) -> None:
            async for taken in stream.events():
                self.taken.append(taken.message)
                if len(self.taken) == self.stop_after:
                    self.agent_may_go_on.clear()
                await self.agent_may_go_on.wait()

    async def start(self) -> None:
        await self.app.start()

    async def stop(self) -> None:
        await self.app.stop()

    def drop_what_waits(self) -> None:
        """What a rebalance does to messages that the agent has not taken."""
        self.app.flow_control.clear()

    def offsets(self) -> list[int]:
        return [message.offset for message in self.taken]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not true():
                await asyncio.sleep(0.02)

    async def run(self) -> None:
        """Leaves the app as it is after the race, everything delivered that Faust will deliver."""
        app, bootstrap = self.app, self.settings.bootstrap
        await self.start()
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
        # the rebalance: what waits is dropped, the agent's unfinished event (4) is done
        app.flow_control.suspend()
        self.drop_what_waits()
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


class AsItComes(Contiguous):
    """No adapter: whatever arrives is taken for the next."""

    async def arrange(self, records: Iterable[Record]) -> list[Record]:
        return list(records)


class ShortRace(Race):
    """The same by the short way: the very loop of our workers, whose agent can be held; with the adapter or without."""

    topics = (TOPIC,)
    adapter = True

    def subscribe(self) -> None:
        original = self.app.consumer.perform_seek
        self.loop = build_loop(self.app, self, self.settings)
        self.app.consumer.perform_seek = original  # guarded only when the race is told to be
        if not self.adapter:
            self.loop.contiguous = AsItComes(self.loop.contiguous.read_hole, self.loop.contiguous.add_gap)

    async def start(self) -> None:
        await self.app.start()
        self.running = asyncio.create_task(self.loop.run())

    async def stop(self) -> None:
        await end_tasks([self.running])
        await self.app.stop()

    def drop_what_waits(self) -> None:
        super().drop_what_waits()
        inflow = self.loop.inflow
        assert [message.offset for message in inflow._messages] == [5, 6, 7, 8, 9]
        inflow._renew(inflow.parts)

    # --- the agent ---

    async def assigned(self, parts: frozenset[Part]) -> dict[Part, int]:
        positions = await committed_or_beginning(self.settings.bootstrap, group_of("race"), sorted(parts))
        return {part: max(offset, len(self.taken) if part == (TOPIC, 0) else 0) for part, offset in positions.items()}

    async def handle(self, records: Sequence[Record]) -> None:
        self.taken.extend(records)
        if len(self.taken) == self.stop_after:
            self.agent_may_go_on.clear()
        await self.agent_may_go_on.wait()

    def opened_to(self) -> int:
        return 0

    async def idle(self) -> None:
        return

    def wake_in_s(self) -> float:
        return 1.0

    async def close(self) -> None:
        return


class ShortRaceAlone(ShortRace):
    adapter = False


def race(settings: Settings, guarded: bool, then: Callable[[Race], Awaitable[None]], way: type[Race] = Race) -> None:
    async def go() -> None:
        made = way(settings, guarded)
        try:
            await made.run()
            await then(made)
        finally:
            await made.stop()

    asyncio.run(go())


@pytest.mark.parametrize("way", [Race, ShortRaceAlone])
def test_without_the_adapter_records_are_lost_for_good(way: type[Race], stores: Stores, folder: Path) -> None:
    async def then(made: Race) -> None:
        assert sorted(set(made.offsets())) == [0, 1, 2, 3, 4, 10, 11]
        await made.commit(11)  # past the hole: no restart brings 5 to 9 back

    race(stores.settings(folder), False, then, way)


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


def test_by_the_short_way_the_adapter_brings_every_record_once_and_in_order(stores: Stores, folder: Path) -> None:
    async def then(made: Race) -> None:
        assert isinstance(made, ShortRace)
        assert [record.offset for record in made.taken] == list(range(12))
        assert [record.value for record in made.taken] == EVENTS
        assert made.loop.contiguous.holes_filled == 1
        await made.commit(12)

    race(stores.settings(folder), False, then, ShortRace)


@pytest.mark.parametrize("way", [Race, ShortRaceAlone])
def test_with_the_guard_the_messages_fetched_earlier_do_not_overtake_the_seek(
    way: type[Race], stores: Stores, folder: Path
) -> None:
    async def then(made: Race) -> None:
        assert sorted(set(made.offsets())) == list(range(12))

    race(stores.settings(folder), True, then, way)
