"""Carers, and the employers who name them: a provider is asked for a slot, looks into its own book and names a worker."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.sample_day import deeds
from services.sample_day.messages import RANK_ANSWER, Entry, Message, instant, written
from services.sample_day.workers import Surroundings, ToldStop, WorkerAgent
from streams.contracts.district import Provider

BETWEEN_VISITS_S = 900  # an employer leaves this long between two visits of one carer
LAST_MINUTE = timedelta(minutes=40)  # before the begin
SUBSTITUTE_SHARE = 0.1  # how often an employer names another of its own than proposed (대체인력)


class Carer(WorkerAgent):
    """Travels, checks in, serves, checks out."""

    def on_leaving(self, now: datetime, stop: ToldStop) -> list[Message]:
        return [self.report("en_route", now, visit_ids=[stop.visit_id])]

    def on_begin(self, now: datetime, visit_id: str) -> list[Message]:
        return [self.report("started", now, visit_ids=[visit_id])]

    def on_kitchen(self, now: datetime) -> list[Message]:
        """A carer carries no meals; a pickup in the route is passed by."""
        assert self.target is not None
        self.finished.add(self.target.visit_id)
        self._stop_doing()
        self.consider(now)
        return []

    def duration_factor(self) -> float:
        return math.exp(self.chance.gauss(0.0, 0.12))


class Employer:
    """A provider's own desk: its carers' book of the day, and answers to slot offers."""

    def __init__(self, provider: Provider, carers: dict[str, Carer], world: Surroundings) -> None:
        self.provider = provider
        self.carers = carers
        self.world = world
        self.chance = world.chance(provider.provider_id)
        self.book: dict[str, dict[str, tuple[datetime, datetime]]] = {worker_id: {} for worker_id in carers}
        self.open: dict[str, Entry] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        self.needs: dict[str, Entry] = {}  # claims that somebody is about to make
        self.named: dict[str, str] = {}  # offer_id -> worker named
        self._sent: dict[str, str] = {}  # offer_id -> report_id of the answer
        self._substitutions: set[str] = set()  # report_ids
        self.reports = 0
        self.refuses: Callable[[str], bool] = lambda visit_id: False  # whose care it will not take on

    def hear_offer(self, now: datetime, data: dict[str, Any]) -> None:
        """Asked for a slot: somebody looks into the book within a few minutes."""
        offer_id, expires_at = data["offer_id"], instant(data["expires_at"])
        self.offers[offer_id] = data
        at = now + timedelta(seconds=self.chance.randint(30, 240))
        substitute = self.chance.random() < SUBSTITUTE_SHARE

        def answer(at: datetime) -> list[Message]:
            self.open.pop(offer_id, None)
            if at >= expires_at:
                return []
            if any(self.refuses(visit["visit_id"]) for visit in data["visits"]):
                return [self._answer(at, data, "", "difficult_case")]
            return [self._answer(at, data, self._choose(data, prefer_other=substitute))]

        self.open[offer_id] = self.world.agenda.put(at, RANK_ANSWER, self.provider.provider_id, answer)

    def hear_need(self, now: datetime, data: dict[str, Any]) -> None:
        """A need that others could not meet: who has a carer with the skill on duty then claims it (연계 수임)."""
        visit_id, need = data["visit_id"], data["need"]
        if visit_id in self.needs or self.refuses(visit_id):
            return
        from_at, until = instant(need["window_start_at"]), instant(need["window_end_at"])
        able = [
            worker_id for worker_id, carer in sorted(self.carers.items())
            if need["service"] in carer.profile.skills and carer.status != "out"
            and carer.profile.shift_start_at <= until and from_at <= carer.profile.shift_end_at
        ]  # fmt: skip
        if not able:
            return
        at = now + timedelta(seconds=self.chance.randint(60, 300))

        def claim(at: datetime) -> list[Message]:
            if self.needs.pop(visit_id, None) is None:
                return []
            self.reports += 1
            report_id = f"{self.world.config.service_date}-{self.provider.provider_id}-{self.reports:04d}"
            body = {
                "report_id": report_id, "kind": "claimed", "occurred_at": written(at), "worker_id": "", "visit_ids": [visit_id],
                "offer_id": "", "reason": "", "how": "", "place": None,
            }  # fmt: skip
            return [Message("report", report_id, self.provider.provider_id, body, organisation=self.provider.provider_id)]

        self.needs[visit_id] = self.world.agenda.put(at, RANK_ANSWER, self.provider.provider_id, claim)

    def hear_need_closed(self, visit_id: str) -> None:
        """Somebody has it: no claim any more."""
        entry = self.needs.pop(visit_id, None)
        if entry is not None:
            entry.cancel()

    def hear_offer_settled(self, now: datetime, data: dict[str, Any]) -> None:
        """The offer is over; what was pencilled in for it is rubbed out unless it was accepted."""
        offer_id = data["offer_id"]
        entry = self.open.pop(offer_id, None)
        if entry is not None:
            entry.cancel()
        if data["outcome"] != "accepted" and offer_id in self.named:
            self._rub_out(offer_id)
        self.offers.pop(offer_id, None)

    def hear_assigned(self, now: datetime, data: dict[str, Any]) -> None:
        """Confirmed: into the book (for own staff this is the first we hear of it)."""
        duration_s = data.get("service_duration_s") or 0
        begin_at = max(now, instant(data["window_start_at"]))
        mine = self.book.setdefault(data["worker_id"], {})
        mine.setdefault(data["visit_id"], (begin_at, begin_at + timedelta(seconds=duration_s)))
        if not self.provider.own_staff and len(self.carers) > 1:
            at = max(now + timedelta(seconds=60), begin_at - LAST_MINUTE)
            self.world.agenda.put(at, RANK_ANSWER, self.provider.provider_id, lambda at: self._send_other(at, data))

    def _send_other(self, now: datetime, data: dict[str, Any]) -> list[Message]:
        """Whoever was to go cannot: another of our own goes, and we answer for it."""
        visit_id, worker_id = data["visit_id"], data["worker_id"]
        if visit_id not in self.book.get(worker_id, {}):
            return []
        begin_at, until = self.book[worker_id][visit_id]
        other = next(
            (one for one, carer in sorted(self.carers.items())
             if one != worker_id and carer.status == "on" and data["service"] in carer.profile.skills
             and self._is_free(one, begin_at, until, set(), BETWEEN_VISITS_S)), "",
        )  # fmt: skip
        if not other or not self.world.deeds.comes_up(deeds.SENDS_OTHER, now):
            return []
        self.reports += 1
        report_id = f"{self.world.config.service_date}-{self.provider.provider_id}-{self.reports:04d}"
        self._substitutions.add(report_id)
        body = {
            "report_id": report_id, "kind": "substituted", "occurred_at": written(now), "worker_id": other,
            "visit_ids": [visit_id], "offer_id": "", "reason": "", "how": "", "place": None,
        }  # fmt: skip
        return [Message("report", report_id, self.provider.provider_id, body, organisation=self.provider.provider_id)]

    def hear_released(self, now: datetime, data: dict[str, Any]) -> None:
        self.book.get(data["worker_id"], {}).pop(data["visit_id"], None)

    def hear_refused(self, now: datetime, report_id: str, code: str) -> None:
        """The named worker was refused: name the proposed one instead, if it was another."""
        if report_id in self._substitutions:
            self.world.deeds.put_back(deeds.SENDS_OTHER, now)
        offer_id = next((offer_id for offer_id, sent in self._sent.items() if sent == report_id), None)
        data = self.offers.get(offer_id or "")
        if offer_id is None or data is None or code != "worker_not_able":
            return
        named = self.named.get(offer_id, "")
        self._rub_out(offer_id)
        again = data["worker_id"] if named != data["worker_id"] else ""
        self.open[offer_id] = self.world.agenda.put(
            now + timedelta(seconds=30), RANK_ANSWER, self.provider.provider_id,
            lambda at: [self._answer(at, data, again)] if at < instant(data["expires_at"]) else [],
        )  # fmt: skip

    def _choose(self, data: dict[str, Any], prefer_other: bool) -> str:
        """The proposed worker if free in the book, else another with the skill, else nobody ("")."""
        begin_at = instant(data["begin_at"])
        until = begin_at + timedelta(seconds=sum(visit["service_duration_s"] for visit in data["visits"]))
        services = {visit["service"] for visit in data["visits"]}
        visit_ids = {visit["visit_id"] for visit in data["visits"]}
        proposed = data["worker_id"]
        others = sorted(
            worker_id for worker_id, carer in self.carers.items()
            if worker_id != proposed and services <= set(carer.profile.skills)
            and carer.profile.shift_start_at <= begin_at and until <= carer.profile.shift_end_at
        )  # fmt: skip
        able = [proposed, *others] if proposed in self.carers else others
        free = [
            worker_id for worker_id in able
            if self._is_free(worker_id, begin_at, until, visit_ids, 0 if worker_id == proposed else BETWEEN_VISITS_S)
        ]  # fmt: skip
        if prefer_other and len(free) > 1:
            return free[1]
        return free[0] if free else ""

    def _is_free(
        self, worker_id: str, begin_at: datetime, until: datetime, visit_ids: set[str], gap_s: int
    ) -> bool:  # fmt: skip
        if self.carers[worker_id].status == "out":
            return False
        gap = timedelta(seconds=gap_s)
        return all(
            visit_id not in visit_ids and (until + gap <= from_ or to + gap <= begin_at)
            for visit_id, (from_, to) in self.book.get(worker_id, {}).items()
        )

    def _answer(self, now: datetime, data: dict[str, Any], worker_id: str, reason: str = "no_worker") -> Message:
        offer_id = data["offer_id"]
        self.reports += 1
        report_id = f"{self.world.config.service_date}-{self.provider.provider_id}-{self.reports:04d}"
        if worker_id:
            self.named[offer_id] = worker_id
            begin_at = instant(data["begin_at"])
            for visit in data["visits"]:
                until = begin_at + timedelta(seconds=visit["service_duration_s"])
                self.book[worker_id][visit["visit_id"]] = (begin_at, until)
                begin_at = until
        self._sent[offer_id] = report_id
        body = {
            "report_id": report_id, "kind": "offer_accepted" if worker_id else "offer_declined",
            "occurred_at": written(now), "worker_id": worker_id or data["worker_id"], "visit_ids": [],
            "offer_id": offer_id, "reason": "" if worker_id else reason, "how": "", "place": None,
        }  # fmt: skip
        return Message("report", report_id, self.provider.provider_id, body, organisation=self.provider.provider_id)

    def _rub_out(self, offer_id: str) -> None:
        worker_id = self.named.pop(offer_id, "")
        for visit in self.offers.get(offer_id, {}).get("visits", ()):
            self.book.get(worker_id, {}).pop(visit["visit_id"], None)
