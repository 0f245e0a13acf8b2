"""The side that helps another district: it keeps somebody free for the need, learns whose it is when that is confirmed, serves it
and says how it ended. What it has reserved it keeps until the other district lets it go."""

from __future__ import annotations

from dataclasses import replace

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import RungName
from streams.contracts.inputs import DistrictMessage
from streams.contracts.refusals import Refusal
from streams.core import between_districts as between, exceptions, rungs
from streams.core.as_routing import routing_visit
from streams.core.between_districts import DISTRICT_PREFIX, GuestState, Kind, Own
from streams.core.eligibility import ruled_out
from streams.core.lifecycle import CLOSED
from streams.core.losing import take_from
from streams.core.messages import again_s, say
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place, take_out
from streams.core.state import GuestRecord, VisitRecord
from streams.core.turn import Turn

RELEASED = "help_released"
WITHDRAWN = "help_withdrawn"


def heard(turn: Turn, message: DistrictMessage) -> None:
    """The district that asks says how far it is. An older message that comes late is not news."""
    guest_id = between.guest_id_of(message.sender, message.ask_id)
    guest = turn.state.guests.get(guest_id)
    if guest is None:
        turn.emit(
            d.HelpHeard(
                guest_id=guest_id, ask_id=message.ask_id, district=message.sender, terms=message.terms, at=turn.now_at
            )
        )
        guest = turn.state.guests[guest_id]
        if message.kind == Kind.ASKED and message.terms is not None:
            _move(turn, guest, Kind.ASKED, message.index)
            _consider(turn, guest)
            return
    if message.index <= guest.heard:
        return
    kind = Kind(message.kind)
    in_the_house = kind is Kind.RELEASED and guest.state == GuestState.CONFIRMED and not _can_leave(turn, guest)
    _move(turn, guest, Own.TOO_LATE if in_the_house else kind, message.index, recipient_id=message.recipient_id)
    visit = turn.state.visits.get(guest_id)
    if guest.state == GuestState.CONFIRMED and kind is Kind.ACCEPTED:
        _keep_apart(turn, guest_id)
        if guest.claimed_by:
            _accepted_by_claim(turn, guest)
    elif guest.state == GuestState.ENDED:
        _settle_asked(turn, guest)
        if visit is not None and visit.state not in CLOSED:
            _cancel(turn, guest_id, RELEASED)


def _keep_apart(turn: Turn, guest_id: str) -> None:
    """Now it is told whose need it is: who of ours is not to meet this recipient is replaced, or nobody of ours goes."""
    visit = turn.state.visits[guest_id]
    if visit.state is VisitState.PLANNED and ruled_out(turn.state, visit) & set(visit.worker_ids):
        take_from(turn, guest_id, routing.Rule.EXCLUDED.value)
        if not place(turn, guest_id):
            cannot_serve(turn, guest_id)


def _can_leave(turn: Turn, guest: GuestRecord) -> bool:
    visit = turn.state.visits.get(guest.asked.guest_id)
    return visit is None or turn.can(visit, VisitEvent.CANCELLED) or visit.state in CLOSED


def _move(turn: Turn, guest: GuestRecord, event: str, heard: int = 0, recipient_id: str = "") -> None:
    """One step of the table; an event that says nothing in this state only counts as heard."""
    found = between.step(between.HELPER, guest.state, event)
    if found is None and not heard:
        return
    turn.emit(
        d.HelpMoved(
            side="helper", key=guest.asked.guest_id, event=str(event), state=str(found.state if found else guest.state),
            heard=heard, visit_id=guest.asked.guest_id, at=turn.now_at, recipient_id=recipient_id, worker_id=guest.claimed_by,
        )
    )  # fmt: skip
    if found is not None and found.say is not None:
        _say(turn, guest, found.say)
    elif guest.state not in between.SAID_AGAIN["helper"]:
        turn.silence(f"guest:{guest.asked.guest_id}")


def _say(turn: Turn, guest: GuestRecord, kind: Kind) -> None:
    visit = turn.state.visits.get(guest.asked.guest_id)
    say(
        turn, guest.asked.district, kind, guest.asked.ask_id, guest.asked.ask_id.partition(":")[0],
        reason=visit.reason if visit is not None and kind is Kind.FAILED else "",
        arrived_at=visit.arrived_at if visit is not None else None, done_at=visit.done_at if visit is not None else None,
        tasks_done=tuple(visit.tasks_done) if visit is not None and kind is Kind.DONE else (),
    )  # fmt: skip
    if guest.state in between.SAID_AGAIN["helper"]:
        turn.alarm(f"guest:{guest.asked.guest_id}", again_s(turn, guest.tries))
    else:
        turn.silence(f"guest:{guest.asked.guest_id}")


