"""One visit into a plan of 2,000 stops: our insertion, and an OR-Tools search that starts warm from the same plan.

The world is generated: pairs with windows on a plane, a fleet that is busy but not full. The plan is made by our own
insertion; the new visits are put in one at a time and taken out again, so each meets the same 2,000 stops. OR-Tools gets
the same plan with the new pair unserved, light operators and greedy descent; its time is that until a plan has the new
pair (building the model is told beside it and not counted).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tests.benchmark.figures import Section, quantile
from tests.benchmark.routing.instances.lilim import load_tasks
from tests.benchmark.routing.instances.task_file import Task, TaskFile
from tests.benchmark.routing.mixed_world import mixed_day

PAIRS, MEASURED, WARM_SEARCHES = 1_000, 300, 2
SIDE, HORIZON, SERVICE, WINDOW, CAPACITY, VEHICLES = 100.0, 1_000.0, 5.0, 120.0, 60, 160
P95_BAR_MS, TIMES_BAR = 2.0, 1_000.0
LONGEST_S = 120.0  # of one warm search


def world(seed: int, pairs: int = PAIRS + MEASURED) -> TaskFile:
    """Pickups and deliveries (tasks 2n - 1 and 2n) that can all be reached in time from the depot in the middle."""
    rng = random.Random(seed)
    tasks = [Task(0, SIDE / 2, SIDE / 2, 0, 0.0, HORIZON, 0.0)]
    for number in range(1, 2 * pairs, 2):
        ax, ay, bx, by = (round(rng.uniform(0, SIDE), 1) for _ in range(4))
        there = math.hypot(ax - SIDE / 2, ay - SIDE / 2)
        over, back = math.hypot(ax - bx, ay - by), math.hypot(bx - SIDE / 2, by - SIDE / 2)
        opens = round(rng.uniform(there, HORIZON - over - back - 2 * SERVICE - WINDOW), 1)
        boxes = rng.randint(1, 15)
        closes = round(opens + WINDOW, 1)
        door_closes = round(min(HORIZON - back - SERVICE, closes + over + SERVICE + WINDOW), 1) - 0.1
        tasks.append(Task(number, ax, ay, boxes, opens, closes, SERVICE, delivery=number + 1))
        tasks.append(Task(number + 1, bx, by, -boxes, opens, door_closes, SERVICE, pickup=number))
    table = tuple(tuple(math.hypot(a.x - b.x, a.y - b.y) for b in tasks) for a in tasks)
    return TaskFile(VEHICLES, CAPACITY, tuple(tasks), table)


def measure(seeds: Sequence[int], kept: Path) -> Section:
    """Nothing is kept: it takes a minute."""
    seed = seeds[0]
    section = Section(
        "routing-insert", "Routes: one more visit at 2,000 stops",
        f"A generated world of pairs with windows (seed {seed}), a plan of {2 * PAIRS:,} stops made by insertion; {MEASURED}"
        " further pairs are each inserted into that same plan (and taken out again). The peer is the OR-Tools routing library,"
        " started warm from the same plan with the new pair unserved: light operators, greedy descent, until a plan holds the new"
        " pair; its model is built before its clock runs. Processor time of the one thread.",
    )  # fmt: skip
    file = world(seed)
    index, waiting, left_out = _planned(file)
    stops = sum(len(index.route(worker_id).stops) for worker_id in index.worker_ids())
    taken_ms, placed = _insertions(index, waiting)
    section.add("stops in the plan", f"{stops:,} in {sum(1 for w in index.worker_ids() if index.route(w).stops)} routes")
    section.add("insert: p50 / longest", f"{median(taken_ms):.2f} / {max(taken_ms):.2f} ms ({placed} of {len(taken_ms)} fitted)")
    section.at_most("insert: p95", quantile(taken_ms, 0.95), P95_BAR_MS, " ms")
    warm_s, build_s = _warm_searches(file, index, waiting[:WARM_SEARCHES])
    times = median(warm_s) * 1e3 / median(taken_ms)
    said = ", ".join(f"{seconds:.1f}" for seconds in warm_s)
    section.add("OR-Tools warm: seconds until the pair is in", f"{said} (model: {fmean(build_s):.1f})")
    section.at_least("times faster than the warm search (medians)", times, TIMES_BAR, "x")
    if left_out:
        section.notes.append(f"{left_out} pairs did not fit into the plan and were left out of it.")
    _mixed(section, seed)
    return section


def _planned(file: TaskFile) -> tuple[Any, list[Any], int]:
    """An index with the first pairs inserted, and the visits that are still to come."""
    import routing

    problem = load_tasks(file).problem
    visits = [problem.visits[visit_id] for visit_id in sorted(problem.visits)]
    index = routing.PlanIndex(problem)
    left_out = 0
    for visit in visits[:PAIRS]:
        found = index.insert(visit)
        if isinstance(found, routing.Unassignable):
            left_out += 1
            continue
        for route in found.routes:
            index.set_route(route)
    return index, visits[PAIRS:], left_out


def _insertions(index: Any, waiting: Sequence[Any]) -> tuple[list[float], int]:
    """Milliseconds of each insertion with the change of the index it brings, as the product uses it; and how many fitted."""
    import routing

    taken, placed = [], 0
    for visit in waiting:
        before = time.process_time()
        found = index.insert(visit)
        if not isinstance(found, routing.Unassignable):
            old = [index.route(route.worker_id) for route in found.routes]
            for route in found.routes:
                index.set_route(route)
            placed += 1
        else:
            old = []
        taken.append((time.process_time() - before) * 1e3)
        for route in old:
            index.set_route(route)
    return taken, placed


def _warm_searches(file: TaskFile, index: Any, new: Sequence[Any]) -> tuple[list[float], list[float]]:
    """Processor seconds of each search until the new pair is in the plan, and those of building its model."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    from tests.benchmark.routing.peers.ortools_peer import TaskModel, light_operators

    running = [
        [int(stop.visit_id) - (stop.kind == "pickup") for stop in index.route(w).stops]
        for w in sorted(index.worker_ids())
        if index.route(w).stops
    ]  # fmt: skip
    known = {number for route in running for number in route}
    taken, built = [], []
    for visit in new:
        door = int(visit.visit_id)
        part, number_of = _part(file, [*sorted(known), door - 1, door])
        begun = time.process_time()
        made = TaskModel(part, min(part.vehicles, len(running) + 5))
        chosen = pywrapcp.DefaultRoutingSearchParameters()
        chosen.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        chosen.time_limit.FromMilliseconds(int(LONGEST_S * 1e3))
        light_operators(chosen, made.pairs)
        index_of_new = made.manager.NodeToIndex(number_of[door])
        made.model.CloseModelWithParameters(chosen)
        built.append(time.process_time() - begun)
        routes = [[number_of[number] for number in route] for route in running]
        reached: list[float] = []

        def in_plan(made: Any = made, at: int = index_of_new, reached: list[float] = reached) -> None:
            if made.model.NextVar(at).Value() != at and not reached:
                reached.append(time.process_time())
                made.model.solver().FinishCurrentSearch()

        made.model.AddAtSolutionCallback(in_plan)
        begun = time.process_time()
        start = made.model.ReadAssignmentFromRoutes([*routes, *([] for _ in range(made.fleet - len(routes)))], True)
        made.model.SolveFromAssignmentWithParameters(start, chosen)
        taken.append((reached[0] if reached else time.process_time()) - begun)
    return taken, built


