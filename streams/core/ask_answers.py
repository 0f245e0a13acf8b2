"""What the answer of a district that was asked for help means for the visit."""

from __future__ import annotations

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.inputs import DistrictMessage
from streams.core import exceptions
from streams.core.asks import move
from streams.core.between_districts import DISTRICT_PREFIX, AskState, Kind, Own
from streams.core.claims import make_claim, reopen
from streams.core.holding import withdraw_claim
from streams.core.placing import place_or_wait
from streams.core.state import AskRecord, VisitRecord
from streams.core.turn import Turn
from streams.core.visit_notes import note_tasks


def heard(turn: Turn, message: DistrictMessage) -> None:
    """A district that we asked says how far it is. An older message that comes late is not news."""
    ask = turn.state.asks.get(message.ask_id)
    if ask is None or message.index <= ask.heard or ask.asked.district != message.sender:
        return
    before = ask.state
    if not move(turn, ask, Kind(message.kind), message.index):
        return
    visit_id = ask.asked.visit_id
    visit = turn.state.visits[visit_id]
    match ask.state:
        case AskState.OFFERED:
            _offered(turn, ask, visit)
        case AskState.CONFIRMED if before != AskState.CONFIRMED:
            _confirmed(turn, ask, visit)
        case AskState.DONE | AskState.FAILED if before != ask.state:
            _ended(turn, ask, visit, message)
        case AskState.CLOSED if before != AskState.CLOSED:
            _lost(turn, ask, visit)
        case _:
            pass


def _offered(turn: Turn, ask: AskRecord, visit: VisitRecord) -> None:
    if visit.state is not VisitState.WAITING:
        move(turn, ask, Own.RELEASE)
    elif not visit.held_by:
        make_claim(turn, visit, f"{DISTRICT_PREFIX}{ask.asked.district}", "", claim_id=ask.asked.ask_id)


def _confirmed(turn: Turn, ask: AskRecord, visit: VisitRecord) -> None:
    visit_id = visit.spec.visit_id
    if visit.state is not VisitState.WAITING:
        move(turn, ask, Own.RELEASE)
        return
    turn.change(visit_id, VisitEvent.HELPED, actor=f"{DISTRICT_PREFIX}{ask.asked.district}")
    exceptions.settle_if_open(turn, "unserved", visit_id)


def _lost(turn: Turn, ask: AskRecord, visit: VisitRecord) -> None:
    """They do not come after all: if it was theirs, it is open again."""
    visit_id = visit.spec.visit_id
    if visit.claim_id == ask.asked.ask_id:
        withdraw_claim(turn, visit, reason="help_withdrawn")
    if visit.state is VisitState.ACCEPTED and not visit.worker_ids:
        turn.change(visit_id, VisitEvent.RELIEVED, reason="help_withdrawn")
        place_or_wait(turn, visit_id)
    reopen(turn, visit_id)


def _ended(turn: Turn, ask: AskRecord, visit: VisitRecord, message: DistrictMessage) -> None:
    """They were at the door: what happened there is what happened."""
    visit_id, actor = visit.spec.visit_id, f"{DISTRICT_PREFIX}{ask.asked.district}"
    if visit.state is VisitState.WAITING:
        turn.change(visit_id, VisitEvent.HELPED, actor=actor)
    if visit.worker_ids:
        return  # somebody of ours has it by now: theirs was before, and stays in the story alone
    if ask.state == AskState.DONE:
        if visit.state is VisitState.ACCEPTED:
            turn.change(visit_id, VisitEvent.ARRIVED, actor=actor, at=message.arrived_at or message.done_at)
        if turn.can(visit, VisitEvent.DONE):
            turn.change(visit_id, VisitEvent.DONE, actor=actor, at=message.done_at)
            note_tasks(turn, visit, message.tasks_done, message.done_at or turn.now_at)
        for kind in ("unserved", "help_overdue"):
            exceptions.settle_if_open(turn, kind, visit_id)
        return
    if visit.state is VisitState.DONE:
        turn.change(visit_id, VisitEvent.REOPENED, actor=actor, reason="corrected")
    if turn.can(visit, VisitEvent.FAILED):
        turn.change(visit_id, VisitEvent.FAILED, actor=actor, reason=message.reason or "unstated")
        exceptions.raise_about(turn, "visit_failed", visit_id, exceptions.care_manager_of(visit.spec.dong))
