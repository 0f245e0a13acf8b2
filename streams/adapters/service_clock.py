"""The service clock: events, deadlines and offers live by it. It pauses and runs at any speed; its setting is in Redis.

`now = anchor_service + (wall - anchor_wall) * speed`. Redis away: the last setting goes on. Never seen one: wall clock.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis

CLOCK_KEY = "dolbom:clock"
WISH_KEY = "dolbom:clock:wish"

REFRESH_S = 0.2
FOLLOWED_S = 1.0  # what `follow` read is good for so long; older than that `now` asks by itself
REDIS_TIMEOUT_S = 0.2  # `now` is called in event loops: a hanging Redis must not stop heartbeats
AFTER_FAILURE_S = 1.0
FIRST_ANSWER_S = 10.0  # Redis that was killed is back by then


@dataclass(frozen=True)
class ClockSetting:
    """A line through (anchor_wall, anchor_service); `speed` 0 is a pause. `held`: it stands because the pipeline is behind,
    and goes on at `wished_speed` by itself."""

    anchor_wall: float
    anchor_service: datetime
    speed: float
    held: bool = False
    wished_speed: float = 0.0

    def at(self, wall: float) -> datetime:
        return self.anchor_service + timedelta(seconds=(wall - self.anchor_wall) * self.speed)

    def with_speed(self, wall: float, speed: float) -> ClockSetting:
        """Another speed from `wall` on; no jump."""
        return ClockSetting(wall, self.at(wall), speed)

    def to_json(self) -> str:
        value: dict[str, object] = {
            "anchor_wall": self.anchor_wall, "anchor_service": self.anchor_service.isoformat(), "speed": self.speed,
        }  # fmt: skip
        return json.dumps(value | ({"held": True, "wished_speed": self.wished_speed} if self.held else {}))


def read_setting(text: str | bytes) -> ClockSetting | None:
    """The setting in its JSON form; None when it is none."""
    try:
        value = json.loads(text)
        at = datetime.fromisoformat(value["anchor_service"])
        held, wished = bool(value.get("held", False)), float(value.get("wished_speed", 0.0))
        return ClockSetting(float(value["anchor_wall"]), at.astimezone(UTC), float(value["speed"]), held, wished)
    except (ValueError, KeyError, TypeError):
        return None


class ServiceClock:
    """`now()` from a setting that is read again every 0.2 s; in lock-step at each call. Cheap, safe in an event loop.
    Where `follow` runs, nobody who asks for the time waits for Redis."""

    def __init__(self, redis_url: str, lockstep: bool = False, wall: Callable[[], float] = time.time) -> None:
        self._redis = redis.Redis.from_url(
            redis_url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
        )
        self._wall = wall
        self._lockstep = lockstep
        self._refresh_s = 0.0 if lockstep else REFRESH_S
        self._setting: ClockSetting | None = None
        self._read_again_at = 0.0
        self._reading = threading.Lock()

    def now(self) -> datetime:
        """Service time, aware UTC."""
        wall = self._wall()
        setting = self.setting()
        return datetime.fromtimestamp(wall, UTC) if setting is None else setting.at(wall)

    def now_as_set(self) -> datetime:
        """`now` by the setting as it stands in Redis at this moment: for what comes right after the clock was set."""
        self._read(0.0 if self._lockstep else FOLLOWED_S)
        return self.now()

    async def first_answer(self, patience_s: float = FIRST_ANSWER_S) -> None:
        """Until Redis has said once what is set, or that nothing is; at most `patience_s`. Who starts while Redis is silent would
        take the wall clock's time, and a day that is played would leap to it and never come back."""
        end = time.monotonic() + patience_s
        while not await asyncio.to_thread(self._read, self._refresh_s) and time.monotonic() < end:
            await asyncio.sleep(REFRESH_S)

    def setting(self) -> ClockSetting | None:
        """The setting in force; None: the wall clock."""
        if time.monotonic() >= self._read_again_at:
            self._read(self._refresh_s)
        return self._setting

    async def follow(self) -> None:
        """Read the setting every 0.2 s beside the loop, for ever. In lock-step there is nothing to follow: each call of
        `now` must see the newest setting."""
        while not self._lockstep:
            await asyncio.to_thread(self._read, FOLLOWED_S)
            await asyncio.sleep(REFRESH_S)

    def _read(self, good_for_s: float) -> bool:
        with self._reading:  # an older answer must not come after a newer one
            try:
                text = self._redis.get(CLOCK_KEY)
            except redis.RedisError:
                self._read_again_at = time.monotonic() + AFTER_FAILURE_S
                return False
            if text is not None:
                self._setting = read_setting(text) or self._setting
            self._read_again_at = time.monotonic() + good_for_s
            return True

    def speed(self) -> float:
        """Service seconds in a wall second."""
        setting = self.setting()
        return 1.0 if setting is None else setting.speed

    def set(self, setting: ClockSetting) -> None:
        """Publish a setting. Raises redis.RedisError."""
        self._redis.set(CLOCK_KEY, setting.to_json())
        self._setting = setting
        self._read_again_at = time.monotonic() + self._refresh_s

    def close(self) -> None:
        self._redis.close()
