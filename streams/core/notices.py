"""A notice that reached nobody becomes somebody's: the window calls."""

from __future__ import annotations

from streams.contracts.inputs import NoticeFailed
from streams.core import exceptions
from streams.core.lifecycle import CLOSED
from streams.core.turn import Turn

NOT_DELIVERED = "notice_not_delivered"
STILL_NEWS = ("late", "changed", "cancelled")
"""Kinds that matter also when the visit has ended meanwhile."""


def notice_failed(turn: Turn, failed: NoticeFailed) -> None:
    """Nobody could be told; once for each visit and kind."""
    visit = turn.state.visits.get(failed.visit_id)
    if visit is None or (visit.state in CLOSED and failed.kind not in STILL_NEWS):
        return  # that it is done needs no call
    exceptions.raise_about(turn, NOT_DELIVERED, failed.visit_id, exceptions.COORDINATOR, detail=failed.kind)
