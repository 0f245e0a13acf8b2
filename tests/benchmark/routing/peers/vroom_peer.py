"""VROOM 1.15 on a file of tasks: exploration level 5, one thread, the budget as its time limit. It ends by itself when
its search is through, often long before; its own time is told."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import vroom

from tests.benchmark.routing.instances.task_file import TaskFile

SCALE = 1_000  # its durations are 32 bit
EXPLORATION = 5  # the greatest
NUDGE = 1e-6


def solve_tasks(file: TaskFile, budget_s: float, seed: int) -> list[list[int]]:
    """Routes of task numbers; it has no seed. Times are rounded up and are its costs, too."""
    scale = 1 if file.unit > 1 else SCALE
    problem = vroom.Input()
    durations = np.ceil(np.array(file.table) * scale - NUDGE).astype(np.uint32)
    problem.set_durations_matrix("car", durations)
    window = vroom.TimeWindow(_up(file.depot.earliest, scale), _down(file.depot.latest, scale))
    problem.add_vehicle(
        [
            vroom.Vehicle(number, start=0, end=0, capacity=[file.capacity], time_window=window)
            for number in range(1, file.vehicles + 1)
        ]
    )
    for task in file.tasks[1:]:
        times = [vroom.TimeWindow(_up(task.earliest, scale), _down(task.latest, scale))]
        if task.pickup:
            continue
        if not task.delivery:
            problem.add_job(vroom.Job(
                task.number, location=task.number, default_service=_up(task.service, scale), delivery=[task.demand],
                time_windows=times,
            ))  # fmt: skip
            continue
        door = file.tasks[task.delivery]
        problem.add_shipment(
            vroom.ShipmentStep(task.number, task.number, default_service=_up(task.service, scale), time_windows=times),
            vroom.ShipmentStep(
                door.number, door.number, default_service=_up(door.service, scale),
                time_windows=[vroom.TimeWindow(_up(door.earliest, scale), _down(door.latest, scale))],
            ),
            amount=vroom.Amount([task.demand]),
        )  # fmt: skip
    solution = problem.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=timedelta(seconds=budget_s))
    steps = solution.routes
    steps = steps[steps["type"].isin(["job", "pickup", "delivery"])]
    return [[int(number) for number in group["id"]] for _, group in steps.groupby("vehicle_id", sort=True)]


def _up(value: float, scale: int) -> int:
    return math.ceil(value * scale - NUDGE)


def _down(value: float, scale: int) -> int:
    return math.floor(value * scale + NUDGE)
