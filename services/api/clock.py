"""The service clock at the door: read from Redis in the background, never by a request. And the routes that move it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.api.models import ClockBody, read_body
from services.api.problems import Problem
from services.calendar import find_holiday, seoul_date
from streams.adapters.end_tasks import end_tasks
from streams.adapters.service_clock import CLOCK_KEY, WISH_KEY, ClockSetting, read_setting
from streams.contracts.refusals import Refusal

log = logging.getLogger(__name__)

REFRESH_S = 0.2


class ClockView(msgspec.Struct, kw_only=True):
    """The clock as people and pages read it. `holiday_ko` and `holiday_en` name today's public holiday, "" on others."""

    now_at: datetime
    speed: float
    paused: bool
    lockstep: bool
    holiday_ko: str = ""
    holiday_en: str = ""
    held: bool = False  # it stands while the pipeline catches up, and goes on at wished_speed
    wished_speed: float = 0.0


class DoorClock:
    """`now()` costs nothing: the setting is read every 0.2 s (in lock-step it is ours alone). Redis away: the last one
    goes on. `on_change` hears of a new setting."""

    def __init__(self, redis: Redis, lockstep: bool, wall: Callable[[], float] = time.time, kept: Path | None = None) -> None:
        """`kept` is where a lock-step clock stands in a file too: nobody else would know the time after a restart with
        Redis emptied, and the day would jump to the wall clock."""
        self._redis: Any = redis
        self._lockstep = lockstep
        self._kept = kept if lockstep else None
        self._wall = wall
        self._setting: ClockSetting | None = None
        self._task: asyncio.Task[None] | None = None
        self.on_change: Callable[[ClockView], None] = lambda view: None

    @property
    def is_set(self) -> bool:
        return self._setting is not None

    def now(self) -> datetime:
        """Service time, aware UTC."""
        wall = self._wall()
        return datetime.fromtimestamp(wall, UTC) if self._setting is None else self._setting.at(wall)

    def view(self) -> ClockView:
        speed = 1.0 if self._setting is None else self._setting.speed
        now, setting = self.now(), self._setting
        held = setting is not None and setting.held
        holiday = find_holiday(seoul_date(now))
        return ClockView(
            now_at=now, speed=speed, paused=speed == 0 and not held, lockstep=self._lockstep,
            holiday_ko=holiday.ko if holiday else "", holiday_en=holiday.en if holiday else "",
            held=held, wished_speed=setting.wished_speed if setting is not None else 0.0,
        )  # fmt: skip

    async def start(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self.refresh()
        if not self._lockstep:
            self._task = asyncio.create_task(self._follow())
        elif self._setting is None and self._kept is not None and self._kept.exists():
            self._setting = read_setting(self._kept.read_text())

    async def stop(self) -> None:
        if self._task is not None:
            await end_tasks([self._task])

    async def refresh(self) -> None:
        raw = await self._redis.get(CLOCK_KEY)
        setting = None if raw is None else read_setting(raw)
        if setting is not None:
            self._take(setting)

    async def move_to(self, at: datetime) -> None:
        """Lock-step: stand at `at`, for everybody."""
        setting = ClockSetting(self._wall(), at, 0.0)
        if self._kept is not None:
            draft = self._kept.with_suffix(".new")
            draft.write_text(setting.to_json())
            draft.replace(self._kept)
        await self._redis.set(CLOCK_KEY, setting.to_json())
        self._take(setting)

    async def wish(self, wish: dict[str, Any]) -> None:
        """Ask the clock's keeper."""
        await self._redis.rpush(WISH_KEY, json.dumps(wish))

    def _take(self, setting: ClockSetting) -> None:
        old, self._setting = self._setting, setting
        wall = self._wall()
        if old is None or old.speed != setting.speed or abs((old.at(wall) - setting.at(wall)).total_seconds()) > 1:
            self.on_change(self.view())

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(RedisError, OSError):
                await self.refresh()
            await asyncio.sleep(REFRESH_S)


router = APIRouter(prefix="/v1", tags=["clock"])


@router.get("/clock")
async def get_clock(request: Request) -> Response:
    """The service clock."""
    return Response(msgspec.json.encode(request.app.state.doors.clock.view()), media_type="application/json")


@router.post("/clock", status_code=202)
async def wish_clock(request: Request) -> Response:
    """Ask for another speed, a pause, or (before the day) another time. The answer is the clock as it is now."""
    doors = request.app.state.doors
    body = await read_body(request, ClockBody)
    if doors.settings.lockstep:
        raise Problem(Refusal.NOT_ALLOWED, "in lock-step the clock moves by POST /v1/lockstep/step only")
    wish = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in body.model_dump().items()
        if value is not None
    }
    if not wish:
        raise Problem(Refusal.WRONG_FIELD, "body: names neither speed, paused nor start_at")
    await doors.clock.wish(wish)
    return Response(msgspec.json.encode(doors.clock.view()), 202, media_type="application/json")
