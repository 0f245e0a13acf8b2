"""Faust's consumer in the worker's loop: no thread, and a call that is given up is given up where it runs."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from streams.agents.app import make_app
from streams.settings import Settings


class Broker:
    """In the place of aiokafka's consumer."""

    def __init__(self) -> None:
        self.subscribed: set[str] = set()
        self.started_in: threading.Thread | None = None
        self.stopped = False
        self.fetches_given_up = 0

    async def start(self) -> None:
        self.started_in = threading.current_thread()

    async def stop(self) -> None:
        self.stopped = True

    def subscribe(self, topics: set[str], listener: Any) -> None:
        self.subscribed = topics

    async def fetch(self) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.fetches_given_up += 1
            raise


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


def test_the_consumer_starts_is_called_and_ends_in_the_loop_that_it_serves(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        service, broker = make_app("desk", settings).consumer._thread, Broker()
        monkeypatch.setattr(service, "_create_consumer", lambda loop: broker)
        before = threading.active_count()
        await service.start()
        assert broker.started_in is threading.current_thread()
        assert threading.active_count() == before
        await service.subscribe({"inbox"})
        assert broker.subscribed == {"inbox"}
        async with asyncio.timeout(5):
            await service.stop()
        assert broker.stopped

    asyncio.run(go())


def test_a_fetch_that_nobody_waits_for_any_more_takes_no_records_with_it(settings: Settings) -> None:
    async def go() -> None:
        service, broker = make_app("desk", settings).consumer._thread, Broker()
        waiting = asyncio.create_task(service.call_thread(broker.fetch))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert broker.fetches_given_up == 1

    asyncio.run(go())


def test_what_the_group_says_reaches_the_app_before_the_group_goes_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        consumer = make_app("desk", settings).consumer
        heard: list[tuple[str, Any]] = []

        async def revoked(parts: Any) -> None:
            heard.append(("revoked", parts))

        async def assigned(parts: Any, generation: int) -> None:
            heard.append(("assigned", (parts, generation)))

        monkeypatch.setattr(consumer, "on_partitions_revoked", revoked)
        monkeypatch.setattr(consumer, "on_partitions_assigned", assigned)
        await consumer._thread.on_partitions_revoked({1})
        await consumer._thread.on_partitions_assigned({2}, 7)
        assert heard == [("revoked", {1}), ("assigned", ({2}, 7))]

    asyncio.run(go())
