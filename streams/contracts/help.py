"""A need as another district (or a provider that may claim it) sees it: everything but whose it is."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.district import Place, Service


class NeedTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be done, where (rounded as everywhere) and when. The recipient is withheld until the claim is confirmed."""

    service: Service
    dong: str
    place: Place
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    service_duration_s: int
    priority: int
    worker_count: int
    required_skills: tuple[str, ...]
    gender: str
    risk: str
    tasks: tuple[str, ...] = ()
