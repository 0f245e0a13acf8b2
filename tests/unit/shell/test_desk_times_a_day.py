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
    assert recorded_at(tmp_path, topic, payload, now=BEFORE, now_as_set=MORNING) == timed


@pytest.mark.parametrize(
    ("lockstep", "timed"), [(True, MORNING + timedelta(hours=1)), (False, MORNING)], ids=["lock-step", "live"]
)
def test_in_lock_step_nothing_is_recorded_before_the_door_received_it(
    lockstep: bool, timed: datetime, tmp_path: Path
) -> None:
    """The door moves that clock; what the desk read of it is old while Redis does not answer. The day's hash hangs on it."""
    tick = ClockTicked(due_at=MORNING)
    received_at = MORNING + timedelta(hours=1)
    assert recorded_at(tmp_path, topics.TICKS, tick, now=MORNING, received_at=received_at, lockstep=lockstep) == timed


def test_in_lock_step_a_desk_that_has_not_heard_of_the_clock_yet_does_not_take_the_wall_clock(tmp_path: Path) -> None:
    """It was started again, and Redis did not answer in time: the day would leap by months."""
    tick, months_later = ClockTicked(due_at=MORNING), MORNING + timedelta(days=250)
    assert recorded_at(tmp_path, topics.TICKS, tick, now=months_later, received_at=MORNING, lockstep=True) == MORNING


def recorded_at(
    folder: Path, topic: str, payload: Payload, *, now: datetime, now_as_set: datetime | None = None,
    received_at: datetime = MORNING, lockstep: bool = False,
) -> datetime:  # fmt: skip
    producer, district = Producer(), config().district
    settings = Settings(state_dir=folder, districts={district: 0}, lockstep=lockstep)
    vault: Any = None
    desk = Desk(settings, producer, lambda: now, vault, lambda: now_as_set or now)  # type: ignore[arg-type]
    raw = codec.encode(seal(payload, id="one", district=district, actor="operator", at=received_at))
    asyncio.run(desk.append([Record(topic, 0, 0, raw)]))
    (value,) = producer.values
    return codec.decode(value, JournalRecord).recorded_at
