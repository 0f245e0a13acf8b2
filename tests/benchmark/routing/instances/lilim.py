"""Li and Lim's pickup and delivery problems as our model: each request an errand with its own shop, one kind of rider."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from routing import Pickup, Plan, Prices, Problem, Visit, Worker
from routing.travel_table import TableTravel
from tests.benchmark.routing.instances.route_rules import judge
from tests.benchmark.routing.instances.task_file import NotTasks, TaskFile, read_lilim
from tests.benchmark.routing.instances.verdict import Answer, BadFile, Loaded, Verdict

AREA = "all"
LEFT_OUT = 100  # ways across the whole map that leaving one visit out costs: served whenever it can be


def load(path: Path) -> Loaded:
    """Raises BadFile, OSError."""
    try:
        file = read_lilim(path)
    except NotTasks as wrong:
        raise BadFile(str(wrong)) from None
    return load_tasks(file)


def load_tasks(file: TaskFile) -> Loaded:
    """The tasks of a file that was read (or made) already."""
    travel = travel_of(file)
    visits = {}
    for task in file.tasks[1:]:
        if not task.delivery:
            continue
        door = file.tasks[task.delivery]
        shop = Pickup(f"shop {task.number}", travel.places[task.number], task.earliest, task.service, task.latest)
        visits[_id(door.number)] = Visit(
            _id(door.number), "errand", AREA, travel.places[door.number], door.earliest, door.latest, door.latest, door.service,
            {AREA: 0}, pickup=shop, boxes=task.demand,
        )  # fmt: skip

    def answer(plan: Plan) -> Answer:
        routes = [
            [int(stop.visit_id) if stop.kind == "visit" else file.tasks[int(stop.visit_id)].pickup for stop in route.stops]
            for _, route in sorted(plan.routes.items())
            if route.stops
        ]
        served = {number for route in routes for number in route}
        return {"routes": routes, "unassigned": [task.number for task in file.tasks[1:] if task.number not in served]}

    return Loaded(Problem(riders(file, travel), visits, travel, prices_of(travel)), answer)


def verify(path: Path, answer: Answer) -> Verdict:
    return judge(read_lilim(path), answer["routes"], answer["unassigned"])


def travel_of(file: TaskFile) -> TableTravel:
    return TableTravel([(task.x, task.y) for task in file.tasks], np.array(file.table, dtype=np.float64))


def riders(file: TaskFile, travel: TableTravel) -> dict[str, Worker]:
    """As many riders as the file has vehicles, all alike, from the depot and back."""
    depot, home = file.depot, travel.places[0]
    names = [f"rider {number:04d}" for number in range(1, file.vehicles + 1)]
    return {
        name: Worker(name, "rider", "", AREA, "vehicle", depot.earliest, depot.latest, home, home, file.capacity)
        for name in names
    }  # fmt: skip


def prices_of(travel: TableTravel) -> Prices:
    """The way alone is paid for."""
    longest = float(travel.table_s("vehicle").max())
    return Prices(travel_per_s=1, unserved=LEFT_OUT * longest)


def _id(number: int) -> str:
    return f"{number:05d}"
