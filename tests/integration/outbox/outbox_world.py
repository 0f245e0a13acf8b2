"""What the outbox's tests share: a day's decisions, app servers that note what comes, an outbox over a registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from streams.adapters.deliveries import DeliveryStore
from streams.adapters.kafka_out import KafkaOut, Out
from streams.adapters.outbox import Outbox
from streams.adapters.registry import Registry
from streams.adapters.webhook_sender import Retries
from streams.contracts.inputs import EndpointReported
from tests.unit.projections.board_contract import day, run_async
from tests.unit.projections.feeding import Feed
from tests.unit.projections.test_webhook_bodies import told_by

QUICK = Retries(waits_s=(0.0, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02), at_once=7, timeout_s=5.0)
ORGANISATIONS = ("coop", "centre", "window")
NAME, PHONE, ADDRESS = "김태용", "010-1234-5678", "서울특별시 마포구 서교동 123-4 101동 202호"


class Said(KafkaOut):
    """What the outbox says to the log, without a broker."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.reports: list[EndpointReported] = []

    async def send(self, outs: Sequence[Out]) -> None:
        for out in outs:
            payload = out.envelope.read_payload()
            assert isinstance(payload, EndpointReported)
            self.reports.append(payload)


def expected(organisation: str | None = None) -> list[str]:
    webhooks, _ = told_by(list(day()))
    return [w.effect_id for w in webhooks if organisation in (None, w.organisation)]


def statuses(registry: Registry) -> dict[str, int]:
    return DeliveryStore(registry.engine).counts()


async def whole_day(box: Outbox, batch: int = 5) -> Feed:
    feed = Feed(list(day()))
    await feed.open(box, batch=batch)
    await box.settle("token")
    return feed


async def step_by_step(box: Outbox) -> Feed:
    """As it goes in real life: what is told is sent before the visit is over."""
    feed = Feed(list(day()))
    await feed.open(box, end=0)
    for end in range(1, len(day()) + 1):
        await feed.hand_over(box, end=end)
        await box.settle(f"token-{end}")
    return feed


def scenario(one: Callable[[], Awaitable[Any]]) -> None:
    run_async(one)
