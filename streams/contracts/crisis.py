"""A crisis programme in force, and postings: what is asked, what is decided, what the board shows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class PostingState(StrEnum):
    """A posting (입소 파견): a worker who moves in with a recipient for days."""

    WAITING = "waiting"  # nobody found yet
    ASSIGNED = "assigned"  # somebody goes when it begins
    UNDER_WAY = "under_way"
    ENDED = "ended"
    CANCELLED = "cancelled"


class PostingEvent(StrEnum):
    ASSIGNED = "assigned"
    LOST = "lost"  # the worker cannot go, or go on
    BEGUN = "begun"
    ENDED = "ended"
    CANCELLED = "cancelled"


class ProgrammeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A switched programme as the board shows it: its dates, and what of budget and stock is booked. `version` rises with each
    switch (not with a booking) and is what an edit names."""

    programme_id: str
    name_ko: str
    name_en: str
    is_on: bool
    from_date: str
    until_date: str
    budget_krw: int
    booked_krw: int
    stock: dict[str, int]
    booked_equipment: dict[str, int]
    visits: int  # booked visits (type 1)
    version: int = 0


class IssueRow(msgspec.Struct, frozen=True, kw_only=True):
    """Equipment that a worker was given out of a programme's stock. `items`: how many of each."""

    issue_id: str
    worker_id: str
    items: dict[str, int]
    issued_at: datetime


class ProgrammeIssues(msgspec.Struct, frozen=True, kw_only=True):
    """All of one programme, in their order. Beside the board's rows; never in a live frame."""

    programme_id: str
    issues: tuple[IssueRow, ...]


class PostingRow(msgspec.Struct, frozen=True, kw_only=True):
    posting_id: str
    programme_id: str
    recipient_id: str
    dong: str
    state: str
    worker_id: str
    from_at: datetime
    until_at: datetime
    reason: str
