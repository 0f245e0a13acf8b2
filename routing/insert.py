"""Cheapest feasible insertion that breaks no promise.

A stop already in the plan begins no later than max(its present begin, its due time, what its recipient was told), a
visit for two workers or in a gap not a second later; nothing goes before a route's locked stops; a meal joins a pickup
at its kitchen or makes a new one, and pickups at one kitchen are never torn apart. Ties: price, then worker id, then
positions.

Tables of legs give a lower bound for every position at once; only positions that may win are looked at exactly.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from routing.fits import SKILL_RULES, obstacle
from routing.insert_door import cheapest_doors, cheapest_two
from routing.insert_field import ROUNDING_S, SLACK_S, Field, Seats
from routing.insert_meal import cheapest_meals
from routing.insert_search import Found, Wanted, with_stops
from routing.model import Insertion, Plan, Problem, Route, Stop, Unassignable, Visit, Worker
from routing.refusals import Code, Rule

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex, Window


def insert(problem: Problem, plan: Plan, visit: Visit) -> Insertion | Unassignable:
    """Where `visit` (in no route of `plan`) goes at the least price, or why it goes nowhere. Builds a `PlanIndex` for
    the one call: who inserts often keeps an index."""
    from routing.plan_index import PlanIndex

    return cheapest(PlanIndex(problem, plan), visit)


def cheapest(index: PlanIndex, visit: Visit, stay_with: Set[str] = frozenset()) -> Insertion | Unassignable:
    """`insert` on an index that the caller keeps. The index is not changed. A worker not among `stay_with` (if there
    are any) costs the price of a move."""
    able: list[Worker] = []
    skilled = near = 0
    workers = index.problem.workers
    window, elsewhere = index.window(visit), index.holders_apart(visit)
    for worker_id in index.worker_ids():
        worker = workers[worker_id]
        rule = obstacle(worker, visit)
        if elsewhere and rule is None and worker_id in elsewhere:
            rule = Rule.DIFFERENT_WORKERS
        if rule is None:
            able.append(worker)
        elif rule not in SKILL_RULES:
            skilled += 1
            near += rule not in (Rule.AREA, Rule.BANNED_AREA)
    if len(able) < visit.worker_count:
        if len(able) + skilled < visit.worker_count:
            return Unassignable(visit.visit_id, Code.NO_SKILLED_WORKER)
        alone = len(able) + near < visit.worker_count
        return Unassignable(visit.visit_id, Code.NO_WORKER_IN_AREA if alone else Code.NO_WORKER_FREE)
    seats = Seats(_field(index, visit, able, window), visit, able, window.latest_s, stay_with)
    wanted = Wanted(index, visit, window)
    if visit.worker_count > 1:
        return cheapest_two(wanted, seats) or Unassignable(visit.visit_id, Code.NO_WORKER_FREE)
    search(wanted, seats)
    best = wanted.best()
    return insertion(visit, best[0]) if best else Unassignable(visit.visit_id, Code.NO_WORKER_FREE)


def _field(index: PlanIndex, visit: Visit, able: list[Worker], window: Window) -> Field:
    """Of boundaries that time does not rule out at first sight."""
    reach_s = window.earliest_s + visit.service_duration_s
    if visit.pickup is not None:
        reach_s = min(reach_s, visit.pickup.ready_s + visit.pickup.service_duration_s)
    return Field(index, able, window.latest_s - visit.access_duration_s + ROUNDING_S, reach_s - SLACK_S)


def search(wanted: Wanted, seats: Seats) -> None:
    """Find the best ways for one worker."""
    if not seats.able or wanted.window.earliest_s > wanted.window.latest_s:
        return
    if wanted.visit.pickup is not None:
        cheapest_meals(wanted, wanted.visit.pickup, seats)
    else:
        cheapest_doors(wanted, seats)


def insertion(visit: Visit, found: Found) -> Insertion:
    """A way that was found, as the whole route that it makes."""
    return Insertion(visit.visit_id, (route_of(visit, found),), found.price, found.begin_s)


def route_of(visit: Visit, found: Found) -> Route:
    kinds: tuple[Stop, ...] = (Stop(visit.visit_id, "visit"),)
    if len(found.positions) > 1:
        kinds = (Stop(visit.visit_id, "pickup"), *kinds)
    return with_stops(found.seat.line.route, *zip(found.positions, kinds, strict=True))
