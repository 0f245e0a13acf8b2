"""PyVRP 0.14 (Wouda, Lan and Kool 2024) on a file of tasks: its own default search, one thread, time limit."""

from __future__ import annotations

import math

import numpy as np
from pyvrp import ActivityType, Client, Depot, Location, ProblemData, Shipment, VehicleType, solve
from pyvrp.stop import MaxRuntime

from tests.benchmark.routing.instances.task_file import TaskFile

SCALE = 10_000  # doubles as integers: its cost differs from the one in doubles by less than 1e-4 a way
NUDGE = 1e-6  # so that a whole number does not become the next one


def solve_tasks(file: TaskFile, budget_s: float, seed: int) -> list[list[int]]:
    """Routes of task numbers; the depot left out. Times are rounded up, so what is in time for it is so in doubles."""
    scale = 1 if file.unit > 1 else SCALE
    table = np.array(file.table) * scale
    distances = np.rint(table).astype(np.int64)
    durations = np.ceil(table - NUDGE).astype(np.int64)
    clients, shipments, tasks_of = [], [], {}
    for task in file.tasks[1:]:
        if task.pickup:
            continue
        if not task.delivery:
            tasks_of[ActivityType.CLIENT, len(clients)] = task.number
            clients.append(Client(
                task.number, [task.demand], service_duration=_up(task.service, scale), tw_early=_up(task.earliest, scale),
                tw_late=_down(task.latest, scale),
            ))  # fmt: skip
            continue
        door = file.tasks[task.delivery]
        tasks_of[ActivityType.PICKUP, len(shipments)] = task.number
        tasks_of[ActivityType.DELIVERY, len(shipments)] = door.number
        shipments.append(Shipment(
            task.number, door.number,
            _up(task.earliest, scale), _down(task.latest, scale), _up(task.service, scale),
            _up(door.earliest, scale), _down(door.latest, scale), _up(door.service, scale), [task.demand],
        ))  # fmt: skip
    begin, end = _up(file.depot.earliest, scale), _down(file.depot.latest, scale)
    data = ProblemData(
        locations=[Location(task.x, task.y) for task in file.tasks],
        clients=clients,
        depots=[Depot(0)],
        vehicle_types=[VehicleType(file.vehicles, [file.capacity], tw_early=begin, tw_late=end)],
        distance_matrices=[distances],
        duration_matrices=[durations],
        shipments=shipments,
    )
    result = solve(data, MaxRuntime(budget_s), seed=seed, collect_stats=False)
    return [
        [tasks_of[step.type, step.idx] for step in route if not step.is_depot()] for route in result.best.routes()
    ]  # fmt: skip


def _up(value: float, scale: int) -> int:
    return math.ceil(value * scale - NUDGE)


def _down(value: float, scale: int) -> int:
    return math.floor(value * scale + NUDGE)
