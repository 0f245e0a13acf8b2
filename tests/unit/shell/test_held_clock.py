"""A clock that the pipeline holds back says so, and is not taken for one that a person has paused."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from services.api.clock import DoorClock
from streams.adapters.clock_keeper import Keeper
from streams.adapters.service_clock import ClockSetting, read_setting

START = ClockSetting(0.0, datetime(2026, 3, 2, tzinfo=UTC), 60.0)


def seen_at_the_door(keeper: Keeper) -> tuple[float, bool, bool, float]:
    door = DoorClock(Redis(), lockstep=False, wall=lambda: 10.0)
    setting = read_setting(keeper.published().to_json())
    assert setting is not None
    door._take(setting)
    view = door.view()
    return view.speed, view.paused, view.held, view.wished_speed


def test_held_back_and_going_on() -> None:
    keeper = Keeper(START, wished_speed=60.0)
    keeper.hold(3600.0, 10.0)
    assert seen_at_the_door(keeper) == (0.0, False, True, 60.0)
    keeper.hold(0.0, 11.0)
    assert seen_at_the_door(keeper) == (60.0, False, False, 0.0)


def test_paused_by_a_person_is_paused_even_if_held() -> None:
    keeper = Keeper(START, wished_speed=60.0)
    keeper.obey({"paused": True}, 10.0)
    keeper.hold(3600.0, 10.0)
    assert seen_at_the_door(keeper) == (0.0, True, False, 0.0)


def test_in_real_use_the_clock_catches_up_with_the_wall_after_a_hold() -> None:
    start = ClockSetting(0.0, datetime.fromtimestamp(0.0, UTC), 1.0)
    keeper = Keeper(start)
    keeper.obey({"speed": 1, "follow_wall": True}, 0.0)
    keeper.hold(3600.0, 100.0)
    keeper.hold(0.0, 160.0)
    assert keeper.setting.at(200.0) == datetime.fromtimestamp(200.0, UTC)


def test_a_played_day_stays_behind_by_what_it_was_held() -> None:
    keeper = Keeper(ClockSetting(0.0, datetime.fromtimestamp(0.0, UTC), 1.0))
    keeper.hold(3600.0, 100.0)
    keeper.hold(0.0, 160.0)
    assert keeper.setting.at(200.0) == datetime.fromtimestamp(140.0, UTC)
