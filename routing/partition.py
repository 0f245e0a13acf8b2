"""Which of the collected routes to drive: set partitioning by OR-Tools over the pool of `improve`.

Each visit is in exactly one chosen route or left out at its price; each worker drives at most one route. The linear
relaxation (GLOP) gives a lower bound, and every route whose reduced price exceeds the gap to the best plan is dropped: it is
in no better plan. CP-SAT chooses among the most promising of the rest, then among twice as many, from the best plan on. Routes
tied to others (visits for two, gaps) stay as they are. Never worse, and the same input gives the same plan: no clock, one
thread, a fixed seed.

Foster & Ryan 1976; as a step of a local search: Subramanian, Uchoa & Ochi 2013, doi:10.1016/j.cor.2013.01.013.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from routing.check import check, price
from routing.model import Plan, Problem, Route, Stop, Visit
from routing.route_pool import RoutePool

# Columns by steps: on pools of 4,000 to 5,000 routes (Homberger 200, after 5 s) 500 take 0.05 s, 1,000 take 0.2 s and give
# three quarters of what there is; from 4,000 on a second gives less than the smaller ones.
STEPS = (500, 1_000, 2_000)
LONG_ROUTE = 25  # visits; with longer ones (Homberger r2) few sets of pooled routes fit together: 5 s for nothing
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
    routes = [route for route in plan.routes.values() if route.stops]
    if sum(len({stop.visit_id for stop in route.stops}) for route in routes) > LONG_ROUTE * len(routes):
        return plan
    model = _Model(problem, plan, pool, start)
    if not model.rows or len(model.columns) <= len(plan.routes):
        return plan
    chosen = _cheapest(model, work)
    if chosen is None:
        return plan
    found = model.plan_of([model.columns[number] for number in chosen])
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
        self.bound = {
            self.class_of[w] for w, r in plan.routes.items() if w not in self.fixed and (r.locked_count or r.onboard_since_s)
        }
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

    def rows_of(self, chosen: Iterable[int]) -> set[int]:
        return {row for number in chosen for row in self.columns[number].visits}

    def cost_of(self, chosen: Iterable[int]) -> float:
        """Of the part that may change: chosen columns and what they leave out."""
        numbers = sorted(chosen)
        covered = self.rows_of(numbers)
        left = sum(cost for row, cost in enumerate(self.left_out) if row not in covered)
        return sum(self.columns[number].price for number in numbers) + left

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


def _cheapest(model: _Model, work: float) -> set[int] | None:
    """Numbers of the chosen columns; None if nothing better than the present plan was found."""
    relaxed = mathopt.solve(_relaxation(model), mathopt.SolverType.GLOP)
    if relaxed.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    by_number = {variable.id: value for variable, value in relaxed.reduced_costs().items()}
    ranked = sorted((by_number[number], number) for number in range(len(model.columns)))
    present = {number for number, column in enumerate(model.columns) if column.now}
    best, cost = present, model.cost_of(present)
    for step in STEPS:
        gap = cost - relaxed.objective_value()
        if work <= 0 or gap <= EPSILON * max(1.0, abs(cost)):
            break
        kept = sorted({number for value, number in ranked[:step] if value < gap + EPSILON} | best)
        found, spent = _choose(model, kept, best, work)
        work -= spent
        if found is not None and model.cost_of(found) < cost:
            best, cost = found, model.cost_of(found)
        if len(ranked) <= step:
            break
    return None if best is present else best


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


def _choose(model: _Model, kept: list[int], best: set[int], work: float) -> tuple[set[int] | None, float]:
    """The cheapest choice among `kept` that CP-SAT finds within `work`, starting from `best`; and the work it took."""
    sat = cp_model.CpModel()
    use = {number: sat.new_bool_var("") for number in kept}
    out = [sat.new_bool_var("") for _ in model.rows]
    by_row: list[list[Any]] = [[variable] for variable in out]
    by_class: list[list[Any]] = [[] for _ in model.free]
    for number, variable in use.items():
        column = model.columns[number]
        sat.add_hint(variable, number in best)
        by_class[column.owner].append(variable)
        for row in column.visits:
            by_row[row].append(variable)
    covered = model.rows_of(best)
    for row, literals in enumerate(by_row):
        sat.add_hint(out[row], row not in covered)
        sat.add_exactly_one(literals)
    for owner, literals in enumerate(by_class):
        if owner in model.bound and len(model.free[owner]) == 1:
            sat.add_exactly_one(literals)
        elif len(model.free[owner]) == 1:
            sat.add_at_most_one(literals)
        elif len(literals) > len(model.free[owner]):
            sat.add(sum(literals) <= len(model.free[owner]))
    prices = [round(model.columns[number].price * SCALE) for number in kept]
    prices += [round(cost * SCALE) for cost in model.left_out]
    sat.minimize(cp_model.LinearExpr.weighted_sum([*use.values(), *out], prices))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.cp_model_presolve = False  # it took longer than the search on sets of this size
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = work
    status = solver.solve(sat)
    spent = float(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, spent
    return {number for number, variable in use.items() if solver.boolean_value(variable)}, spent
