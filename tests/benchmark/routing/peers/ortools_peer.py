"""The OR-Tools routing library on a file of tasks with the best settings found: iterated local search with ruins by
string removals, light operators, matrices, a fleet a quarter larger than the first solution needs, a drop penalty."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2, routing_parameters_pb2

from tests.benchmark.routing.instances.task_file import TaskFile

SCALE = 1_000
NUDGE = 1e-6
SPARE_FLEET = 1.25
LEFT_OUT = 100  # ways across the whole map
ON, OFF = 3, 2  # OptionalBoolean BOOL_TRUE, BOOL_FALSE
OPERATORS = ("use_relocate", "use_exchange", "use_cross", "use_two_opt", "use_or_opt", "use_make_active", "use_swap_active")
PAIR_OPERATORS = ("use_light_relocate_pair", "use_make_active", "use_two_opt", "use_or_opt", "use_relocate")


class TaskModel:
    """The routing model of a file with `fleet` vehicles."""

    def __init__(self, file: TaskFile, fleet: int) -> None:
        self.file, self.fleet = file, fleet
        scale = self.scale = 1 if file.unit > 1 else SCALE
        self.pairs = any(task.delivery for task in file.tasks)
        self.manager = pywrapcp.RoutingIndexManager(len(file.tasks), fleet, 0)
        self.model: Any = pywrapcp.RoutingModel(self.manager)
        table = np.array(file.table) * scale
        service = np.array([self._up(task.service) for task in file.tasks], dtype=np.int64)
        times = np.ceil(table - NUDGE).astype(np.int64) + service[:, None]
        costs = np.rint(table).astype(np.int64)
        self.model.SetArcCostEvaluatorOfAllVehicles(self.model.RegisterTransitMatrix(costs.tolist()))
        horizon = self._down(file.depot.latest)
        self.model.AddDimension(self.model.RegisterTransitMatrix(times.tolist()), horizon, horizon, False, "time")
        demands = self.model.RegisterUnaryTransitVector([task.demand for task in file.tasks])
        self.model.AddDimension(demands, 0, file.capacity, True, "load")
        self.time = self.model.GetDimensionOrDie("time")
        self.left_out = int(LEFT_OUT * costs.max())
        for task in file.tasks[1:]:
            self._add(task.number)
        for vehicle in range(fleet):
            self.time.CumulVar(self.model.Start(vehicle)).SetMin(self._up(file.depot.earliest))

    def _add(self, number: int) -> None:
        task, model = self.file.tasks[number], self.model
        index = self.manager.NodeToIndex(number)
        self.time.CumulVar(index).SetRange(self._up(task.earliest), self._down(task.latest))
        model.AddDisjunction([index], self.left_out)
        if task.delivery:
            door = self.manager.NodeToIndex(task.delivery)
            model.AddPickupAndDelivery(index, door)
            model.solver().Add(model.VehicleVar(index) == model.VehicleVar(door))
            model.solver().Add(self.time.CumulVar(index) <= self.time.CumulVar(door))

    def routes(self, solution: Any) -> list[list[int]]:
        found = []
        for vehicle in range(self.fleet):
            at, route = solution.Value(self.model.NextVar(self.model.Start(vehicle))), []
            while not self.model.IsEnd(at):
                route.append(self.manager.IndexToNode(at))
                at = solution.Value(self.model.NextVar(at))
            if route:
                found.append(route)
        return found

    def _up(self, value: float) -> int:
        return math.ceil(value * self.scale - NUDGE)

    def _down(self, value: float) -> int:
        return math.floor(value * self.scale + NUDGE)


def settings(pairs: bool, seconds: float) -> Any:
    """Search parameters with everything that proved itself on these files."""
    chosen = pywrapcp.DefaultRoutingSearchParameters()
    chosen.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    chosen.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    chosen.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    light_operators(chosen, pairs)
    chosen.use_iterated_local_search = True
    search = chosen.iterated_local_search_parameters
    sisr = search.ruin_recreate_parameters.ruin_strategies.add().sisr
    sisr.max_removed_sequence_size, sisr.avg_num_removed_visits, sisr.bypass_factor = 10, 10, 0.5
    search.improve_perturbed_solution = True
    annealing = search.reference_solution_acceptance_strategy.simulated_annealing
    annealing.automatic_temperatures = True
    return chosen


def light_operators(chosen: routing_parameters_pb2.RoutingSearchParameters, pairs: bool) -> None:
    operators = chosen.local_search_operators
    for name in operators.DESCRIPTOR.fields_by_name:
        setattr(operators, name, OFF)
    for name in PAIR_OPERATORS if pairs else OPERATORS:
        setattr(operators, name, ON)


def solve_tasks(file: TaskFile, budget_s: float, seed: int) -> list[list[int]]:
    """Routes of task numbers; it has no seed. The first solution, which tells the fleet, is part of the budget."""
    begun = time.perf_counter()
    pairs = any(task.delivery for task in file.tasks)
    first = TaskModel(file, file.vehicles)
    quick = pywrapcp.DefaultRoutingSearchParameters()
    quick.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    quick.solution_limit = 1
    quick.time_limit.FromMilliseconds(int(budget_s * 1000))
    solution = first.model.SolveWithParameters(quick)
    routes = first.routes(solution) if solution is not None else []
    fleet = min(file.vehicles, math.ceil(SPARE_FLEET * len(routes))) if routes else file.vehicles
    model = TaskModel(file, fleet)
    left = budget_s - (time.perf_counter() - begun)
    if left <= 0:
        return routes
    solution = model.model.SolveWithIteratedLocalSearch(settings(pairs, left))
    return routes if solution is None else model.routes(solution)
