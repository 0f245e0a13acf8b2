"""The simulated world as one pure model: agents, an agenda, and who hears what. Same seed and same words in: same words out."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.sample_day.books import Books
from services.sample_day.carers import Carer, Employer
from services.sample_day.coordinator import Coordinator
from services.sample_day.crisis_people import CRISIS_KINDS, crisis_message
from services.sample_day.deeds import Deeds
from services.sample_day.driving import DistrictRoads, Roads, rounded
from services.sample_day.messages import RANK_TROUBLE, Agenda, Answer, Message, Received, instant
from services.sample_day.people_outside import Office
from services.sample_day.riders import KitchenAgent, Rider
from services.sample_day.workers import Surroundings, WorkerAgent
from streams.contracts.district import WorkerKind

if TYPE_CHECKING:
    from services.sample_day.day import Day, Trouble


class Simulation:
    """Everybody outside the dispatch system on one day. Driven by `(service time, what was heard)`; no I/O."""

    def __init__(self, day: Day, seed: int, roads: Roads | None = None) -> None:
        self.day = day
        self.books = Books()
        self.agenda = Agenda()
        self.office = Office(day, self.agenda, self.books, seed)
        self.world = Surroundings(
            config=day.config, agenda=self.agenda, roads=roads or DistrictRoads(day.config), books=self.books, seed=seed,
            real_ready_at=self._real_ready_at, answers_door=self._answers_door, worker_count=self._worker_count,
            deeds=Deeds(day.troubles),
        )  # fmt: skip
        self.coordinator = Coordinator(day, self.agenda, self.world.deeds)
        self.kitchens = {
            kitchen.kitchen_id: KitchenAgent(kitchen, self._ready_times(kitchen.kitchen_id), self.world)
            for kitchen in day.config.kitchens
        }
        self.workers: dict[str, WorkerAgent] = {
            profile.worker_id: (Rider if profile.kind is WorkerKind.RIDER else Carer)(profile, self.world)
            for profile in day.config.workers
        }
        self.employers = {
            provider.provider_id: Employer(
                provider,
                {w.worker_id: w for w in self.workers.values()
                 if isinstance(w, Carer) and w.profile.organisation == provider.provider_id},
                self.world,
            )
            for provider in day.config.providers
        }  # fmt: skip
        avoided = {t.subject: t.amount for t in day.troubles if t.kind == "care_refused"}
        for employer in self.employers.values():
            if not employer.provider.public:
                employer.refuses = lambda visit_id: self._refuses(avoided, visit_id)
        self._not_home = {t.subject: max(1, t.amount) for t in day.troubles if t.kind == "no_answer"}
        for trouble in day.troubles:
            self._plan_trouble(trouble)
        self._outbox: deque[Message] = deque()
        self._newest: dict[tuple[str, ...], tuple[int, int]] = {}

    # --- what the driver of the model calls ---

    def next_at(self) -> datetime | None:
        """When something happens next by itself."""
        return self.agenda.next_at()

    def next_message(self, now: datetime) -> Message | None:
        """Let things happen until somebody sends something; None when all is quiet until after `now`."""
        while not self._outbox:
            sent = self.agenda.run_next(now)
            if sent is None:
                return None
            self._outbox.extend(sent)
        return self._outbox.popleft()

    def hear(self, now: datetime, received: Received) -> None:
        """A webhook reaches an organisation's app server, which passes it on to its people."""
        data = received.data
        worker = self.workers.get(data.get("worker_id", ""))
        employer = self.employers.get(received.organisation)
        match received.type:
            case "offer.made" if data["kind"] == "slot":
                if employer is not None:
                    employer.hear_offer(now, data)
            case "offer.made" if isinstance(worker, Rider):
                worker.hear_offer(now, data)
            case "need.opened" if employer is not None:
                employer.hear_need(now, data)
            case "need.closed" if employer is not None:
                employer.hear_need_closed(data["visit_id"])
            case "offer.settled":
                for rider in self.workers.values():
                    if isinstance(rider, Rider) and data["offer_id"] in rider.answers:
                        rider.hear_offer_settled(now, data)
                if employer is not None:
                    employer.hear_offer_settled(now, data)
            case "visit.assigned" if worker is not None and self._is_newest(received, data, "visit", data["visit_id"]):
                worker.hear_assigned(now, data)
                if employer is not None and isinstance(worker, Carer):
                    employer.hear_assigned(now, data)
                    self.coordinator.hear_assigned(now, data, sorted(employer.carers))
            case "visit.released":
                for worker_id in data.get("worker_ids") or [data["worker_id"]]:
                    self._hear_released(now, received, {**data, "worker_id": worker_id})
            case "route.changed" if worker is not None and self._is_newest(received, data, "route"):
                worker.hear_route(now, data["stops"])
            case "worker.asked" if worker is not None:
                worker.hear_asked(now)
            case "report.refused":
                self.books.reports_refused.append((data["report_id"], data["code"]))
                if employer is not None:
                    employer.hear_refused(now, data["report_id"], data["code"])

    def answered(self, now: datetime, message: Message, answer: Answer) -> None:
        """A door answered a message."""
        self.office.answered(message, answer, now)

    def see_exceptions(self, now: datetime, rows: list[dict[str, Any]]) -> None:
        """People look at the list of what needs a person."""
        self.office.look_at(now, rows)

    def positions(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """Where everybody on shift is, by organisation."""
        by_organisation: dict[str, list[dict[str, Any]]] = {}
        for worker in self.workers.values():
            if worker.status == "on" and not worker.is_silent(now):
                place = rounded(worker.where(now))
                by_organisation.setdefault(worker.profile.organisation, []).append(
                    {"worker_id": worker.worker_id, "x": place.x, "y": place.y}
                )
        return by_organisation

    # --- inside ---

    def _hear_released(self, now: datetime, received: Received, data: dict[str, Any]) -> None:
        worker = self.workers.get(data["worker_id"])
        if worker is None or not self._is_newest(received, data, "visit", data["visit_id"]):
            return
        worker.hear_released(now, data)
        employer = self.employers.get(received.organisation)
        if employer is not None and isinstance(worker, Carer):
            employer.hear_released(now, data)

    def _is_newest(self, received: Received, data: dict[str, Any], *what: str) -> bool:
        """A late retry of an older word must not undo a newer one."""
        key = (data["worker_id"], *what)
        place = (received.journal_offset, received.index)
        if place < self._newest.get(key, (-1, -1)):
            return False
        self._newest[key] = place
        return True

    def _plan_trouble(self, trouble: Trouble) -> None:
        worker = self.workers.get(trouble.subject)
        kitchen = self.kitchens.get(trouble.subject)

        def happen(now: datetime) -> list[Message]:
            if trouble.kind == "sick_call" and worker is not None:
                return worker.drop_out(now)
            if trouble.kind == "rider_drops_out" and worker is not None:
                if trouble.amount and isinstance(worker, Rider):
                    return worker.trouble_drop_out(now)
                return worker.drop_out(now)
            if trouble.kind == "silent_worker" and worker is not None:
                worker.trouble_silent(now, timedelta(minutes=max(1, trouble.amount)))
            if trouble.kind == "kitchen_fails" and kitchen is not None:
                return kitchen.fail(now, trouble.amount)
            if trouble.kind == "weather":
                return [self.office.pause_mode(now, trouble.subject, trouble.amount)]
            if trouble.kind == "kitchen_late" and kitchen is not None:
                return kitchen.become_late(now, trouble.amount)
            if trouble.kind == "concern":
                return self.coordinator.hear_concern(trouble)
            if trouble.kind == "call":
                return self.office.take_call(trouble.subject, trouble.amount)
            if trouble.kind in CRISIS_KINDS:
                return crisis_message(self.day, trouble, now)
            return []

        self.agenda.put(trouble.at, RANK_TROUBLE, trouble.subject, happen)

    def _ready_times(self, kitchen_id: str) -> list[datetime]:
        return [
            instant(visit.body["ready_at"]) for visit in self.day.visits
            if visit.body.get("kitchen_id") == kitchen_id and visit.body.get("ready_at")
        ]  # fmt: skip

    def _real_ready_at(self, kitchen_id: str, told: datetime) -> datetime:
        kitchen = self.kitchens.get(kitchen_id)
        return kitchen.real_ready_at(told) if kitchen is not None else told

    def _answers_door(self, visit_id: str, attempt: int) -> bool:
        return attempt > self._not_home.get(self.office.reference_of.get(visit_id, ""), 0)

    def _refuses(self, avoided: dict[str, int], visit_id: str) -> bool:
        """민간기피: a private provider will not go to this recipient; so many times in all."""
        form = self.office.forms.get(self.office.reference_of.get(visit_id, ""))
        recipient_id = form.body["recipient_id"] if form is not None else ""
        if avoided.get(recipient_id, 0) < 1:
            return False
        avoided[recipient_id] -= 1
        return True

    def _worker_count(self, visit_id: str) -> int:
        promise = self.books.promises.get(visit_id)
        return promise.worker_count if promise is not None else 1
