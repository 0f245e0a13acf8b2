"""The side that asks other districts for help: it alone decides who supplies, and tells nobody whose need it is before."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import OtherDistrict
from streams.contracts.help import NeedTerms
from streams.core import between_districts as between, rungs
from streams.core.between_districts import DISTRICT_PREFIX, AskState, Kind, Own
from streams.core.messages import again_s, say
from streams.core.state import AskRecord, VisitRecord
from streams.core.turn import Turn

ASK_TRIES = 6  # a district that has not answered by then is left alone; its late offer would still be heard
ASKED_AGAIN = 2  # a district that offered and did not come about is asked this often in all


def ask_districts(turn: Turn, visit_id: str) -> None:
    """Ask every district up to the visit's rung that is not being asked, has not declined, and may do this service."""
    visit = turn.state.visits[visit_id]
    rung = rungs.rung_at(turn, visit.rung)
    if rung.name not in rungs.ELSEWHERE or visit.spec.kitchen_id or visit.guest_of:
        return  # a meal needs a kitchen of the district that carries it
    names = rungs.ELSEWHERE[: rungs.ELSEWHERE.index(rung.name) + 1]
    for other in [one for name in names for one in rungs.districts_on(turn, name)]:
        if not other.services or visit.spec.service in other.services:
            _ask(turn, visit, other)


def _ask(turn: Turn, visit: VisitRecord, other: OtherDistrict) -> None:
    before = [one for one in _asks(turn, visit) if one.asked.district == other.district]
    if any(one.state in between.OPEN or one.state == AskState.RELEASING for one in before) or len(before) >= ASKED_AGAIN:
        return
    answers = [turn.state.claims[one.asked.ask_id].outcome for one in before if one.asked.ask_id in turn.state.claims]
    if "declined" in answers or any(one.declined for one in before):
        return  # our coordinator said no, or they did
    visit_id = visit.spec.visit_id
    ask_id = f"{visit_id}:{other.district}:{len(before) + 1}"
    supplier = f"{DISTRICT_PREFIX}{other.district}"
    turn.emit(
        d.HelpAsked(
            ask_id=ask_id, visit_id=visit_id, district=other.district, rung=rungs.rung_at(turn, visit.rung).name.value,
            price_krw=rungs.price_krw(turn, supplier, visit), at=turn.now_at,
        )
    )  # fmt: skip
    _say(turn, turn.state.asks[ask_id], Kind.ASKED)


def _asks(turn: Turn, visit: VisitRecord) -> list[AskRecord]:
    return [turn.state.asks[ask_id] for ask_id in visit.ask_ids]


def _say(turn: Turn, ask: AskRecord, kind: Kind) -> None:
    spec = turn.state.visits[ask.asked.visit_id].spec
    terms = NeedTerms(
        service=spec.service, dong=spec.dong, place=spec.place, window_start_at=spec.window_start_at,
        window_end_at=spec.window_end_at, due_at=spec.due_at, service_duration_s=spec.service_duration_s,
        priority=spec.priority, worker_count=spec.worker_count, required_skills=spec.required_skills, gender=spec.gender,
        risk=spec.risk, tasks=spec.tasks,
    ) if kind is Kind.ASKED else None  # fmt: skip
    say(
        turn, ask.asked.district, kind, ask.asked.ask_id, spec.visit_id, service=spec.service.value, priority=spec.priority,
        price_krw=ask.asked.price_krw, terms=terms, recipient_id=spec.recipient_id if kind is Kind.ACCEPTED else "",
    )  # fmt: skip
    if ask.state in between.SAID_AGAIN["asker"]:
        turn.alarm(f"ask:{ask.asked.ask_id}", again_s(turn, ask.tries))
    else:
        turn.silence(f"ask:{ask.asked.ask_id}")


def move(turn: Turn, ask: AskRecord, event: str, heard: int = 0) -> bool:
    """One step of the table; False when the event says nothing in this state."""
    found = between.step(between.ASKER, ask.state, event)
    if found is None:
        if heard:
            _note(turn, ask, event, ask.state, heard)
        return False
    _note(turn, ask, event, found.state, heard)
    if found.say is not None:
        _say(turn, ask, found.say)
    elif found.state not in between.SAID_AGAIN["asker"]:
        turn.silence(f"ask:{ask.asked.ask_id}")
    return True


def _note(turn: Turn, ask: AskRecord, event: str, state: str, heard: int) -> None:
    turn.emit(
        d.HelpMoved(
            side="asker", key=ask.asked.ask_id, event=str(event), state=str(state), heard=heard, visit_id=ask.asked.visit_id,
            at=turn.now_at,
        )
    )  # fmt: skip


def accept(turn: Turn, ask_id: str) -> None:
    """Theirs: from now on nobody else gets the visit until they have let it go."""
    move(turn, turn.state.asks[ask_id], Own.ACCEPT)


def release(turn: Turn, ask_id: str) -> None:
    move(turn, turn.state.asks[ask_id], Own.RELEASE)


def release_all(turn: Turn, visit: VisitRecord) -> None:
    """The need is another one now, or goes another way: nobody is to keep somebody free for what was asked before."""
    for ask in _asks(turn, visit):
        if ask.state in (AskState.ASKED, AskState.OFFERED):
            move(turn, ask, Own.RELEASE)


def take_back(turn: Turn, ask_id: str) -> bool:
    """A coordinator takes the visit back from a district that has it; it is open again once they have let it go."""
    ask = turn.state.asks.get(ask_id)
    return ask is not None and ask.state in (AskState.ACCEPTED, AskState.CONFIRMED) and move(turn, ask, Own.RELEASE)


def find_offered(turn: Turn, visit: VisitRecord) -> AskRecord | None:
    """The first district that has offered and still keeps somebody for it."""
    return next((one for one in _asks(turn, visit) if one.state == AskState.OFFERED), None)


def overdue(turn: Turn, ask_id: str) -> None:
    """No answer: say it again, more slowly each time; an acceptance that stays unconfirmed is taken back."""
    ask = turn.state.asks[ask_id]
    if ask.state not in between.SAID_AGAIN["asker"]:
        turn.silence(f"ask:{ask_id}")
        return
    unconfirmed = ask.state == AskState.ACCEPTED and (turn.now_at - ask.moved_at).total_seconds() >= turn.policy.help_confirm_s
    if unconfirmed:
        move(turn, ask, Own.RELEASE)
    elif ask.state == AskState.ASKED and ask.tries >= ASK_TRIES:
        turn.silence(f"ask:{ask_id}")
    else:
        _say(turn, ask, between.SAID_AGAIN["asker"][ask.state])


def visit_moved(turn: Turn, change: d.VisitChanged) -> None:
    """The visit went another way, or one district has it for good: all others are released."""
    visit = turn.state.visits[change.visit_id]
    if visit.state is VisitState.WAITING:
        return
    helped = change.event is VisitEvent.HELPED
    for ask in _asks(turn, visit):
        theirs = ask.state in (AskState.ACCEPTED, AskState.CONFIRMED, AskState.DONE, AskState.FAILED)
        still_theirs = theirs and (helped or visit.state in (VisitState.ACCEPTED, VisitState.ARRIVED))
        if ask.state in between.OPEN and not still_theirs:
            move(turn, ask, Own.RELEASE)
