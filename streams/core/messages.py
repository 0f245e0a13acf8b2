"""Saying something to another district: one decision, under an index that rises; the messenger carries it."""

from __future__ import annotations

from datetime import datetime

from streams.contracts import decisions as d
from streams.contracts.help import NeedTerms
from streams.core.between_districts import Kind
from streams.core.turn import Turn

LONGEST_WAIT_S = 3600


def say(
    turn: Turn, to: str, kind: Kind, ask_id: str, visit_id: str, *, service: str = "", priority: int = 2, price_krw: int = 0,
    terms: NeedTerms | None = None, recipient_id: str = "", reason: str = "", arrived_at: datetime | None = None,
    done_at: datetime | None = None, tasks_done: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """`visit_id` is the asker's name for the visit."""
    turn.emit(
        d.DistrictMessageSent(
            to=to, index=turn.state.totals.messages + 1, kind=kind.value, visit_id=visit_id, service=service, priority=priority,
            ask_id=ask_id, price_krw=price_krw, terms=terms, recipient_id=recipient_id, reason=reason, arrived_at=arrived_at,
            done_at=done_at, tasks_done=tasks_done,
        )
    )  # fmt: skip


def again_s(turn: Turn, tries: int) -> int:
    """How long to wait before it is said again: twice as long each time."""
    return min(LONGEST_WAIT_S, turn.policy.help_retry_s << min(max(tries - 1, 0), 10))
