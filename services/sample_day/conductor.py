"""Who moves the simulated world in lock-step: one message at a time, nothing in flight when the clock moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from services.sample_day.books import result_of
from services.sample_day.coop_server import read_entry
from services.sample_day.diary import Diary
from services.sample_day.messages import Answer, Message, Received, Step, instant, written
from services.sample_day.simulation import Simulation

if TYPE_CHECKING:
    from services.sample_day.day import Day

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
