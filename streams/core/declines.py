"""A no is remembered with the terms that were declined; other terms (time, place, fee) are another offer."""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts import decisions as d
from streams.core.state import Declined, VisitRecord
from streams.core.turn import Turn


def remember_decline(turn: Turn, visit_id: str, worker_ids: str, begin_at: datetime, reason: str) -> None:
    """These (joined by commas) are not asked again for this visit while its terms are as they are."""
    turn.emit(
        d.DeclineRemembered(
            visit_id=visit_id, worker_ids=tuple(worker_ids.split(",")), begin_at=begin_at, reason=reason, at=turn.now_at
        )
    )


def lift_changed(turn: Turn, visit_id: str) -> None:
    """Who declined other terms than those of now may be asked again. Looked at whenever the visit is placed."""
    visit = turn.state.visits[visit_id]
    for declined in list(visit.declines):
        why = _changed(turn, visit, declined)
        if why:
            lift(turn, visit_id, declined.worker_ids, why)


def lift(turn: Turn, visit_id: str, worker_ids: tuple[str, ...], why: str) -> None:
    turn.emit(d.DeclinesLifted(visit_id=visit_id, worker_ids=worker_ids, why=why, at=turn.now_at))


def _changed(turn: Turn, visit: VisitRecord, declined: Declined) -> str:
    """What is otherwise now: time, place or fee; "" when nothing is."""
    offering, spec = turn.policy.offering, visit.spec
    moved = timedelta(seconds=offering.terms_moved_s)
    # beyond this, whenever it begins now, it is at another time than the declined one
    another_time_at = declined.begin_at + timedelta(seconds=offering.begin_moved_s)
    if (
        abs(spec.window_start_at - declined.window_start_at) > moved or abs(spec.window_end_at - declined.window_end_at) > moved
        or turn.now_at > another_time_at
    ):  # fmt: skip
        return "time"
    if spec.place != declined.place:
        return "place"
    return "fee" if visit.extra_fee_krw > declined.fee_krw else ""
