"""Who has no app is called: every offer to them is an item in the coordinator's list, whose answer the coordinator records.

The item's deadline is before the offer's end, so that somebody else can still call when it climbs.
"""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.core import exceptions
from streams.core.turn import Turn

CALL = "no_app_call"
ANSWERS = {"accepted": True, "declined": False}
NO_REPLY = "no_reply"


def list_call(turn: Turn, made: d.OfferMade) -> None:
    """Put a call into the coordinator's list."""
    spec = turn.state.visits[made.visit_ids[0]].spec
    left_s = (made.expires_at - turn.now_at).total_seconds()
    exceptions.raise_exception(
        turn, CALL, made.worker_id, exceptions.COORDINATOR, dong=spec.dong, area_id=spec.area_id, detail=made.offer_id,
        due_s=max(60, int(left_s * 2 / 3)),
    )  # fmt: skip


def strike_out(turn: Turn, made: d.OfferMade, outcome: str, by: str) -> None:
    """The offer is over, by an answer or without one: nobody needs to call any more."""
    exception_id = exceptions.find_open(turn, CALL, made.worker_id, made.offer_id)
    if exception_id is not None:
        exceptions.settle_exception(turn, exception_id, outcome, by)
