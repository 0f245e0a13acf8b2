"""`apply` for intake: referrals, first visits, what was authorised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.contracts.intake import CareAuthorised, FirstVisitSettled, IntakeRecorded
from streams.core.holdings import grant
from streams.core.state import DistrictState, IntakeRecord


def _authorised(state: DistrictState, decision: CareAuthorised) -> None:
    grant(state, decision.recipient_id, decision.granted)


def _recorded(state: DistrictState, decision: IntakeRecorded) -> None:
    state.intakes[decision.recipient_id] = IntakeRecord(recorded=decision)


def _settled(state: DistrictState, decision: FirstVisitSettled) -> None:
    state.intakes[decision.recipient_id].outcome = decision.outcome


APPLY_INTAKE: dict[type, Callable[[DistrictState, Any], None]] = {
    CareAuthorised: _authorised, IntakeRecorded: _recorded, FirstVisitSettled: _settled,
}  # fmt: skip
