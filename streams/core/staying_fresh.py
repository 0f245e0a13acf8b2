"""Meals that could be had earlier, and must not be.

A rider never waits by choice. Where the door has to wait (for the visit that comes before it, or for its window), a meal that
leaves its kitchen earlier than planned is stale there; and what had room while the rider waited, a rest or a parcel, has none any
more. That comes about when a failed kitchen is back before it was expected, and when a visit leaves the route. The pickup is put
off then to a time at which all is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

import routing
from streams.contracts.disruptions import PickupPutOff
from streams.core.as_routing import ready_at
from streams.core.disruption_record import MODE, DisruptionRecord
from streams.core.gap_room import rules_broken
from streams.core.instants import instant, seconds
from streams.core.placing import retime
from streams.core.replanning import current_plan
from streams.core.turn import Turn


def had_sooner(turn: Turn, record: DisruptionRecord) -> dict[str, routing.Visit]:
    """Visits in routes whose meals can be had earlier once this disruption is over, as routing sees them then."""
    if record.kind == MODE or record.until_at <= turn.now_at:
        return {}
    state, runtime = turn.state, turn.state.runtime
    runtime.catch_up()
    found = {}
    for visit_id, visit in sorted(runtime.problem.visits.items()):
        if visit.pickup is not None and state.visits[visit_id].worker_ids:
            ready_s = seconds(ready_at(state, state.visits[visit_id], over=record.disruption_id))
            if ready_s < visit.pickup.ready_s:
                found[visit_id] = _fetched_from(visit, ready_s)
    return found


def stay_as_planned(turn: Turn, sooner: Mapping[str, routing.Visit]) -> tuple[str, ...]:
    """Which of these are not to be had earlier, so that the plan breaks no rule that it does not break now."""
    if not sooner:
        return ()
    now = rules_broken(_violations(turn, {}))
    free = dict(sooner)
    while free:
        new = [violation for violation in _violations(turn, free) if rules_broken([violation]) - now]
        if not new:
            break
        hit = {violation.worker_id for violation in new}
        # the rule may be broken by somebody who waits for the rider
        for visit_id in [one for one in free if hit.intersection(turn.state.visits[one].worker_ids)] or list(free):
            del free[visit_id]
    return tuple(visit_id for visit_id in sooner if visit_id not in free)


def stay_fresh(turn: Turn, worker_id: str) -> None:
    """Put off the pickups of a worker who has lost another visit, and would be at the kitchen too early now."""
    runtime = turn.state.runtime
    runtime.catch_up()
    visits = runtime.problem.visits
    if worker_id not in runtime.problem.workers or runtime.index.is_feasible(worker_id):
        return
    begin_s = {visit_id: ceil(at_s) for visit_id, at_s in routing.stale_pickups(runtime.index, worker_id).items()}
    put_off = {visit_id: _fetched_from(visits[visit_id], at_s) for visit_id, at_s in begin_s.items()}
    if not put_off or not rules_broken(_violations(turn, put_off)) < rules_broken(_violations(turn, {})):
        return  # who is late anyway is not to be later
    for visit_id, at_s in begin_s.items():
        turn.emit(PickupPutOff(visit_id=visit_id, ready_at=instant(at_s)))
    retime(turn, worker_id, why="relief")


def _fetched_from(visit: routing.Visit, ready_s: int) -> routing.Visit:
    assert visit.pickup is not None
    return replace(visit, pickup=replace(visit.pickup, ready_s=ready_s))


def _violations(turn: Turn, otherwise: Mapping[str, routing.Visit]) -> list[routing.Violation]:
    """What the running plan breaks, were these visits so."""
    problem = turn.state.runtime.problem
    imagined = replace(problem, visits={**problem.visits, **otherwise})
    return routing.check(imagined, current_plan(turn.state.runtime, turn))
