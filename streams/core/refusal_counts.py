"""민간기피: refusals of one recipient's care, counted across providers. After some of them only public providers are asked,
and a case conference (사례회의) is called."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.core import exceptions
from streams.core.turn import Turn

CONFERENCE = "case_conference"
PRIVATE_AGAIN = "private_again"


def count_refusal(turn: Turn, visit_id: str, provider_id: str, reason: str) -> None:
    """A provider has declined a care visit. Reasons that say nothing about the recipient do not count, nor do public
    providers, whose turn it is when the others have refused."""
    avoidance = turn.policy.avoidance
    visit = turn.state.visits[visit_id]
    provider = turn.state.runtime.geography.providers.get(provider_id)
    if visit.spec.kitchen_id or reason in avoidance.excuses or provider is None or provider.public:
        return
    recipient_id = visit.spec.recipient_id
    known = turn.state.refusals.get(recipient_id)
    count = 1 + (sum(known.by_provider.values()) if known else 0)
    called = known is not None and known.public_only
    turn.emit(
        d.RefusalCounted(
            recipient_id=recipient_id, visit_id=visit_id, provider_id=provider_id, reason=reason, count=count,
            public_only=count >= avoidance.refusals, at=turn.now_at,
        )
    )  # fmt: skip
    if called or count < avoidance.refusals:
        return
    exceptions.raise_exception(
        turn, CONFERENCE, recipient_id, exceptions.care_manager_of(visit.spec.dong), dong=visit.spec.dong,
        area_id=visit.spec.area_id, due_s=avoidance.conference_due_s,
    )  # fmt: skip
    turn.alarm(f"public:{recipient_id}", 0)  # when this input is done with: what else is planned for them


def settle_conference(turn: Turn, recipient_id: str, outcome: str) -> None:
    """The conference may let private providers be asked again; then the count begins anew."""
    if outcome == PRIVATE_AGAIN and recipient_id in turn.state.refusals:
        turn.emit(d.RefusalsForgotten(recipient_id=recipient_id, at=turn.now_at))
        turn.dirty()
