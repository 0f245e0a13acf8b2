"""What is decided about help: needs that climb, claims, and what districts say to each other."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.help import NeedTerms


class _Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    pass


class NeedOpened(_Decision, frozen=True, kw_only=True):
    """A need has climbed: these organisations see it and may claim it. No recipient in it. `guest` has the terms of a need
    of another district, which is no visit of ours yet."""

    visit_id: str
    rung: str
    organisations: tuple[str, ...]
    price_krw: int
    at: datetime
    guest: NeedTerms | None = None


class NeedClosed(_Decision, frozen=True, kw_only=True):
    """It can no longer be claimed. `reason`: the event that ended it."""

    visit_id: str
    organisations: tuple[str, ...]
    reason: str
    at: datetime


class ClaimMade(_Decision, frozen=True, kw_only=True):
    """A provider (or "district:CODE") takes a need upon itself, until it is confirmed or `expires_at`."""

    claim_id: str
    visit_id: str
    organisation: str
    worker_id: str
    rung: str
    price_krw: int
    expires_at: datetime
    at: datetime


class ClaimSettled(_Decision, frozen=True, kw_only=True):
    """`outcome`: confirmed, declined, expired, withdrawn. All but the first leave the need open."""

    claim_id: str
    visit_id: str
    outcome: str
    by: str
    reason: str
    at: datetime


class NeedSupplied(_Decision, frozen=True, kw_only=True):
    """Which rung supplied a need that had to climb, who, how long after it began to wait, and at what price."""

    visit_id: str
    rung: str
    supplier: str
    after_s: int
    price_krw: int
    at: datetime


class HelpAsked(_Decision, frozen=True, kw_only=True):
    """We ask another district for help with a visit. `ask_id` names this one asking of this one district."""

    ask_id: str
    visit_id: str
    district: str
    rung: str
    price_krw: int
    at: datetime


class HelpHeard(_Decision, frozen=True, kw_only=True):
    """Another district asks us. `guest_id` is what the visit is called here, once it is one."""

    guest_id: str
    ask_id: str
    district: str
    terms: NeedTerms | None
    at: datetime


class HelpMoved(_Decision, frozen=True, kw_only=True):
    """One step of the protocol between districts, by the tables of core.between_districts. `key`: ask_id on the asker's
    side, guest_id on the helper's. `heard`: the index of the message that brought it, 0 for our own step."""

    side: str
    key: str
    event: str
    state: str
    heard: int
    visit_id: str  # of this side
    at: datetime
    recipient_id: str = ""
    worker_id: str = ""


class DistrictMessageSent(_Decision, frozen=True, kw_only=True):
    """`kind` by the tables of core.between_districts (help_asked: an early one that only told the other coordinator)."""

    to: str
    index: int
    kind: str
    visit_id: str
    service: str
    priority: int
    ask_id: str = ""
    price_krw: int = 0
    terms: NeedTerms | None = None  # of `asked`
    recipient_id: str = ""  # of `accepted`: the claim is confirmed, the recipient is told
    reason: str = ""
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    tasks_done: tuple[str, ...] = ()  # of `done`


class WatermarkRaised(_Decision, frozen=True, kw_only=True):
    sender: str
    index: int
