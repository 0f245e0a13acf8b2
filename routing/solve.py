"""A whole plan for the horizon, from the plan as it is: never worse than `start`, and never breaking a rule it kept.

In order: what waits is put in (visits for two and gaps by layer 1, all others by the kernel's cheapest insertion); ruin and
recreate on everything; visits for two and gaps with their appointments; set partitioning over the routes met on the way;
parcels last, into what is spare. The checker judges every step; a step that it rejects, or that costs more, is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from time import monotonic

from routing import decompose
from routing.check import check, price
from routing.coupled.improve import improve_coupled, warm_up as warm_up_coupled
from routing.improve import STEPS_PER_ITERATION, UNLIMITED, Improved, build, improve, warm_up as warm_up_kernel
from routing.matching import warm_up as warm_up_meals
from routing.model import Budget, Plan, Problem, Route, Unassignable, Violation, Visit
from routing.plan_index import PlanIndex
from routing.schedule import price_unserved
from routing.validate import BadProblem, validate

REPAIRS = 3
FEW_WAITING = 40  # visits that layer 1 places one by one in less time than the kernel's tables take
COUPLED_SHARE = 0.3  # of the budget, where visits for two or gaps are among others
PARTITION_WORK = 0.3  # of CP-SAT: about as many seconds at most; 0.05 s on the pools of one search
APPOINTMENT_WORK = 0.2  # of CP-SAT; at most 0.08 s on days of 60 visits, travel and lateness - 0.3 % there
CHECKS = 4  # checks and prices after the search: kept free at the end of a budget of seconds


def solve(
    problem: Problem, budget: Budget, seed: int, start: Plan | None = None, run: decompose.Runner | None = None,
    plan: Plan | None = None,
) -> Plan:  # fmt: skip
    """The best plan found. The same seed and iterations give the same plan, bit for bit; `budget.seconds` is then only a
    safety stop. With `UNLIMITED` iterations the seconds decide. `run`: processes of the caller's for a large day, which is
    then solved by living areas first. `plan`: where to begin, if not at `start`, which moves are priced against in any case.
    Raises BadProblem on input that makes no sense."""
    began = monotonic()
    start = start or Plan({})
    refused = validate(problem, start)
    if refused:
        raise BadProblem(refused)
    problem = _giving_way(problem, start)
    if run is not None and decompose.is_large(problem):
        return decompose.solve_by_area(problem, budget, seed, start, run, solve_job)
    return _Search(problem, budget, seed, start, plan or start, began).run()


def solve_job(job: decompose.AreaJob) -> Plan:
    """One part of a large day, or the whole over the borders, in a process of its own: the caller's then needs no search, nor
    its memory."""
    return solve(job.part.problem, job.budget, job.seed, job.part.start, plan=job.plan)


class _Search:
    """`start`: what moves are priced against and what must stay; `plan`: where to begin."""

    def __init__(self, problem: Problem, budget: Budget, seed: int, start: Plan, plan: Plan, began: float) -> None:
        self.problem, self.budget, self.seed = problem, budget, seed
        self.start = Plan({w: start.routes.get(w) or Route(w) for w in sorted(problem.workers)})
        self.home = _holders(start)
        self.linked = {v for v, visit in problem.visits.items() if visit.worker_count > 1}
        self.linked |= {visit_id for gap in problem.gaps for visit_id in (gap.first_visit_id, gap.then_visit_id)}
        self.parcels = {v for v, visit in problem.visits.items() if visit.kind == "parcel"}
        self.until = began + budget.seconds if budget.seconds > 0 else None
        looked = monotonic()
        self.allowed = _worst(check(problem, self.start))
        self.best = _tidy(start, self.start)
        self.best_price = price(problem, self.best, self.start)
        self.spare_s = CHECKS * (monotonic() - looked)
        self.offer(plan)

    def run(self) -> Plan:
        self.insert_waiting()
        self.make_room()
        if self.budget.iterations > 0:
            self.improve()
            self.make_room()
        return self.best

    def left_s(self) -> float:
        """Seconds for searching; 0 if there is no limit."""
        return 0.0 if self.until is None else max(0.001, self.until - monotonic() - self.spare_s)

    def share(self, share: float, steps_each: int = 1) -> Budget:
        """A part of what is left."""
        many = self.budget.iterations
        iterations = UNLIMITED if many >= UNLIMITED else max(1, int(many * share)) * steps_each
        return Budget(iterations, self.left_s() * share)

    def offer(self, plan: Plan) -> bool:
        """Take a plan if it is cheaper and breaks nothing that the start kept."""
        plan = _tidy(plan, self.start)
        if plan == self.best:
            return False
        cost = price(self.problem, plan, self.start)
        if cost >= self.best_price or self.broken(plan):
            return False
        self.best, self.best_price = plan, cost
        return True

    def broken(self, plan: Plan) -> list[Violation]:
        """What the plan breaks beyond what the start did."""
        found = check(self.problem, plan, self.start)
        return [v for v in found if v.amount > self.allowed.get((v.rule, v.visit_id, v.worker_id), -1)]

    def waiting(self, plan: Plan) -> list[Visit]:
        assigned = {stop.visit_id for route in plan.routes.values() for stop in route.stops}
        return [visit for visit_id, visit in self.problem.visits.items() if visit_id not in assigned]

    # -- first what waits

    def insert_waiting(self) -> None:
        """Layer 1 where it is quick or has to do with two workers at once; the rest in one go by the kernel."""
        waiting = self.waiting(self.best)
        if not waiting or not self.problem.workers:
            return
        if len(waiting) <= FEW_WAITING:
            self.offer(self.inserted(self.best, waiting))
            return
        plan = self.inserted(self.best, [v for v in waiting if v.visit_id in self.linked])
        fixed, parcels = self.without_parcels(plan)
        self.offer_repaired(self.with_parcels(build(self.problem, fixed, self.start, self.seed), parcels))

    def make_room(self) -> None:
        """No parcel keeps anything else out: those still to come are planned last, those taken up wait in the box."""
        kept_out = [visit for visit in self.waiting(self.best) if visit.kind != "parcel"]
        if kept_out and self.parcels:
            fixed, parcels = self.without_parcels(self.best)
            patient = _giving_way(self.problem, self.start, promised=False)
            self.offer(self.with_parcels(self.inserted(fixed, kept_out, patient), parcels))

    def inserted(self, plan: Plan, visits: Iterable[Visit], problem: Problem | None = None) -> Plan:
        """These visits put in one by one, the urgent first."""
        index: PlanIndex | None = None
        for visit in sorted(visits, key=lambda v: (v.kind == "parcel", v.priority, v.due_s, v.visit_id)):
            index = index or PlanIndex(problem or self.problem, Plan({**self.start_empty(), **plan.routes}))
            found = index.insert(visit, stay_with=self.home.get(visit.visit_id, frozenset()))
            # what costs more than leaving it out is left out
            if not isinstance(found, Unassignable) and found.price <= price_unserved(visit, self.problem.prices):
                for route in found.routes:
                    index.set_route(route)
        return plan if index is None else index.plan()

    def start_empty(self) -> dict[str, Route]:
        return {w: _empty(self.start, w) for w in self.start.routes}

    # -- parcels

    def without_parcels(self, plan: Plan) -> tuple[Plan, set[str]]:
        """The plan without the parcels that are not on their way yet, and all parcels that wait then."""
        free = {v for route in plan.routes.values() for v in _free_visits(route)} & self.parcels
        routes = {w: _without(route, free) for w, route in plan.routes.items()}
        held = {stop.visit_id for route in routes.values() for stop in route.stops}
        return Plan(routes), self.parcels - held

    def with_parcels(self, plan: Plan, parcels: set[str]) -> Plan:
        return self.inserted(plan, [self.problem.visits[v] for v in parcels]) if parcels else plan

    # -- then what is better

    def improve(self) -> None:
        if not self.problem.workers or not self.problem.visits:
            return
        base, parcels = self.without_parcels(self.best)
        coupled = self.linked & {stop.visit_id for route in base.routes.values() for stop in route.stops}
        # the plan's greatest lateness, too, is a matter between routes, which the kernel does not see
        between = bool(coupled) or self.problem.prices.greatest_lateness_per_s > 0
        alone = between and all(v.pickup is None and not v.boxes for v in self.problem.visits.values())
        if not alone:
            found = improve(self.problem, base, self.share(1.0 - COUPLED_SHARE if coupled else 1.0), self.seed, self.start)
            self.offer_repaired(self.with_parcels(self.best_of(found), parcels))
        if coupled or alone:
            base, parcels = self.without_parcels(self.best)
            budget = self.share(1.0 if alone else COUPLED_SHARE, STEPS_PER_ITERATION)
            plan = improve_coupled(self.problem, base, budget, self.seed, self.start)
            self.offer_repaired(self.with_parcels(plan, parcels))
            if not alone:
                self.appoint()

    def appoint(self) -> None:
        """Where in their workers' routes visits for two and gaps stand best: CP-SAT, on the plan as it is."""
        from routing.coupled.appointments import appoint

        base, parcels = self.without_parcels(self.best)
        self.offer_repaired(self.with_parcels(appoint(self.problem, base, self.start, APPOINTMENT_WORK), parcels))

    def best_of(self, found: Improved) -> Plan:
        """The best choice of all routes met, where iterations decide; the seconds of a search are better spent searching."""
        if self.budget.iterations >= UNLIMITED:
            return found.plan
        # OR-Tools is loaded by the processes that solve, not by every one that inserts or checks.
        from routing.partition import partition

        return partition(self.problem, found.plan, found.pool, self.start, PARTITION_WORK)

    def offer_repaired(self, plan: Plan) -> None:
        """Offer a plan; where visits for two made others wait longer than the kernel saw, what breaks is put in anew."""
        for _ in range(REPAIRS):
            wrong = {v.visit_id for v in self.broken(plan) if v.visit_id}
            if not wrong:
                break
            routes = {w: _without(route, wrong & _free_visits(route)) for w, route in plan.routes.items()}
            kept = {stop.visit_id for route in routes.values() for stop in route.stops}
            gone = {stop.visit_id for route in plan.routes.values() for stop in route.stops} - kept
            if not gone:
                break
            plan = self.inserted(Plan(routes), [self.problem.visits[v] for v in gone])
        self.offer(plan)


