"""The ladder of mutual help: own living area, neighbouring areas, the whole district; then a person, and other districts."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.core import exceptions
from streams.core.lifecycle import TAKEN
from streams.core.offers import withdraw_offers
from streams.core.placing import place, take_out, wait_on_rung
from streams.core.turn import Turn
from streams.core.unmet import LADDER_TOP, NOT_SERVED_IN_TIME, record_unmet

TOP_RUNG = 2
GIVE_UP_AGAIN_S = 1800  # a visit under way past its end is looked at again after this


def climb(turn: Turn, visit_id: str) -> None:
    """A visit has waited its time on this rung: try again, then one rung higher; at the top a person has it too."""
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.WAITING:
        turn.silence(f"rung:{visit_id}")
        return
    if place(turn, visit_id):
        return
    if visit.rung < TOP_RUNG:
        turn.emit(d.RungClimbed(visit_id=visit_id, rung=visit.rung + 1))
        if place(turn, visit_id):
            return
    if visit.rung >= TOP_RUNG and exceptions.find_open(turn, "unserved", visit_id) is None:
        exceptions.raise_exception(
            turn, "unserved", visit_id, exceptions.COORDINATOR, dong=visit.spec.dong, area_id=visit.spec.area_id
        )
        record_unmet(turn, visit_id, LADDER_TOP)
        _ask_other_districts(turn, visit_id)
    wait_on_rung(turn, visit_id)


def _ask_other_districts(turn: Turn, visit_id: str) -> None:
    spec = turn.state.visits[visit_id].spec
    for district in turn.config.helping_districts:
        turn.emit(
            d.DistrictMessageSent(
                to=district, index=turn.state.totals.messages + 1, kind="help_asked", visit_id=visit_id,
                service=spec.service.value, priority=spec.priority,
            )
        )  # fmt: skip


def give_up(turn: Turn, visit_id: str) -> None:
    """The time is over: what nobody has taken is handed to the coordinator; what is under way is looked at again."""
    visit = turn.state.visits[visit_id]
    if visit.state in TAKEN:
        turn.alarm(f"give_up:{visit_id}", GIVE_UP_AGAIN_S)
        return
    record_unmet(turn, visit_id, NOT_SERVED_IN_TIME)
    hand_over(turn, visit_id, exceptions.COORDINATOR, reason=NOT_SERVED_IN_TIME)


def hand_over(turn: Turn, visit_id: str, owner: str, reason: str, *, known: bool = False) -> None:
    """Put a visit into a named role's hands, out of every route; unless `known`, it is raised with them."""
    visit = turn.state.visits[visit_id]
    withdraw_offers(turn, visit_id, reason=reason)
    take_out(turn, visit_id, why="report")
    turn.change(visit_id, VisitEvent.HANDED_OVER, actor=owner, reason=reason)
    if not known:
        exceptions.raise_exception(turn, "unserved", visit_id, owner, dong=visit.spec.dong, area_id=visit.spec.area_id)
