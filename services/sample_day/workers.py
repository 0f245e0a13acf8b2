"""What riders and carers have in common: they follow the stops they are told, in that order, and report what they do."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.sample_day.books import Books
from services.sample_day.deeds import Deeds
from services.sample_day.driving import Leg, Roads, leg_of, rounded
from services.sample_day.messages import RANK_ANSWER, RANK_ROAD, RANK_SHIFT, Agenda, Entry, Message, instant, written
from streams.contracts.district import DistrictConfig, Place, WorkerProfile

LEAVE_EARLY_S = 120  # people leave a little before they must
RING_S = 150  # how long one rings before giving up
RETRY_MARGIN_S = 20  # the second try comes just after the system's own retry time
PARTNER_PATIENCE_S = 1500  # how long the first of two waits for the second


def lot(*names: str) -> int:
    """0 to 99, always the same for the same names, and without a throw of the dice that decide everything else."""
    return zlib.crc32("/".join(names).encode()) % 100


@dataclass(frozen=True, slots=True)
class ToldStop:
    """A stop as told by `route.changed`: kind "pickup" or "visit"."""

    visit_id: str
    kind: str
    begin_at: datetime
    place: Place


@dataclass
class Surroundings:
    """What all workers live in: roads, kitchens, doors, and the books of what really happened."""

    config: DistrictConfig
    agenda: Agenda
    roads: Roads
    books: Books
    seed: int
    real_ready_at: Callable[[str, datetime], datetime]  # (kitchen_id, told) -> when the boxes really are ready
    answers_door: Callable[[str, int], bool]  # (visit_id, attempt from 1) -> somebody opens
    worker_count: Callable[[str], int]  # people the visit needs at the door
    deeds: Deeds = field(default_factory=lambda: Deeds(()))
    at_door: dict[str, set[str]] = field(default_factory=dict)  # visit_id -> workers there

    def chance(self, name: str) -> random.Random:
        """A source of chance of one entity's own, the same in every run with this seed."""
        return random.Random(f"{self.seed}:{name}")


