"""Intake (접수) of a recipient: the care manager's own first visit within 72 hours, and the hours and money that were
authorised for their care. Dates are ISO dates in Asia/Seoul, both ends included; "" is open."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Authorisation(msgspec.Struct, frozen=True, kw_only=True):
    """What was granted (승인 시간·한도) for one service, or with "" for all of them together. 0: no such limit. A visit takes
    its duration, and `visit_price_krw` with `hour_price_krw` for each hour of it."""

    service: str = ""
    from_date: str = ""
    until_date: str = ""
    duration_s: int = 0
    budget_krw: int = 0
    visit_price_krw: int = 0
    hour_price_krw: int = 0

    def counts(self, service: str, date: str) -> bool:
        """Whether a visit of that service on that ISO date is paid from it."""
        return self.service in ("", service) and self.from_date <= date and (not self.until_date or date <= self.until_date)


class CareAuthorised(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """In force from now, in place of what was granted for that service before."""

    recipient_id: str
    granted: Authorisation
    by: str
    at: datetime


class IntakeRecorded(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """Somebody was referred: the dong's care manager goes to see them by `due_at`."""

    recipient_id: str
    dong: str
    area_id: str
    received_at: datetime
    due_at: datetime
    by: str
    at: datetime


class FirstVisitSettled(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """The care manager was there, or need not go. `outcome` is one of the exception's."""

    recipient_id: str
    outcome: str
    by: str
    at: datetime
