"""Which of the collected routes to drive: set partitioning by OR-Tools over the pool of `improve`.

Each visit is in exactly one chosen route or left out at its price; each worker drives at most one route. The linear
relaxation (GLOP) gives a lower bound, and every route whose reduced price exceeds the gap to the present plan is dropped: it
is in no better plan. CP-SAT chooses among the rest, from the present plan on. Routes tied to others (visits for two, gaps)
stay as they are. The plan is never worse, and the same input gives the same plan: no clock, one thread, fixed seed.

Foster & Ryan 1976; as a step of a local search: Subramanian, Uchoa & Ochi 2013, doi:10.1016/j.cor.2013.01.013.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from routing.check import check, price
from routing.model import Plan, Problem, Route, Stop, Visit
from routing.route_pool import RoutePool

MOST_COLUMNS = 4_000  # CP-SAT proves fewer in about a second of deterministic time; more are cut by reduced price
SCALE = 1_000  # CP-SAT counts in whole numbers: prices to a thousandth
EPSILON = 1e-6
PRIORITY_FACTOR = {1: 4.0, 3: 0.5}  # of the price of an unserved visit


@dataclass(frozen=True, slots=True)
class _Column:
    """A route as a choice: by a worker of class `owner`, with these visits (rows of the model)."""

    owner: int
    stops: tuple[Stop, ...]
    visits: tuple[int, ...]
    price: float
    now: bool  # a route of the present plan


def partition(problem: Problem, plan: Plan, pool: RoutePool, start: Plan | None = None, work: float = 1.0) -> Plan:
    """The best plan that can be put together from the pool and the present `plan`; `plan` itself if there is none better.
    `work`: CP-SAT's deterministic time, about seconds of one core. Moves are priced against `start`."""
    model = _Model(problem, plan, pool, start)
    if not model.rows or len(model.columns) <= len(plan.routes):
        return plan
    kept = _promising(model)
    chosen = _choose(model, kept, work) if kept is not None else None
    if chosen is None:
        return plan
    found = model.plan_of(chosen)
    if price(problem, found, start) >= price(problem, plan, start) - EPSILON:
        return plan
    known = {(one.rule, one.visit_id, one.worker_id): one.amount for one in check(problem, plan, start)}
    broken = [
        one for one in check(problem, found, start)
        if one.amount > known.get((one.rule, one.visit_id, one.worker_id), -1.0)
    ]  # fmt: skip
    return plan if broken else found


