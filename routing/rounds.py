"""The OR-Tools routing library on one kind of workers: riders with meals, or carers with visits.

It starts from a plan, keeps locked stops and meals onboard where they are, and takes no clock: the search ends after a
number of solutions or when no neighbour is better. Visits for two workers stay at the time that the plan gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.fits import obstacle
from routing.model import Place, Problem, Route, Stop, Visit, Worker
from routing.schedule import Timeline, fresh_until, price_unserved
from routing.together import lay_out_together

CANDIDATES = 12  # workers considered for a visit beside its present one: the nearest ones that fit
HORIZON_SLACK_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Node:
    """A stop, or a worker's start or end (`visit` None)."""

    place: Place | None
    visit: Visit | None
    kind: str
    service_s: int
    kitchen: str


def build_rounds(
    problem: Problem,
    routes: Mapping[str, Route],
    waiting: Collection[str],
    home: Mapping[str, frozenset[str]],
    limit: int,
    seconds: float,
) -> dict[str, Route] | None:
    """Better routes for these workers, their visits and the waiting ones, or None. `home`: workers by visit in the
    plan that moves are priced against. `limit`: better plans to stop after; `seconds`: a safety stop only."""
    model = _Model(problem, routes, waiting, home)
    return model.search(limit, seconds)


def cells_of(routes: Mapping[str, Route], waiting: Collection[str]) -> int:
    """How large the model's price tables are together: one for each worker, all stops by all stops."""
    nodes = 2 * len(routes) + sum(len(route.stops) for route in routes.values()) + 2 * len(waiting)
    return nodes * nodes * len(routes)


