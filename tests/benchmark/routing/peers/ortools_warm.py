"""The OR-Tools routing library re-planning from a running plan that lacks some tasks: read in, then guided local search.

`SolveWithIteratedLocalSearch` takes no start, so the warm start goes through `SolveFromAssignmentWithParameters`; the new
tasks begin unserved, at the drop penalty that every task has.
"""

from __future__ import annotations

import math

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from tests.benchmark.routing.clock import stretched
from tests.benchmark.routing.instances.task_file import TaskFile
from tests.benchmark.routing.peers.ortools_peer import SPARE_FLEET, TaskModel, light_operators


def solve_warm(file: TaskFile, running: list[list[int]], budget_s: float) -> float:
    """The cost in the file's table (what is left out at the penalty) after `budget_s` of a processor's time on `running`."""
    fleet = min(file.vehicles, math.ceil(SPARE_FLEET * max(1, len(running))))
    made = TaskModel(file, fleet)
    chosen = pywrapcp.DefaultRoutingSearchParameters()
    chosen.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    chosen.time_limit.FromMilliseconds(int(stretched(budget_s) * 1000))
    light_operators(chosen, made.pairs)
    made.model.CloseModelWithParameters(chosen)
    start = made.model.ReadAssignmentFromRoutes([*running, *([] for _ in range(fleet - len(running)))], True)
    if start is None:
        raise ValueError("OR-Tools does not accept the running plan")
    solution = made.model.SolveFromAssignmentWithParameters(start, chosen)
    found = start if solution is None else solution
    return float(found.ObjectiveValue()) / made.scale
