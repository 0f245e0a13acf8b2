"""What a district usually needs of a living area by the time of day: what past days were like, as data."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ExpectedDemand(msgspec.Struct, frozen=True, kw_only=True):
    """`visits` of a service (a mean may be a fraction) usually become due in `area_id` from `from_at` until `until_at`."""

    area_id: str
    service: str
    from_at: datetime
    until_at: datetime
    visits: float
    service_duration_s: int