class _Model:
    def __init__(
        self,
        problem: Problem,
        routes: Mapping[str, Route],
        waiting: Collection[str],
        home: Mapping[str, frozenset[str]],
    ) -> None:
        self.problem = problem
        self.workers: list[Worker] = [problem.workers[w] for w in sorted(routes)]
        self.routes = routes
        self.home = home
        self.lines = lay_out_together(problem, routes)
        assigned = {s.visit_id for r in routes.values() for s in r.stops}
        single = {v for v in waiting if problem.visits[v].worker_count == 1}
        self.visits = [problem.visits[v] for v in sorted(assigned | single)]
        self.origin_s = min(w.free_s for w in self.workers)
        self._number_nodes()
        self._build()

    def _number_nodes(self) -> None:
        nodes: list[Node] = []
        self.start_of: list[int] = []
        self.end_of: list[int] = []
        for worker in self.workers:
            self.start_of.append(len(nodes))
            nodes.append(Node(worker.place, None, "start", 0, ""))
            self.end_of.append(len(nodes))
            nodes.append(Node(worker.end, None, "end", 0, ""))
        self.node_of: dict[tuple[str, str, str], int] = {}  # visit, kind, worker (only for visits for two)
        onboard = self._onboard()
        for visit in self.visits:
            pickup = visit.pickup
            if pickup is not None and visit.visit_id not in onboard:
                self.node_of[visit.visit_id, "pickup", ""] = len(nodes)
                nodes.append(Node(pickup.place, visit, "pickup", round(pickup.service_duration_s), pickup.kitchen_id))
            holders = [""] if visit.worker_count == 1 else sorted(self._holders(visit.visit_id))
            for holder in holders:
                self.node_of[visit.visit_id, "visit", holder] = len(nodes)
                nodes.append(Node(visit.place, visit, "visit", round(visit.service_duration_s), ""))
        self.nodes = nodes

    def _onboard(self) -> set[str]:
        found: set[str] = set()
        for route in self.routes.values():
            taken_up = {s.visit_id for s in route.stops if s.kind == "pickup"}
            found |= {s.visit_id for s in route.stops if s.kind == "visit" and s.visit_id not in taken_up}
        return {v for v in found if self.problem.visits[v].pickup is not None}

    def _holders(self, visit_id: str) -> list[str]:
        return [w for w, r in self.routes.items() if Stop(visit_id, "visit") in r.stops]

    def _node(self, worker_id: str, stop: Stop) -> int:
        visit = self.problem.visits[stop.visit_id]
        return self.node_of[stop.visit_id, stop.kind, worker_id if visit.worker_count > 1 else ""]

    # -- the model

    def _build(self) -> None:
        nodes = self.nodes
        self.manager = pywrapcp.RoutingIndexManager(len(nodes), len(self.workers), self.start_of, self.end_of)
        self.model: Any = pywrapcp.RoutingModel(self.manager)
        self.index = [self.manager.NodeToIndex(n) for n in range(len(nodes))]
        self.travel = travel = self._travel()
        self.nodes_of = {
            w.worker_id: [start, *(self._node(w.worker_id, stop) for stop in self.routes[w.worker_id].stops)]
            for w, start in zip(self.workers, self.start_of, strict=True)
        }
        service = np.array([n.service_s for n in nodes])
        kitchens = {name: number + 1 for number, name in enumerate(sorted({n.kitchen for n in nodes} - {""}))}
        at = np.array([kitchens.get(n.kitchen, 0) for n in nodes])
        # Taken up at one kitchen in a row: one stop, the service is paid on leaving it.
        joined = (at[:, None] == at[None, :]) & (at[:, None] > 0)
        times: dict[str, int] = {}
        evaluators = []
        for number, worker in enumerate(self.workers):
            if worker.mode not in times:
                seconds = np.where(joined, 0, travel[worker.mode] + service[:, None])
                times[worker.mode] = self.model.RegisterTransitMatrix(seconds.tolist())
            evaluators.append(times[worker.mode])
            cost = self.problem.prices.travel_per_s * travel[worker.mode] + self._visit_prices(worker)[None, :]
            self.model.SetArcCostEvaluatorOfVehicle(self.model.RegisterTransitMatrix(cost.tolist()), number)
        horizon = max(w.shift_end_s for w in self.workers) - self.origin_s + HORIZON_SLACK_S
        self.model.AddDimensionWithVehicleTransits(evaluators, horizon, horizon, False, "time")
        self.time: Any = self.model.GetDimensionOrDie("time")
        boxes = [0 if n.visit is None else n.visit.boxes * (1 if n.kind == "pickup" else -1) for n in nodes]
        boxes = [b if n.visit is None or n.visit.pickup is not None else 0 for b, n in zip(boxes, nodes, strict=True)]
        room = [max(w.capacity_boxes, *self._line(w).load, self._line(w).start_load, 0) for w in self.workers]
        self.model.AddDimensionWithVehicleCapacity(
            self.model.RegisterUnaryTransitVector(boxes), 0, room, False, "boxes"
        )
        self.boxes: Any = self.model.GetDimensionOrDie("boxes")
        self._bind_workers()
        for visit in self.visits:
            self._bind_visit(visit)

    def _travel(self) -> dict[str, Any]:
        """Seconds between all nodes by mode; ways to an end that is nowhere take none."""
        found: dict[str, Any] = {}
        anywhere = Place(0.0, 0.0)
        places = [n.place or anywhere for n in self.nodes]
        distinct = sorted(set(places), key=lambda p: (p.x_m, p.y_m))
        number = {place: i for i, place in enumerate(distinct)}
        at = np.array([number[p] for p in places])
        for mode in sorted({w.mode for w in self.workers}):
            table = np.array(self.problem.travel.matrix_s(mode, distinct))[np.ix_(at, at)]
            for position, node in enumerate(self.nodes):
                if node.place is None:
                    table[:, position] = 0
            found[mode] = table
        return found

    def _visit_prices(self, worker: Worker) -> Any:
        """What serving each node costs this worker beside the way: help from another area, a change of worker."""
        prices = np.zeros(len(self.nodes), dtype=np.int64)
        for position, node in enumerate(self.nodes):
            if node.kind == "visit" and node.visit is not None:
                prices[position] = node.visit.allowed_area_prices.get(worker.area_id, 0)
                home = self.home.get(node.visit.visit_id)
                if home and worker.worker_id not in home:
                    prices[position] += self.problem.prices.move
        return prices

    def _line(self, worker: Worker) -> Timeline:
        return self.lines[worker.worker_id]

    def _bind_workers(self) -> None:
        for number, worker in enumerate(self.workers):
            line, start, end = self._line(worker), self.model.Start(number), self.model.End(number)
            free_s = worker.free_s - self.origin_s
            self.time.CumulVar(start).SetRange(free_s, free_s)
            until = worker.shift_end_s if not line.route.stops else max(worker.shift_end_s, line.finish_s)
            self.time.CumulVar(end).SetRange(free_s, max(free_s, until - self.origin_s))
            self.boxes.CumulVar(start).SetValue(line.start_load)
            self.model.AddVariableMinimizedByFinalizer(self.time.CumulVar(end))

    def _bind_visit(self, visit: Visit) -> None:
        """Windows, who may come, what it costs to leave it out, and pickup before door by the same rider."""
        solver = self.model.solver()
        prices = self.problem.prices
        holders = [""] if visit.worker_count == 1 else self._holders(visit.visit_id)
        present = {w: self._begin(w, visit) for w in self._holders(visit.visit_id)}
        for holder in sorted(holders):
            door = self.index[self.node_of[visit.visit_id, "visit", holder]]
            opens, closes = visit.earliest_s, max(visit.latest_s, *present.values(), visit.earliest_s)
            if visit.worker_count > 1:
                opens = closes = present[holder]
            # What cannot be reached any more (a free worker too late) still has to be in range for the solver.
            self.time.CumulVar(door).SetRange(max(0, opens - self.origin_s), max(0, closes - self.origin_s))
            self.time.SetCumulVarSoftUpperBound(door, max(0, visit.due_s - self.origin_s), max(1, prices.late_per_min // 60))
            self._allow(door, visit, holder)
        kitchen_node = self.node_of.get((visit.visit_id, "pickup", ""))
        door = self.index[self.node_of[visit.visit_id, "visit", sorted(holders)[0]]]
        if kitchen_node is not None and visit.pickup is not None:
            kitchen = self.index[kitchen_node]
            self.time.CumulVar(kitchen).SetMin(max(0, visit.pickup.ready_s - self.origin_s))
            self._allow(kitchen, visit, "")
            self.model.AddPickupAndDelivery(kitchen, door)
            solver.Add(self.model.VehicleVar(kitchen) == self.model.VehicleVar(door))
            solver.Add(self.time.CumulVar(kitchen) <= self.time.CumulVar(door))
            if visit.freshness_s:
                ride = visit.freshness_s
                for worker_id, begin in present.items():
                    line = self.lines[worker_id]
                    block = next(b for b, v in enumerate(line.visit) if v is visit)
                    ride += max(0, begin - fresh_until(line, block, visit))
                ride += visit.pickup.service_duration_s
                solver.Add(self.time.CumulVar(door) - self.time.CumulVar(kitchen) <= ride)
            self.model.AddDisjunction([kitchen], round(price_unserved(visit, prices) / 2))
            self.model.AddDisjunction([door], round(price_unserved(visit, prices) / 2))
        elif not present:
            self.model.AddDisjunction([door], round(price_unserved(visit, prices)))
        elif visit.freshness_s and visit.worker_count == 1:
            (worker_id, begin), = present.items()
            since = self.routes[worker_id].onboard_since_s.get(visit.visit_id)
            if since is not None:
                by = max(begin, since + visit.freshness_s) - self.origin_s
                self.time.CumulVar(door).SetMax(max(0, min(by, closes - self.origin_s)))
        if not present or kitchen_node is not None:
            return
        # In the plan and not a meal at its kitchen: care may be moved or left out, a meal onboard may not.
        if visit.pickup is None and visit.worker_count == 1 and not visit.pinned_worker_ids:
            self.model.AddDisjunction([door], round(price_unserved(visit, prices)))

    def _begin(self, worker_id: str, visit: Visit) -> int:
        line = self.lines[worker_id]
        return round(next(b for b, v in zip(line.begin, line.visit, strict=True) if v is not None and v is visit))

    def _allow(self, index: int, visit: Visit, holder: str) -> None:
        """Trap: SetAllowedVehiclesForIndex raises TypeError in Python; the variable takes the values."""
        numbers = {w.worker_id: n for n, w in enumerate(self.workers)}
        present = self._holders(visit.visit_id)
        onboard = visit.pickup is not None and (visit.visit_id, "pickup", "") not in self.node_of
        if holder:
            allowed = [numbers[holder]]
        elif present and onboard:
            allowed = [numbers[present[0]]]
        else:
            door = self.node_of[visit.visit_id, "visit", ""]
            fitting = [w for w in self.workers if obstacle(w, visit) is None and w.worker_id not in present]
            fitting.sort(key=lambda w: (self._nearest_s(w, door), w.worker_id))
            allowed = [numbers[w] for w in present] + [numbers[w.worker_id] for w in fitting[:CANDIDATES]]
        self.model.VehicleVar(index).SetValues([-1, *sorted(allowed)] if not holder and not onboard else allowed)

    def _nearest_s(self, worker: Worker, door: int) -> int:
        """How near the worker's route comes to a door."""
        return int(self.travel[worker.mode][self.nodes_of[worker.worker_id], door].min())

    # -- the search

    def search(self, limit: int, seconds: float) -> dict[str, Route] | None:
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        parameters.solution_limit = max(1, limit)
        if seconds > 0:
            parameters.time_limit.FromMilliseconds(int(seconds * 1000))
        light_operators(parameters, self.workers[0].kind == "rider")
        self.model.CloseModelWithParameters(parameters)
        rounds = [
            [self.index[self._node(w.worker_id, stop)] for stop in self.routes[w.worker_id].stops] for w in self.workers
        ]
        locked = [
            stops[: self.routes[w.worker_id].locked_count] for w, stops in zip(self.workers, rounds, strict=True)
        ]
        if not self.model.ApplyLocksToAllVehicles(locked, False):
            return None
        start = self.model.ReadAssignmentFromRoutes(rounds, True)
        if start is None:
            return None
        solution = self.model.SolveFromAssignmentWithParameters(start, parameters)
        if solution is None:
            return None
        return self._read(solution)

    def _read(self, solution: Any) -> dict[str, Route]:
        found: dict[str, Route] = {}
        for number, worker in enumerate(self.workers):
            before = self.routes[worker.worker_id]
            stops: list[Stop] = []
            at = solution.Value(self.model.NextVar(self.model.Start(number)))
            while not self.model.IsEnd(at):
                node = self.nodes[self.manager.IndexToNode(at)]
                if node.visit is not None:
                    stops.append(Stop(node.visit.visit_id, "pickup" if node.kind == "pickup" else "visit"))
                at = solution.Value(self.model.NextVar(at))
            found[worker.worker_id] = Route(worker.worker_id, tuple(stops), before.locked_count, before.onboard_since_s)
        return found


def light_operators(parameters: Any, pairs: bool) -> None:
    """Only neighbourhoods that are cheap. For 120 meals and 15 riders relocate_pair, exchange_pair and the subtrips take
    13 s to gain 2 % over these two, which take 1.5 s; LNS neighbourhoods more."""
    operators = parameters.local_search_operators
    on, off = 3, 2  # OptionalBoolean BOOL_TRUE, BOOL_FALSE
    for name in operators.DESCRIPTOR.fields_by_name:
        setattr(operators, name, off)
    meals = ("use_light_relocate_pair", "use_make_active")
    care = ("use_relocate", "use_exchange", "use_two_opt", "use_or_opt", "use_make_active", "use_swap_active")
    for name in meals if pairs else care:
        setattr(operators, name, on)
