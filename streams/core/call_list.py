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


def is_listed(turn: Turn, made: d.OfferMade) -> bool:
    """Somebody is to call about it: it was made so, or the app it went to is out of reach."""
    return exceptions.find_open(turn, CALL, made.worker_id, made.offer_id) is not None


def call_instead(turn: Turn, organisation: str) -> None:
    """An organisation's app server is out of reach: what it was asked and has not answered is asked by telephone."""
    index = turn.state.runtime.offers
    mine = [w for w, worker in turn.state.workers.items() if worker.profile.organisation == organisation]
    for offer_id in (*index.of_desk(organisation), *(one for worker_id in mine for one in index.of_worker(worker_id))):
        made = turn.state.offers[offer_id].made
        if not made.by_call and made.expires_at > turn.now_at:
            list_call(turn, made)


def strike_out(turn: Turn, made: d.OfferMade, outcome: str, by: str) -> None:
    """The offer is over, by an answer or without one: nobody needs to call any more."""
    exception_id = exceptions.find_open(turn, CALL, made.worker_id, made.offer_id)
    if exception_id is not None:
        exceptions.settle_exception(turn, exception_id, outcome, by)
