"""Nobody answers the door: ring again, call, kin, then the dong's care manager looks. Never ends silently.

Each step is an exception with an owner and a deadline. The two calls do not climb when nobody makes them: time matters
more than whose task it was, so the next step begins. The welfare check climbs until somebody has looked.
"""

from __future__ import annotations

from datetime import datetime

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import BROUGHT, MealKind
from streams.contracts.notes import VisitNoted
from streams.core import exceptions
from streams.core.actors import CORE
from streams.core.ladder import hand_over
from streams.core.placing import place_or_wait, put_first
from streams.core.state import VisitRecord
from streams.core.turn import Turn

RETRY_LIMIT = 2  # rings before the worker goes on
AT_DOOR = "at_door"  # how it was delivered: nobody was there

CALL, KIN, WELFARE_CHECK = "doorstep_call", "doorstep_kin", "welfare_check"
NOT_RECEIVED = "not_received"  # the recipient called: it is overdue
STEPS = (CALL, KIN, WELFARE_CHECK)
UNATTENDED = "unattended"
NOT_FOUND = "not_found"

KNOWN_WELL = frozenset({"away_confirmed", "kin_confirms_well", "found_well"})
"""Somebody has spoken to them, or knows where they are: the visit ends, and so does the worry."""

OPENS_NOW = frozenset({"answered", "kin_opens"})
"""Somebody will open: the worker comes back, or another one goes."""


def no_answer(turn: Turn, visit_id: str, worker_id: str, actor: str) -> None:
    """A worker reports a closed door."""
    turn.change(visit_id, VisitEvent.NO_ANSWER, actor=actor, worker_id=worker_id)
    if turn.state.visits[visit_id].no_answers >= RETRY_LIMIT:
        leave_the_door(turn, visit_id)
    else:
        turn.alarm(f"retry:{visit_id}", 3 * turn.policy.no_answer_retry_s)  # the worker rings again before that


def leave_the_door(turn: Turn, visit_id: str) -> None:
    """The worker goes on, told what becomes of the meal; from now on people look for the recipient."""
    visit = turn.state.visits[visit_id]
    turn.silence(f"retry:{visit_id}")
    if visit.state is not VisitState.NO_ANSWER:
        return
    for worker_id in list(visit.worker_ids):
        worker = turn.state.workers[worker_id]
        if any(stop.visit_id == visit_id for stop in worker.stops):
            turn.emit(d.StopFinished(worker_id=worker_id, visit_id=visit_id, kind="visit"))
            turn.emit(
                d.DoorstepInstructed(
                    visit_id=visit_id, organisation=worker.profile.organisation, worker_id=worker_id,
                    instruction=_instruction(visit), at=turn.now_at,
                )
            )  # fmt: skip
    _ask(turn, visit_id, CALL)


def left_at_door(turn: Turn, visit_id: str, worker_id: str, at: datetime) -> None:
    """What was brought stands at a door that nobody opened. It is there, but nobody has seen the recipient: people look all the
    same, and the visit ends when they know."""
    note_left(turn, visit_id, worker_id, at)
    if any(stop.visit_id == visit_id for stop in turn.state.workers[worker_id].stops):  # not rung a second time
        leave_the_door(turn, visit_id)


def note_left(turn: Turn, visit_id: str, worker_id: str, at: datetime) -> None:
    """It stands at the door since then, and not anew when that is said again."""
    if turn.state.visits[visit_id].left_at is None:
        turn.emit(VisitNoted(visit_id=visit_id, worker_id=worker_id, at=at, left_at_door=True))


def unseen_after_all(turn: Turn, visit_id: str) -> None:
    """That nobody had opened is heard only after the box was left at the door: it stays delivered, and the care manager of the
    dong looks after the recipient, once."""
    raised = (record.raised for record in turn.state.exceptions.values())
    if not any(one.kind == WELFARE_CHECK and one.subject == visit_id for one in raised):
        _ask(turn, visit_id, WELFARE_CHECK)


