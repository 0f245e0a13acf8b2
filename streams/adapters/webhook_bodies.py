"""What organisations are told of a decisions record: webhook bodies and notices. Pure, and without anybody's name.

A person's data is no part of a body here: a `visit.assigned` carries the recipient's id beside it, and the sender fills
the person in for the moment of sending. What was told before decides what is told now (who is released, whether a route
is news), so it is folded from the records alone and kept with the outbox's position: batches of any size give the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from streams.adapters.notices import Notice, notices_of
from streams.contracts import codec, decisions as d
from streams.contracts.crisis import PostingEvent
from streams.contracts.decisions import PlannedStop, VisitEvent
from streams.contracts.disruptions import KitchenChanged, WorkerAsked
from streams.contracts.district import Place
from streams.contracts.refusals import REMEDIES, Refusal
from streams.core.between_districts import DISTRICT_PREFIX

if TYPE_CHECKING:
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.state import DistrictState

_HELD_ON = frozenset(
    {
        VisitEvent.OFFERED, VisitEvent.ACCEPTED, VisitEvent.EN_ROUTE, VisitEvent.PICKED_UP, VisitEvent.ARRIVED,
        VisitEvent.STARTED, VisitEvent.NO_ANSWER, VisitEvent.RETRIED, VisitEvent.REOPENED,
    }
)  # fmt: skip
"""Events after which those who said yes still have the visit. After any other they do not."""

_OWN_DOING = frozenset({VisitEvent.CANCELLED, VisitEvent.RELIEVED, VisitEvent.HANDED_OVER, VisitEvent.FAILED})
"""Releases of which an organisation need not hear when its own report of that worker brought them."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook to be: `effect_id` is its webhook-id. Webhooks with a `keys` entry in common stay in order."""

    effect_id: str
    journal_offset: int
    index: int
    district: str
    organisation: str
    type: str
    body: bytes
    keys: tuple[str, ...]
    recipient_id: str = ""  # whose data the sender fills in
    visit_id: str = ""  # with whose end the recipient goes: a visit, or a posting


class RouteTold(msgspec.Struct):
    """A worker's route as decided, and the digest of what of it the organisation was told last ("" for nothing)."""

    stops: list[PlannedStop] = []
    told: str = ""


@dataclass
class Told:
    """What one district's organisations know. `changed`: keys touched since they were stored last."""

    holders: dict[str, list[str]] = field(default_factory=dict)  # visit -> workers who said yes
    routes: dict[str, RouteTold] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    ended: list[tuple[str, int]] = field(default_factory=list)  # visits and postings that nobody has any more, since which record

    def take_ended(self) -> list[tuple[str, int]]:
        ended, self.ended = self.ended, []
        return ended

    def expected_at(self, visit_id: str) -> datetime | None:
        """When the visit is to begin by the routes of those who said yes."""
        stops = (stop for worker_id in self.holders.get(visit_id, ()) for stop in self.routes.get(worker_id, RouteTold()).stops)
        return next((stop.begin_at for stop in stops if stop.visit_id == visit_id and stop.kind == "visit"), None)

    def load(self, key: str, value: bytes) -> None:
        """Take one stored key."""
        kind, _, id_ = key.partition(":")
        if kind == "visit":
            self.holders[id_] = codec.decode(value, list[str])
        else:
            self.routes[id_] = codec.decode(value, RouteTold)

    def take_changed(self) -> dict[str, bytes | None]:
        """Keys to store (None: to delete)."""
        result: dict[str, bytes | None] = {}
        for key in sorted(self.changed):
            kind, _, id_ = key.partition(":")
            value: object = self.holders.get(id_) if kind == "visit" else self.routes.get(id_)
            result[key] = codec.encode(value) if value else None
        self.changed.clear()
        return result


def outgoing(record: DecisionsRecord, state: DistrictState, told: Told) -> tuple[list[Outgoing], list[Notice]]:
    """Webhooks and notices of one record, in order; advances `told`."""
    teller = _Teller(record, state, told)
    webhooks = list(teller.tell())
    return webhooks, notices_of(record, state, told.expected_at)


