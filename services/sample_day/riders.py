"""Riders of the co-operatives, and the kitchens they load at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.sample_day import deeds
from services.sample_day.messages import RANK_ANSWER, RANK_ROAD, RANK_TROUBLE, Entry, Message, instant, written
from services.sample_day.workers import Surroundings, ToldStop, WorkerAgent
from streams.contracts.district import Kitchen, WorkerProfile

ACCEPT_SHARE = 0.95
A_ROUND, SILENT_FOR = 3, timedelta(minutes=90)
SEEN = "box_untouched"
TAKEN_BACK_AFTER_S = 40  # sooner than any door takes
LATE_BY_S = 5  # the phone was in the box
DECLINE_REASONS = ("too_far", "on_break", "vehicle_trouble")
HANDOVER_LOAD_S = 120  # taking boxes over from a colleague who cannot go on


class Rider(WorkerAgent):
    """Answers offers on the phone within 10 to 90 s, loads a round at the kitchen, goes from door to door."""

    def __init__(self, profile: WorkerProfile, world: Surroundings) -> None:
        super().__init__(profile, world)
        self.kitchens = {kitchen.kitchen_id: kitchen for kitchen in world.config.kitchens}
        self.answers: dict[str, Entry] = {}
        self.late: set[str] = set()  # offers that will be answered too late
        self.drops_out_loaded = False
        self.silent_loaded: timedelta | None = None

    # --- offers ---

    def hear_offer(self, now: datetime, data: dict[str, Any]) -> None:
        """An offer rings on the phone. No answer comes from a phone that is off or a rider who is out."""
        if self.status == "out" or (self.status == "off" and self.going_home) or data.get("by_call"):
            return  # who has no app is called by the coordinator
        at = now + timedelta(seconds=self.chance.randint(10, 90))
        if self.silent_until is not None:
            at = max(at, self.silent_until)
        yes = self.chance.random() < ACCEPT_SHARE
        reason = "" if yes else self.chance.choice(DECLINE_REASONS)
        to_do = self.world.deeds
        offer_id, expires_at = data["offer_id"], instant(data["expires_at"])
        doors = [visit["visit_id"] for visit in data["visits"]]
        cannot = doors[-1:] if yes and len(doors) >= A_ROUND and to_do.comes_up(deeds.IN_PART, now) else []
        late = not cannot and yes and to_do.comes_up(deeds.LATE_YES, now)
        if late:
            at = expires_at + timedelta(seconds=LATE_BY_S)
        elif yes and not cannot and to_do.comes_up(deeds.DECLINES, now):
            yes, reason = False, DECLINE_REASONS[0]
        elif yes and not cannot and to_do.comes_up(deeds.SILENT_PHONE, now):
            return

        def answer(at: datetime) -> list[Message]:
            self.answers.pop(offer_id, None)
            self.late.discard(offer_id)
            if self.status == "out" or (at >= expires_at and not late):
                return []
            return [
                self.report(
                    "offer_accepted" if yes else "offer_declined", at, offer_id=offer_id,
                    reason="hard_door" if cannot else reason, declined_visit_ids=cannot,
                )
            ]

        if late:
            self.late.add(offer_id)
        self.answers[offer_id] = self.world.agenda.put(at, RANK_ANSWER, self.worker_id, answer)

    def hear_offer_settled(self, now: datetime, data: dict[str, Any]) -> None:
        """The offer is over (answered, expired or withdrawn): no answer any more, but for who has not looked yet."""
        if data["outcome"] == "expired" and data["offer_id"] in self.late:
            return
        entry = self.answers.pop(data["offer_id"], None)
        if entry is not None:
            entry.cancel()

    # --- the kitchen ---

    def on_kitchen(self, now: datetime) -> list[Message]:
        self._load_from(now)
        return []

    def _load_from(self, now: datetime) -> None:
        group = self._boxes_here()
        ready_at = max([now, *(self._ready_at(stop) for stop in group)])
        self._later(ready_at + timedelta(seconds=self._load_s(group)), self._loaded)

    def _loaded(self, now: datetime) -> list[Message]:
        """Everything of the round that is loaded here, as the route stands now; waits on if the kitchen became late."""
        group = self._boxes_here()
        ready = [stop for stop in group if self._ready_at(stop) <= now]
        if group and not ready:
            self._load_from(now)
            return []
        for stop in ready:
            self.onboard[stop.visit_id] = self.cards.get(stop.visit_id, {}).get("kitchen_id", "")
            self.world.books.picked_up(stop.visit_id, now)
        taken = {stop.visit_id for stop in ready}
        self.route = [s for s in self.route if not (s.kind == "pickup" and s.visit_id in taken)]
        messages = [self.report("picked_up", now, visit_ids=[s.visit_id for s in ready])] if ready else []
        self._stop_doing()
        if self.drops_out_loaded and ready:
            self.world.agenda.put(now + timedelta(minutes=6), RANK_ROAD, self.worker_id, self.drop_out)
        if self.silent_loaded is not None and ready:
            until, self.silent_loaded = now + self.silent_loaded, None
            self.fall_silent(now, until)
        if len(ready) >= A_ROUND and self.world.deeds.comes_up(deeds.FALLS_SILENT, now, self.worker_id):
            self.fall_silent(now, now + SILENT_FOR)
        self.consider(now)
        return messages

    def _boxes_here(self) -> list[ToldStop]:
        """The pickups that come next and are here."""
        group: list[ToldStop] = []
        for stop in self.route:
            if not self._can_do(stop):
                continue
            if stop.kind != "pickup" or stop.place != self.place:
                break
            group.append(stop)
        return group

    def _ready_at(self, stop: ToldStop) -> datetime:
        """When the box can be had here; a colleague's box can be had at once."""
        kitchen = self._kitchen_of(stop)
        told = self.cards.get(stop.visit_id, {}).get("ready_at")
        if kitchen is None or not told:
            return self.profile.shift_start_at
        return self.world.real_ready_at(kitchen.kitchen_id, instant(told))

    def _kitchen_of(self, stop: ToldStop) -> Kitchen | None:
        """The kitchen that has the box, if we are there; None at a colleague's vehicle."""
        kitchen = self.kitchens.get(self.cards.get(stop.visit_id, {}).get("kitchen_id", ""))
        return kitchen if kitchen is not None and kitchen.place == self.place else None

    def _load_s(self, group: list[ToldStop]) -> int:
        """Once for a kitchen, however many boxes."""
        kitchens = [self._kitchen_of(stop) for stop in group]
        return max((k.load_duration_s if k is not None else HANDOVER_LOAD_S for k in kitchens), default=0)

    # --- doors and trouble ---

    def _can_do(self, stop: ToldStop) -> bool:
        if stop.visit_id in self.finished:
            return False
        if stop.kind == "pickup":
            return stop.visit_id not in self.onboard
        return stop.visit_id in self.onboard or any(
            s.visit_id == stop.visit_id and s.kind == "pickup" for s in self.route
        )

    def on_begin(self, now: datetime, visit_id: str) -> list[Message]:
        if self.world.deeds.comes_up(deeds.OBSERVES, now):
            return [self.report("observed", now, visit_ids=[visit_id], reason=SEEN)]
        if self.world.deeds.comes_up(deeds.MIS_TAPS, now):
            taken_back_at = now + timedelta(seconds=TAKEN_BACK_AFTER_S)
            self.world.agenda.put(
                taken_back_at, RANK_ROAD, self.worker_id, lambda at: [self.report("reopened", at, visit_ids=[visit_id])]
            )
            return [self.report("done", now, visit_ids=[visit_id], how="to_person")]
        return []

    def how(self) -> str:
        return self.chance.choices(("to_person", "to_kin", "at_door"), (85, 9, 6))[0]

    def trouble_drop_out(self, now: datetime) -> list[Message]:
        """Drops out with meals in the box: at once when loaded, else some minutes after the next loading."""
        if self.onboard:
            return self.drop_out(now)
        self.drops_out_loaded = True
        return []

    def trouble_silent(self, now: datetime, lasts: timedelta) -> None:
        """Falls silent with meals in the box: at once when loaded, else at the next loading."""
        if self.onboard:
            self.fall_silent(now, now + lasts)
        else:
            self.silent_loaded = lasts

    def drop_out(self, now: datetime) -> list[Message]:
        for entry in self.answers.values():
            entry.cancel()
        self.answers.clear()
        return super().drop_out(now)

    def _go_home(self, now: datetime) -> list[Message]:
        """Boxes that nobody took go back to the kitchen with the shift."""
        messages = []
        if self.onboard:
            messages.append(self.report("returned", now, visit_ids=sorted(self.onboard)))
            for visit_id in self.onboard:
                self.world.books.returned(visit_id)
            self.onboard.clear()
        return [*messages, *super()._go_home(now)]


