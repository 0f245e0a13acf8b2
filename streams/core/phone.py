"""The phone: what follows when a recipient calls about a promise of today, told before it is done, and done.

"Not today", "later", "it did not come", "change the address". What follows is looked up by the same functions for who asks
and for who does, so what was told is what happens, as long as nothing moves in between. Nothing ends in the air: a meal
that is cooked, a rider who rides and a "delivered" that the recipient denies each get an owner and a deadline.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from streams.contracts import decisions as d
from streams.contracts.calls import NOT_TODAY, CallOption, CallPromise, TermsChanged, Wish
from streams.contracts.decisions import VisitState
from streams.contracts.district import BROUGHT
from streams.contracts.inputs import RecordCall
from streams.contracts.refusals import Refusal
from streams.core import corrections, doorstep, exceptions
from streams.core.begins import expected_at
from streams.core.config_check import missed_by
from streams.core.cut_offs import passed_cut_off
from streams.core.instants import day_of
from streams.core.lifecycle import CLOSED, next_state
from streams.core.moving import BACK_TO_WAITING, free
from streams.core.placing import place_or_wait
from streams.core.requests import cancel, refuse_place
from streams.core.state import DistrictState, VisitRecord
from streams.core.turn import Turn
from streams.core.undo import remember

LEFT_OVER, ADDRESS = "meal_left_over", "address_changed"

# Consequences, as codes.
NOTHING_COOKED, MEAL_IS_COOKED = "nothing_cooked", "meal_is_cooked"
OFFER_WITHDRAWN, WORKER_TOLD = "offer_withdrawn", "worker_told"
BOX_COMES_BACK, WORKER_TURNS_BACK = "box_comes_back", "worker_turns_back"
PLANNED_ANEW = "planned_anew"
WORKER_COMES_BACK = "worker_comes_back"
NOT_DUE_YET, COMES_AGAIN, SAID_DELIVERED, WAS_CANCELLED = "not_due_yet", "comes_again", "said_delivered", "was_cancelled"
SOMEBODY_LOOKS = "somebody_looks"
COORDINATOR_DECIDES = "coordinator_decides"

RIDING = (VisitState.EN_ROUTE, VisitState.PICKED_UP, VisitState.ARRIVED)
FOLLOWS = (
    NOTHING_COOKED, MEAL_IS_COOKED, OFFER_WITHDRAWN, WORKER_TOLD, BOX_COMES_BACK, WORKER_TURNS_BACK, PLANNED_ANEW,
    WORKER_COMES_BACK, NOT_DUE_YET, COMES_AGAIN, SAID_DELIVERED, WAS_CANCELLED, SOMEBODY_LOOKS, COORDINATOR_DECIDES,
)  # fmt: skip
"""All of them; the page has words for each."""


def promises_of(state: DistrictState, recipient_ids: tuple[str, ...]) -> tuple[CallPromise, ...]:
    """The promises of today of these recipients, and what is still open, in order of their time."""
    today = day_of(state.now_at)
    found = [
        _promise(state, visit_id)
        for recipient_id in dict.fromkeys(recipient_ids)
        for visit_id in state.runtime.visits_of.get(recipient_id, ())
        if _is_of(today, state.visits[visit_id])
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.visit_id)))


def _is_of(today: date, visit: VisitRecord) -> bool:
    return not visit.guest_of and (visit.state not in CLOSED or day_of(visit.spec.due_at) == today)


def _promise(state: DistrictState, visit_id: str) -> CallPromise:
    visit = state.visits[visit_id]
    spec = visit.spec
    return CallPromise(
        visit_id=visit_id, recipient_id=spec.recipient_id, service=spec.service.value,
        meal_kind=spec.meal_kind.value if spec.meal_kind else "", state=visit.state.value, dong=spec.dong,
        window_start_at=spec.window_start_at, window_end_at=spec.window_end_at, due_at=spec.due_at,
        expected_at=expected_at(state, visit), done_at=visit.done_at, worker_ids=tuple(visit.worker_ids),
        version=visit.changes, options=tuple(option(state, visit, wish) for wish in Wish),
    )  # fmt: skip


def option(state: DistrictState, visit: VisitRecord, wish: Wish) -> CallOption:
    """What would follow from this wish now, or why it cannot be."""
    found = _follows(state, visit, wish)
    if isinstance(found, Refusal):
        return CallOption(wish=wish.value, code=found.value)
    latest = latest_at(state, visit) if wish is Wish.LATER else None
    return CallOption(wish=wish.value, follows=found, latest_at=latest)


def _follows(state: DistrictState, visit: VisitRecord, wish: Wish) -> tuple[str, ...] | Refusal:
    if visit.guest_of:  # another district's recipient calls their own window
        return Refusal.WITH_ANOTHER_DISTRICT
    return _OPTIONS[wish](state, visit)


def _not_today(state: DistrictState, visit: VisitRecord) -> tuple[str, ...] | Refusal:
    if next_state(visit.state, d.VisitEvent.CANCELLED) is None:
        return Refusal.ALREADY_CLOSED if visit.state in CLOSED else Refusal.OUT_OF_ORDER
    follows: list[str] = []
    if visit.spec.kitchen_id:
        follows.append(MEAL_IS_COOKED if is_cooked(state, visit) else NOTHING_COOKED)
    if visit.picked_up_at is not None and visit.worker_ids:
        follows.append(BOX_COMES_BACK)
    elif visit.state in RIDING:
        follows.append(WORKER_TURNS_BACK)
    return (*follows, *_who_hears(visit))


def _who_hears(visit: VisitRecord) -> tuple[str, ...]:
    if visit.accepted_ids:
        return (WORKER_TOLD,)
    return (OFFER_WITHDRAWN,) if visit.state is VisitState.OFFERED else ()


def is_cooked(state: DistrictState, visit: VisitRecord) -> bool:
    """The kitchen's cut-off is over, or the meal stands ready: it is made and has to be paid for. A shop keeps what it has."""
    if visit.spec.service in BROUGHT:
        return False
    kitchen = state.runtime.geography.kitchens.get(visit.spec.kitchen_id)
    if state.now_at >= (visit.ready_at or visit.spec.window_start_at):
        return True
    return kitchen is not None and passed_cut_off(kitchen, visit.spec.meal_kind, state.now_at) is not None


