"""Who moves the simulated world live: the service clock. Slow or dead doors delay messages, never the world."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from services.sample_day.conductor import Reading, open_rows, read_result
from services.sample_day.coop_server import read_entry
from services.sample_day.diary import Diary
from services.sample_day.messages import Answer, Message, Received, instant, written
from services.sample_day.simulation import Simulation

LANES = 8  # messages sent at a time; those of one worker stay in order
EXCEPTIONS_EVERY_S = 3.0  # wall clock
POSITIONS_EVERY_S = 2.0  # wall clock
TICK_S = 0.05  # wall clock
SETTLE_AFTER_CLOSE_S = 60.0  # how long the last decisions may take to reach the board, wall clock

T = TypeVar("T")


class LiveDoors(Reading, Protocol):
    """The system's doors in live mode."""

    def clock(self) -> tuple[datetime, float]: ...

    def received(self) -> list[Received]: ...

    def send(self, message: Message) -> Answer: ...

    def send_positions(self, organisation: str, at: datetime, positions: list[dict[str, Any]]) -> None: ...

    def exceptions(self) -> list[dict[str, Any]]: ...


class Lanes:
    """Sending: several messages at a time, those of one lane in order. Answers are collected for the main loop."""

    def __init__(self, send: Callable[[Message], Answer]) -> None:
        self._send = send
        self._queues: list[queue.SimpleQueue[Message | None]] = [queue.SimpleQueue() for _ in range(LANES)]
        self._answers: queue.SimpleQueue[tuple[Message, Answer]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, args=(q,), daemon=True) for q in self._queues]
        self.in_flight = 0
        self.statuses: Counter[int] = Counter()
        for thread in self._threads:
            thread.start()

    def put(self, message: Message) -> None:
        self.in_flight += 1
        self._queues[zlib.crc32(message.lane.encode()) % LANES].put(message)

    def answers(self) -> list[tuple[Message, Answer]]:
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        self.in_flight -= len(found)
        return found

    def stop(self) -> None:
        for lane in self._queues:
            lane.put(None)

    def _work(self, lane: queue.SimpleQueue[Message | None]) -> None:
        while (message := lane.get()) is not None:
            try:
                answer = self._send(message)
            except Exception:  # patience is over: the message is unanswered, and the day's end says so
                answer = Answer(599, {})
            self.statuses[answer.status] += 1
            self._answers.put((message, answer))


class Repeating(Generic[T]):
    """Calls a door again and again in a thread of its own, and keeps the newest answer for the main loop."""

    def __init__(self, call: Callable[[], T], every_s: float) -> None:
        self._call = call
        self._every_s = every_s
        self._stopped = threading.Event()
        self._newest: T | None = None
        threading.Thread(target=self._work, daemon=True).start()

    def take(self) -> T | None:
        """The newest answer, once; None if there is none since."""
        newest, self._newest = self._newest, None
        return newest

    def stop(self) -> None:
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(Exception):  # an answer less; the next one comes soon
                self._newest = self._call()
            self._stopped.wait(max(self._every_s, 0.001))


class LiveRun:
    """The world by the service clock. What comes in is kept in the diary with its time, so that a restart goes on."""

    def __init__(
        self, world: Simulation, doors: LiveDoors, diary: Diary | None = None, pulse: Callable[[], None] = lambda: None
    ) -> None:
        self.world = world
        self.doors = doors
        self.diary = diary
        self._pulse = pulse
        self.now = world.day.start_at
        self.read_before = {
            (organisation, webhook_id)
            for entry in (diary.past() if diary is not None else ())
            for organisation, webhook_id in entry.get("heard", ())
        }
        self._unanswered: dict[str, Message] = {}
        self._seen_rows: list[dict[str, Any]] = []
        self._positions: tuple[datetime, dict[str, list[dict[str, Any]]]] = (self.now, {})

    def run(self) -> dict[str, Any]:
        """Until the day's end by the service clock; then close the day and read it."""
        day = self.world.day
        self._remember()
        lanes = Lanes(self.doors.send)
        for message in self._unanswered.values():
            lanes.put(message)
        look = Repeating(lambda: open_rows(self.doors.exceptions()), EXCEPTIONS_EVERY_S)
        show = Repeating(self._show_positions, POSITIONS_EVERY_S)
        try:
            while self.now < day.end_at or lanes.in_flight:
                self._pulse()
                wall = time.monotonic()
                at, _ = self.doors.clock()
                self.now = max(self.now, min(at, day.end_at))
                self._let_happen(lanes.put)
                rows = look.take()
                self._take_in(self.doors.received(), lanes.answers(), rows if rows != self._seen_rows else None)
                self._positions = (self.now, self.world.positions(self.now))
                time.sleep(max(0.0, TICK_S - (time.monotonic() - wall)))
        finally:
            look.stop()
            show.stop()
            lanes.stop()
        self.doors.close_day(day)
        give_up_at = time.monotonic() + SETTLE_AFTER_CLOSE_S
        while not self.doors.ledger().get("closed") and time.monotonic() < give_up_at:
            time.sleep(0.3)
        return read_result(self.world, self.doors)

    def _show_positions(self) -> None:
        at, by_organisation = self._positions
        if self.world.day.start_at < at < self.world.day.end_at:
            for organisation, positions in sorted(by_organisation.items()):
                self.doors.send_positions(organisation, at, positions)

    def _let_happen(self, put: Callable[[Message], None]) -> None:
        while (message := self.world.next_message(self.now)) is not None:
            self._unanswered[message.key] = message
            put(message)

    def _take_in(
        self, heard: list[Received], answers: list[tuple[Message, Answer]], rows: list[dict[str, Any]] | None
    ) -> None:  # fmt: skip
        if not heard and not answers and rows is None:
            return
        if self.diary is not None:
            self.diary.write(
                {"tick": written(self.now), "heard": [(r.organisation, r.webhook_id) for r in heard],
                 "answers": [(message.key, answer.status, answer.body) for message, answer in answers],
                 "rows": rows}
            )  # fmt: skip
        for received in heard:
            self.world.hear(self.now, received)
        for message, answer in answers:
            self._unanswered.pop(message.key, None)
            self.world.answered(self.now, message, answer)
        if rows is not None:
            self._seen_rows = rows
            self.world.see_exceptions(self.now, rows)

    def _remember(self) -> None:
        """Live the diary again: what was sent and not answered stays to be sent."""
        if self.diary is None:
            return
        diary, self.diary = self.diary, None
        webhooks = {(r.organisation, r.webhook_id): r for e in diary.past() if (r := read_entry(e)) is not None}
        for entry in diary.past():
            if "tick" not in entry:
                continue
            self.now = instant(entry["tick"])
            self._let_happen(lambda message: None)
            self._take_in(
                [webhooks[organisation, webhook_id] for organisation, webhook_id in entry["heard"]],
                [(self._unanswered[key], Answer(status, body)) for key, status, body in entry["answers"]
                 if key in self._unanswered],
                entry["rows"],
            )  # fmt: skip
        self.diary = diary
