"""Appointments by CP-SAT: when, between their other visits, do the workers of a visit for two (or of a gap) come together?

With every order given there is nothing to choose: the least begins are the cheapest. What is chosen is the place of each
such visit in the routes of its workers, of all of them at once; the other visits keep their order, and everybody keeps
their visits. The search of `improve_coupled` moves everything and needs none of this; it is for plans too large for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil, floor, isfinite

from ortools.sat.python import cp_model

from routing.check import check, price
from routing.model import Plan, Problem, Route, Stop, Visit

MOST_STOPS = 60  # of routes tied to one another: beyond, proving takes longer than searching
PRICE_GRAIN = 10  # prices are whole tenths in the model; the plan is judged by its exact price afterwards


def appoint(problem: Problem, plan: Plan, start: Plan | None = None, work: float = 1.0) -> Plan:
    """The plan with better places for the visits that tie routes to one another, or the plan itself. `work` limits each
    group of tied routes (CP-SAT's deterministic time, about a second each), so the answer is the same everywhere."""
    linked = {v for v, visit in problem.visits.items() if visit.worker_count > 1}
    linked |= {visit_id for gap in problem.gaps for visit_id in (gap.first_visit_id, gap.then_visit_id)}
    best, best_price = plan, price(problem, plan, start)
    broken = len(check(problem, plan, start))
    for group in tied(problem, plan, linked):
        routes = [best.routes[worker_id] for worker_id in group]
        if sum(len(route.stops) for route in routes) > MOST_STOPS or not _plain(problem, routes):
            continue
        found = _Model(problem, routes, linked).solved(work)
        if found is None:
            continue
        other = Plan({**best.routes, **found})
        cost = price(problem, other, start)
        if cost < best_price and len(check(problem, other, start)) <= broken:
            best, best_price = other, cost
    return best


def tied(problem: Problem, plan: Plan, linked: set[str]) -> Iterator[list[str]]:
    """Groups of workers whose routes share linked visits, in order of their first id."""
    partners: dict[str, set[str]] = {}
    for gap in problem.gaps:
        partners.setdefault(gap.first_visit_id, set()).add(gap.then_visit_id)
        partners.setdefault(gap.then_visit_id, set()).add(gap.first_visit_id)
    holders: dict[str, set[str]] = {}
    for worker_id, route in plan.routes.items():
        for stop in route.stops:
            if stop.visit_id in linked:
                holders.setdefault(stop.visit_id, set()).add(worker_id)
    seen: set[str] = set()
    for first in sorted(plan.routes):
        group: set[str] = set()
        todo = [first]
        while todo:
            worker_id = todo.pop()
            if worker_id in group:
                continue
            group.add(worker_id)
            for stop in plan.routes[worker_id].stops:
                for visit_id in {stop.visit_id, *partners.get(stop.visit_id, ())}:
                    todo.extend(sorted(holders.get(visit_id, ())))
        if len(group) > 1 and first not in seen:
            yield sorted(group)
        seen |= group


def _plain(problem: Problem, routes: list[Route]) -> bool:
    """Homes only, and no breaks: what the model below knows."""
    return all(
        not problem.workers[route.worker_id].breaks
        and all(stop.kind == "visit" and problem.visits[stop.visit_id].pickup is None for stop in route.stops)
        for route in routes
    )


class _Model:
    """Routes as circuits through their own stops, begins as whole seconds (rounded up)."""

    def __init__(self, problem: Problem, routes: list[Route], linked: set[str]) -> None:
        self.problem, self.routes, self.linked = problem, routes, linked
        self.model = cp_model.CpModel()
        self.cost: list[cp_model.LinearExprT] = []
        visits = [problem.visits[stop.visit_id] for route in routes for stop in route.stops]
        frees = [problem.workers[route.worker_id].free_s for route in routes]
        self.opens = floor(min(*frees, *(visit.earliest_s for visit in visits)))
        work = sum(visit.service_duration_s + visit.access_duration_s for visit in visits)
        self.ends = ceil(max(*frees, *(visit.earliest_s for visit in visits)) + work) + 86_400
        self.begins: dict[str, list[cp_model.IntVar]] = {}
        self.arcs: list[dict[tuple[int, int], cp_model.IntVar]] = [self._route(route) for route in routes]
        self._meet()

    def _route(self, route: Route) -> dict[tuple[int, int], cp_model.IntVar]:
        model, worker, travel = self.model, self.problem.workers[route.worker_id], self.problem.travel
        visits = [self.problem.visits[stop.visit_id] for stop in route.stops]
        starts = [self._begin(visit) for visit in visits]
        arcs: dict[tuple[int, int], cp_model.IntVar] = {}
        for a in range(-1, len(visits)):
            for b in range(-1, len(visits)):
                if a == b or not self._may_follow(route, visits, a, b):
                    continue
                used = arcs[a, b] = model.new_bool_var("")
                model.add_hint(used, int(b == (a + 1 if a + 1 < len(visits) else -1)))
                here = worker.place if a < 0 else visits[a].place
                there = worker.end if b < 0 else visits[b].place
                way = 0.0 if there is None else travel.duration_s(worker.mode, here, there)
                self.cost.append(self._grain(way * self.problem.prices.travel_per_s) * used)
                if b >= 0:
                    after = ceil(way + visits[b].access_duration_s)
                    left = ceil(worker.free_s) if a < 0 else starts[a] + ceil(visits[a].service_duration_s)
                    model.add(starts[b] >= left + after).only_enforce_if(used)
                elif isfinite(worker.shift_end_s):
                    gone = starts[a] + ceil(visits[a].service_duration_s + way)
                    model.add(gone <= floor(worker.shift_end_s)).only_enforce_if(used)
        if visits:
            model.add_circuit([(a + 1, b + 1, used) for (a, b), used in arcs.items()])
        fixed = [at for at, visit in enumerate(visits) if visit.visit_id not in self.linked]
        for one, other in pairwise(fixed):
            model.add(starts[other] >= starts[one] + ceil(visits[one].service_duration_s))
        return arcs

    def _may_follow(self, route: Route, visits: list[Visit], a: int, b: int) -> bool:
        locked = route.locked_count
        if b >= 0 and b < locked:
            return a == b - 1
        if a >= 0 and a < locked - 1:
            return False
        if a < 0 and locked:
            return False
        both = a >= 0 and b >= 0 and not {visits[a].visit_id, visits[b].visit_id} & self.linked
        return not both or a < b

    def _begin(self, visit: Visit) -> cp_model.IntVar:
        latest = min(self.ends, visit.latest_s)
        begin = self.model.new_int_var(ceil(visit.earliest_s), max(ceil(visit.earliest_s), floor(latest)), visit.visit_id)
        prices = self.problem.prices
        rate = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
        for due_s, per_min in ((visit.due_s, rate), (visit.promised_s, prices.promise_per_min)):
            if due_s is not None and due_s < self.ends and per_min:
                late = self.model.new_int_var(0, self.ends - self.opens + 86_400, "")
                self.model.add(late >= begin - floor(due_s))
                self.cost.append(self._grain(per_min / 60) * late)
        self.begins.setdefault(visit.visit_id, []).append(begin)
        return begin

    def _meet(self) -> None:
        for begins in self.begins.values():
            for other in begins[1:]:
                self.model.add(begins[0] == other)
        for gap in self.problem.gaps:
            one, two = self.begins.get(gap.first_visit_id), self.begins.get(gap.then_visit_id)
            if one and two:
                self.model.add(two[0] >= one[0] + ceil(gap.min_s))
                if isfinite(gap.max_s):
                    self.model.add(two[0] <= one[0] + floor(gap.max_s))

    def _grain(self, amount: float) -> int:
        return round(amount * PRICE_GRAIN)

    def solved(self, work: float) -> dict[str, Route] | None:
        self.model.minimize(sum(self.cost))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = work
        if solver.solve(self.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        found: dict[str, Route] = {}
        for route, arcs in zip(self.routes, self.arcs, strict=True):
            after = {a: b for (a, b), used in arcs.items() if solver.boolean_value(used)}
            stops: list[Stop] = []
            at = after.get(-1, -1)
            while at >= 0:
                stops.append(route.stops[at])
                at = after[at]
            found[route.worker_id] = Route(route.worker_id, tuple(stops), route.locked_count, route.onboard_since_s)
        return found
