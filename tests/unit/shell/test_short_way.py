"""The short way from Faust's fetch loop: what it hands over at once, what waits, and that Faust's own waits go on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from streams.adapters.short_way import take_short_way


class Message:
    tracked = False
    refcount = 0

    def __init__(self, name: str) -> None:
        self.name, self.tp = name, ("topic", 0)

    def incref(self) -> None:
        self.refcount += 1


class Flow:
    def __init__(self) -> None:
        self.resumed = asyncio.Event()
        self.resumed.set()

    def is_active(self) -> bool:
        return self.resumed.is_set()

    async def acquire(self) -> None:
        await self.resumed.wait()


@dataclass
class Taker:
    room: int = 2
    got: list[str] = field(default_factory=list)

    def has_room(self) -> bool:
        return len(self.got) < self.room

    def put(self, message: Any) -> None:
        self.got.append(message.name)

    async def wait_room(self) -> None:
        while not self.has_room():
            await asyncio.sleep(0)


class Consumer:
    callback: Any = None

    def __init__(self) -> None:
        self._unacked_messages: set[Message] = set()
        self.suspended = asyncio.Event()
        self.waited = 0

    async def wait_first(self, *waited: Any, timeout: Any = None) -> str:
        """What mode's does, as far as the fetch loop needs it."""
        self.waited += 1
        tasks = [asyncio.ensure_future(one) for one in waited]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        return "waited"

    async def fetched(self, message: Message) -> None:
        """The line of Faust's fetch loop."""
        await self.wait_first(self.callback(message), self.suspended.wait())


class App:
    def __init__(self) -> None:
        self.consumer, self.flow_control = Consumer(), Flow()
        self.monitor = type("Monitor", (), {"stream_inbound_time": {}})()


def test_messages_are_handed_over_at_once_and_wait_for_nothing() -> None:
    async def go() -> None:
        app, taker = App(), Taker()
        take_short_way(app, taker)
        first = Message("a")
        await app.consumer.fetched(first)
        await app.consumer.fetched(Message("b"))
        assert taker.got == ["a", "b"]
        assert app.consumer.waited == 0
        assert (first.refcount, first.tracked) == (1, True)
        assert first in app.consumer._unacked_messages
        assert ("topic", 0) in app.monitor.stream_inbound_time

    asyncio.run(go())


def test_a_full_loop_makes_the_fetch_loop_wait() -> None:
    async def go() -> None:
        app, taker = App(), Taker(room=1)
        take_short_way(app, taker)
        await app.consumer.fetched(Message("a"))
        waiting = asyncio.create_task(app.consumer.fetched(Message("b")))
        await asyncio.sleep(0.01)
        assert taker.got == ["a"]
        taker.room = 2
        await waiting
        assert taker.got == ["a", "b"]
        assert app.consumer.waited == 1

    asyncio.run(go())


def test_what_comes_while_the_flow_is_suspended_is_given_up_when_the_fetching_stops() -> None:
    async def go() -> None:
        app, taker = App(), Taker()
        take_short_way(app, taker)
        app.flow_control.resumed.clear()
        fetching = asyncio.create_task(app.consumer.fetched(Message("a")))
        await asyncio.sleep(0.01)
        app.consumer.suspended.set()
        await fetching
        app.flow_control.resumed.set()
        await asyncio.sleep(0.01)
        assert taker.got == []

    asyncio.run(go())


def test_other_waits_of_the_consumer_are_its_own() -> None:
    async def go() -> None:
        app = App()
        take_short_way(app, Taker())
        assert await app.consumer.wait_first(asyncio.sleep(0)) == "waited"

    asyncio.run(go())
