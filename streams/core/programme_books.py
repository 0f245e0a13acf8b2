"""What visits and postings use of a programme's budget and stock. Pure: it reads the state and names the difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from streams.contracts.crisis import IssueRow, ProgrammeIssues
from streams.contracts.decisions import LedgerClass, ProgrammeBooked
from streams.contracts.eligibility import PostingRule, Programme
from streams.core.lifecycle import LEDGER_CLASS
from streams.core.state import DistrictState, ProgrammeRecord

BUDGET = "budget"
EQUIPMENT = "equipment"
SPENDS = frozenset({LedgerClass.OPEN, LedgerClass.DONE})
DAY = timedelta(days=1)


def booking_due(state: DistrictState, visit_id: str) -> ProgrammeBooked | None:
    """What has to be booked so that the books say what the visit uses: its price while it is open or done, nothing when it
    was cancelled, failed, or went to a person's hands. None when they do."""
    visit = state.visits[visit_id]
    programme = state.runtime.rules.programmes.get(visit.spec.programme)
    if programme is None or programme.programme_id not in state.programmes:
        return None
    spends = LEDGER_CLASS[visit.state] in SPENDS
    krw, equipment = (programme.visit_price_krw, programme.visit_equipment) if spends else (0, {})
    return difference(state, programme.programme_id, "visit", visit_id, krw, equipment)


def difference(
    state: DistrictState, programme_id: str, kind: str, subject: str, krw: int, equipment: Mapping[str, int]
) -> ProgrammeBooked | None:
    """The booking after which `subject` has used exactly this much; None when it has."""
    booked = state.programmes[programme_id].bookings.get(subject)
    had_krw, had = (booked.krw, booked.equipment) if booked is not None else (0, {})
    more = {item: equipment.get(item, 0) - had.get(item, 0) for item in sorted({*equipment, *had})}
    more = {item: count for item, count in more.items() if count}
    if krw == had_krw and not more:
        return None
    return ProgrammeBooked(
        programme_id=programme_id, kind=kind, subject=subject, krw=krw - had_krw, equipment=more, at=state.now_at
    )


def days_of(from_at: datetime, until_at: datetime) -> int:
    """Days begun from one instant to another, at least one."""
    return max(1, -((from_at - until_at) // DAY))


def posting_use(rule: PostingRule, days: int) -> tuple[int, dict[str, int]]:
    """What so many days of a posting cost, and the equipment they take."""
    return days * rule.day_price_krw, {item: days * count for item, count in rule.day_equipment.items()}


def short_of(record: ProgrammeRecord, krw: int, equipment: Mapping[str, int]) -> tuple[str, ...]:
    """"budget" and the items of which less is left than this."""
    found = [BUDGET] if krw > record.budget_krw - record.booked_krw else []
    found += [
        item for item, count in sorted(equipment.items())
        if count > record.stock.get(item, 0) - record.booked_equipment.get(item, 0)
    ]  # fmt: skip
    return tuple(found)


def next_use(programme: Programme) -> tuple[int, dict[str, int]]:
    """The least that another visit or another day of posting would take: where that is not left, it is used up."""
    prices = [programme.visit_price_krw] if programme.services else []
    items = [programme.visit_equipment] if programme.services else []
    if programme.posting is not None:
        prices.append(programme.posting.day_price_krw)
        items.append(programme.posting.day_equipment)
    least: dict[str, int] = {}
    for one in items:
        for item, count in one.items():
            least[item] = min(count, least.get(item, count))
    return min(prices, default=0), least


def issues_of(state: DistrictState, programme_id: str) -> ProgrammeIssues:
    """What workers were given out of its stock."""
    rows = []
    for subject, booked in state.programmes[programme_id].bookings.items():
        if booked.kind == EQUIPMENT:
            worker_id, _, issue_id = subject.rpartition(":")
            rows.append(IssueRow(issue_id=issue_id, worker_id=worker_id, items=booked.equipment, issued_at=booked.at))
    return ProgrammeIssues(programme_id=programme_id, issues=tuple(rows))
