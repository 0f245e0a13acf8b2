"""Which workers are wanted in which living area, by the area balance: ahead of the peak, half hour by half hour."""

from __future__ import annotations

from datetime import datetime

import msgspec


class HelpWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A worker of `home_area_id` is wanted in `area_id` for a stretch of time. Advice: no offer, no assignment."""

    worker_id: str
    home_area_id: str
    area_id: str
    from_at: datetime
    until_at: datetime


class Shortage(msgspec.Struct, frozen=True, kw_only=True):
    """A half hour in which an area has too few workers of a group ("meal", "care+nursing"), in workers, and `why`:
    no_skilled_worker, no_worker_on_duty, no_worker_may_help, all_busy or too_dear."""

    area_id: str
    group: str
    from_at: datetime
    workers: float
    why: str
