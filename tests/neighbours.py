"""Two districts that may help each other, in process: Mapo (11440) asks, Seodaemun (11410) helps, over a link made of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from streams.contracts import codec, decisions as d
from streams.contracts.decisions import Decision
from streams.contracts.district import DistrictConfig, OtherDistrict, Service
from streams.contracts.inputs import DistrictMessage, Payload
from streams.core.apply import advance, apply
from streams.core.deadlines import next_deadline
from streams.core.state import DistrictState, VisitRecord, new_state
from tests.core_world import CoreWorld, at, config

MAPO, SEODAEMUN, EUNPYEONG = "11440", "11410", "11380"
HOME_CARE = dict(
    service=Service.TEMPORARY_HOME_CARE, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"),
    service_duration_s=1800,
)  # fmt: skip


def district(code: str, others: tuple[OtherDistrict, ...], **policy: Any) -> DistrictConfig:
    """The small district under another code; its policy waits five minutes on each rung."""
    made = config(**({"rung_wait_s": 300} | policy))
    return msgspec.structs.replace(made, district=code, region="서북권", other_districts=others)


def nobody_works(made: DistrictConfig) -> DistrictConfig:
    """A district whose carers are all away; its riders ride."""
    return msgspec.structs.replace(made, workers=tuple(one for one in made.workers if one.kind == "rider"))


class Neighbour(CoreWorld):
    """One of the districts. What it says is in `said` until the link takes it."""

    def __init__(self, made: DistrictConfig) -> None:
        self.said: list[tuple[str, DistrictMessage]] = []
        super().__init__(made)

    def send(self, payload: Payload, **more: Any) -> list[Decision]:
        decisions = super().send(payload, **more)
        self.said += [(one.to, message_of(self.district, one)) for one in decisions if isinstance(one, d.DistrictMessageSent)]
        return decisions

    def hear(self, message: DistrictMessage) -> None:
        self.send(message, actor=f"district:{message.sender}")

    def crash(self) -> None:
        """The process is gone: the state is folded again from the decisions, as its heir does."""
        folded: DistrictState = new_state(self.district)
        for decision in self.log:
            apply(folded, codec.decode(codec.encode(decision), Decision))
        advance(folded, self.state.now_at)
        self.state = folded


def message_of(sender: str, sent: d.DistrictMessageSent) -> DistrictMessage:
    """What the messenger makes of the decision."""
    return DistrictMessage(
        sender=sender, index=sent.index, kind=sent.kind, visit_id=sent.visit_id, service=sent.service, priority=sent.priority,
        ask_id=sent.ask_id, price_krw=sent.price_krw, terms=sent.terms, recipient_id=sent.recipient_id, reason=sent.reason,
        arrived_at=sent.arrived_at, done_at=sent.done_at, tasks_done=sent.tasks_done,
    )  # fmt: skip


@dataclass
class Neighbours:
    """Districts and what is under way between them. By default every message arrives at once, in order."""

    districts: dict[str, Neighbour]
    under_way: list[tuple[str, DistrictMessage]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def collect(self) -> None:
        for one in self.districts.values():
            self.under_way += one.said
            one.said = []

    def deliver(self, number: int = 0, *, keep: bool = False) -> None:
        """The message of that number arrives; `keep`: it will arrive once more."""
        to, message = self.under_way[number] if keep else self.under_way.pop(number)
        self.heard.append(f"{message.sender} {message.kind}")
        self.districts[to].hear(message)
        self.collect()

    def talk(self) -> None:
        """Everything that is said arrives, until nobody has anything to say."""
        self.collect()
        while self.under_way:
            self.deliver()

    def wait(self, hhmm: str, *, talking: bool = True) -> None:
        """Time passes for all; with `talking` what is said meanwhile arrives at once."""
        end_at = at(hhmm)
        while True:
            due = min((x for one in self.districts.values() if (x := next_deadline(one.state)) is not None), default=None)
            if due is None or due > end_at:
                break
            for one in self.districts.values():
                one.now_at = max(one.now_at, due)
                mine = next_deadline(one.state)
                if mine is not None and mine <= due:
                    one.until_instant(due)
            if talking:
                self.talk()
        for one in self.districts.values():
            one.until(hhmm)
        self.collect()
        if talking:
            self.talk()


def mapo_and_seodaemun(*, offer_at_once: bool = True, pre_approved: bool = True, **policy: Any) -> Neighbours:
    """Mapo has no carer left; Seodaemun has three."""
    mapo = nobody_works(
        district(MAPO, (OtherDistrict(district=SEODAEMUN, region="서북권", pre_approved=pre_approved, price_krw=2500),), **policy)
    )
    seodaemun = district(SEODAEMUN, (OtherDistrict(district=MAPO, region="서북권", offer_at_once=offer_at_once),), **policy)
    return Neighbours({MAPO: Neighbour(mapo), SEODAEMUN: Neighbour(seodaemun)})


def suppliers(world: Neighbours, visit: VisitRecord) -> list[str]:
    """Which districts believe that this visit is theirs to make: somebody is to go, goes or is there."""
    found = []
    going = ("planned", "offered", "accepted", "en_route", "arrived", "in_service")
    home = world.districts[MAPO].state
    if visit.state in going and visit.worker_ids:
        found.append(MAPO)
    for code, one in world.districts.items():
        for guest_id, guest in one.state.guests.items():
            theirs = one.state.visits.get(guest_id)
            mine = home.asks.get(guest.asked.ask_id)
            if (
                theirs is not None and mine is not None and mine.asked.visit_id == visit.spec.visit_id
                and not theirs.reserved and theirs.state in (*going, "waiting")
            ):  # fmt: skip
                found.append(code)
    return found
