"""What needs a person: closed list of kinds, whose it is, how it may end, and where it climbs when nobody acts."""

from __future__ import annotations

from typing import NamedTuple

from streams.contracts import decisions as d
from streams.contracts.inputs import AcknowledgeException
from streams.contracts.refusals import Refusal
from streams.core.actors import CORE
from streams.core.state import ExceptionRecord
from streams.core.turn import Turn

COORDINATOR = "coordinator"  # 통합창구 담당자
DISTRICT_OFFICER = "district_officer"  # 구청 담당자
OPERATOR = "operator"  # 시스템 운영자: where what nobody answers ends, and is told again and again
CHAIN = (COORDINATOR, DISTRICT_OFFICER, OPERATOR)

SEEN = ("seen",)
RESOLVED_ITSELF = "resolved_itself"


class ExceptionKind(NamedTuple):
    """`outcomes` a person may choose; `due_s` until it climbs to the next owner (None: the policy's)."""

    outcomes: tuple[str, ...]
    due_s: int | None = None


KINDS: dict[str, ExceptionKind] = {
    "unserved": ExceptionKind(("assigned_by_hand", "cancelled_with_recipient", "handed_over")),
    "doorstep_call": ExceptionKind(("no_reply", "answered", "away_confirmed")),
    "doorstep_kin": ExceptionKind(("no_kin_reached", "kin_opens", "kin_confirms_well")),
    "welfare_check": ExceptionKind(("found_well", "found_unwell_119", "moved_to_hospital", "care_requested", "not_found")),
    "worker_dropped_out": ExceptionKind(SEEN),
    "worker_silent": ExceptionKind(("reached", "relieved")),
    "lone_worker": ExceptionKind(("reached", "relieved", "called_119", "called_112")),
    "worker_missing": ExceptionKind(("found_well", "called_119", "called_112")),
    "provider_failed": ExceptionKind(("seen", "back")),
    "no_app_call": ExceptionKind(("accepted", "declined", "no_reply")),
    "kitchen_late": ExceptionKind(SEEN),
    "visit_failed": ExceptionKind(SEEN),
    "help_asked": ExceptionKind((*SEEN, "help_offered", "help_declined")),
    "help_overdue": ExceptionKind(SEEN),
    "claim_to_confirm": ExceptionKind(("confirmed", "declined")),
    "ladder_top": ExceptionKind(SEEN),
    "choice_failed": ExceptionKind(SEEN),
    "meal_left_over": ExceptionKind(("given_to_other", "returned", "thrown_away"), 1800),
    "not_received": ExceptionKind(("found_there", "brought_again", "settled_with_recipient", "not_reached")),
    "address_changed": ExceptionKind(("worker_told", "brought_again", "cancelled_with_recipient")),
    "notice_not_delivered": ExceptionKind(("told_by_phone", "not_reached")),
    "endpoint_down": ExceptionKind(SEEN),
    "endpoint_disabled": ExceptionKind(SEEN),
    "observation": ExceptionKind(("called_well", "visited_well", "care_requested", "called_119")),
    "no_longer_eligible": ExceptionKind(("renewed", "seen")),
    "case_conference": ExceptionKind(("public_provider_named", "plan_changed", "private_again")),
    "budget_used_up": ExceptionKind(("raised", "seen")),
    "posting_unfilled": ExceptionKind(("assigned_by_hand", "cancelled_with_recipient")),
    "menu_conflict": ExceptionKind(("kitchen_cooks_other", "cancelled_with_recipient")),
    "first_visit_near": ExceptionKind(("visited", "moved_to_hospital", "cancelled_with_recipient")),
    "authorisation_used_up": ExceptionKind(("raised", "plan_changed", "seen")),
    "concern": ExceptionKind(("called_well", "visited_well", "care_requested", "called_119")),
    "expected_late": ExceptionKind(("told_by_phone", "seen")),
    "emergency_call": ExceptionKind(("moved_to_hospital", "found_unwell_119", "found_well", "care_requested")),
    "data_rejected": ExceptionKind(("redriven", "seen")),
}


def care_manager_of(dong: str) -> str:
    """The role that has the people of a dong (돌봄매니저)."""
    return f"care_manager:{dong}"


