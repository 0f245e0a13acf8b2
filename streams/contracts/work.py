"""What may be asked of a worker in a day: rests, limits of hours and way, areas where they do not go. Data of a provider (for
all its people) or of one worker; a member that the worker has takes the place of the provider's, areas add up."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """A rest (휴게) of `duration_s` that begins within [earliest_at, latest_at]."""

    earliest_at: datetime
    latest_at: datetime
    duration_s: int


class RestRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rest in every shift of at least `from_shift_s`: it begins so long after the shift begins, and ends within the shift."""

    from_shift_s: int
    duration_s: int
    earliest_after_s: int
    latest_after_s: int


LEGAL_REST = (
    # Labour Standards Act, article 54: half an hour in four hours of work, an hour in eight, in the midst of the work. When in
    # the midst is ours: before the fifth hour and before the ninth; a district with its lunch round at that time says otherwise.
    RestRule(from_shift_s=4 * 3600, duration_s=1800, earliest_after_s=3 * 3600, latest_after_s=16_200),
    RestRule(from_shift_s=8 * 3600, duration_s=1800, earliest_after_s=6 * 3600, latest_after_s=8 * 3600),
)


class WorkTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rests` are one worker's of the day, `rest_rules` make them from the shift. `max_active_s`: way and work at the home in a
    day, `max_distance_m`: the way alone; 0 for no limit. Nobody of them serves a visit in `banned_area_ids`."""

    rests: tuple[Rest, ...] = ()
    rest_rules: tuple[RestRule, ...] = ()
    max_active_s: int = 0
    max_distance_m: int = 0
    banned_area_ids: tuple[str, ...] = ()


class WorkerRested(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """The rest that could begin at `earliest_at` was taken in full: nothing is left of it for the plan."""

    worker_id: str
    earliest_at: datetime
    begun_at: datetime
    until_at: datetime