def overdue(turn: Turn, guest_id: str) -> None:
    """No answer: say it again, more slowly each time."""
    guest = turn.state.guests[guest_id]
    kind = between.SAID_AGAIN["helper"].get(GuestState(guest.state))
    if kind is None:
        turn.silence(f"guest:{guest_id}")
    else:
        _say(turn, guest, kind)


def _consider(turn: Turn, guest: GuestRecord) -> None:
    """Offer at once where that is agreed and the plan has room; else our providers and the coordinator see it."""
    if turn.state.closed_date:
        _move(turn, guest, Own.DECLINE)
        return
    if rungs.find_other(turn, guest.asked.district).offer_at_once:
        _move_or_decline(turn, guest)
        return
    exceptions.raise_exception(turn, "help_asked", guest.asked.guest_id, exceptions.COORDINATOR, area_id=_area_of(turn, guest))
    able = _able_organisations(turn, guest)
    if able:
        assert guest.asked.terms is not None
        turn.emit(
            d.NeedOpened(
                visit_id=guest.asked.guest_id, rung=RungName.CITY.value, organisations=able, price_krw=0, at=turn.now_at,
                guest=guest.asked.terms,
            )
        )  # fmt: skip


def _move_or_decline(turn: Turn, guest: GuestRecord) -> None:
    if not _offer(turn, guest):
        _move(turn, guest, Own.DECLINE)


def answer_asked(turn: Turn, guest_id: str, outcome: str) -> None:
    """What the coordinator says to another district's need: somebody of ours if there is room, or no."""
    guest = turn.state.guests.get(guest_id)
    if guest is None or guest.state != GuestState.ASKED:
        return
    if outcome == "help_offered":
        _move_or_decline(turn, guest)
    elif outcome == "help_declined":
        _move(turn, guest, Own.DECLINE)
        _close_need(turn, guest, "help_declined")


def claim_guest(turn: Turn, guest_id: str, organisation: str, worker_id: str) -> Refusal | None:
    """A provider of ours takes another district's need upon itself: that is our offer to them."""
    guest = turn.state.guests[guest_id]
    if guest.state != GuestState.ASKED or organisation not in guest.open_to:
        return Refusal.NEED_NOT_OPEN
    workers = turn.state.workers
    named = workers.get(worker_id)
    if worker_id and (named is None or named.profile.organisation != organisation):
        return Refusal.NOT_YOUR_WORKER
    own = [worker_id] if worker_id else sorted(w for w, one in workers.items() if one.profile.organisation == organisation)
    return None if _offer(turn, guest, tuple(own)) else Refusal.NO_WORKER_FREE


def _area_of(turn: Turn, guest: GuestRecord) -> str:
    """The living area of ours that is nearest to their door."""
    geography, terms = turn.state.runtime.geography, guest.asked.terms
    assert terms is not None
    if terms.dong in geography.area_of_dong:
        return geography.area_of_dong[terms.dong]
    door = geography.project(terms.place)

    def far(code: str) -> float:
        near = geography.project(geography.dongs[code].centroid)
        return (near.x_m - door.x_m) ** 2 + (near.y_m - door.y_m) ** 2

    nearest = min(sorted(geography.area_of_dong), key=far)
    return geography.area_of_dong[nearest]


def _as_visit(turn: Turn, guest: GuestRecord) -> d.VisitRequested:
    terms = guest.asked.terms
    assert terms is not None
    return d.VisitRequested(
        visit_id=guest.asked.guest_id, reference=f"help-{guest.asked.guest_id[:13]}", body_hash="",
        organisation=f"{DISTRICT_PREFIX}{guest.asked.district}", recipient_id="", service=terms.service, dong=terms.dong,
        area_id=_area_of(turn, guest), place=terms.place, window_start_at=terms.window_start_at, window_end_at=terms.window_end_at,
        due_at=terms.due_at, service_duration_s=terms.service_duration_s, priority=terms.priority,
        worker_count=terms.worker_count, required_skills=terms.required_skills, excluded_workers=(), gender=terms.gender,
        kitchen_id="", meal_kind=None, ready_at=None, freshness_s=0, boxes=1, may_leave_at_door=False, risk=terms.risk,
        at=turn.now_at, tasks=terms.tasks,
    )  # fmt: skip


def _wanted(turn: Turn, guest: GuestRecord) -> routing.Visit:
    """The need as routing sees it, everybody allowed whom the widest rung of the district itself allows."""
    runtime = turn.state.runtime
    runtime.catch_up()
    spec = _as_visit(turn, guest)
    visit = routing_visit(turn.state, VisitRecord(spec=spec, state=VisitState.WAITING, changed_at=turn.now_at))
    return replace(visit, allowed_area_prices=dict.fromkeys(runtime.geography.area_prices(spec.area_id, _widest(turn)), 0))


