"""The service clock with a real Redis: published, wished for, emptied, kept over a restart of the keeper."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from streams.adapters.clock_keeper import ClockKeeper
from streams.adapters.progress import Progress
from streams.adapters.service_clock import CLOCK_KEY, WISH_KEY, ClockSetting, ServiceClock
from streams.settings import Settings
from tests.stack import Stores

pytestmark = pytest.mark.broker

NINE = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


@pytest.fixture
def settings(stores: Stores, folder: Path) -> Settings:
    return stores.settings(folder)


@pytest.fixture
def client(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.redis_url)


def wish(client: redis.Redis, **wished: object) -> None:
    client.rpush(WISH_KEY, json.dumps(wished))


def clock_at(settings: Settings, wall: float) -> datetime:
    return ServiceClock(settings.redis_url, lockstep=True, wall=lambda: wall).now()


def test_a_wish_is_obeyed_and_everybody_sees_it(settings: Settings, client: redis.Redis) -> None:
    wish(client, start_at=NINE.isoformat(), speed=60)
    client.rpush(WISH_KEY, "no json")
    client.rpush(WISH_KEY, "[]")
    ClockKeeper(settings).turn(1000.0)
    assert clock_at(settings, 1010.0) == NINE + timedelta(minutes=10)
    assert client.llen(WISH_KEY) == 0


def test_an_emptied_redis_has_the_clock_again_with_the_next_turn(settings: Settings, client: redis.Redis) -> None:
    keeper = ClockKeeper(settings)
    wish(client, start_at=NINE.isoformat(), speed=60)
    keeper.turn(1000.0)
    client.flushall()
    keeper.turn(1005.0)
    assert clock_at(settings, 1010.0) == NINE + timedelta(minutes=10)


def test_keeper_and_redis_both_new_go_on_from_the_disk(settings: Settings, client: redis.Redis) -> None:
    wish(client, start_at=NINE.isoformat(), speed=60)
    ClockKeeper(settings).turn(1000.0)
    client.flushall()
    ClockKeeper(settings).turn(1002.0)
    assert clock_at(settings, 1010.0) == NINE + timedelta(minutes=10)


def test_a_clock_that_has_seen_its_setting_outlives_redis(settings: Settings, client: redis.Redis) -> None:
    wall = [1000.0]
    clock = ServiceClock(settings.redis_url, lockstep=True, wall=lambda: wall[0])
    clock.set(ClockSetting(1000.0, NINE, 60.0))
    client.delete(CLOCK_KEY)
    wall[0] = 1010.0
    assert clock.now() == NINE + timedelta(minutes=10)


def test_the_clock_waits_for_a_hop_that_is_behind(settings: Settings, client: redis.Redis) -> None:
    keeper = ClockKeeper(settings)
    wish(client, start_at=NINE.isoformat(), speed=60)
    keeper.turn(1000.0)
    progress = settings.state_dir / "progress"
    Progress(settings.state_dir, "dispatcher").report(0, 0)  # makes the folder
    (progress / "dispatcher.json").write_text(json.dumps({"wall": 1001.0, "position": 5, "end": 9}))
    for wall in (1001.0, 1002.0):
        keeper.turn(wall)
    (progress / "dispatcher.json").write_text(json.dumps({"wall": 1006.0, "position": 5, "end": 30}))
    keeper.turn(1006.0)
    assert clock_at(settings, 1100.0) == NINE + timedelta(minutes=6)
    (progress / "dispatcher.json").write_text(json.dumps({"wall": 1100.0, "position": 30, "end": 30}))
    keeper.turn(1100.0)
    assert clock_at(settings, 1101.0) == NINE + timedelta(minutes=7)


def test_what_comes_right_after_the_clock_was_set_is_timed_by_it(settings: Settings) -> None:
    clock, elsewhere = (ServiceClock(settings.redis_url, wall=lambda: 1000.0) for _ in range(2))
    elsewhere.set(ClockSetting(1000.0, NINE + timedelta(days=200), 60.0))
    assert clock.now_as_set() == NINE + timedelta(days=200)
    elsewhere.set(ClockSetting(1000.0, NINE, 60.0))
    assert clock.now_as_set() == NINE


def test_in_lock_step_a_day_just_configured_follows_every_move_of_the_clock(settings: Settings) -> None:
    clock, elsewhere = (ServiceClock(settings.redis_url, lockstep=True) for _ in range(2))
    elsewhere.set(ClockSetting(1000.0, NINE, 0.0))
    assert clock.now_as_set() == NINE
    elsewhere.set(ClockSetting(1000.0, NINE + timedelta(hours=1), 0.0))
    assert clock.now() == NINE + timedelta(hours=1)


def test_a_process_that_starts_while_redis_is_silent_waits_for_the_days_time(settings: Settings, client: redis.Redis) -> None:
    ServiceClock(settings.redis_url).set(ClockSetting(1000.0, NINE, 60.0))
    client.execute_command("CLIENT", "PAUSE", 700, "ALL")  # longer than one look at the clock may take
    clock = ServiceClock(settings.redis_url, wall=lambda: 1000.0)
    asyncio.run(clock.first_answer())
    assert clock.now() == NINE
