"""An answer of task numbers judged on the file alone. Shares no code with `routing`, nor with any solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.benchmark.routing.instances.task_file import TaskFile
from tests.benchmark.routing.instances.verdict import Verdict

TOLERANCE = 1e-6  # of a unit of time: sums of doubles differ in their last bits by the order of adding


def judge(file: TaskFile, routes: Sequence[Sequence[int]], unassigned: Iterable[int] = ()) -> Verdict:
    """Cost (the file's unit) and every broken rule: each task once or said to be left out, windows, capacity, a pickup
    before its delivery in one route, back at the depot in time, no more vehicles than there are."""
    faults = _once_each(file, routes, set(unassigned))
    known = range(1, len(file.tasks))
    cost = 0.0
    for number, route in enumerate(routes, start=1):
        if not all(task in known for task in route):
            continue  # told by _once_each
        cost += sum(file.table[a][b] for a, b in zip([0, *route], [*route, 0], strict=True))
        faults += [f"route {number}: {fault}" for fault in (*_times(file, route), *_loads(file, route), *_pairs(file, route))]
    used = sum(1 for route in routes if route)
    if used > file.vehicles:
        faults.append(f"{used} vehicles of {file.vehicles}")
    return Verdict(cost / file.unit, used, tuple(faults))


def _once_each(file: TaskFile, routes: Sequence[Sequence[int]], unassigned: set[int]) -> list[str]:
    known = set(range(1, len(file.tasks)))
    seen = Counter(task for route in routes for task in route)
    faults = [f"task {task} is not in the file" for task in sorted((seen.keys() | unassigned) - known)]
    faults += [f"task {task} is served {times} times" for task, times in sorted(seen.items()) if times > 1]
    faults += [f"task {task} is in no route and not said to be left out" for task in sorted(known - seen.keys() - unassigned)]
    return faults + [f"task {task} is served and said to be left out" for task in sorted(seen.keys() & unassigned)]


def _times(file: TaskFile, route: Sequence[int]) -> list[str]:
    now, at, faults = file.depot.earliest, 0, []
    for number in route:
        task = file.tasks[number]
        now = max(now + file.table[at][number], task.earliest)
        if now > task.latest + TOLERANCE:
            faults.append(f"task {number} begins at {now / file.unit:.6f}, latest {task.latest / file.unit:g}")
        now, at = now + task.service, number
    now += file.table[at][0]
    if now > file.depot.latest + TOLERANCE:
        faults.append(f"back at {now / file.unit:.6f}, latest {file.depot.latest / file.unit:g}")
    return faults


def _loads(file: TaskFile, route: Sequence[int]) -> list[str]:
    demands = [file.tasks[number].demand for number in route]
    pairs = any(file.tasks[number].pickup or file.tasks[number].delivery for number in route)
    load = greatest = 0 if pairs else sum(demands)
    for demand in demands if pairs else ():
        load += demand
        greatest = max(greatest, load)
        if load < 0:
            return [f"a load of {load}"]
    return [f"a load of {greatest}, capacity {file.capacity}"] if greatest > file.capacity else []


def _pairs(file: TaskFile, route: Sequence[int]) -> list[str]:
    position = {number: place for place, number in enumerate(route)}
    faults = []
    for number in route:
        task = file.tasks[number]
        if task.delivery and not position[number] < position.get(task.delivery, -1):
            faults.append(f"task {number} is not followed by its delivery {task.delivery}")
        if task.pickup and task.pickup not in position:
            faults.append(f"task {number} without its pickup {task.pickup}")
    return faults
