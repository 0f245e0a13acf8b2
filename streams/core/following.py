"""What follows from a visit's step elsewhere in the core: for those who see the need, who claim it, and other districts; for who
is told that it comes late; and for the parcels and meals of a route that it left."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.core import asks, claims, guests, lateness
from streams.core.giving_way import give_way
from streams.core.staying_fresh import stay_fresh
from streams.core.turn import Turn


def follow(turn: Turn) -> None:
    """Look at what was decided since the last time, and at what that brings about, until nothing is left."""
    _follow_steps(turn)
    while turn.thinned:
        worker_id = turn.thinned.pop(0)
        give_way(turn, worker_id)
        stay_fresh(turn, worker_id)
        _follow_steps(turn)


def _follow_steps(turn: Turn) -> None:
    visits = turn.state.visits
    while turn.followed < len(turn.decisions):
        decision = turn.decisions[turn.followed]
        turn.followed += 1
        if type(decision) is d.RouteSet:
            lateness.route_set(turn, decision.worker_id)
        if type(decision) is d.VisitOverruled and not decision.locked:
            turn.thinned += visits[decision.visit_id].worker_ids  # what was locked in with it need not stay any more
        if type(decision) is not d.VisitChanged:
            continue
        lateness.visit_moved(turn, decision.visit_id)
        visit = visits[decision.visit_id]
        if visit.guest_of:
            guests.visit_moved(turn, decision)
        elif visit.rung or visit.open_to or visit.claim_id or visit.ask_ids:
            claims.visit_moved(turn, decision)
            if visit.ask_ids:
                asks.visit_moved(turn, decision)
