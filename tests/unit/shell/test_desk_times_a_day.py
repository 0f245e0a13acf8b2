"""A day begins with the clock set back to its morning: its configuration must not be timed by the clock before."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streams import topics
from streams.adapters.kafka_log import Record
from streams.agents.desk import Desk
from streams.contracts import codec
from streams.contracts.envelope import JournalRecord, seal
from streams.contracts.inputs import ClockTicked, ConfigureDistrict, Payload
from streams.settings import Settings
from tests.core_world import config

MORNING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
BEFORE = MORNING + timedelta(days=200)


class Producer:
    """Acknowledges everything and keeps it."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    async def send(self, topic: str, value: bytes, **_: Any) -> Any:
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        acked.set_result(SimpleNamespace(offset=len(self.values)))
        self.values.append(value)
        return acked


@pytest.mark.parametrize(
    ("payload", "topic", "timed"),
    [
        (ConfigureDistrict(command_id="c", config=config()), topics.COMMANDS, MORNING),
        (ClockTicked(due_at=MORNING), topics.TICKS, BEFORE),
    ],
)
def test_by_which_clock(payload: Payload, topic: str, timed: datetime, tmp_path: Path) -> None:
    """`now` is what was read a moment ago; only a configuration is worth asking anew."""
    producer, district = Producer(), config().district
    settings = Settings(state_dir=tmp_path, districts={district: 0})
    vault: Any = None
    desk = Desk(settings, producer, lambda: BEFORE, vault, lambda: MORNING)  # type: ignore[arg-type]
    raw = codec.encode(seal(payload, id="one", district=district, actor="operator", at=MORNING))
    asyncio.run(desk.append([Record(topic, 0, 0, raw)]))
    assert [codec.decode(value, JournalRecord).recorded_at for value in producer.values] == [timed]