class KitchenAgent:
    """A kitchen: tells when it is late, and hands boxes out when they really are ready."""

    def __init__(self, kitchen: Kitchen, ready_times: list[datetime], world: Surroundings) -> None:
        self.kitchen = kitchen
        self.world = world
        self.ready_times = sorted(set(ready_times))
        self.late_from: datetime | None = None
        self.late_until: datetime | None = None
        self.reports = 0

    def real_ready_at(self, told: datetime) -> datetime:
        """`told` may be the first promise or the one after the delay."""
        if self.late_from is not None and self.late_until is not None and self.late_from <= told < self.late_until:
            return self.late_until
        return told

    def fail(self, now: datetime, minutes: int) -> list[Message]:
        """Gas, water or power is gone: others have to cook until it is back. Boxes that are ready are still handed out."""
        self.world.agenda.put(
            now + timedelta(minutes=minutes), RANK_TROUBLE, self.kitchen.kitchen_id, lambda at: [self._tell(at, "back")]
        )
        return [self._tell(now, "failed")]

    def _tell(self, now: datetime, kind: str) -> Message:
        self.reports += 1
        body = {
            "report_id": f"{self.world.config.service_date}-{self.kitchen.kitchen_id}-{self.reports:02d}", "kind": kind,
            "kitchen_id": self.kitchen.kitchen_id, "span": "day", "reason": "gas", "occurred_at": written(now),
        }  # fmt: skip
        return Message("provider", body["report_id"], self.kitchen.kitchen_id, body, organisation=self.kitchen.provider_id)

    def become_late(self, now: datetime, minutes: int) -> list[Message]:
        """The batch that comes next is late by `minutes`, and everything promised in between with it."""
        batch = next((ready_at for ready_at in self.ready_times if ready_at >= now), None)
        if batch is None:
            return []
        self.late_from, self.late_until = batch, batch + timedelta(minutes=minutes)
        self.reports += 1
        body = {
            "report_id": f"{self.world.config.service_date}-{self.kitchen.kitchen_id}-{self.reports:02d}",
            "kitchen_id": self.kitchen.kitchen_id, "ready_at": written(self.late_until), "occurred_at": written(now),
        }  # fmt: skip
        return [
            Message("kitchen", body["report_id"], self.kitchen.kitchen_id, body, organisation=self.kitchen.provider_id)
        ]
