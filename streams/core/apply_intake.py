"""`apply` for intake: referrals, first visits, what was authorised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts.intake import CareAuthorised, FirstVisitSettled, IntakeRecorded
from streams.core.state import DistrictState, IntakeRecord


def _authorised(state: DistrictState, decision: CareAuthorised) -> None:
    granted, of_recipient = decision.granted, state.authorised.setdefault(decision.recipient_id, {})
    if granted.duration_s or granted.budget_krw:
        of_recipient[granted.service] = granted
        return
    of_recipient.pop(granted.service, None)
    if not of_recipient:
        del state.authorised[decision.recipient_id]


def _recorded(state: DistrictState, decision: IntakeRecorded) -> None:
    state.intakes[decision.recipient_id] = IntakeRecord(recorded=decision)


def _settled(state: DistrictState, decision: FirstVisitSettled) -> None:
    state.intakes[decision.recipient_id].outcome = decision.outcome


APPLY_INTAKE: dict[type, Callable[[DistrictState, Any], None]] = {
    CareAuthorised: _authorised, IntakeRecorded: _recorded, FirstVisitSettled: _settled,
}  # fmt: skip