def _later(state: DistrictState, visit: VisitRecord) -> tuple[str, ...] | Refusal:
    stays = _why_it_stays(state, visit)
    if stays is not None:
        return stays
    if latest_at(state, visit) <= max(visit.spec.due_at, state.now_at):
        return Refusal.MEAL_TOO_OLD if visit.spec.kitchen_id else Refusal.AFTER_HOURS
    return (PLANNED_ANEW, *_who_hears(visit))


def latest_at(state: DistrictState, visit: VisitRecord) -> datetime:
    """Until when it can be promised: the end of the day's last shift; a hot meal only while it may be kept."""
    assert state.config is not None
    end_at = max((worker.profile.shift_end_at for worker in state.workers.values()), default=visit.spec.window_end_at)
    if not (visit.spec.kitchen_id and visit.spec.freshness_s):
        return end_at
    ready_at = visit.ready_at or visit.spec.window_start_at
    return min(end_at, ready_at + timedelta(seconds=state.config.policy.meal_kept_s))


def _why_it_stays(state: DistrictState, visit: VisitRecord) -> Refusal | None:
    """Why time and place cannot be changed any more."""
    if visit.held_by and not _is_open_claim(state, visit):
        return Refusal.WITH_ANOTHER_DISTRICT
    if visit.state in CLOSED:
        return Refusal.ALREADY_CLOSED
    return None if visit.state is VisitState.WAITING or visit.state in BACK_TO_WAITING else Refusal.STARTED_STAYS


def _is_open_claim(state: DistrictState, visit: VisitRecord) -> bool:
    claim = state.claims.get(visit.claim_id)
    return claim is not None and not claim.outcome


def _did_not_come(state: DistrictState, visit: VisitRecord) -> tuple[str, ...] | Refusal:
    if visit.state is VisitState.DONE:
        return (SAID_DELIVERED, SOMEBODY_LOOKS)
    if visit.state is VisitState.CANCELLED:
        return (WAS_CANCELLED, SOMEBODY_LOOKS)
    if visit.state in CLOSED:
        assert state.config is not None
        return (SOMEBODY_LOOKS,) if missed_by(visit, state.config) else (COMES_AGAIN,)
    if visit.state is VisitState.NO_ANSWER:
        return (WORKER_COMES_BACK,)
    return (SOMEBODY_LOOKS,) if state.now_at > visit.spec.due_at else (NOT_DUE_YET,)


def _change_address(state: DistrictState, visit: VisitRecord) -> tuple[str, ...] | Refusal:
    stays = _why_it_stays(state, visit)
    if stays is Refusal.STARTED_STAYS:
        return (COORDINATOR_DECIDES,)
    return stays or (PLANNED_ANEW, *_who_hears(visit))


_OPTIONS = {
    Wish.NOT_TODAY: _not_today, Wish.LATER: _later, Wish.DID_NOT_COME: _did_not_come, Wish.CHANGE_ADDRESS: _change_address,
}  # fmt: skip


# --- done -------------------------------------------------------------------------------------------------------------


def record_call(turn: Turn, call: RecordCall) -> None:
    """A person at the window writes down what a caller wants. The outcome's `rules` are what followed."""
    visit = turn.find_commanded(call.command_id, call.visit_id)
    if visit is None:
        return
    if call.wish is Wish.NOT_TODAY and visit.state is VisitState.CANCELLED:
        turn.settle(call.command_id, "duplicate", call.visit_id)
        return
    found = _follows(turn.state, visit, call.wish)
    code = found if isinstance(found, Refusal) else _wrong_terms(turn, visit, call)
    if isinstance(found, Refusal) or code is not None:
        turn.settle(call.command_id, "refused", call.visit_id, code)
        return
    _DO[call.wish](turn, visit, call)
    turn.settle(call.command_id, "accepted", call.visit_id, rules=found)
    turn.dirty()