def _able_organisations(turn: Turn, guest: GuestRecord) -> tuple[str, ...]:
    wanted, problem = _wanted(turn, guest), turn.state.runtime.problem
    able = {
        worker.organisation for worker_id, worker in sorted(problem.workers.items()) if routing.obstacle(worker, wanted) is None
    }
    return tuple(p.provider_id for p in turn.config.providers if p.provider_id in able)


def _offer(turn: Turn, guest: GuestRecord, only: tuple[str, ...] = ()) -> bool:
    """Keep somebody free for it: a visit of our plan, without a recipient. False when nobody can be there in time."""
    guest_id, wanted = guest.asked.guest_id, _wanted(turn, guest)
    if only:
        wanted = replace(wanted, pinned_worker_ids=frozenset(only))
    found = turn.state.runtime.index.insert(wanted)
    if isinstance(found, routing.Unassignable) or wanted.latest_s < turn.now_at.timestamp():
        return False
    chosen = found.routes[0].worker_id
    turn.emit(_as_visit(turn, guest))
    turn.emit(d.RungClimbed(visit_id=guest_id, rung=_widest(turn)))
    moved = d.HelpMoved(
        side="helper", key=guest_id, event=Own.OFFER.value, state=GuestState.RESERVED.value, heard=0, visit_id=guest_id,
        at=turn.now_at, worker_id=chosen if only else "",
    )  # fmt: skip
    turn.emit(moved)
    if not place(turn, guest_id, only_worker_id=chosen if wanted.worker_count == 1 else "", named=True):
        raise AssertionError("who was free a moment ago is not")
    _say(turn, guest, Kind.OFFERED)
    _settle_asked(turn, guest)
    _close_need(turn, guest, "help_offered")
    turn.dirty()
    return True


def _widest(turn: Turn) -> int:
    """A guest may be served by anybody of the district from the start."""
    return next(n for n, rung in enumerate(turn.policy.ladder) if rungs.is_own_top(turn, n))


def _settle_asked(turn: Turn, guest: GuestRecord) -> None:
    exceptions.settle_if_open(turn, "help_asked", guest.asked.guest_id)


def _close_need(turn: Turn, guest: GuestRecord, reason: str) -> None:
    if guest.open_to:
        turn.emit(
            d.NeedClosed(visit_id=guest.asked.guest_id, organisations=tuple(guest.open_to), reason=reason, at=turn.now_at)
        )


def _accepted_by_claim(turn: Turn, guest: GuestRecord) -> None:
    """The provider that claimed it has said yes already: its worker has the visit."""
    guest_id = guest.asked.guest_id
    visit = turn.state.visits[guest_id]
    if visit.state is VisitState.PLANNED and guest.claimed_by in visit.worker_ids:
        organisation = turn.state.workers[guest.claimed_by].profile.organisation
        turn.change(
            guest_id, VisitEvent.ACCEPTED, actor=f"organisation:{organisation}", worker_id=guest.claimed_by, reason="claimed"
        )


def _cancel(turn: Turn, guest_id: str, reason: str) -> None:
    visit = turn.state.visits[guest_id]
    if turn.can(visit, VisitEvent.CANCELLED):
        withdraw_offers(turn, guest_id, reason=reason)
        take_out(turn, guest_id, why="offer")
        turn.change(guest_id, VisitEvent.CANCELLED, reason=reason)
        exceptions.settle_if_open(turn, "unserved", guest_id)


def cannot_serve(turn: Turn, guest_id: str) -> None:
    """Nobody of ours can go after all: the other district must look elsewhere, at once."""
    _cancel(turn, guest_id, WITHDRAWN)


def visit_moved(turn: Turn, change: d.VisitChanged) -> None:
    """What a guest's visit comes to is told to its district."""
    guest = turn.state.guests.get(change.visit_id)
    if guest is None:
        return
    match turn.state.visits[change.visit_id].state:
        case VisitState.DONE:
            _move(turn, guest, Own.FINISH)
        case VisitState.FAILED:
            _move(turn, guest, Own.FAIL)
        case VisitState.HANDED_OVER if turn.state.visits[change.visit_id].arrived_at is not None:
            _move(turn, guest, Own.FAIL)  # somebody was at the door; whoever looks further is theirs to say
        case VisitState.CANCELLED | VisitState.HANDED_OVER:
            _move(turn, guest, Own.LOSE)
        case _:
            pass
