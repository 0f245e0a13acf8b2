"""The short way from Faust's fetch loop to ours.

Faust's own way of a message from its fetch loop to an agent makes four tasks, a queue and a stream iteration for each (see
docs/benchmarks.md for what that costs). Our agents only hand events over, so the fetch loop puts them into the loop's
list directly. Everything else stays Faust's: subscription, group, assignment, flow control, positions, commits. The
agent is still registered, since it is what Faust subscribes for; its stream stays empty.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

PREFETCH_WAIT_S = 2.0


class Receiver(Protocol):
    """Who takes the messages."""

    def has_room(self) -> bool: ...

    def put(self, message: Any) -> None: ...

    async def wait_room(self) -> None: ...


class _Delivered:
    """In the place of the coroutine that Faust would wait for: there is nothing to wait for."""


_DELIVERED = _Delivered()


def take_short_way(app: Any, receiver: Receiver) -> None:
    """Before the app starts. Flow control holds as before: what comes while it is suspended waits, and is given up when the
    flow stops, to be read again."""
    consumer, flow = app.consumer, app.flow_control
    inbound: dict[Any, float] = app.monitor.stream_inbound_time
    original: Callable[..., Awaitable[Any]] = consumer.wait_first

    def put(message: Any) -> None:
        message.incref()
        message.tracked = True
        consumer._unacked_messages.add(message)
        inbound[message.tp] = time.monotonic()  # Faust's watch over slow streams looks here
        receiver.put(message)

    async def put_slowly(message: Any) -> None:
        while not (flow.is_active() and receiver.has_room()):
            await flow.acquire()
            await receiver.wait_room()
        put(message)

    def deliver(message: Any) -> Any:
        if flow.is_active() and receiver.has_room():
            put(message)
            return _DELIVERED
        return put_slowly(message)

    async def wait_first(*waited: Any, timeout: Any = None) -> Any:
        if waited and waited[0] is _DELIVERED:
            for other in waited[1:]:
                other.close()  # never started
            return None
        return await original(*waited, timeout=timeout)

    consumer.callback = deliver
    consumer.wait_first = wait_first


def fetch_together(app: Any) -> None:
    """Once partitions are assigned. A fetch waits up to 1.5 s at the broker for news. By default aiokafka sends the next
    one after 0.1 s though some partition's records were not taken yet, and without that partition, which then hears
    nothing until another one has news: on a busy machine that is a second's delay out of nothing."""
    app.consumer._thread._consumer._fetcher._prefetch_backoff = PREFETCH_WAIT_S
