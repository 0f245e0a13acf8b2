"""The ladder of mutual help: dong, living area, district, region, city. Its rungs are data (core.rungs)."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core import asks, claims, exceptions, guests, rungs
from streams.core.lifecycle import TAKEN
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place, take_out, wait_on_rung
from streams.core.turn import Turn
from streams.core.unmet import LADDER_TOP, NOT_SERVED_IN_TIME, record_unmet

GIVE_UP_AGAIN_S = 1800  # a visit under way past its end is looked at again after this


def climb(turn: Turn, visit_id: str) -> None:
    """A visit has waited its time on this rung: try again, then one rung higher, where others see it; once nobody of the
    district itself is left a person has it too, at the top it is written down as unmet."""
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.WAITING:
        turn.silence(f"rung:{visit_id}")
        return
    if visit.held_by:
        wait_on_rung(turn, visit_id)  # somebody is about to have it
        return
    if place(turn, visit_id):
        return
    if visit.guest_of:
        guests.cannot_serve(turn, visit_id)
        return
    higher = rungs.next_rung(turn, visit.rung)
    if higher is not None:
        turn.emit(d.RungClimbed(visit_id=visit_id, rung=higher))
        if place(turn, visit_id):
            return
    if rungs.is_own_top(turn, visit.rung) and exceptions.find_open(turn, "unserved", visit_id) is None:
        exceptions.raise_about(turn, "unserved", visit_id, exceptions.COORDINATOR)
    if rungs.next_rung(turn, visit.rung) is None:
        record_unmet(turn, visit_id, LADDER_TOP)
    claims.open_need(turn, visit_id)
    asks.ask_districts(turn, visit_id)
    wait_on_rung(turn, visit_id)


def give_up(turn: Turn, visit_id: str) -> None:
    """The time is over: what nobody has taken is handed to the coordinator; what is under way is looked at again."""
    visit = turn.state.visits[visit_id]
    if visit.state in TAKEN:
        if visit.held_by:
            exceptions.raise_about(turn, "help_overdue", visit_id, exceptions.COORDINATOR)
        turn.alarm(f"give_up:{visit_id}", GIVE_UP_AGAIN_S)
        return
    if visit.guest_of:
        guests.cannot_serve(turn, visit_id)
        return
    record_unmet(turn, visit_id, NOT_SERVED_IN_TIME)
    hand_over(turn, visit_id, exceptions.COORDINATOR, reason=NOT_SERVED_IN_TIME)


def hand_over(turn: Turn, visit_id: str, owner: str, reason: str, *, known: bool = False) -> None:
    """Put a visit into a named role's hands, out of every route; unless `known`, it is raised with them."""
    withdraw_offers(turn, visit_id, reason=reason)
    take_out(turn, visit_id, why="report")
    turn.change(visit_id, VisitEvent.HANDED_OVER, actor=owner, reason=reason)
    if not known:
        exceptions.raise_about(turn, "unserved", visit_id, owner)
