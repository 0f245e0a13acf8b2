"""Ruin and recreate: take some visits out of a plan, put them back by cheapest insertion, keep what is better.

The companion of OR-Tools (`rounds`), deterministic: the number of rounds and the seed decide. Locked stops, meals
onboard and visits for two workers stay where they are.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping

from routing.model import Place, Problem, Route, Unassignable, Visit
from routing.plan_index import PlanIndex
from routing.schedule import price_unserved

MOST_REMOVED = 10
NEIGHBOURS = 30
COOLING_END = 0.02  # the last round accepts a plan this share of the first round's allowance worse
ALLOWANCE_S = 120  # of travel: the first round accepts plans worse by up to this


def improve(
    index: PlanIndex,
    waiting: set[str],
    home: Mapping[str, frozenset[str]],
    iterations: int,
    rng: random.Random,
    stop: Callable[[], bool],
) -> None:
    """Better the plan of `index` in place; `waiting` (unassigned visits) is kept up to date. `home`: workers by visit
    in the plan that moves are priced against. `stop` is only the caller's safety."""
    _Engine(index, waiting, home, rng).run(iterations, stop)


class _Engine:
    def __init__(
        self, index: PlanIndex, waiting: set[str], home: Mapping[str, frozenset[str]], rng: random.Random
    ) -> None:
        self.index = index
        self.problem: Problem = index.problem
        self.waiting = waiting
        self.home = home
        self.rng = rng
        self.holder = {s.visit_id: w for w in index.worker_ids() for s in index.route(w).stops if s.kind == "visit"}
        self.movable = sorted(v for w in index.worker_ids() for v in self._movable(index.route(w)))
        self.near: dict[str, list[str]] = {}

    def _movable(self, route: Route) -> list[str]:
        """Visits wholly behind the locked stops, their meal not onboard, for one worker."""
        free = route.stops[route.locked_count :]
        taken_up = {s.visit_id for s in free if s.kind == "pickup"}
        visits = self.problem.visits
        return [
            s.visit_id
            for s in free
            if s.kind == "visit"
            and visits[s.visit_id].worker_count == 1
            and (visits[s.visit_id].pickup is None or s.visit_id in taken_up)
            and s.visit_id not in route.onboard_since_s
        ]

    def _near(self, visit_id: str) -> list[str]:
        """Movable visits most alike: near at the door and in time, of the same kind. Worked out once, when asked."""
        if visit_id in self.near:
            return self.near[visit_id]
        visit = self.problem.visits[visit_id]
        others = [self.problem.visits[v] for v in self.movable]
        alike = [(_distance(visit, other), other.visit_id) for other in others if other.kind == visit.kind]
        self.near[visit_id] = [v for _, v in heapq.nsmallest(NEIGHBOURS, alike)]
        return self.near[visit_id]

    def run(self, iterations: int, stop: Callable[[], bool]) -> None:
        seeds = sorted({*self.movable, *self.waiting})
        if not seeds:
            return
        current = 0.0  # price against the plan as it came
        best, best_routes, best_waiting = 0.0, self._routes(), set(self.waiting)
        for done in range(iterations):
            if stop():
                break
            allowance = ALLOWANCE_S * (COOLING_END ** (done / max(1, iterations)))
            change = self._round(seeds, int(allowance * self.rng.random()))
            if change is None:
                continue
            current += change
            if current < best:
                best, best_routes, best_waiting = current, self._routes(), set(self.waiting)
        if current != best:
            for route in best_routes:
                if self.index.route(route.worker_id) != route:
                    self.index.set_route(route)
            self.waiting.clear()
            self.waiting.update(best_waiting)

    def _routes(self) -> list[Route]:
        return [self.index.route(w) for w in self.index.worker_ids()]

    def _round(self, seeds: list[str], allowance: float) -> float | None:
        """One ruin and recreate; returns the change of price, or None if it was taken back."""
        rng, index = self.rng, self.index
        seed = rng.choice(sorted(self.waiting)) if self.waiting and rng.random() < 0.3 else rng.choice(seeds)
        removed = self._choose(seed)
        touched: dict[str, Route] = {}
        holder_before: dict[str, str] = {}
        before = self._cost()
        for worker_id in sorted({self.holder[v] for v in removed}):
            route = touched[worker_id] = index.route(worker_id)
            gone = {v for v in removed if self.holder[v] == worker_id}
            kept = tuple(s for s in route.stops if s.visit_id not in gone)
            index.set_route(Route(worker_id, kept, route.locked_count, route.onboard_since_s))
        for visit_id in removed:
            holder_before[visit_id] = self.holder.pop(visit_id)
        waiting_before = set(self.waiting)
        # With nobody to serve them most waiting visits fail again: a few are tried each time.
        kind = self.problem.visits[seed].kind
        alike = [v for v in sorted(self.waiting) if self.problem.visits[v].kind == kind]
        retried = alike if len(alike) <= 3 else rng.sample(alike, 3)
        todo = [self.problem.visits[v] for v in self._ordered([*removed, *retried])]
        self.waiting.update(removed)
        for visit in todo:
            self._put_back(visit, touched)
        change = self._cost() - before
        if change < 0 or (change <= allowance and self._differs(touched)):
            return change
        for worker_id in sorted(touched):
            index.set_route(touched[worker_id])
        for visit in todo:
            self.holder.pop(visit.visit_id, None)
        self.holder.update(holder_before)
        self.waiting.clear()
        self.waiting.update(waiting_before)
        return None

    def _differs(self, touched: Mapping[str, Route]) -> bool:
        return any(self.index.route(w) != route for w, route in touched.items())

    def _put_back(self, visit: Visit, touched: dict[str, Route]) -> None:
        home = self.home.get(visit.visit_id, frozenset())
        found = self.index.insert(visit, stay_with=home)
        if isinstance(found, Unassignable):
            return
        for route in found.routes:
            touched.setdefault(route.worker_id, self.index.route(route.worker_id))
            self.index.set_route(route)
            self.holder[visit.visit_id] = route.worker_id
        self.waiting.discard(visit.visit_id)
        if visit.worker_count > 1:
            self.holder.pop(visit.visit_id)  # from now on it stays: only what has a holder is taken out

    def _cost(self) -> float:
        """Of the whole plan: taking one visit out may let another worker's visit for two begin earlier."""
        routes = sum(self.index.price(worker_id) for worker_id in self.index.worker_ids())
        unserved = sum(price_unserved(self.problem.visits[v], self.problem.prices) for v in self.waiting)
        return routes + unserved + sum(self._move_price(v, w) for v, w in self.holder.items())

    def _move_price(self, visit_id: str, worker_id: str) -> float:
        home = self.home.get(visit_id)
        return self.problem.prices.move if home and worker_id not in home else 0

    def _choose(self, seed: str) -> list[str]:
        """Which visits to take out: the nearest ones, a string of one route, or some of a route and its neighbours."""
        rng = self.rng
        count = rng.randint(2, MOST_REMOVED)
        near = [v for v in self._near(seed) if v in self.holder]
        way = rng.random()
        if way < 0.45 or seed not in self.holder:
            pool = near[: count * 2]
            chosen = {v for v in pool if rng.random() < 0.6}
        else:
            chosen = set()
            for visit_id in near[:: max(1, rng.randint(1, 3))]:
                if len(chosen) >= count:
                    break
                if visit_id not in chosen:
                    chosen |= self._string(visit_id, rng.randint(1, 5 if way < 0.85 else MOST_REMOVED))
        if seed in self.holder:
            chosen.add(seed)
        return sorted(chosen)[: MOST_REMOVED + 4]

    def _string(self, visit_id: str, length: int) -> set[str]:
        """Some visits one after the other in the route that holds `visit_id`."""
        movable = self._movable(self.index.route(self.holder[visit_id]))
        if visit_id not in movable:
            return set()
        at = movable.index(visit_id)
        first = max(0, at - self.rng.randint(0, length - 1))
        return set(movable[first : first + length])

    def _ordered(self, visit_ids: list[str]) -> list[str]:
        rng, visits = self.rng, self.problem.visits
        mixed = sorted(visit_ids)
        rng.shuffle(mixed)
        way = rng.random()
        if way < 0.3:
            return mixed
        if way < 0.6:
            return sorted(mixed, key=lambda v: visits[v].due_s)
        if way < 0.8:
            return sorted(mixed, key=lambda v: visits[v].latest_s - visits[v].earliest_s)
        return sorted(mixed, key=lambda v: -_straight_s(visits[v]))


def _straight_s(visit: Visit) -> float:
    return 0.0 if visit.pickup is None else _metres(visit.place, visit.pickup.place)


def _distance(one: Visit, other: Visit) -> float:
    """Metres apart at the door and at the kitchen, with time at two metres a second."""
    apart = _metres(one.place, other.place) + 0.5 * abs(one.due_s - other.due_s)
    if one.pickup is not None and other.pickup is not None:
        apart += 0.5 * _metres(one.pickup.place, other.pickup.place)
    return apart


def _metres(a: Place, b: Place) -> float:
    return float(((a.x_m - b.x_m) ** 2 + (a.y_m - b.y_m) ** 2) ** 0.5)


