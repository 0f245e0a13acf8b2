"""The phone (전화): a recipient or their kin calls about a promise of today."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from streams.contracts.district import Place


class Wish(StrEnum):
    """What a caller may want of one promise."""

    NOT_TODAY = "not_today"  # 오늘은 필요 없어요
    LATER = "later"  # 더 늦게 와 주세요
    DID_NOT_COME = "did_not_come"  # 안 왔어요
    CHANGE_ADDRESS = "change_address"  # 다른 곳으로 와 주세요


NOT_TODAY = "recipient_asked"
"""Why a visit that is not wanted today is cancelled."""


class TermsChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """A visit is promised for another time or place, at the recipient's wish. What stays is said again."""

    visit_id: str
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    dong: str
    area_id: str
    place: Place
    wish: str
    by: str
    at: datetime


class CallOption(msgspec.Struct, frozen=True, kw_only=True):
    """What would follow from a wish if it were said now: `follows` are codes of consequences, `code` is why it cannot be
    ("" when it can). `latest_at`: of "later", the last time that can be promised."""

    wish: str
    code: str = ""
    follows: tuple[str, ...] = ()
    latest_at: datetime | None = None


class CallPromise(msgspec.Struct, frozen=True, kw_only=True):
    """One promise of today, as it stands, with what may be wished of it."""

    visit_id: str
    recipient_id: str
    service: str
    meal_kind: str
    state: str
    dong: str
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    expected_at: datetime | None
    done_at: datetime | None
    worker_ids: tuple[str, ...]
    version: int
    options: tuple[CallOption, ...]
