"""What happens about a recipient beside their visits in a random history: referrals, first visits, what is granted, and notices
that reach nobody."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from streams.contracts.inputs import AuthoriseCare, NoticeFailed, RecordFirstVisit, RecordIntake
from streams.contracts.intake import Authorisation
from streams.core.exceptions import KINDS
from streams.core.first_visits import NEAR
from tests.histories.machine import Machine, few, happens

NOTICES = ("accepted", "late", "changed", "cancelled", "done", "nonsense")
GRANTED_FOR = ("", "check_in", "temporary_home_care")
FIRST_VISITS = (*KINDS[NEAR].outcomes, "nonsense")


class Intake(Machine):
    """Dong offices and the care managers who go there first."""

    @happens(number=few, hours_ago=st.integers(-1, 80), known_dong=st.integers(0, 9))
    def referral(self, number: int, hours_ago: int, known_dong: int) -> None:
        self.command(
            RecordIntake, recipient_id=self._recipient(number), received_at=self.now_at - timedelta(hours=hours_ago),
            dong=self.side.config.dongs[number % 2].code if known_dong else "9999999999",
        )  # fmt: skip

    @happens(number=few, outcome=st.sampled_from(FIRST_VISITS))
    def first_visit(self, number: int, outcome: str) -> None:
        intakes = list(self.state.intakes)
        recipient_id = intakes[-1 - number % len(intakes)] if intakes else "r-nobody"
        self.command(RecordFirstVisit, recipient_id=recipient_id, outcome=outcome)

    @happens(number=few, service=st.sampled_from(GRANTED_FOR), quarters=st.integers(0, 8), visits=st.integers(0, 3), days=few)
    def grant(self, number: int, service: str, quarters: int, visits: int, days: int) -> None:
        """So many quarters of an hour, and money for so many visits; of nothing the limit is gone."""
        granted = Authorisation(
            service=service, duration_s=900 * quarters, budget_krw=20_000 * visits, visit_price_krw=20_000,
            until_date=f"2026-03-{days + 1:02d}" if days else "", from_date="2026-03-02" if days % 2 else "",
        )  # fmt: skip
        self.command(AuthoriseCare, recipient_id=self._recipient(number), granted=granted)

    @happens(number=few, kind=st.sampled_from(NOTICES))
    def told_nobody(self, number: int, kind: str) -> None:
        if self.state.visits:
            self.give(NoticeFailed(visit_id=self.visit(number), kind=kind, reason="nobody_reached"), actor="outbox")

    def _recipient(self, number: int) -> str:
        """Somebody who has visits, most often the newest."""
        return self.state.visits[self.visit(number)].spec.recipient_id if self.state.visits else f"r-{number}"