class _Teller:
    def __init__(self, record: DecisionsRecord, state: DistrictState, told: Told) -> None:
        self.record = record
        self.state = state
        self.told = told
        self._workers: dict[str, None] = {}  # whose route may be news, in order
        self._more = 0
        self._assigned: set[tuple[str, str]] = set()  # told by this record: whoever reported something with it did not know yet

    def effect_id(self, index: int) -> str:
        return f"{self.record.district}-{self.record.journal_offset}-{index}"

    def tell(self) -> Iterator[Outgoing]:
        for index, decision in enumerate(self.record.decisions):
            match decision:
                case d.OfferMade():
                    yield self._offer_made(index, decision)
                case d.OfferSettled() if decision.offer_id in self.state.offers:
                    yield self._offer_settled(index, decision)
                case d.OfferReminded() if decision.offer_id in self.state.offers:
                    yield self._offer_reminded(index, decision)
                case d.VisitChanged():
                    yield from self._visit_changed(index, decision)
                case d.RouteSet():
                    self._route(decision.worker_id).stops = list(decision.stops)
                    self._workers[decision.worker_id] = None
                case d.StopFinished():
                    self._stop_finished(decision)
                case d.DoorstepInstructed():
                    yield self._doorstep(index, decision)
                case d.ObservationAnswered():
                    yield self._observation_answered(index, decision)
                case WorkerAsked():
                    yield self._worker_asked(index, decision)
                case KitchenChanged():
                    yield self._meal_wanted(index, decision)
                case d.AccessOpened():
                    yield self._access_opened(index, decision)
                case d.EndpointChanged(status="disabled"):
                    yield self._endpoint_disabled(index, decision)
                case d.NeedOpened() | d.NeedClosed():
                    yield from self._need(index, decision)
                case d.ClaimMade() if not decision.organisation.startswith(DISTRICT_PREFIX):
                    yield self._claim_made(index, decision)
                case d.ClaimSettled():
                    yield from self._claim_settled(index, decision)
                case d.PostingChanged() if decision.worker_id:
                    yield from self._posting_changed(index, decision)
                case d.ReportRefused() if decision.organisation:
                    yield self._report_refused(index, decision)
        # Who said yes anywhere in the record counts for a route.
        for worker_id in self._workers:
            yield from self._route_changed(worker_id)

    def _out(
        self, index: int, organisation: str, type_: str, data: dict[str, Any], keys: tuple[str, ...],
        recipient_id: str = "", visit_id: str = "",
    ) -> Outgoing:  # fmt: skip
        body = codec.encode({"type": type_, "timestamp": self.record.now_at, "data": data})
        return Outgoing(
            effect_id=self.effect_id(index), journal_offset=self.record.journal_offset, index=index,
            district=self.record.district, organisation=organisation, type=type_, body=body, keys=keys,
            recipient_id=recipient_id, visit_id=visit_id,
        )  # fmt: skip

    def _offer_made(self, index: int, made: d.OfferMade) -> Outgoing:
        data = {
            "offer_id": made.offer_id, "kind": made.kind, "organisation": made.organisation,
            "worker_id": made.worker_id, "begin_at": made.begin_at, "expires_at": made.expires_at,
            "fee_krw": made.fee_krw, "first_wins": bool(made.group_id), "by_call": made.by_call,
            "district": self.record.district, "visits": [self._visit(visit_id) for visit_id in made.visit_ids],
        }  # fmt: skip
        return self._out(index, made.organisation, "offer.made", data, (made.offer_id, *made.visit_ids))

    def _offer_settled(self, index: int, settled: d.OfferSettled) -> Outgoing:
        made = self.state.offers[settled.offer_id].made
        data = {
            "offer_id": settled.offer_id, "outcome": settled.outcome, "worker_id": settled.worker_id,
            "visit_ids": made.visit_ids, "reason": settled.reason, "declined_visit_ids": settled.declined_visit_ids,
        }  # fmt: skip
        return self._out(index, made.organisation, "offer.settled", data, (settled.offer_id, *made.visit_ids))

    def _offer_reminded(self, index: int, reminded: d.OfferReminded) -> Outgoing:
        made = self.state.offers[reminded.offer_id].made
        data = {"offer_id": made.offer_id, "worker_id": made.worker_id, "expires_at": made.expires_at}
        return self._out(index, made.organisation, "offer.reminder", data, (made.offer_id, *made.visit_ids))

    def _visit_changed(self, index: int, change: d.VisitChanged) -> Iterator[Outgoing]:
        visit_id = change.visit_id
        if change.event is VisitEvent.ACCEPTED:
            self._assigned.add((visit_id, change.worker_id))
            yield self._visit_assigned(index, visit_id, change.worker_id)
        elif change.event is VisitEvent.REOPENED:
            for worker_id in filter(None, change.worker_id.split(",")):
                assigned = self._visit_assigned(self._after(), visit_id, worker_id)
                if change.actor != f"worker:{worker_id}":  # whose own doing it is knows
                    self._assigned.add((visit_id, worker_id))
                    yield assigned
        elif change.event not in _HELD_ON and visit_id in self.told.holders:
            holders = self.told.holders.pop(visit_id)
            self.told.changed.add(f"visit:{visit_id}")
            self.told.ended.append((visit_id, self.record.journal_offset))
            if change.event is VisitEvent.DONE and change.actor.startswith("worker:"):
                holders = [worker_id for worker_id in holders if (visit_id, worker_id) in self._assigned]
            yield from self._visit_released(index, change, holders)

    def _visit_assigned(self, index: int, visit_id: str, worker_id: str) -> Outgoing:
        self.told.holders.setdefault(visit_id, []).append(worker_id)
        self.told.changed.add(f"visit:{visit_id}")
        self._workers[worker_id] = None
        data = {"worker_id": worker_id, **self._visit(visit_id), "kitchen_place": self._pickup_place(visit_id), "person": None}
        recipient_id, keys = self.state.visits[visit_id].spec.recipient_id, (visit_id, worker_id)
        return self._out(index, self._organisation(worker_id), "visit.assigned", data, keys, recipient_id, visit_id)

    def _visit_released(self, index: int, change: d.VisitChanged, holders: list[str]) -> Iterator[Outgoing]:
        sent: set[str] = set()
        for worker_id in holders:
            organisation = self._organisation(worker_id)
            if self._is_own_doing(change, organisation, worker_id):
                continue
            data = {
                "visit_id": change.visit_id, "worker_id": worker_id, "reason": change.reason or change.event.value,
            }  # fmt: skip
            # One webhook-id is one webhook to one organisation: of two workers of the same, the second comes after.
            where = self._after() if organisation in sent else index
            sent.add(organisation)
            yield self._out(where, organisation, "visit.released", data, (change.visit_id, worker_id))

    def _is_own_doing(self, change: d.VisitChanged, organisation: str, worker_id: str) -> bool:
        """The organisation's own report, about this worker, brought it; a deadline that fired meanwhile is not that, and what the
        same record has just told it is theirs is not known to be over."""
        if (change.visit_id, worker_id) in self._assigned:
            return False
        if change.event not in _OWN_DOING or self.record.actor != f"organisation:{organisation}":
            return False
        gone = any(
            isinstance(other, d.WorkerChanged) and other.worker_id == worker_id and other.status in ("ended", "out")
            for other in self.record.decisions
        )
        return gone or change.actor in (self.record.actor, f"worker:{worker_id}")

    def _after(self) -> int:
        """An effect's place when it follows from the record as a whole: after all its decisions."""
        self._more += 1
        return len(self.record.decisions) + self._more - 1

    def _route_changed(self, worker_id: str) -> Iterator[Outgoing]:
        route = self._route(worker_id)
        self.told.changed.add(f"route:{worker_id}")
        stops = [
            {
                "visit_id": stop.visit_id, "kind": stop.kind, "begin_at": stop.begin_at,
                "place": self._pickup_place(stop.visit_id) if stop.kind == "pickup"
                else self.state.visits[stop.visit_id].spec.place,
            }
            for stop in route.stops
            if worker_id in self.told.holders.get(stop.visit_id, ())
        ]  # fmt: skip
        news = codec.digest(codec.encode(stops)) if stops else ""
        if news != route.told:
            route.told = news
            data = {"worker_id": worker_id, "stops": stops}
            yield self._out(self._after(), self._organisation(worker_id), "route.changed", data, (worker_id,))

    def _stop_finished(self, decision: d.StopFinished) -> None:
        """The organisation reported it itself: its route is shorter, and that is no news."""
        stops = self._route(decision.worker_id).stops
        for place, stop in enumerate(stops):
            if stop.visit_id == decision.visit_id and stop.kind == decision.kind:
                del stops[place]
                self.told.changed.add(f"route:{decision.worker_id}")
                break

    def _report_refused(self, index: int, refused: d.ReportRefused) -> Outgoing:
        known = REMEDIES.get(Refusal(refused.code)) if refused.code in set(Refusal) else None
        data = {
            "report_id": refused.report_id, "code": refused.code, "subject": refused.subject,
            "remedy": {"ko": known.ko, "en": known.en} if known else {"ko": "", "en": ""},
        }  # fmt: skip
        return self._out(index, refused.organisation, "report.refused", data, (refused.report_id,))

    def _access_opened(self, index: int, opened: d.AccessOpened) -> Outgoing:
        visit_id, worker_id = opened.visit_id, opened.worker_id
        return self._out(
            index, self._organisation(worker_id), "visit.access",
            {"visit_id": visit_id, "worker_id": worker_id, "door_code": ""}, (visit_id, worker_id),
            self.state.visits[visit_id].spec.recipient_id, visit_id,
        )  # fmt: skip

    def _endpoint_disabled(self, index: int, changed: d.EndpointChanged) -> Outgoing:
        data = {"organisation": changed.organisation, "endpoint": changed.endpoint, "reason": changed.reason}
        return self._out(index, changed.organisation, "endpoint.disabled", data, (f"endpoint:{changed.endpoint}",))

    def _doorstep(self, index: int, told: d.DoorstepInstructed) -> Outgoing:
        data = {"visit_id": told.visit_id, "worker_id": told.worker_id, "instruction": told.instruction}
        return self._out(index, told.organisation, "doorstep.instruction", data, (told.visit_id, told.worker_id))

    def _observation_answered(self, index: int, answer: d.ObservationAnswered) -> Outgoing:
        data = {
            "report_id": answer.report_id, "visit_id": answer.visit_id, "worker_id": answer.worker_id,
            "observation": answer.observation, "outcome": answer.outcome,
        }  # fmt: skip
        return self._out(index, answer.organisation, "observation.answered", data, (answer.visit_id, answer.worker_id))

    def _posting_changed(self, index: int, change: d.PostingChanged) -> Iterator[Outgoing]:
        """The employer hears who is posted with whom, and when they are back."""
        spec = self.state.postings[change.posting_id].spec
        organisation, keys = self._organisation(change.worker_id), (change.posting_id, change.worker_id)
        data: dict[str, Any] = {"posting_id": change.posting_id, "worker_id": change.worker_id}
        if change.event is PostingEvent.ASSIGNED:
            data |= {
                "programme_id": spec.programme_id, "dong": spec.dong, "from_at": spec.from_at, "until_at": spec.until_at,
                "person": None,
            }  # fmt: skip
            yield self._out(index, organisation, "posting.assigned", data, keys, spec.recipient_id, change.posting_id)
        elif change.event is not PostingEvent.BEGUN:
            self.told.ended.append((change.posting_id, self.record.journal_offset))
            data |= {"outcome": change.event, "reason": change.reason}
            yield self._out(index, organisation, "posting.over", data, keys)

    def _worker_asked(self, index: int, asked: WorkerAsked) -> Outgoing:
        data = {
            "worker_id": asked.worker_id, "visit_ids": asked.visit_ids, "why": asked.why, "answer_by_at": asked.answer_by_at,
        }  # fmt: skip
        return self._out(index, asked.organisation, "worker.asked", data, (asked.worker_id,))

    def _meal_wanted(self, index: int, change: KitchenChanged) -> Outgoing:
        """The kitchen that is to make it hears of it, without the recipient."""
        kitchens = self.state.config.kitchens if self.state.config else ()
        organisation = next((one.provider_id for one in kitchens if one.kitchen_id == change.kitchen_id), "")
        spec = self.state.visits[change.visit_id].spec
        data = {
            "visit_id": change.visit_id, "kitchen_id": change.kitchen_id, "instead_of": change.from_kitchen_id,
            "meal_kind": spec.meal_kind, "boxes": spec.boxes, "ready_at": change.ready_at, "why": change.why,
        }  # fmt: skip
        return self._out(index, organisation, "meal.wanted", data, (change.visit_id,))
    def _need(self, index: int, told: d.NeedOpened | d.NeedClosed) -> Iterator[Outgoing]:
        """To everybody who may claim it: what is to be done, never whose need it is."""
        for number, organisation in enumerate(told.organisations):
            where = self._after() if number else index
            if isinstance(told, d.NeedClosed):
                data = {"visit_id": told.visit_id, "reason": told.reason}
                yield self._out(where, organisation, "need.closed", data, (told.visit_id,))
                continue
            data = {
                "visit_id": told.visit_id, "rung": told.rung, "price_krw": told.price_krw, "district": self.record.district,
                "need": self._need_terms(told),
            }  # fmt: skip
            yield self._out(where, organisation, "need.opened", data, (told.visit_id,))

    def _need_terms(self, told: d.NeedOpened) -> dict[str, Any]:
        spec: Any = told.guest or self.state.visits[told.visit_id].spec
        return {
            "service": spec.service, "dong": spec.dong, "window_start_at": spec.window_start_at,
            "window_end_at": spec.window_end_at, "due_at": spec.due_at, "service_duration_s": spec.service_duration_s,
            "priority": spec.priority, "required_skills": spec.required_skills, "gender": spec.gender, "tasks": spec.tasks,
        }  # fmt: skip

    def _claim_made(self, index: int, made: d.ClaimMade) -> Outgoing:
        data = {
            "claim_id": made.claim_id, "visit_id": made.visit_id, "worker_id": made.worker_id, "rung": made.rung,
            "price_krw": made.price_krw, "expires_at": made.expires_at,
        }  # fmt: skip
        return self._out(index, made.organisation, "claim.made", data, (made.visit_id,))

    def _claim_settled(self, index: int, settled: d.ClaimSettled) -> Iterator[Outgoing]:
        made = self.state.claims[settled.claim_id].made
        if not made.organisation.startswith(DISTRICT_PREFIX):
            data = {
                "claim_id": settled.claim_id, "visit_id": made.visit_id, "worker_id": made.worker_id,
                "outcome": settled.outcome, "reason": settled.reason,
            }  # fmt: skip
            yield self._out(index, made.organisation, "claim.settled", data, (made.visit_id,))

    def _route(self, worker_id: str) -> RouteTold:
        return self.told.routes.setdefault(worker_id, RouteTold())

    def _organisation(self, worker_id: str) -> str:
        return self.state.workers[worker_id].profile.organisation

    def _visit(self, visit_id: str) -> dict[str, Any]:
        record = self.state.visits[visit_id]
        spec = record.spec
        return {
            "visit_id": visit_id, "service": spec.service, "meal_kind": spec.meal_kind, "dong": spec.dong,
            "area_id": spec.area_id, "place": spec.place, "window_start_at": spec.window_start_at,
            "window_end_at": spec.window_end_at, "due_at": spec.due_at, "service_duration_s": spec.service_duration_s,
            "kitchen_id": spec.kitchen_id, "ready_at": record.ready_at, "boxes": spec.boxes,
            "tasks": spec.tasks,
        }  # fmt: skip

    def _pickup_place(self, visit_id: str) -> Place | None:
        """The kitchen, or where a worker who cannot go on holds the meal."""
        record = self.state.visits[visit_id]
        if record.pickup_worker:
            return self.state.workers[record.pickup_worker].place
        kitchens = self.state.config.kitchens if self.state.config else ()
        return next((one.place for one in kitchens if one.kitchen_id == record.spec.kitchen_id), None)