KERNELS = {"routes": warm_up_kernel, "coupled": warm_up_coupled, "meals": warm_up_meals}
"""The compiled searches; apart, so that a fresh machine compiles them beside each other."""


def warm_up(*kernels: str) -> None:
    """Load or compile the kernels named (all when none is), before the first solve asks for them."""
    for name in kernels or KERNELS:
        KERNELS[name]()


def _holders(plan: Plan) -> dict[str, frozenset[str]]:
    home: dict[str, frozenset[str]] = {}
    for worker_id, route in sorted(plan.routes.items()):
        for stop in route.stops:
            if stop.kind == "visit":
                home[stop.visit_id] = home.get(stop.visit_id, frozenset()) | {worker_id}
    return home


def _giving_way(problem: Problem, start: Plan, *, promised: bool = True) -> Problem:
    """Parcels that are taken up already may come late, so that none keeps a meal out. Without `promised` nothing that is
    put in has to leave them as they are."""
    late: dict[str, Visit] = {}
    for route in start.routes.values():
        to_come = {stop.visit_id for stop in route.stops[route.locked_count :] if stop.kind == "pickup"}
        for stop in route.stops:
            visit = problem.visits[stop.visit_id]
            if visit.kind == "parcel" and visit.pickup is not None and stop.visit_id not in to_come:
                late[stop.visit_id] = replace(visit, latest_s=inf, due_s=visit.due_s if promised else inf)
    return replace(problem, visits={**problem.visits, **late}) if late else problem


