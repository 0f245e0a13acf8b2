"""Who moves the simulated world: in lock-step one message at a time, or live by the service clock."""

from __future__ import annotations

import queue
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from services.sample_day.books import result_of
from services.sample_day.coop_server import read_entry
from services.sample_day.diary import Diary
from services.sample_day.messages import Answer, Message, Received, Step, instant, written
from services.sample_day.simulation import Simulation

if TYPE_CHECKING:
    from services.sample_day.day_format import Day

LANES = 8  # live: messages sent at a time; those of one worker stay in order
EXCEPTIONS_EVERY_S = 3.0  # live, wall clock
POSITIONS_EVERY_S = 2.0  # live, wall clock
TICK_S = 0.05  # live, wall clock
SETTLE_AFTER_CLOSE_S = 60.0  # live: how long the last decisions may take to reach the board, wall clock


class Reading(Protocol):
    """What the day's end reads from the system."""

    def close_day(self, day: Day) -> None: ...

    def ledger(self) -> dict[str, Any]: ...

    def visits(self) -> list[dict[str, Any]]: ...

    def command(self, command_id: str) -> dict[str, Any]: ...


class SteppedDoors(Reading, Protocol):
    """The system's doors in lock-step: over HTTP, in process, or a toy of the tests."""

    def step(self, to_at: datetime | None) -> Step: ...

    def send(self, message: Message) -> Answer: ...

    def exceptions(self) -> list[dict[str, Any]]: ...


class LiveDoors(Reading, Protocol):
    """The system's doors in live mode."""

    def clock(self) -> tuple[datetime, float]: ...

    def received(self) -> list[Received]: ...

    def send(self, message: Message) -> Answer: ...

    def send_positions(self, organisation: str, at: datetime, positions: list[dict[str, Any]]) -> None: ...

    def exceptions(self) -> list[dict[str, Any]]: ...


def run_lockstep(world: Simulation, doors: SteppedDoors) -> dict[str, Any]:
    """A whole day, deterministic: nothing is in flight when the next message goes out or the clock moves."""
    day = world.day
    now = day.start_at
    deadline = _take_step(world, doors, now, now)
    stepped_at, looked = now, False
    while True:
        message = world.next_message(now)
        if message is not None:
            if stepped_at < now:  # the desk stamps by the system's clock: it moves before the message does
                deadline, stepped_at = _take_step(world, doors, now, now), now
            world.answered(now, message, doors.send(message))
            deadline, looked = _take_step(world, doors, now, None), False
        elif not looked:
            world.see_exceptions(now, doors.exceptions())
            looked = True
        else:
            next_at = _next_instant(now, world.next_at(), deadline, day.end_at)
            if next_at >= day.end_at:
                break
            now = next_at
            if deadline is not None and deadline <= now:
                deadline, stepped_at, looked = _take_step(world, doors, now, now), now, False
    _take_step(world, doors, day.end_at, day.end_at)
    doors.close_day(day)
    _take_step(world, doors, day.end_at, None)
    return read_result(world, doors)


def _next_instant(now: datetime, world_at: datetime | None, deadline: datetime | None, end_at: datetime) -> datetime:
    """The next thing that happens anywhere. A deadline that is still there when its time is past is looked at again a
    second later: the clock must move."""
    if deadline is not None and deadline <= now:
        deadline = now + timedelta(seconds=1)
    return min([at for at in (world_at, deadline) if at is not None], default=end_at)


def _take_step(world: Simulation, doors: SteppedDoors, now: datetime, to_at: datetime | None) -> datetime | None:
    step = doors.step(to_at)
    for received in step.heard:
        world.hear(now, received)
    return step.next_deadline_at


def read_result(world: Simulation, doors: Reading) -> dict[str, Any]:
    """The day's figures from the API, checked against the world's own books."""
    visits = doors.visits()
    listed = {row["visit_id"] for row in visits}
    outcomes = {
        promise.command_id: doors.command(promise.command_id)
        for promise in world.books.promises.values()
        if promise.visit_id not in listed
    }
    return result_of(world.books, doors.ledger(), visits, outcomes)


