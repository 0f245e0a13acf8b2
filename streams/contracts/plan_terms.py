"""What only the plan asks about a visit: wishes, the visit that it comes after, the home's own times, its round; and the prices
of a plan that a district sets. What is not said is left out of the log, so nothing said before has another digest."""

from __future__ import annotations

import msgspec


class PlanTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Part of a request. `preferred_workers`: one of them comes, or another one at a price.

    `after_visit_id`: another visit of the recipient; this one begins at least `gap_min_s` and at most `gap_max_s` (0: any time)
    after that one begins, by somebody else if `gap_other_worker`. `access_s`: from the street to this door, before it begins.
    `boxes_back`: empties taken along, which fill the box until the route ends. `round_id` and `round_rank`: meals of one
    round leave the kitchen together, in a familiar order of doors. `leave_out_price`: of leaving the visit out, instead of the
    district's, in the plan's price units."""

    preferred_workers: tuple[str, ...] = ()
    after_visit_id: str = ""
    gap_min_s: int = 0
    gap_max_s: int = 0
    gap_other_worker: bool = False
    access_s: int = 0
    boxes_back: int = 0
    round_id: str = ""
    round_rank: int = 0
    leave_out_price: int | None = None


class PlanPrices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a policy, in the plan's price units (about one for a second of travel). `promise_per_min`: a minute later than
    the time that was planned when its worker said yes, which is what the recipient hears on the telephone; 0: no such price.
    `leave_out`: of leaving a visit out, by priority 1, 2, 3; (): fourfold, once and half of `unserved_price`."""

    not_preferred: int = 120
    other_gender: int = 300
    order_change: int = 60
    promise_per_min: int = 0
    leave_out: tuple[int, ...] = ()
