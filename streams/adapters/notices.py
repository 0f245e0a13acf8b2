"""What recipients and kin are told (알림): which decisions are news to them, when it may be sent, and in which words.

Pure. A notice holds ids and times only; who is told, where and in which language is looked up in the registry at the
moment of sending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from streams.contracts import decisions as d
from streams.contracts.calls import TermsChanged
from streams.contracts.decisions import VisitEvent
from streams.contracts.disruptions import PromiseChanged

if TYPE_CHECKING:
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.state import DistrictState, VisitRecord

    ExpectedAt = Callable[[str], datetime | None]

SEOUL = ZoneInfo("Asia/Seoul")
ACCEPTED, ON_THE_WAY, LATE, CHANGED, DONE, CANCELLED = "accepted", "on_the_way", "late", "changed", "done", "cancelled"
EARLY, SPAN = timedelta(minutes=5), timedelta(minutes=20)  # the window told is so much before the expected minute, and so long


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient (or kin) is to be told. `due_at` and `until_at`: the window that is told; `at`: when it became news.
    `quiet_from` and `quiet_until`: the district's quiet hours ("HH:MM" in Seoul), "" for what cannot wait."""

    effect_id: str
    district: str
    visit_id: str
    kind: str
    due_at: datetime
    until_at: datetime
    at: datetime
    quiet_from: str = ""
    quiet_until: str = ""
    recipient_id: str
    meal: bool

    @property
    def can_wait(self) -> bool:
        return bool(self.quiet_from)

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands among the notices of its district."""
        _, offset, index = self.effect_id.rsplit("-", 2)
        return int(offset), int(index)


def notices_of(record: DecisionsRecord, state: DistrictState, expected_at: ExpectedAt) -> list[Notice]:
    """The notices of one record, in order; each has the id of the decision that it follows from. `expected_at`: when a
    visit was to begin by the routes as of this record: `state` may be of a later one, where records come in batches."""
    return list(_notices(record, state, expected_at))


def _notices(record: DecisionsRecord, state: DistrictState, expected_at: ExpectedAt) -> Iterator[Notice]:
    for index, decision in enumerate(record.decisions):
        found = _news(decision, state, expected_at)
        if found is None:
            continue
        visit, kind, due_at, until_at = found
        if not visit.spec.recipient_id or state.config is None:
            continue
        policy = state.config.policy
        waits = kind not in policy.notices_at_any_hour
        yield Notice(
            effect_id=f"{record.district}-{record.journal_offset}-{index}", district=record.district,
            visit_id=visit.spec.visit_id, kind=kind, due_at=due_at, until_at=until_at, recipient_id=visit.spec.recipient_id,
            at=record.now_at, quiet_from=policy.quiet_from if waits else "", quiet_until=policy.quiet_until if waits else "",
            meal=bool(visit.spec.kitchen_id),
        )  # fmt: skip


def _news(
    decision: d.Decision, state: DistrictState, expected_at: ExpectedAt
) -> tuple[VisitRecord, str, datetime, datetime] | None:
    visit = state.visits.get(getattr(decision, "visit_id", ""))
    if visit is None:
        return None
    match decision:
        case d.VisitRequested():
            return visit, ACCEPTED, decision.window_start_at, decision.due_at
        case TermsChanged():
            return visit, ACCEPTED, decision.window_start_at, decision.due_at
        case d.NoticeDue():
            return visit, decision.kind, decision.due_at, decision.due_at + SPAN
        case PromiseChanged(kind="late", expected_at=datetime() as begin_at):
            return visit, LATE, begin_at, begin_at + SPAN
        case PromiseChanged():
            return visit, CHANGED, decision.due_at, decision.due_at
        case d.VisitChanged(event=VisitEvent.DONE | VisitEvent.CANCELLED as event):
            return visit, DONE if event is VisitEvent.DONE else CANCELLED, decision.at, decision.at
        case d.VisitChanged(event=VisitEvent.PICKED_UP | VisitEvent.EN_ROUTE as event):
            if bool(visit.spec.kitchen_id) != (event is VisitEvent.PICKED_UP):
                return None  # on the way to the kitchen is not yet on the way to the door
            begin_at = max(decision.at, expected_at(decision.visit_id) or decision.at)
            return visit, ON_THE_WAY, max(decision.at, begin_at - EARLY), begin_at - EARLY + SPAN
        case _:
            return None


def end_of_quiet(at: datetime, quiet_from: str, quiet_until: str) -> datetime:
    """`at`, or the end of the quiet hours ("HH:MM" in Seoul) that it falls into; equal ones are none."""
    here = at.astimezone(SEOUL)
    starts, ends = time.fromisoformat(quiet_from), time.fromisoformat(quiet_until)
    clock = here.time()
    quiet = starts <= clock or clock < ends if starts > ends else starts <= clock < ends
    if not quiet:
        return at
    morning = here.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return (morning if clock < ends else morning + timedelta(days=1)).astimezone(at.tzinfo)


WORDS: dict[str, tuple[str, str]] = {
    ACCEPTED: (
        "{what} 신청이 접수되었습니다. {window} 사이에 찾아뵙겠습니다.",
        "Your {what} is booked, between {window}.",
    ),
    ON_THE_WAY: (
        "{what} 담당자가 출발했습니다. {window} 사이에 도착합니다.",
        "Your {what} is on the way, arriving between {window}.",
    ),
    LATE: (
        "{what} 도착이 늦어집니다. {window} 사이에 도착합니다. 죄송합니다.",
        "Your {what} will be late, between {window}. We are sorry.",
    ),
    CHANGED: (
        "{what} 제공에 변경이 있습니다. 궁금하시면 통합창구로 전화해 주세요.",
        "Your {what} has changed. Please call the window if you have a question.",
    ),
    DONE: ("{what} 제공을 마쳤습니다.", "Your {what} is done."),
    CANCELLED: ("{what} 신청이 취소되었습니다.", "Your {what} is cancelled."),
}
"""kind -> Korean and English. Nobody's name, address or illness is in them: a phone may lie on a table."""


def variables(notice: Notice, language: str) -> dict[str, str]:
    """What stands in the text, for gateways that send a template registered with them (알림톡)."""
    korean = language != "en"
    what = ("식사" if notice.meal else "방문") if korean else ("meal" if notice.meal else "visit")
    start, end = (at.astimezone(SEOUL).strftime("%H:%M") for at in (notice.due_at, notice.until_at))
    return {"what": what, "window": f"{start}~{end}" if korean else f"{start} and {end}"}


def words(notice: Notice, language: str) -> str:
    """What is sent, in Seoul time; `language`: ko or en."""
    text = WORDS.get(notice.kind, WORDS[CHANGED])[0 if language != "en" else 1]
    return text.format_map(variables(notice, language))