class _Model:
    """Rows (visits that may change hands), classes with how many of them are free, and columns."""

    def __init__(self, problem: Problem, plan: Plan, pool: RoutePool, start: Plan | None) -> None:
        self.problem, self.plan, self.start = problem, plan, start
        tied = {gap_end for gap in problem.gaps for gap_end in (gap.first_visit_id, gap.then_visit_id)}
        tied |= {visit.visit_id for visit in problem.visits.values() if visit.worker_count > 1}
        self.fixed = {w: r for w, r in plan.routes.items() if any(stop.visit_id in tied for stop in r.stops)}
        held = {stop.visit_id for route in self.fixed.values() for stop in route.stops}
        self.rows = [visit_id for visit_id in sorted(problem.visits) if visit_id not in held and visit_id not in tied]
        self.row_of = {visit_id: row for row, visit_id in enumerate(self.rows)}
        self.class_of = {worker_id: number for number, ids in enumerate(pool.classes) for worker_id in ids}
        self.free = [[w for w in ids if w not in self.fixed] for ids in pool.classes]
        # Who has locked stops or meals onboard cannot be left without a route.
        self.bound = {self.class_of[w] for w, r in plan.routes.items() if r.locked_count or r.onboard_since_s}
        self.left_out = [price_left_out(problem.visits[visit_id], problem) for visit_id in self.rows]
        self.columns = self._columns(pool)

    def _columns(self, pool: RoutePool) -> list[_Column]:
        """One for each class and set of visits, the cheapest; routes of the present plan in any case."""
        best: dict[tuple[int, tuple[int, ...]], _Column] = {}
        for column in (*self._pooled(pool), *self._present(pool)):
            key = (column.owner, column.visits)
            before = best.get(key)
            if before is None or column.price < before.price - EPSILON:
                best[key] = replace(column, now=column.now or (before is not None and before.now))
            elif column.now:
                best[key] = replace(before, now=True)
        return list(best.values())

    def _pooled(self, pool: RoutePool) -> Iterator[_Column]:
        row_of_stop = np.array([self.row_of.get(stop.visit_id, -1) for stop in pool.stops], dtype=np.int64)
        owners, prices = pool.owner.tolist(), pool.price.tolist()
        for number in range(len(pool)):
            visits = np.unique(row_of_stop[pool.numbers[pool.first[number] : pool.first[number + 1]]])
            if visits.size and visits[0] >= 0 and self.free[owners[number]]:
                yield _Column(owners[number], pool.stops_of(number), tuple(visits.tolist()), prices[number], False)

    def _present(self, pool: RoutePool) -> Iterator[_Column]:
        for worker_id in sorted(self.plan.routes):
            route = self.plan.routes[worker_id]
            if route.stops and worker_id not in self.fixed:
                visits = tuple(sorted({self.row_of[stop.visit_id] for stop in route.stops}))
                cost = price_of(self.problem, route, self.start)
                yield _Column(self.class_of[worker_id], route.stops, visits, cost, True)

    def plan_of(self, chosen: list[_Column]) -> Plan:
        """Who drives what: within a class, whoever has most of the route's visits now; then by id."""
        routes = dict(self.fixed)
        for owner, ids in enumerate(self.free):
            mine = [column for column in chosen if column.owner == owner]
            has = {w: {s.visit_id for s in self.plan.routes[w].stops} if w in self.plan.routes else set() for w in ids}
            pairs = sorted(
                (-len(has[w] & {stop.visit_id for stop in column.stops}), w, number)
                for number, column in enumerate(mine) for w in ids
            )  # fmt: skip
            done: set[int] = set()
            for _, worker_id, number in pairs:
                if number not in done and worker_id not in routes:
                    before = self.plan.routes.get(worker_id, Route(worker_id))
                    routes[worker_id] = replace(before, stops=mine[number].stops)
                    done.add(number)
            for worker_id in ids:
                if worker_id not in routes and worker_id in self.plan.routes:
                    routes[worker_id] = replace(self.plan.routes[worker_id], stops=())
        return Plan({worker_id: routes[worker_id] for worker_id in sorted(routes)})


def price_left_out(visit: Visit, problem: Problem) -> float:
    """What it costs to serve the visit not at all."""
    if visit.leave_out_price is not None:
        return float(visit.leave_out_price)
    return problem.prices.unserved * PRIORITY_FACTOR.get(visit.priority, 1.0)


def price_of(problem: Problem, route: Route, start: Plan | None) -> float:
    """What one route adds to the plan's price, by the checker: moves against `start` included."""
    ids = {stop.visit_id for stop in route.stops}
    small = replace(problem, visits={visit_id: problem.visits[visit_id] for visit_id in sorted(ids)}, gaps=())
    before = None if start is None else Plan(_only(start.routes, ids))
    return float(price(small, Plan({route.worker_id: route}), before))


def _only(routes: Mapping[str, Route], visit_ids: set[str]) -> dict[str, Route]:
    kept = {w: tuple(stop for stop in route.stops if stop.visit_id in visit_ids) for w, route in routes.items()}
    return {w: Route(w, stops) for w, stops in kept.items() if stops}