class RememberingDoors:
    """Lock-step doors with a diary: after a restart the answers known already are given again, without a call."""

    def __init__(self, doors: SteppedDoors, diary: Diary) -> None:
        self._doors = doors
        self._diary = diary
        self._webhooks: dict[tuple[str, str], Received] = {}
        self._past: list[dict[str, Any]] = []
        for entry in diary.past():
            if (received := read_entry(entry)) is not None:
                self._webhooks[received.organisation, received.webhook_id] = received
            elif "call" in entry:
                self._past.append(entry)
        self._past.reverse()
        self._rows: list[dict[str, Any]] = []
        self.read_before = {(org, webhook_id) for entry in self._past for org, webhook_id in entry.get("heard", ())}

    def step(self, to_at: datetime | None) -> Step:
        if (past := self._next_past("step")) is not None:
            deadline = past["deadline"]
            heard = tuple(self._webhooks[organisation, webhook_id] for organisation, webhook_id in past["heard"])
            return Step(instant(past["now"]), instant(deadline) if deadline else None, heard)
        step = self._doors.step(to_at)
        deadline_at = step.next_deadline_at
        self._diary.write(
            {"call": "step", "now": written(step.now_at), "deadline": written(deadline_at) if deadline_at else "",
             "heard": [(r.organisation, r.webhook_id) for r in step.heard]}
        )  # fmt: skip
        return step

    def send(self, message: Message) -> Answer:
        if (past := self._next_past("send")) is not None:
            return Answer(past["status"], past["body"])
        answer = self._doors.send(message)
        self._diary.write({"call": "send", "key": message.key, "status": answer.status, "body": answer.body})
        return answer

    def exceptions(self) -> list[dict[str, Any]]:
        if self._past and self._past[-1]["call"] != "exceptions":
            return self._rows  # nothing new was seen then
        if (past := self._next_past("exceptions")) is not None:
            self._rows = past["rows"]
            return self._rows
        rows = open_rows(self._doors.exceptions())
        if rows != self._rows:
            self._diary.write({"call": "exceptions", "rows": rows})
            self._rows = rows
        return rows

    def _next_past(self, call: str) -> dict[str, Any] | None:
        if not self._past:
            return None
        past = self._past.pop()
        if past["call"] != call:
            raise RuntimeError(f"the diary says {past['call']} where {call} is next; another day or seed wrote it")
        return past

    def close_day(self, day: Day) -> None:
        self._doors.close_day(day)

    def ledger(self) -> dict[str, Any]:
        return self._doors.ledger()

    def visits(self) -> list[dict[str, Any]]:
        return self._doors.visits()

    def command(self, command_id: str) -> dict[str, Any]:
        return self._doors.command(command_id)


def open_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What people need of the open exceptions, in order."""
    kept = ("exception_id", "kind", "owner", "outcomes")
    still_open = [row for row in rows if not row.get("settled")]
    return [{key: row[key] for key in kept} for row in sorted(still_open, key=lambda row: str(row["exception_id"]))]


class Lanes:
    """Live sending: several messages at a time, those of one lane in order. Answers are collected for the main loop."""

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


class LiveRun:
    """The world by the service clock. What comes in is kept in the diary with its time, so that a restart goes on."""

    def __init__(self, world: Simulation, doors: LiveDoors, diary: Diary | None = None) -> None:
        self.world = world
        self.doors = doors
        self.diary = diary
        self.now = world.day.start_at
        self.read_before = {
            (organisation, webhook_id)
            for entry in (diary.past() if diary is not None else ())
            for organisation, webhook_id in entry.get("heard", ())
        }
        self._unanswered: dict[str, Message] = {}
        self._seen_rows: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        """Until the day's end by the service clock; then close the day and read it."""
        day = self.world.day
        self._remember()
        lanes = Lanes(self.doors.send)
        for message in self._unanswered.values():
            lanes.put(message)
        looked = moved = 0.0
        while self.now < day.end_at or lanes.in_flight:
            wall = time.monotonic()
            at, _ = self.doors.clock()
            self.now = max(self.now, min(at, day.end_at))
            self._let_happen(lanes.put)
            rows: list[dict[str, Any]] | None = None
            if wall - looked >= EXCEPTIONS_EVERY_S:
                looked = wall
                rows = open_rows(self.doors.exceptions())
                rows = rows if rows != self._seen_rows else None
            self._take_in(self.doors.received(), lanes.answers(), rows)
            if wall - moved >= POSITIONS_EVERY_S and day.start_at < self.now < day.end_at:
                moved = wall
                for organisation, positions in sorted(self.world.positions(self.now).items()):
                    self.doors.send_positions(organisation, self.now, positions)
            time.sleep(max(0.0, TICK_S - (time.monotonic() - wall)))
        lanes.stop()
        self.doors.close_day(day)
        give_up_at = time.monotonic() + SETTLE_AFTER_CLOSE_S
        while not self.doors.ledger().get("closed") and time.monotonic() < give_up_at:
            time.sleep(0.3)
        return read_result(self.world, self.doors)

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