class WorkerAgent:
    """One worker with a vehicle or on foot. `doing`: idle, waiting (to leave), driving, loading, at_door, homewards."""

    def __init__(self, profile: WorkerProfile, world: Surroundings) -> None:
        self.profile = profile
        self.world = world
        self.worker_id = profile.worker_id
        self.chance = world.chance(profile.worker_id)
        self.status = "off"
        self.place = profile.start
        self.doing = "idle"
        self.leg: Leg | None = None
        self.target: ToldStop | None = None
        self.route: list[ToldStop] = []
        self.cards: dict[str, dict[str, Any]] = {}  # visit_id -> what visit.assigned told
        self.onboard: dict[str, str] = {}  # visit_id -> kitchen_id of the box
        self.finished: set[str] = set()
        self.attempts: dict[str, int] = {}
        self.appointment: Entry | None = None
        self.silent_until: datetime | None = None
        self.going_home = False
        self.reports = 0
        world.agenda.put(profile.shift_start_at, RANK_SHIFT, self.worker_id, self.begin_shift)
        world.agenda.put(profile.shift_end_at, RANK_SHIFT, self.worker_id, self.end_shift)

    # --- what the worker's app shows ---

    def hear_assigned(self, now: datetime, data: dict[str, Any]) -> None:
        """A visit is this worker's now."""
        visit_id = data["visit_id"]
        self.cards[visit_id] = data
        if not self.world.books.was_served_by(visit_id, self.worker_id):
            self.finished.discard(visit_id)

    def hear_released(self, now: datetime, data: dict[str, Any]) -> None:
        """A visit is no longer this worker's. A box of it stays in the vehicle until the shift's end."""
        visit_id = data["visit_id"]
        self.route = [stop for stop in self.route if stop.visit_id != visit_id]
        self.finished.add(visit_id)
        if self.doing == "at_door" and self.target is not None and self.target.visit_id == visit_id:
            self._leave_door(visit_id)
        self.consider(now)

    def hear_route(self, now: datetime, stops: list[dict[str, Any]]) -> None:
        """The rest of the route, whole, in order."""
        self.route = [
            ToldStop(stop["visit_id"], stop["kind"], instant(stop["begin_at"]), Place(stop["place"]["x"], stop["place"]["y"]))
            for stop in stops
        ]
        self.consider(now)

    def fall_silent(self, now: datetime, until: datetime) -> None:
        """The phone is off: nothing is read, done or reported until `until`; what is being done now is finished first."""
        self.silent_until = until
        if self.doing == "driving":
            self.place = self.where(now)
            self._stop_doing()
        self.consider(now)

    def trouble_silent(self, now: datetime, lasts: timedelta) -> None:
        self.fall_silent(now, now + lasts)

    def hear_asked(self, now: datetime) -> None:
        """The app asks whether all is well. A phone that is off says nothing; when it is on again, it is late but true."""
        at = now + timedelta(seconds=self.chance.randint(20, 120))
        if self.status == "on" and not self.is_silent(at):
            self.world.agenda.put(at, RANK_ANSWER, self.worker_id, lambda at: [self.report("here", at)])

    def is_silent(self, now: datetime) -> bool:
        return self.silent_until is not None and now < self.silent_until

    # --- the shift ---

    def begin_shift(self, now: datetime) -> list[Message]:
        if self.status == "out":
            return []
        self.status = "on"
        self.consider(now)
        return [self.report("shift_on", now)]

    def end_shift(self, now: datetime) -> list[Message]:
        self.going_home = True
        if self.status == "on" and self.doing in ("idle", "waiting") and self._first_stop() is None:
            return self._go_home(now)
        return []

    def _go_home(self, now: datetime) -> list[Message]:
        self.status = "off"
        self.doing = "idle"
        return [self.report("shift_off", now)]

    def drop_out(self, now: datetime) -> list[Message]:
        """Cannot go on: accident, illness, vehicle. What is in the box is not delivered by this worker."""
        if self.status == "out":
            return []
        self.place = self.where(now)
        self._stop_doing()
        self.status = "out"
        return [self.report("dropped_out", now, visit_ids=sorted(self.onboard), reason="accident")]

    # --- the road ---

    def where(self, now: datetime) -> Place:
        """Where the worker is, to about 100 m."""
        return self.leg.place_at(now) if self.doing in ("driving", "homewards") and self.leg is not None else self.place

    def consider(self, now: datetime) -> None:
        """Decide what to do next, unless busy at a kitchen or a door. Reports come from the agenda, never from here."""
        if self.status != "on" or self.doing in ("loading", "at_door", "homewards"):
            return
        stop = self._first_stop()
        if stop is None:
            self.place = self.where(now)
            self._stop_doing()
            if self.going_home:
                self.appointment = self.world.agenda.put(now, RANK_ROAD, self.worker_id, self._head_home)
            return
        if self.doing == "driving" and self.target is not None and self.target.place == stop.place:
            self.target = stop
            return
        self.place = self.where(now)
        self._stop_doing()
        travel_s = self.world.roads.seconds(self.profile.mode, self.place, stop.place)
        leave_at = max(now, stop.begin_at - timedelta(seconds=travel_s + LEAVE_EARLY_S))
        if self.silent_until is not None:
            leave_at = max(leave_at, self.silent_until)
        self.doing = "waiting"
        self.appointment = self.world.agenda.put(leave_at, RANK_ROAD, self.worker_id, self._leave)

    def _leave(self, now: datetime) -> list[Message]:
        stop = self._first_stop()
        if stop is None:
            self._stop_doing()
            self.consider(now)
            return []
        self.doing, self.target = "driving", stop
        self.leg = leg_of(self.world.roads, self.profile.mode, self.place, stop.place, now, self.chance)
        self.appointment = self.world.agenda.put(self.leg.arrive_at, RANK_ROAD, self.worker_id, self._arrive)
        return self.on_leaving(now, stop)

    def _arrive(self, now: datetime) -> list[Message]:
        assert self.target is not None
        self.place, self.leg = self.target.place, None
        if self.target.kind == "pickup":
            self.doing = "loading"
            return self.on_kitchen(now)
        self.doing = "at_door"
        return self._on_door(now, self.target)

    def _on_door(self, now: datetime, stop: ToldStop) -> list[Message]:
        visit_id = stop.visit_id
        self.world.at_door.setdefault(visit_id, set()).add(self.worker_id)
        self.world.books.door_reached(visit_id, self.worker_id, now)
        self.attempts[visit_id] = 1
        if not self.world.answers_door(visit_id, 1):
            self._later(now + timedelta(seconds=RING_S), self._nobody)
        else:
            self._later(max(now, self._window_start(visit_id)), self._begin)
        return [self.report("arrived", now, visit_ids=[visit_id])]

    def _nobody(self, now: datetime) -> list[Message]:
        assert self.target is not None
        visit_id = self.target.visit_id
        if self.attempts[visit_id] == 1:
            retry_s = self.world.config.policy.no_answer_retry_s + RETRY_MARGIN_S
            self._later(now + timedelta(seconds=retry_s), self._try_again)
        else:
            self._leave_door(visit_id)
            self.finished.add(visit_id)
            self.consider(now)
        self.world.books.nobody_answered(visit_id, now)
        return [self.report("no_answer", now, visit_ids=[visit_id])]

    def _try_again(self, now: datetime) -> list[Message]:
        assert self.target is not None
        visit_id = self.target.visit_id
        self.attempts[visit_id] += 1
        self._later(now, self._begin if self.world.answers_door(visit_id, self.attempts[visit_id]) else self._nobody)
        return []

    def _begin(self, now: datetime) -> list[Message]:
        """Somebody is there: serve. Two-worker visits begin together, unless the other one stays away too long."""
        assert self.target is not None
        visit_id = self.target.visit_id
        needed = self.world.worker_count(visit_id)
        if needed > len(self.world.at_door.get(visit_id, ())):
            give_up_at = self._window_start(visit_id) + timedelta(seconds=PARTNER_PATIENCE_S)
            if now < give_up_at:
                self._later(now + timedelta(seconds=60), self._begin)
                return []
        duration_s = round(self.cards.get(visit_id, {}).get("service_duration_s", 120) * self.duration_factor())
        self._later(now + timedelta(seconds=max(1, duration_s)), self._finish)
        return self.on_begin(now, visit_id)

    def _finish(self, now: datetime) -> list[Message]:
        assert self.target is not None
        visit_id = self.target.visit_id
        self._leave_door(visit_id)
        self.finished.add(visit_id)
        self.onboard.pop(visit_id, None)
        self.world.books.served(visit_id, self.worker_id, now)
        how = self.how()
        if self.attempts[visit_id] > 1 and how == "at_door":
            how = "to_person"  # whoever came to the door at the second ring
        message = self.report("done", now, visit_ids=[visit_id], how=how, **self.told_at_the_end(visit_id))
        self.consider(now)
        return [message]

    # --- what differs ---

    def on_leaving(self, now: datetime, stop: ToldStop) -> list[Message]:
        return []

    def on_kitchen(self, now: datetime) -> list[Message]:
        raise NotImplementedError

    def on_begin(self, now: datetime, visit_id: str) -> list[Message]:
        return []

    def how(self) -> str:
        return ""

    def told_at_the_end(self, visit_id: str) -> dict[str, Any]:
        """What is told when a visit is done: the tasks of it (one in ten is left), and empty boxes (from one door in three)."""
        card = self.cards.get(visit_id, {})
        done = [task for task in card.get("tasks", ()) if lot(visit_id, task) >= 10]
        boxes = card.get("boxes", 1) if card.get("kitchen_id") and lot(visit_id, "boxes") < 33 else 0
        if done:
            self.world.books.tasks_done.setdefault(visit_id, set()).update(done)
        if boxes:
            self.world.books.boxes_taken_back[visit_id] = boxes
        return {"tasks": done, "boxes_returned": boxes}

    def duration_factor(self) -> float:
        return self.chance.uniform(0.8, 1.25)

    def _can_do(self, stop: ToldStop) -> bool:
        return stop.visit_id not in self.finished

    # --- small parts ---

    def _first_stop(self) -> ToldStop | None:
        while self.route and not self._can_do(self.route[0]):
            self.route.pop(0)
        return self.route[0] if self.route else None

    def _head_home(self, now: datetime) -> list[Message]:
        return self._go_home(now) if self._first_stop() is None else []

    def _window_start(self, visit_id: str) -> datetime:
        return instant(self.cards[visit_id]["window_start_at"]) if visit_id in self.cards else self.profile.shift_start_at

    def _leave_door(self, visit_id: str) -> None:
        self.world.at_door.get(visit_id, set()).discard(self.worker_id)
        self._stop_doing()

    def _later(self, at: datetime, action: Callable[[datetime], list[Message]]) -> None:
        if self.appointment is not None:
            self.appointment.cancel()
        self.appointment = self.world.agenda.put(at, RANK_ROAD, self.worker_id, action)

    def _stop_doing(self) -> None:
        if self.appointment is not None:
            self.appointment.cancel()
        self.appointment, self.leg, self.target, self.doing = None, None, None, "idle"

    def report(
        self, kind: str, now: datetime, *, visit_ids: list[str] | None = None, offer_id: str = "", reason: str = "",
        how: str = "", declined_visit_ids: list[str] | None = None, tasks: list[str] | None = None, boxes_returned: int = 0,
    ) -> Message:  # fmt: skip
        """A report to the dispatch system; numbered per worker, so that a resend is the same report."""
        self.reports += 1
        place = rounded(self.where(now))
        body = {
            "report_id": f"{self.world.config.service_date}-{self.worker_id}-{self.reports:04d}",
            "kind": kind, "occurred_at": written(now), "worker_id": self.worker_id, "visit_ids": visit_ids or [],
            "offer_id": offer_id, "reason": reason, "how": how, "place": {"x": place.x, "y": place.y},
        }  # fmt: skip
        told = {"declined_visit_ids": declined_visit_ids, "tasks": tasks, "boxes_returned": boxes_returned}
        body |= {name: value for name, value in told.items() if value}
        return Message("report", body["report_id"], self.worker_id, body, organisation=self.profile.organisation)