def _wrong_terms(turn: Turn, visit: VisitRecord, call: RecordCall) -> Refusal | None:
    """What is wrong with the time or place that was asked for."""
    if call.wish is Wish.LATER:
        if call.later_at is None or call.later_at <= max(turn.now_at, visit.spec.due_at):
            return Refusal.TIME_IN_PAST
        if call.later_at > latest_at(turn.state, visit):
            return Refusal.MEAL_TOO_OLD if visit.spec.kitchen_id and visit.spec.freshness_s else Refusal.AFTER_HOURS
    if call.wish is Wish.CHANGE_ADDRESS:
        if call.dong not in turn.state.runtime.geography.area_of_dong:
            return Refusal.UNKNOWN_DONG
        return Refusal.WRONG_FIELD if call.place is None else refuse_place(turn, call.place)
    return None


def _do_not_today(turn: Turn, visit: VisitRecord, call: RecordCall) -> None:
    cooked = bool(visit.spec.kitchen_id) and is_cooked(turn.state, visit)
    holders = list(visit.accepted_ids) if visit.picked_up_at is not None else []
    remember(turn, call.command_id, [call.visit_id])
    cancel(turn, call.visit_id, turn.received.actor, NOT_TODAY)
    for worker_id in holders:
        turn.emit(
            d.DoorstepInstructed(
                visit_id=call.visit_id, organisation=turn.state.workers[worker_id].profile.organisation, worker_id=worker_id,
                instruction="return_to_kitchen", at=turn.now_at,
            )
        )  # fmt: skip
    if cooked:  # it is paid for: somebody may still eat it
        exceptions.raise_about(turn, LEFT_OVER, call.visit_id, exceptions.COORDINATOR)


def _do_later(turn: Turn, visit: VisitRecord, call: RecordCall) -> None:
    assert call.later_at is not None
    spec, by = visit.spec, call.later_at - visit.spec.due_at
    _promise_anew(
        turn, visit,
        _terms(turn, visit, Wish.LATER, spec.window_start_at + by, spec.window_end_at + by, call.later_at),
    )  # fmt: skip


def _do_change_address(turn: Turn, visit: VisitRecord, call: RecordCall) -> None:
    spec = visit.spec
    if _why_it_stays(turn.state, visit) is not None:  # a worker is on the way
        due_s = turn.policy.doorstep_call_s
        exceptions.raise_about(turn, ADDRESS, call.visit_id, exceptions.COORDINATOR, detail=call.dong, due_s=due_s)
        return
    _promise_anew(turn, visit, _terms(
        turn, visit, Wish.CHANGE_ADDRESS, spec.window_start_at, spec.window_end_at, spec.due_at, call
    ))  # fmt: skip


def _terms(
    turn: Turn, visit: VisitRecord, wish: Wish, start_at: datetime, end_at: datetime, due_at: datetime,
    to: RecordCall | None = None,
) -> TermsChanged:  # fmt: skip
    spec = visit.spec
    dong, place = (to.dong, to.place) if to is not None and to.place is not None else (spec.dong, spec.place)
    return TermsChanged(
        visit_id=spec.visit_id, window_start_at=start_at, window_end_at=end_at, due_at=due_at, dong=dong,
        area_id=turn.state.runtime.geography.area_of_dong[dong], place=place, wish=wish.value, by=turn.received.actor,
        at=turn.now_at,
    )  # fmt: skip


def _promise_anew(turn: Turn, visit: VisitRecord, terms: TermsChanged) -> None:
    """Out of its route, with the new terms, and placed at once or on the ladder."""
    free(turn, visit)
    turn.emit(terms)
    place_or_wait(turn, visit.spec.visit_id)


def _do_did_not_come(turn: Turn, visit: VisitRecord, call: RecordCall) -> None:
    spec, state = visit.spec, visit.state
    if state is VisitState.NO_ANSWER:
        doorstep.opens_after_all(turn, call.visit_id)
    elif state in (VisitState.FAILED, VisitState.HANDED_OVER) and not missed_by(visit, turn.config):
        corrections.open_again(turn, call.visit_id, visit, "recipient_called")
    elif state in CLOSED or turn.now_at > spec.due_at:
        exceptions.raise_about(
            turn, doorstep.NOT_RECEIVED, call.visit_id, exceptions.care_manager_of(spec.dong), detail=_SAID.get(state, ""),
            due_s=turn.policy.not_received_s,
        )  # fmt: skip


_SAID = {VisitState.DONE: SAID_DELIVERED, VisitState.CANCELLED: WAS_CANCELLED}
"""What the log says against it. Overdue (""), it settles itself when the door is reached."""

_DO = {
    Wish.NOT_TODAY: _do_not_today, Wish.LATER: _do_later, Wish.DID_NOT_COME: _do_did_not_come,
    Wish.CHANGE_ADDRESS: _do_change_address,
}  # fmt: skip
