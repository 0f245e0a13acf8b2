"""The world process as it runs: over HTTP with signed webhooks, through lost calls and kills, in lock-step and live."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from services.sample_day import live_run
from services.sample_day.conductor import RememberingDoors, run_lockstep
from services.sample_day.coop_server import Mailbox, write_entry
from services.sample_day.day import Day
from services.sample_day.diary import Diary
from services.sample_day.in_process import InProcessDoors, run_in_process
from services.sample_day.live_run import LiveRun
from services.sample_day.messages import Answer, Message, Received, Step
from services.sample_day.simulation import Simulation
from services.sample_day.world import run_world
from streams.core.state import state_hash
from streams.settings import Settings
from tests.stack import wait_until
from tests.unit.world.days import make_day
from tests.unit.world.fake_api import TOKEN, FakeApi
from tests.unit.world.ports import free_port
from tests.unit.world.test_with_core import TROUBLES


@pytest.fixture
def day() -> Day:
    return make_day(30, 6, TROUBLES)


@pytest.fixture
def api(day: Day, request: pytest.FixtureRequest) -> Iterator[FakeApi]:
    fake = FakeApi(day, lose=getattr(request, "param", 0.0))
    fake.start()
    yield fake
    fake.stop()


def settings(api: FakeApi, state_dir: Path) -> Settings:
    (state_dir / "token").write_text(TOKEN + "\n")
    return replace(Settings(state_dir=state_dir), api_port=api.port, world_port=free_port(), lockstep=True)


@pytest.mark.parametrize("api", [0.0, 0.05], indirect=True, ids=["quiet", "calls are lost"])
def test_over_http_it_is_the_same_day_as_in_process(api: FakeApi, day: Day, tmp_path: Path) -> None:
    """Order for order: the state's hash is the same, though webhooks come in any order and calls are made again."""
    result = run_world(day, 3, settings(api, tmp_path), lockstep=True)
    expected, _ = run_in_process(day, 3)
    assert result["unaccounted"] == 0
    assert result["mismatches"] == []
    assert state_hash(api.doors.state) == expected["state_hash"]
    assert result["webhooks"]["rejected"] == 0


class Killed(Exception):
    pass


class Mortal:
    """In-process doors whose caller dies at the n-th step: before it is obeyed, or (`too_late`) after, when what was sent
    out is in the diary and nobody has read it."""

    def __init__(self, doors: InProcessDoors) -> None:
        self.doors = doors
        self.left = -1
        self.too_late = False
        self.diary: Diary | None = None
        self.unread: list[Received] = []

    def step(self, to_at: datetime | None) -> Step:
        self.left -= 1
        if self.left == 0 and not self.too_late:
            raise Killed
        step = self.doors.step(to_at)
        assert self.diary is not None
        for received in step.heard:
            self.diary.write(write_entry(received))
        self.unread += step.heard
        if self.left == 0:
            raise Killed
        heard, self.unread = self.unread, []
        return Step(step.now_at, step.next_deadline_at, tuple(sorted(heard)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.doors, name)


@pytest.mark.parametrize("kill_after", [(2,), (40, 40), (100, 31, 77, 60)])
def test_a_world_that_is_killed_goes_on_where_it_was(day: Day, tmp_path: Path, kill_after: tuple[int, ...]) -> None:
    expected, _ = run_in_process(day, 3)
    doors = Mortal(InProcessDoors(day))
    result = None
    for left in (*kill_after, -1):
        doors.left, doors.too_late = left, not doors.too_late
        doors.diary = Diary(tmp_path / "diary.jsonl")
        try:
            result = run_lockstep(Simulation(day, 3), RememberingDoors(doors, doors.diary))
        except Killed:
            continue
        finally:
            doors.diary.close()
    assert result is not None
    assert result["mismatches"] == []
    assert state_hash(doors.doors.state) == expected["state_hash"]


@dataclass
class ClockedDoors:
    """In-process doors for live mode: each look at the clock finds it some seconds further on, when what was sent is answered
    and who looks at the exceptions has seen today's: on a busy machine somebody would else act minutes after the meal. The caller
    may be killed, with messages under way, when the clock says `die_at`."""

    doors: OneAtATime
    mailbox: Mailbox
    die_at: datetime
    now: datetime

    def clock(self) -> tuple[datetime, float]:
        self.now += timedelta(seconds=20)
        if self.now < self.die_at:
            wait_until(lambda: not any(lanes.unanswered() for lanes in Counted.made[-1:]), "what was sent is told", every_s=0.001)
            seen = self.doors.looks + 2  # one may have begun long ago
            wait_until(lambda: self.doors.looks >= seen, "the exceptions are looked at", every_s=0.001)
        for received in self.doors.step(self.now).heard:
            self.mailbox.put(received)
        if self.now >= self.die_at:
            self.die_at = self.doors.day.end_at + timedelta(days=1)
            raise Killed
        return self.now, 60.0

    def received(self) -> list[Received]:
        return self.mailbox.drain()

    def send_positions(self, organisation: str, at: datetime, positions: list[dict[str, Any]]) -> None:
        assert all(one.keys() == {"worker_id", "x", "y"} for one in positions)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.doors, name)


class Counted(live_run.Lanes):
    """Lanes that say how many messages are not answered yet."""

    made: ClassVar[list[Counted]] = []

    def __init__(self, send: Callable[[Message], Answer]) -> None:
        super().__init__(send)
        self.made.append(self)

    def unanswered(self) -> int:
        return self.in_flight - self._answers.qsize()

    def die(self) -> None:
        """With its process: what nobody has begun to send is never sent."""
        for lane in self._queues:
            while not lane.empty():
                with suppress(queue.Empty):
                    lane.get_nowait()
            lane.put(None)
        for thread in self._threads:
            thread.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_run, "TICK_S", 0.0)
    monkeypatch.setattr(live_run, "Lanes", Counted)
    monkeypatch.setattr(live_run, "EXCEPTIONS_EVERY_S", 0.0)
    monkeypatch.setattr(live_run, "POSITIONS_EVERY_S", 0.0)


class OneAtATime(InProcessDoors):
    """The pure core has no lock of its own."""

    def __init__(self, day: Day) -> None:
        self.lock = threading.RLock()
        self.looks = 0
        super().__init__(day)

    def step(self, to_at: datetime | None) -> Step:
        with self.lock:
            return super().step(to_at)

    def send(self, message: Message) -> Answer:
        with self.lock:
            return super().send(message)

    def exceptions(self) -> list[dict[str, Any]]:
        with self.lock:
            self.looks += 1
            return super().exceptions()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kills", [(), (0.3, 3.2, 3.4, 5.0)], ids=["not killed", "killed four times"])
def test_a_live_day_balances(day: Day, tmp_path: Path, kills: tuple[float, ...]) -> None:
    doors = OneAtATime(day)
    now = day.start_at
    for hours in (*kills, 100.0):
        diary = Diary(tmp_path / "diary.jsonl")
        mailbox = Mailbox(diary)
        clocked = ClockedDoors(doors, mailbox, day.start_at + timedelta(hours=hours), now)
        live = LiveRun(Simulation(day, 3), clocked, diary)
        mailbox.forget(live.read_before)
        try:
            result = live.run()
        except Killed:
            now = clocked.now
            Counted.made[-1].die()
        finally:
            diary.close()
    assert result["unaccounted"] == 0
    assert result["mismatches"] == []
    assert result["done"] >= 28
