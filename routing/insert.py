"""Cheapest feasible insertion that breaks no promise.

A stop already in the plan begins no later than max(its present begin, its due time, what its recipient was told), a
visit for two workers or in a gap not a second later; nothing goes before a route's locked stops; a meal joins a pickup
at its kitchen or makes a new one, and pickups at one kitchen are never torn apart. Ties: price, then worker id, then
positions.

Tables of legs give a lower bound for every position at once; only positions that may win are looked at exactly.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Set
from typing import TYPE_CHECKING

from routing.fits import SKILL_RULES, obstacle
from routing.insert_door import cheapest_doors, cheapest_two
from routing.insert_meal import cheapest_meals
from routing.insert_search import Found, Seat, Wanted, with_stops
from routing.model import Insertion, Plan, Problem, Route, Stop, Unassignable, Visit, Worker
from routing.pair_rules import latest_begin_s, pair_price
from routing.refusals import Code, Rule

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex


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
    seats = seats_of(index, visit, able, window.latest_s, stay_with)
    wanted = Wanted(index, visit, window)
    if visit.worker_count > 1:
        return cheapest_two(wanted, seats) or Unassignable(visit.visit_id, Code.NO_WORKER_FREE)
    search(wanted, seats)
    best = wanted.best()
    return insertion(visit, best[0]) if best else Unassignable(visit.visit_id, Code.NO_WORKER_FREE)


def search(wanted: Wanted, seats: list[Seat]) -> None:
    """Find the best ways for one worker."""
    if not seats or wanted.window.earliest_s > wanted.window.latest_s:
        return
    if wanted.visit.pickup is not None:
        cheapest_meals(wanted, wanted.visit.pickup, seats)
    else:
        cheapest_doors(wanted, seats)


def seats_of(
    index: PlanIndex, visit: Visit, able: Iterable[Worker], latest_s: float, stay_with: Container[str] = frozenset()
) -> list[Seat]:
    """The seats of workers whom no rule of the pair forbids."""
    prices = index.problem.prices
    if stay_with or prices.worker_used or visit.required_credentials or index.is_in_gap(visit):
        return [_seat_of(index, visit, worker, latest_s, stay_with) for worker in able]
    line, row = index.line, index.row
    if visit.preferred_gender or visit.preferred_worker_ids or visit.familiar_worker_ids:
        return [
            Seat(w, line(w.worker_id), row(w.worker_id), pair_price(w, visit, prices), latest_s) for w in able
        ]
    helps = visit.allowed_area_prices
    return [Seat(w, line(w.worker_id), row(w.worker_id), helps[w.area_id], latest_s) for w in able]


def _seat_of(index: PlanIndex, visit: Visit, worker: Worker, latest_s: float, stay_with: Container[str]) -> Seat:
    prices, line = index.problem.prices, index.line_beside(visit, worker.worker_id)
    price = pair_price(worker, visit, prices)
    if stay_with and worker.worker_id not in stay_with:
        price += prices.move_accepted if visit.accepted else prices.move
    if prices.worker_used and not line.route.stops:
        price += prices.worker_used
    return Seat(worker, line, index.row(worker.worker_id), price, min(latest_s, latest_begin_s(worker, visit)))


def insertion(visit: Visit, found: Found) -> Insertion:
    """A way that was found, as the whole route that it makes."""
    return Insertion(visit.visit_id, (route_of(visit, found),), found.price, found.begin_s)


def route_of(visit: Visit, found: Found) -> Route:
    kinds: tuple[Stop, ...] = (Stop(visit.visit_id, "visit"),)
    if len(found.positions) > 1:
        kinds = (Stop(visit.visit_id, "pickup"), *kinds)
    return with_stops(found.seat.line.route, *zip(found.positions, kinds, strict=True))