def _part(file: TaskFile, numbers: Sequence[int]) -> tuple[TaskFile, dict[int, int]]:
    """The file with these tasks alone, numbered anew."""
    chosen = [0, *numbers]
    new = {number: place for place, number in enumerate(chosen)}
    tasks = []
    for number in chosen:
        task = file.tasks[number]
        tasks.append(Task(
            new[number], task.x, task.y, task.demand, task.earliest, task.latest, task.service,
            new.get(task.pickup, 0), new.get(task.delivery, 0),
        ))  # fmt: skip
    table = tuple(tuple(file.table[a][b] for b in chosen) for a in chosen)
    return TaskFile(file.vehicles, file.capacity, tuple(tasks), table), new


def _mixed(section: Section, seed: int) -> None:
    """The same with every rule of meals and care: the generated mixed day."""
    import routing

    problem = mixed_day(seed)
    index = routing.PlanIndex(problem)
    waiting = [problem.visits[visit_id] for visit_id in sorted(problem.visits)]
    random.Random(seed).shuffle(waiting)
    held_back = waiting[:MEASURED]
    for visit in waiting[MEASURED:]:
        if sum(len(index.route(w).stops) for w in index.worker_ids()) >= 2 * PAIRS:
            break
        found = index.insert(visit)
        if not isinstance(found, routing.Unassignable):
            for route in found.routes:
                index.set_route(route)
    stops = sum(len(index.route(w).stops) for w in index.worker_ids())
    taken_ms, placed = _insertions(index, held_back)
    section.add(
        f"the mixed day, {stops:,} stops and every rule: p50 / p95 / longest",
        f"{median(taken_ms):.2f} / {quantile(taken_ms, 0.95):.2f} / {max(taken_ms):.2f} ms ({placed} of {len(taken_ms)} fitted)",
    )  # fmt: skip
