"""What needs a person: closed list of kinds, whose it is, how it may end, and where it climbs when nobody acts."""

from __future__ import annotations

from typing import NamedTuple

from streams.contracts import decisions as d
from streams.core.state import ExceptionRecord
from streams.core.turn import CORE, Turn

COORDINATOR = "coordinator"  # 통합창구 담당자
DISTRICT_OFFICER = "district_officer"  # 구청 담당자: where what nobody answers ends

SEEN = ("seen",)
RESOLVED_ITSELF = "resolved_itself"


class ExceptionKind(NamedTuple):
    """`outcomes` a person may choose; `due_s` until it climbs to the next owner (None: the policy's)."""

    outcomes: tuple[str, ...]
    due_s: int | None = None


KINDS: dict[str, ExceptionKind] = {
    "unserved": ExceptionKind(("assigned_by_hand", "cancelled_with_recipient", "handed_over")),
    "welfare_check": ExceptionKind(("found_well", "found_unwell_119", "moved_to_hospital", "not_found")),
    "worker_dropped_out": ExceptionKind(SEEN),
    "worker_silent": ExceptionKind(("reached", "relieved")),
    "kitchen_late": ExceptionKind(SEEN),
    "visit_failed": ExceptionKind(SEEN),
    "help_asked": ExceptionKind(SEEN),
    "ladder_top": ExceptionKind(SEEN),
}


def care_manager_of(dong: str) -> str:
    """The role that has the people of a dong (돌봄매니저)."""
    return f"care_manager:{dong}"


def enterprise_of(turn: Turn, area_id: str) -> str:
    """The responsible enterprise of a living area; the coordinator where an area is not known."""
    area = turn.state.runtime.geography.areas.get(area_id)
    return f"responsible_enterprise:{area.responsible_enterprise}" if area else COORDINATOR


def find_open(turn: Turn, kind: str, subject: str) -> str | None:
    """The open exception of that kind about that subject."""
    for exception_id, record in turn.state.exceptions.items():
        if record.raised.kind == kind and record.raised.subject == subject and not record.outcome:
            return exception_id
    return None


def raise_exception(turn: Turn, kind: str, subject: str, owner: str, *, dong: str = "", area_id: str = "") -> str:
    """Put something into somebody's hands; the same thing is not raised twice while it is open."""
    existing = find_open(turn, kind, subject)
    if existing is not None:
        return existing
    due_s = KINDS[kind].due_s or (turn.policy.welfare_check_s if kind == "welfare_check" else turn.policy.exception_due_s)
    exception_id = f"{turn.state.district}-x{turn.state.totals.exceptions + 1}"
    turn.emit(
        d.ExceptionRaised(
            exception_id=exception_id, kind=kind, subject=subject, owner=owner, dong=dong, area_id=area_id,
            at=turn.now_at, due_at=turn.after(due_s),
        )
    )  # fmt: skip
    return exception_id


def settle_exception(turn: Turn, exception_id: str, outcome: str, by: str = CORE) -> None:
    turn.emit(d.ExceptionSettled(exception_id=exception_id, outcome=outcome, by=by, at=turn.now_at))


def next_owner(record: ExceptionRecord) -> str:
    """Where an overdue exception climbs: the coordinator, then the district office, which keeps it."""
    return COORDINATOR if record.owner not in (COORDINATOR, DISTRICT_OFFICER) else DISTRICT_OFFICER


def escalate(turn: Turn, exception_id: str) -> None:
    """Nobody answered in time: the next role has it now, with a deadline of its own."""
    record = turn.state.exceptions[exception_id]
    turn.emit(
        d.ExceptionEscalated(
            exception_id=exception_id, owner=next_owner(record), due_at=turn.after(2 * turn.policy.exception_due_s)
        )
    )