def _empty(start: Plan, worker_id: str) -> Route:
    before = start.routes.get(worker_id)
    return Route(worker_id) if before is None else Route(worker_id, (), before.locked_count, before.onboard_since_s)


def _tidy(plan: Plan, start: Plan) -> Plan:
    """By worker id; an empty route only where the start had stops (the caller has to hear that they are gone). So equal
    plans are equal values, whatever way they were found."""
    had = {w for w, route in start.routes.items() if route.stops}
    routes = {w: plan.routes.get(w) or _empty(start, w) for w in sorted({*plan.routes, *had})}
    return Plan({w: route for w, route in routes.items() if route.stops or w in had})


def _free_visits(route: Route) -> set[str]:
    """Visits wholly behind the locked stops, not onboard."""
    locked = {s.visit_id for s in route.stops[: route.locked_count]}
    return {s.visit_id for s in route.stops[route.locked_count :]} - locked - set(route.onboard_since_s)


def _without(route: Route, visit_ids: set[str]) -> Route:
    kept = tuple(s for s in route.stops if s.visit_id not in visit_ids)
    return route if len(kept) == len(route.stops) else Route(route.worker_id, kept, route.locked_count, route.onboard_since_s)


def _worst(violations: list[Violation]) -> dict[tuple[str, str, str], float]:
    found: dict[tuple[str, str, str], float] = {}
    for one in violations:
        key = (one.rule, one.visit_id, one.worker_id)
        found[key] = max(one.amount, found.get(key, 0))
    return found
