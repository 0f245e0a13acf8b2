"""A claim's end, as far as everybody needs it: it is settled, and what it held is free again."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.core import exceptions
from streams.core.actors import CORE
from streams.core.state import ClaimRecord, VisitRecord
from streams.core.turn import Turn

TO_CONFIRM = "claim_to_confirm"


def find_open_claim(turn: Turn, visit: VisitRecord) -> ClaimRecord | None:
    """The claim on this visit that nobody has answered."""
    claim = turn.state.claims.get(visit.claim_id)
    return claim if claim is not None and not claim.outcome else None


def settle_claim(turn: Turn, claim: ClaimRecord, outcome: str, *, by: str = CORE, reason: str = "") -> None:
    """Write down how a claim ended; the coordinator is not asked about it any more."""
    turn.emit(
        d.ClaimSettled(
            claim_id=claim.made.claim_id, visit_id=claim.made.visit_id, outcome=outcome, by=by, reason=reason, at=turn.now_at
        )
    )
    exception_id = exceptions.find_open(turn, TO_CONFIRM, claim.made.visit_id, claim.made.claim_id)
    if exception_id is not None:
        exceptions.settle_exception(turn, exception_id, exceptions.RESOLVED_ITSELF)


def withdraw_claim(turn: Turn, visit: VisitRecord, reason: str) -> None:
    """The visit goes another way: an open claim on it is over."""
    claim = find_open_claim(turn, visit)
    if claim is not None:
        settle_claim(turn, claim, "withdrawn", reason=reason)
