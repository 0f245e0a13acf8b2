"""The service clock and its keeper: pauses, speeds, jumps, holding for the pipeline."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from streams.adapters import service_clock
from streams.adapters.clock_keeper import Backlog, Keeper, take_up
from streams.adapters.service_clock import ClockSetting, ServiceClock, read_setting

NINE = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
NOWHERE = "redis://127.0.0.1:1/0"


def setting(speed: float = 60.0) -> ClockSetting:
    return ClockSetting(1000.0, NINE, speed)


def test_time_runs_at_the_speed() -> None:
    assert setting().at(1010.0) == NINE + timedelta(minutes=10)


def test_another_speed_makes_no_jump() -> None:
    slower = setting().with_speed(1010.0, 1.0)
    assert slower.at(1010.0) == setting().at(1010.0)
    assert slower.at(1011.0) - slower.at(1010.0) == timedelta(seconds=1)


def test_the_setting_survives_its_json() -> None:
    assert read_setting(setting().to_json()) == setting()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"anchor_wall": "x", "anchor_service": 5, "speed": 1}'])
def test_nonsense_is_no_setting(text: str) -> None:
    assert read_setting(text) is None


def test_without_redis_and_never_seen_a_setting_it_is_the_wall_clock() -> None:
    clock = ServiceClock(NOWHERE, wall=lambda: 1000.0)
    assert clock.now() == datetime.fromtimestamp(1000.0, UTC)
    assert clock.speed() == 1.0


def keeper() -> Keeper:
    return Keeper(setting(), wished_speed=60.0)


def test_a_pause_and_its_end() -> None:
    kept = keeper()
    kept.obey({"paused": True}, 1010.0)
    assert kept.setting.at(5000.0) == NINE + timedelta(minutes=10)
    kept.obey({"paused": False}, 2000.0)
    assert kept.setting.at(2001.0) == NINE + timedelta(minutes=11)


def test_a_new_speed_ends_a_pause_and_speed_zero_is_one() -> None:
    kept = keeper()
    kept.obey({"speed": 0}, 1000.0)
    assert (kept.setting.speed, kept.paused) == (0.0, True)
    kept.obey({"speed": 10}, 1000.0)
    assert (kept.setting.speed, kept.paused) == (10.0, False)


def test_start_at() -> None:
    kept = keeper()
    kept.obey({"start_at": "2026-03-02T18:00:00+09:00"}, 1234.0)
    assert kept.setting.at(1234.0) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("wish", [{"speed": -1}, {"speed": "fast"}, {"speed": True}, {"start_at": "noon"}, {"x": 1}])
def test_nonsense_wishes_change_nothing(wish: dict[str, object]) -> None:
    kept = keeper()
    kept.obey(wish, 1010.0)
    assert kept == keeper()


def test_the_clock_is_held_while_the_pipeline_is_behind_and_goes_on_where_it_stood() -> None:
    kept = keeper()
    kept.hold(10.0, 1010.0)
    assert kept.setting.at(1100.0) == NINE + timedelta(minutes=10)
    kept.hold(2.0, 1100.0)
    assert kept.held
    kept.hold(0.5, 1100.0)
    assert kept.setting.at(1101.0) == NINE + timedelta(minutes=11)


def test_a_pause_outlasts_a_hold() -> None:
    kept = keeper()
    kept.hold(10.0, 1010.0)
    kept.obey({"paused": True}, 1011.0)
    kept.hold(0.0, 1012.0)
    assert kept.setting.speed == 0.0


def report(wall: float, position: int, end: int) -> dict[str, dict[str, float]]:
    return {"dispatcher": {"wall": wall, "position": position, "end": end}}


def test_a_backlog_is_as_old_as_the_end_that_was_not_reached() -> None:
    backlog = Backlog()
    assert backlog.age_s(report(100.0, 5, 10), 100.0) == 0.0
    assert backlog.age_s(report(101.0, 9, 20), 101.0) == 1.0
    assert backlog.age_s(report(102.0, 10, 30), 102.5) == 1.5  # 10 is reached, 20 is open since 101
    assert backlog.age_s(report(103.0, 30, 30), 103.0) == 0.0


def test_a_busy_pipeline_that_keeps_up_is_not_behind() -> None:
    backlog = Backlog()
    ages = [backlog.age_s(report(float(t), t * 50 - 2, t * 50), t + 0.9) for t in range(100, 130)]
    assert max(ages) < 2.0


def test_a_silent_hop_is_behind_until_it_is_forgotten() -> None:
    backlog = Backlog()
    assert backlog.age_s(report(100.0, 5, 5), 110.0) == 10.0
    assert backlog.age_s(report(100.0, 5, 5), 1000.0) == 0.0


def test_a_new_machine_has_the_wall_clock() -> None:
    assert take_up(None, None, 1000.0).setting.at(1010.0) == datetime.fromtimestamp(1010.0, UTC)


def test_redis_was_emptied_and_the_keeper_restarted() -> None:
    kept = keeper().to_json(1020.0)
    assert take_up(None, kept, 1022.0).setting.at(1030.0) == setting().at(1030.0)


def test_a_machine_that_slept_goes_on_where_it_was() -> None:
    kept = keeper().to_json(1020.0)
    assert take_up(None, kept, 90_000.0).setting.at(90_000.0) == setting().at(1020.0)


def test_what_is_published_goes_before_what_was_kept() -> None:
    kept = keeper().to_json(1020.0)
    assert take_up(setting(1.0).to_json(), kept, 1021.0).setting == setting(1.0)


def test_a_keeper_that_died_while_holding_goes_on_afterwards() -> None:
    held = keeper()
    held.hold(10.0, 1010.0)
    again = take_up(held.setting.to_json(), held.to_json(1010.0), 1012.0)
    again.hold(0.0, 1013.0)
    assert again.setting.speed == 60.0


def test_a_file_that_is_no_json_is_passed_over() -> None:
    assert take_up(json.dumps([]), "half a fi", 1000.0).setting.speed == 1.0


class Told:
    """In the place of Redis: says a setting, and in which thread it was asked."""

    def __init__(self) -> None:
        self.setting = setting()
        self.asked_in: list[threading.Thread] = []

    def get(self, key: str) -> str:
        self.asked_in.append(threading.current_thread())
        return self.setting.to_json()


def test_a_followed_clock_is_never_asked_for_by_those_who_want_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    clock = ServiceClock(NOWHERE, wall=lambda: 1010.0)
    monkeypatch.setattr(clock, "_redis", told)
    monkeypatch.setattr(service_clock, "FOLLOWED_S", 600.0)

    async def go() -> None:
        following = asyncio.create_task(clock.follow())
        while len(told.asked_in) < 2:  # the first answer has been taken up
            await asyncio.sleep(0.01)
        assert clock.now() == NINE + timedelta(minutes=10)
        told.setting = ClockSetting(1000.0, NINE, 1.0)
        while clock.now() != NINE + timedelta(seconds=10):
            await asyncio.sleep(0.01)
        following.cancel()

    asyncio.run(go())
    assert threading.current_thread() not in told.asked_in


def test_in_lock_step_there_is_nothing_to_follow() -> None:
    asyncio.run(asyncio.wait_for(ServiceClock(NOWHERE, lockstep=True).follow(), 5))
