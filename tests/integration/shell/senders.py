"""Traffic for the shell's tests."""

from __future__ import annotations

import asyncio
import threading

from streams import topics
from streams.adapters.kafka_log import append, start_producer
from tests.integration.shell.events import PARTITION, all_covered, event, heard, names
from tests.stack import Stores, fold, wait_until


class Senders:
    """Sends to three inboxes of both districts while a test hurts the workers; each inbox has an order of its own."""

    TOPICS = (topics.COMMANDS, topics.REPORTS, topics.REQUESTS_MEAL)

    def __init__(self, stores: Stores, count: int, pause_s: float = 0.1) -> None:
        self._stores, self._count, self._pause_s = stores, count, pause_s
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Senders:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        asyncio.run(self._send_all())

    async def _send_all(self) -> None:
        # one idempotent producer: it outlives the broker's death and sends nothing twice
        producer = await start_producer(self._stores.stack.bootstrap, "senders")
        try:
            for first in range(0, self._count, 20):
                for district, partition in PARTITION.items():
                    for topic in self.TOPICS:
                        values = [event(name, district) for name in names(topic, 20, first)]
                        await append(producer, topic, partition, values, timeout_s=120)
                await asyncio.sleep(self._pause_s)
        finally:
            await producer.stop()

    def check(self, timeout_s: float = 90.0) -> None:
        """Everything covered; every event applied once, in the order of its inbox."""
        for district, partition in PARTITION.items():
            wait_until(lambda p=partition: all_covered(self._stores, p), f"partition {partition} covered", timeout_s)
            state, _ = fold(self._stores.stack.bootstrap, partition)
            for topic in self.TOPICS:
                assert heard(state, district, topic) == names(topic, self._count)
            assert set(state.districts) == {district}
