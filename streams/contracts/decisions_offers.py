"""What is decided about offers: made, reminded, settled, declined, and who comes instead."""

from __future__ import annotations

from datetime import datetime

import msgspec


class _Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    pass


class OfferMade(_Decision, frozen=True, kw_only=True):
    """`kind`: round, single or slot. To an organisation, for a proposed worker (a provider may name another)."""

    offer_id: str
    kind: str
    organisation: str
    worker_id: str
    visit_ids: tuple[str, ...]
    begin_at: datetime
    expires_at: datetime
    group_id: str = ""  # of those asked at once: the first yes of a group wins
    by_call: bool = False  # asked on the phone, by the coordinator
    fee_krw: int = 0
    remind_at: datetime | None = None


class OfferSettled(_Decision, frozen=True, kw_only=True):
    """`outcome`: accepted, declined, expired, withdrawn, taken (somebody else was first)."""

    offer_id: str
    outcome: str
    worker_id: str
    reason: str
    at: datetime
    declined_visit_ids: tuple[str, ...] = ()  # of an accepted round: doors that the worker cannot take


class OfferReminded(_Decision, frozen=True, kw_only=True):
    """The offer ends soon and nobody has answered."""

    offer_id: str
    at: datetime


class DeclineRemembered(_Decision, frozen=True, kw_only=True):
    """These workers are not asked again for this visit while its terms are as they are now."""

    visit_id: str
    worker_ids: tuple[str, ...]
    begin_at: datetime  # when they would have begun
    reason: str
    at: datetime


class DeclinesLifted(_Decision, frozen=True, kw_only=True):
    """These may be asked again. `why`: time, place, fee, or late_yes."""

    visit_id: str
    worker_ids: tuple[str, ...]
    why: str
    at: datetime


class FeeRaised(_Decision, frozen=True, kw_only=True):
    """`extra_krw` in all, beside the usual pay."""

    visit_id: str
    extra_krw: int
    by: str
    reason: str
    at: datetime


class WorkerSubstituted(_Decision, frozen=True, kw_only=True):
    """An organisation sent another of its workers, and answers for it. `last_minute`: the first was on the way."""

    visit_id: str
    organisation: str
    worker_id: str
    by_worker_id: str
    last_minute: bool
    at: datetime


class SubstituteCalled(_Decision, frozen=True, kw_only=True):
    """A worker of the substitute pool (대체인력) is called in for somebody who is sick; "" sends them home again."""

    worker_id: str
    for_worker_id: str
    at: datetime


class FairSharesSet(_Decision, frozen=True, kw_only=True):
    """A service day begins: (worker, seconds of paid work that are fair today), by the week so far."""

    service_date: str
    shares: tuple[tuple[str, int], ...]