def enterprise_of(turn: Turn, area_id: str) -> str:
    """The responsible enterprise of a living area; the coordinator where an area is not known."""
    area = turn.state.runtime.geography.areas.get(area_id)
    return f"responsible_enterprise:{area.responsible_enterprise}" if area else COORDINATOR


def find_open(turn: Turn, kind: str, subject: str, detail: str = "") -> str | None:
    """The open exception of that kind about that subject."""
    return turn.state.runtime.open_exceptions.get((kind, subject, detail))


def raise_exception(
    turn: Turn, kind: str, subject: str, owner: str, *, dong: str = "", area_id: str = "", detail: str = "",
    reported_by: str = "", due_s: int | None = None,
) -> str:  # fmt: skip
    """Put something into somebody's hands; the same thing is not raised twice while it is open. `detail` is a code that
    tells two things about one subject apart; `reported_by` hears of the outcome; `due_s` overrides the kind's."""
    existing = find_open(turn, kind, subject, detail)
    if existing is not None:
        return existing
    due_s = due_s or KINDS[kind].due_s or turn.policy.exception_due_s
    exception_id = f"{turn.state.district}-x{turn.state.totals.exceptions + 1}"
    turn.emit(
        d.ExceptionRaised(
            exception_id=exception_id, kind=kind, subject=subject, owner=owner, dong=dong, area_id=area_id,
            at=turn.now_at, due_at=turn.after(due_s), detail=detail, reported_by=reported_by,
        )
    )  # fmt: skip
    return exception_id


def raise_about(
    turn: Turn, kind: str, visit_id: str, owner: str, *, detail: str = "", reported_by: str = "", due_s: int | None = None
) -> None:
    """The same about a visit, where its recipient lives now."""
    spec = turn.state.visits[visit_id].spec
    raise_exception(
        turn, kind, visit_id, owner, dong=spec.dong, area_id=spec.area_id, detail=detail, reported_by=reported_by, due_s=due_s
    )


def settle_exception(turn: Turn, exception_id: str, outcome: str, by: str = CORE) -> None:
    turn.emit(d.ExceptionSettled(exception_id=exception_id, outcome=outcome, by=by, at=turn.now_at))


def settle_if_open(turn: Turn, kind: str, subject: str, detail: str = "") -> None:
    """What was raised has gone away by itself."""
    exception_id = find_open(turn, kind, subject, detail)
    if exception_id is not None:
        settle_exception(turn, exception_id, RESOLVED_ITSELF)


def acknowledge(turn: Turn, command: AcknowledgeException) -> None:
    """Somebody has seen it and is on it: the deadline is set anew, once for each owner it climbs to."""
    if command.command_id in turn.state.commands:
        return
    record = turn.state.exceptions.get(command.exception_id)
    if record is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_EXCEPTION)
        return
    visit_id = record.raised.subject if record.raised.subject in turn.state.visits else ""
    if record.outcome:
        turn.settle(command.command_id, "refused", visit_id, Refusal.ALREADY_CLOSED)
        return
    if turn.is_stale(record.changes):
        turn.settle(command.command_id, "refused", visit_id, Refusal.VERSION_CONFLICT)
        return
    if record.acknowledged_by:
        turn.settle(command.command_id, "duplicate", visit_id)
        return
    due_at = max(record.due_at, turn.after(turn.policy.exception_due_s))
    turn.emit(
        d.ExceptionAcknowledged(
            exception_id=command.exception_id, by=turn.received.actor, at=turn.now_at, due_at=due_at
        )
    )
    turn.settle(command.command_id, "accepted", visit_id)


def next_owner(record: ExceptionRecord) -> str:
    """Where an overdue exception climbs: the coordinator, the district office, the operator, who keeps it."""
    if record.owner not in CHAIN:
        return COORDINATOR
    return CHAIN[min(CHAIN.index(record.owner) + 1, len(CHAIN) - 1)]


def escalate(turn: Turn, exception_id: str, due_s: int = 0) -> None:
    """Nobody settled it in time: the next role has it now, with a deadline of its own (`due_s`, else twice the usual)."""
    record = turn.state.exceptions[exception_id]
    due_at = turn.after(due_s or 2 * turn.policy.exception_due_s)
    turn.emit(d.ExceptionEscalated(exception_id=exception_id, owner=next_owner(record), due_at=due_at))
