"""`python -m streams.adapters.clock_keeper`: owns the service clock's setting (live mode only).

It publishes the setting every 0.2 s, so an emptied Redis has it again at once; keeps it on disk; obeys the wishes that the
doors put into Redis; and holds the clock while the pipeline is behind, so that service time never outruns it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis

from streams.adapters.progress import Progress, read_progress
from streams.adapters.service_clock import CLOCK_KEY, WISH_KEY, ClockSetting, read_setting
from streams.settings import Settings, read_settings

log = logging.getLogger("dolbom.clock_keeper")

PUBLISH_S = 0.2
HOPS = ("desk", "dispatcher", "board", "outbox", "messenger", "solver_pool")
HOLD_WHEN_BEHIND_S = 3.0  # progress is written once a second, so a healthy pipeline looks up to 2 s old
GO_ON_WHEN_BEHIND_S = 1.5
SILENT_S = 4.0  # a hop that has not reported for so long is dead or hangs: what it has to do is unknown
FORGOTTEN_S = 600.0  # a file of a process that is no longer run
LONG_AWAY_S = 30.0  # a machine that slept: go on from where the clock was seen, do not jump
FASTEST = 3600.0


@dataclass
class Backlog:
    """How old the oldest thing is that the pipeline has not done. A hop is as far behind as the time since which its
    position has not reached an end that it reported then."""

    _open: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)

    def age_s(self, reports: Mapping[str, Mapping[str, Any]], wall: float) -> float:
        ages = [0.0]
        for name in HOPS:
            report = reports.get(name)
            if report is None or wall - report["wall"] > FORGOTTEN_S:
                continue
            waiting = self._open.setdefault(name, deque())
            if report["end"] > report["position"] and (not waiting or waiting[-1][1] < report["end"]):
                waiting.append((report["wall"], report["end"]))
            while waiting and waiting[0][1] <= report["position"]:
                waiting.popleft()
            if waiting:
                ages.append(wall - waiting[0][0])
            if wall - report["wall"] > SILENT_S:
                ages.append(wall - report["wall"])
        return max(ages)

WALL_DRIFT_S = 1.0  # a clock that follows the wall is put right when it is further off than this


@dataclass
class Keeper:
    """The setting and the reasons for it; no I/O. `wished_speed` is what people asked for, the setting's speed is 0 while
    the clock is paused or held."""

    setting: ClockSetting
    wished_speed: float = 1.0
    paused: bool = False
    held: bool = False
    follows_wall: bool = False  # real use: at 1x, and never behind for good after a hold or a restart

    def obey(self, wish: Mapping[str, Any], wall: float) -> None:
        """{"speed", "paused", "start_at", "follow_wall"}; what is missing stays, what is nonsense is passed over."""
        speed = wish.get("speed")
        if isinstance(speed, (int, float)) and not isinstance(speed, bool) and 0 <= speed <= FASTEST:
            self.wished_speed, self.paused = (float(speed), False) if speed > 0 else (self.wished_speed, True)
        if isinstance(wish.get("paused"), bool):
            self.paused = wish["paused"]
        if isinstance(wish.get("follow_wall"), bool):
            self.follows_wall = wish["follow_wall"]
        if isinstance(wish.get("start_at"), str):
            try:
                start_at = datetime.fromisoformat(wish["start_at"])
            except ValueError:
                start_at = None
            if start_at is not None and start_at.tzinfo is not None:
                self.setting = ClockSetting(wall, start_at.astimezone(UTC), self.setting.speed)
        self._settle(wall)

    def hold(self, backlog_s: float, wall: float) -> None:
        """Hold when the backlog is old, go on when it is young again."""
        held = backlog_s > (GO_ON_WHEN_BEHIND_S if self.held else HOLD_WHEN_BEHIND_S)
        if held != self.held:
            log.info("clock %s: the pipeline is %.1f s behind", "held" if held else "goes on", backlog_s)
            self.held = held
        self._settle(wall)

    def _settle(self, wall: float) -> None:
        speed = 0.0 if self.paused or self.held else self.wished_speed
        if speed != self.setting.speed:
            self.setting = self.setting.with_speed(wall, speed)
        real = datetime.fromtimestamp(wall, UTC)
        if self.follows_wall and speed == 1.0 and abs((self.setting.at(wall) - real).total_seconds()) > WALL_DRIFT_S:
            self.setting = ClockSetting(wall, real, 1.0)

    def published(self) -> ClockSetting:
        """The setting with why it stands, so that the board shows a clock that is held as just that."""
        held = self.held and not self.paused
        return replace(self.setting, held=held, wished_speed=self.wished_speed if held else 0.0)

    def to_json(self, wall: float) -> str:
        """What is kept on disk. `seen_wall`: when the clock was last known to run."""
        kept = json.loads(self.setting.to_json())
        return json.dumps(kept | {"wished_speed": self.wished_speed, "paused": self.paused, "seen_wall": wall,
                                  "follow_wall": self.follows_wall})  # fmt: skip


def take_up(published: str | bytes | None, kept: str | None, wall: float) -> Keeper:
    """The keeper at its start: what is published goes on (others live by it), else what was kept; a machine that was away
    for long goes on from where it was; a new one has the wall clock."""
    stored: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        stored = json.loads(kept or "{}")
    setting = read_setting(published or b"") or read_setting(kept or "")
    if setting is None:
        return Keeper(ClockSetting(wall, datetime.fromtimestamp(wall, UTC), 1.0))
    seen_wall = float(stored.get("seen_wall", wall))
    if wall - seen_wall > LONG_AWAY_S:
        setting = ClockSetting(wall, setting.at(seen_wall), setting.speed)
    speed = float(stored.get("wished_speed", setting.speed or 1.0))
    paused = bool(stored.get("paused", setting.speed == 0))
    follows_wall = stored.get("follow_wall") is True
    return Keeper(setting, speed, paused, held=not paused and setting.speed == 0, follows_wall=follows_wall)


class ClockKeeper:
    """The process around `Keeper`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._redis = redis.Redis.from_url(settings.redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
        self._file: Path = settings.state_dir / "clock.json"
        self._progress = Progress(settings.state_dir, "clock_keeper")
        self._backlog = Backlog()
        self._keeper: Keeper | None = None
        self._saved_at = 0.0

    def turn(self, wall: float) -> None:
        """One turn: obey, hold, publish, keep. Raises redis.RedisError when Redis is away."""
        if self._keeper is None:
            kept = self._file.read_text() if self._file.exists() else None
            self._keeper = take_up(self._redis.get(CLOCK_KEY), kept, wall)
        keeper = self._keeper
        before = keeper.setting
        keeper.hold(self._backlog.age_s(read_progress(self._settings.state_dir), wall), wall)
        while (wish := self._redis.lpop(WISH_KEY)) is not None:
            try:
                wished = json.loads(str(wish, "utf-8") if isinstance(wish, bytes) else str(wish))
            except ValueError:
                continue
            if isinstance(wished, dict):
                keeper.obey(wished, wall)
        self._redis.set(CLOCK_KEY, keeper.published().to_json())
        if keeper.setting != before or wall - self._saved_at >= 1.0:
            draft = self._file.with_suffix(".draft")
            draft.write_text(keeper.to_json(wall))
            draft.replace(self._file)
            self._progress.report(0, 0)
            self._saved_at = wall

    def run(self, stopped: threading.Event) -> None:
        away = False
        while not stopped.is_set():
            try:
                self.turn(time.time())
                away = False
            except redis.RedisError as error:
                if not away:
                    log.warning("redis is away: %s", type(error).__name__)
                away = True
                self._progress.report(0, 0)
            stopped.wait(PUBLISH_S)


def main() -> int:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    settings = read_settings()
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    ClockKeeper(settings).run(stopped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
