"""Gehring and Homberger's vehicle routing problems with time windows as our model: each customer an errand whose load is
on board from the depot, in the DIMACS convention and in whole tenths, so that sums are exact."""

from __future__ import annotations

from pathlib import Path

from routing import Plan, Problem, Visit
from tests.benchmark.routing.instances.lilim import AREA, prices_of, riders, travel_of
from tests.benchmark.routing.instances.route_rules import judge
from tests.benchmark.routing.instances.task_file import NotTasks, read_homberger
from tests.benchmark.routing.instances.verdict import Answer, BadFile, Loaded, Verdict


def load(path: Path) -> Loaded:
    """Raises BadFile, OSError."""
    try:
        file = read_homberger(path)
    except NotTasks as wrong:
        raise BadFile(str(wrong)) from None
    travel = travel_of(file)
    visits = {}
    for task in file.tasks[1:]:
        name = f"{task.number:05d}"
        visits[name] = Visit(
            name, "errand", AREA, travel.places[task.number], task.earliest, task.latest, task.latest, task.service, {AREA: 0},
            boxes=task.demand,
        )  # fmt: skip

    def answer(plan: Plan) -> Answer:
        routes = [[int(stop.visit_id) for stop in route.stops] for _, route in sorted(plan.routes.items()) if route.stops]
        served = {number for route in routes for number in route}
        return {"routes": routes, "unassigned": [task.number for task in file.tasks[1:] if task.number not in served]}

    return Loaded(Problem(riders(file, travel), visits, travel, prices_of(travel)), answer, lambda price: price / file.unit)


def verify(path: Path, answer: Answer) -> Verdict:
    return judge(read_homberger(path), answer["routes"], answer["unassigned"])
