"""Faust's consumer in the worker's own event loop.

Faust runs its aiokafka consumer in a thread with a loop of its own; each fetch crosses to it and back, and both loops
fight for one interpreter. A hop of ours lasts two milliseconds, and that was a fifth of it. Here the same consumer, with
the same group, assignments, seeks, flow control and commits, is served by the loop that it serves.

What the thread did besides: it sent heartbeats while the loop was busy. In the loop a worker that hangs for longer than
its session loses its partitions, which is what a session is for; whatever takes long in ours yields or runs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from mode.services import Service
from mode.utils.futures import maybe_async


class LoopService(AIOKafkaConsumerThread):  # type: ignore[misc]
    """A consumer "thread" without a thread: a service like every other of Faust's, called directly."""

    start = Service.start
    stop = Service.stop
    maybe_start = Service.maybe_start
    crash = Service.crash
    set_shutdown = Service.set_shutdown
    wait_for_shutdown = False
    _stopped_set = Service._stopped_set
    _stop_children = Service._stop_children
    _stop_futures = Service._stop_futures
    _stop_exit_stacks = Service._stop_exit_stacks

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, thread_loop=kwargs["loop"], **kwargs)

    async def on_stop(self) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await maybe_async(fun(*args, **kwargs))

    async def cast_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        await maybe_async(fun(*args, **kwargs))

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        await self.consumer.on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        await self.consumer.on_partitions_assigned(assigned, generation_id)


class LoopConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer, served by its own loop."""

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return LoopService(self, loop=self.loop, beacon=self.beacon)


def consume_in_loop(app: faust.App) -> None:
    """Before anything asks the app for its consumer."""
    app.transport.Consumer = LoopConsumer