def _promising(model: _Model) -> list[_Column] | None:
    """Columns that may be in a plan cheaper than the present one, by the linear relaxation; None if there is no such."""
    result = mathopt.solve(_relaxation(model), mathopt.SolverType.GLOP)
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    covered = {row for column in model.columns if column.now for row in column.visits}
    present = sum(column.price for column in model.columns if column.now)
    present += sum(cost for row, cost in enumerate(model.left_out) if row not in covered)
    gap = present - result.objective_value()
    if gap <= EPSILON * max(1.0, abs(present)):
        return None
    reduced = result.reduced_costs()
    by_number = {variable.id: value for variable, value in reduced.items()}
    ranked = sorted((by_number[number], number) for number in range(len(model.columns)))
    kept = {number for value, number in ranked[:MOST_COLUMNS] if value < gap + EPSILON}
    return [column for number, column in enumerate(model.columns) if number in kept or column.now]


def _relaxation(model: _Model) -> mathopt.Model:
    """Columns are variables 0..n-1, leave-outs follow; rows are visits, then classes."""
    visits, columns = len(model.rows), model.columns
    width = len(columns) + visits
    at_row = [row for column in columns for row in column.visits] + list(range(visits))
    at_column = [n for n, column in enumerate(columns) for _ in column.visits] + list(range(len(columns), width))
    at_row += [visits + column.owner for column in columns]
    at_column += list(range(len(columns)))
    rows, cols = np.array(at_row), np.array(at_column)
    order = np.lexsort((cols, rows))
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(width))
    proto.variables.lower_bounds.extend([0.0] * width)
    proto.variables.upper_bounds.extend([float("inf")] * width)
    proto.variables.integers.extend([False] * width)
    proto.objective.linear_coefficients.ids.extend(range(width))
    proto.objective.linear_coefficients.values.extend([c.price for c in columns] + model.left_out)
    proto.linear_constraints.ids.extend(range(visits + len(model.free)))
    least = [1.0 if owner in model.bound else 0.0 for owner in range(len(model.free))]
    proto.linear_constraints.lower_bounds.extend([1.0] * visits + least)
    proto.linear_constraints.upper_bounds.extend([1.0] * visits + [float(len(ids)) for ids in model.free])
    proto.linear_constraint_matrix.row_ids.extend(rows[order].tolist())
    proto.linear_constraint_matrix.column_ids.extend(cols[order].tolist())
    proto.linear_constraint_matrix.coefficients.extend([1.0] * len(at_row))
    return mathopt.Model.from_model_proto(proto)


def _choose(model: _Model, columns: list[_Column], work: float) -> list[_Column] | None:
    """The cheapest choice that CP-SAT finds within `work`."""
    sat = cp_model.CpModel()
    use: list[Any] = [sat.new_bool_var("") for _ in columns]
    out: list[Any] = [sat.new_bool_var("") for _ in model.rows]
    by_row: list[list[Any]] = [[variable] for variable in out]
    by_class: list[list[Any]] = [[] for _ in model.free]
    covered: set[int] = set()
    for variable, column in zip(use, columns, strict=True):
        sat.add_hint(variable, column.now)
        by_class[column.owner].append(variable)
        covered.update(column.visits if column.now else ())
        for row in column.visits:
            by_row[row].append(variable)
    for row, literals in enumerate(by_row):
        sat.add_hint(out[row], row not in covered)
        sat.add_exactly_one(literals)
    for owner, literals in enumerate(by_class):
        if owner in model.bound and literals:
            sat.add_exactly_one(literals)
        elif len(model.free[owner]) == 1:
            sat.add_at_most_one(literals)
        elif len(literals) > len(model.free[owner]):
            sat.add(sum(literals) <= len(model.free[owner]))
    prices = [round(column.price * SCALE) for column in columns] + [round(cost * SCALE) for cost in model.left_out]
    sat.minimize(cp_model.LinearExpr.weighted_sum([*use, *out], prices))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = work
    if solver.solve(sat) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [column for variable, column in zip(use, columns, strict=True) if solver.boolean_value(variable)]