def _instruction(visit: VisitRecord) -> str:
    """Leave or return: only what keeps cold may stay at a door, and only where the recipient agreed to that."""
    if not visit.spec.kitchen_id:
        return "go_on"
    keeps = visit.spec.meal_kind is MealKind.SIDE_DISH or visit.spec.service in BROUGHT
    return "leave_at_door" if keeps and visit.spec.may_leave_at_door else "return_to_kitchen"


def _ask(turn: Turn, visit_id: str, step: str) -> None:
    spec = turn.state.visits[visit_id].spec
    policy = turn.policy
    if step == WELFARE_CHECK:
        owner = exceptions.care_manager_of(spec.dong)
        due_s = policy.welfare_check_by_risk.get(spec.risk, policy.welfare_check_s)
    else:
        owner = exceptions.COORDINATOR
        due_s = policy.doorstep_call_s if step == CALL else policy.doorstep_kin_s
    exceptions.raise_about(turn, step, visit_id, owner, due_s=due_s)


def step_overdue(turn: Turn, exception_id: str) -> None:
    """Nobody made the call in time: on to the next step; where the day's end has closed the visit, to the next owner."""
    raised = turn.state.exceptions[exception_id].raised
    if turn.state.visits[raised.subject].state is not VisitState.NO_ANSWER:
        exceptions.escalate(turn, exception_id)
        return
    exceptions.settle_exception(turn, exception_id, UNATTENDED)
    _next_step(turn, raised.subject, raised.kind)


def _next_step(turn: Turn, visit_id: str, step: str) -> None:
    if turn.state.visits[visit_id].state is VisitState.NO_ANSWER:
        _ask(turn, visit_id, STEPS[STEPS.index(step) + 1])


def settle_step(turn: Turn, visit_id: str, step: str, outcome: str, by: str) -> None:
    """What a call, kin or the care manager found: the door opens, the person is well, or the next step."""
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.NO_ANSWER:
        return
    if visit.left_at is not None and outcome in KNOWN_WELL | OPENS_NOW:
        worker_id = visit.worker_ids[0] if visit.worker_ids else ""
        turn.change(visit_id, VisitEvent.DONE, actor=by or CORE, worker_id=worker_id, reason=AT_DOOR, at=visit.left_at)
    elif outcome in OPENS_NOW:
        _come_back(turn, visit_id, visit)
    elif outcome in KNOWN_WELL:
        turn.change(visit_id, VisitEvent.FAILED, actor=by or CORE, reason="recipient_absent")
    elif step != WELFARE_CHECK:
        _next_step(turn, visit_id, step)
    elif outcome == NOT_FOUND:
        hand_over(turn, visit_id, exceptions.care_manager_of(visit.spec.dong), reason="recipient_not_found", known=True)
    else:
        turn.change(visit_id, VisitEvent.FAILED, actor=by or CORE, reason=outcome)


def settle_steps(turn: Turn, visit_id: str) -> None:
    """The door was opened after all: nobody need look any more."""
    for step in (*STEPS, NOT_RECEIVED):
        exceptions.settle_if_open(turn, step, visit_id)


def opens_after_all(turn: Turn, visit_id: str) -> None:
    """The recipient calls: they are at home, and somebody comes back."""
    settle_steps(turn, visit_id)
    turn.silence(f"retry:{visit_id}")
    _come_back(turn, visit_id, turn.state.visits[visit_id])


def _come_back(turn: Turn, visit_id: str, visit: VisitRecord) -> None:
    """The door is the next stop of who had it, while they are on the road; else the visit is placed anew."""
    holders = [w for w in visit.accepted_ids if turn.state.workers[w].status == "on"]
    if len(holders) < visit.spec.worker_count:
        onboard = bool(visit.spec.kitchen_id) and visit.picked_up_at is not None
        last = visit.worker_ids[0] if visit.worker_ids else ""
        turn.change(visit_id, VisitEvent.RELIEVED, worker_id=last, reason="door_opens")
        if onboard and last:
            turn.emit(d.PickupMoved(visit_id=visit_id, worker_id=last, ready_at=turn.now_at))
        place_or_wait(turn, visit_id)
        return
    turn.change(visit_id, VisitEvent.RETRIED, worker_id=",".join(holders), reason="door_opens")
    for worker_id in holders:
        put_first(turn, worker_id, visit_id)
