"""A whole plan for the horizon, from the plan as it is: never worse than `start`, and never breaking a rule it kept.

Three parts, in order: unassigned visits by cheapest insertion; OR-Tools builds the rounds (riders) and assigns the
care visits (carers), across all living areas; our ruin and recreate works on what they found. The checker judges every
step; a step that it rejects, or that costs more, is dropped.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from time import monotonic

from routing.check import check, price
from routing.model import Budget, Plan, Problem, Route, Unassignable, Violation
from routing.plan_index import PlanIndex
from routing.ruin import improve
from routing.validate import BadProblem, validate

SOLUTIONS_PER_ITERATION = 0.5  # OR-Tools stops after that many better plans; 60 of them in the default 120 iterations

REPAIRS = 3
MOST_CELLS = 6_000_000  # of OR-Tools' price tables: about 1.5 s to build and 100 MB


def solve(problem: Problem, budget: Budget, seed: int, start: Plan | None = None) -> Plan:
    """The best plan found. The same seed and iterations give the same plan, bit for bit; `budget.seconds` only guards
    against a hanging search. Raises BadProblem on input that makes no sense."""
    start = start or Plan({})
    refused = validate(problem, start)
    if refused:
        raise BadProblem(refused)
    search = _Search(problem, budget, seed, start)
    search.insert_waiting()
    if budget.iterations > 0:
        search.build_rounds()
        search.ruin_and_recreate()
    return search.best


class _Search:
    def __init__(self, problem: Problem, budget: Budget, seed: int, start: Plan) -> None:
        self.problem = problem
        self.budget = budget
        self.rng = random.Random(seed)
        self.start = _with_all_workers(problem, start)
        self.home: dict[str, frozenset[str]] = {}
        for worker_id, route in sorted(start.routes.items()):
            for stop in route.stops:
                if stop.kind == "visit":
                    self.home[stop.visit_id] = self.home.get(stop.visit_id, frozenset()) | {worker_id}
        self.allowed = _worst(check(problem, self.start))
        self.best = _tidy(start, start)
        self.best_price = price(problem, self.best, self.start)
        self.until = monotonic() + budget.seconds if budget.seconds > 0 else None

    def _stop(self) -> bool:
        return self.until is not None and monotonic() > self.until

    def _left_s(self) -> float:
        return 0.0 if self.until is None else max(0.05, self.until - monotonic())

    def _offer(self, plan: Plan) -> bool:
        """Take a plan if it is cheaper and breaks nothing that the start kept."""
        plan = _tidy(plan, self.start)
        cost = price(self.problem, plan, self.start)
        if cost >= self.best_price or self._broken(plan):
            return False
        self.best, self.best_price = plan, cost
        return True

    def _broken(self, plan: Plan) -> list[Violation]:
        """What the plan breaks beyond what the start did."""
        found = check(self.problem, plan, self.start)
        return [v for v in found if v.amount > self.allowed.get((v.rule, v.visit_id, v.worker_id), -1)]

    def _repaired(self, plan: Plan) -> Plan:
        """OR-Tools lets a rider wait at the kitchen to keep a meal fresh; ours leave at once. Visits that this breaks
        are taken out and inserted again."""
        for _ in range(REPAIRS):
            wrong = {v.visit_id for v in self._broken(plan) if v.visit_id}
            if not wrong:
                break
            routes = {w: _without(route, wrong) for w, route in plan.routes.items()}
            gone = {s.visit_id for r in plan.routes.values() for s in r.stops}
            gone -= {s.visit_id for r in routes.values() for s in r.stops}
            if not gone:
                break
            index = PlanIndex(self.problem, Plan(routes))
            self._insert(index, gone)
            plan = index.plan()
        return plan

    def _insert(self, index: PlanIndex, visit_ids: set[str]) -> None:
        visits = [self.problem.visits[visit_id] for visit_id in visit_ids]
        for visit in sorted(visits, key=lambda v: (v.priority, v.due_s, v.visit_id)):
            found = index.insert(visit, stay_with=self.home.get(visit.visit_id, frozenset()))
            if not isinstance(found, Unassignable):
                for route in found.routes:
                    index.set_route(route)

    def _waiting(self) -> set[str]:
        assigned = {stop.visit_id for route in self.best.routes.values() for stop in route.stops}
        return {visit_id for visit_id in self.problem.visits if visit_id not in assigned}

    def insert_waiting(self) -> None:
        index = PlanIndex(self.problem, self.best)
        self._insert(index, self._waiting())
        self._offer(index.plan())

    def build_rounds(self) -> None:
        # OR-Tools is loaded by the processes that solve, not by every one that inserts or checks.
        from routing.rounds import build_rounds, cells_of

        limit = max(1, int(self.budget.iterations * SOLUTIONS_PER_ITERATION))
        for ids, waiting in self._groups(cells_of):
            if self._stop():
                return
            routes = {w: self.best.routes.get(w) or _empty(self.start, w) for w in ids}
            found = build_rounds(self.problem, routes, waiting, self.home, limit, self._left_s())
            if found is not None:
                self._offer(self._repaired(Plan({**self.best.routes, **found})))

    def _groups(
        self, cells_of: Callable[[Mapping[str, Route], Collection[str]], int]
    ) -> Iterator[tuple[list[str], list[str]]]:
        """Workers and waiting visits that OR-Tools looks at together: all riders, all carers; where that is too large
        a model, each living area by itself; where that is too large, nobody (ruin and recreate has no such limit)."""
        for kind, serves in (("rider", "meal"), ("carer", "care")):
            workers = [w for w in self.problem.workers.values() if w.kind == kind]
            visits = [v for v in self.problem.visits.values() if v.kind == serves]
            if not workers or not visits:
                continue
            for areas in [None, *sorted({w.area_id for w in workers})]:
                ids = sorted(w.worker_id for w in workers if areas in (None, w.area_id))
                left = self._waiting()
                waiting = sorted(v.visit_id for v in visits if v.visit_id in left and areas in (None, v.area_id))
                if cells_of({w: self.best.routes.get(w, Route(w)) for w in ids}, waiting) <= MOST_CELLS:
                    yield ids, waiting
                    if areas is None:
                        break

    def ruin_and_recreate(self) -> None:
        index = PlanIndex(self.problem, Plan({**self.start.routes, **_emptied(self.start), **self.best.routes}))
        waiting = self._waiting()
        stop: Callable[[], bool] = self._stop
        improve(index, waiting, self.home, self.budget.iterations, self.rng, stop)
        self._offer(index.plan())


def _empty(start: Plan, worker_id: str) -> Route:
    before = start.routes.get(worker_id)
    return Route(worker_id) if before is None else Route(worker_id, (), before.locked_count, before.onboard_since_s)


def _emptied(start: Plan) -> dict[str, Route]:
    return {worker_id: _empty(start, worker_id) for worker_id in start.routes}


def _with_all_workers(problem: Problem, start: Plan) -> Plan:
    return Plan({w: start.routes.get(w) or Route(w) for w in sorted(problem.workers)})


def _tidy(plan: Plan, start: Plan) -> Plan:
    """By worker id; an empty route only where the start had stops (the caller has to hear that they are gone). So equal
    plans are equal values, whatever way they were found."""
    had = {w for w, route in start.routes.items() if route.stops}
    routes = {w: plan.routes.get(w) or _empty(start, w) for w in sorted({*plan.routes, *had})}
    return Plan({w: route for w, route in routes.items() if route.stops or w in had})


def warm_up() -> None:
    """Load OR-Tools (about a second) before the first solve asks for it."""
    import routing.rounds  # noqa: F401


def _without(route: Route, visit_ids: set[str]) -> Route:
    """The route without these visits, as far as they are behind the locked stops and not onboard."""
    free = route.stops[route.locked_count :]
    whole = {s.visit_id for s in free} - {s.visit_id for s in route.stops[: route.locked_count]}
    gone = (visit_ids & whole) - set(route.onboard_since_s)
    kept = tuple(s for s in route.stops if s.visit_id not in gone)
    return Route(route.worker_id, kept, route.locked_count, route.onboard_since_s)


def _worst(violations: list[Violation]) -> dict[tuple[str, str, str], float]:
    found: dict[tuple[str, str, str], float] = {}
    for one in violations:
        key = (one.rule, one.visit_id, one.worker_id)
        found[key] = max(one.amount, found.get(key, 0))
    return found
