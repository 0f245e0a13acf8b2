"""A running plan, and 10 % new visits: how near to a cold solve of the whole a re-plan comes, and OR-Tools warm beside it.

The running plan is a solve of the instance without the new visits; both get the same one. Nothing is priced for moving.
One JSON line. `python -m tests.benchmark.routing.replan --seed 1 --files path ... [--mixed]`
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.benchmark.routing.clock import processor_clock
from tests.benchmark.routing.families import family
from tests.benchmark.routing.instances.task_file import TaskFile, read_homberger, read_lilim
from tests.benchmark.routing.mixed_world import Size, mixed_day
from tests.benchmark.routing.peers.ortools_warm import solve_warm
from tests.benchmark.routing.solve_one import UNLIMITED

NEW_SHARE = 0.1
BUDGETS_S = (0.3, 1.0, 3.0)
BARS = {0.3: 0.015, 1.0: 0.008, 3.0: 0.004}
COLD_S, RUNNING_S = 60.0, 20.0


def split_off(problem: Any, seed: int) -> tuple[Any, list[str]]:
    """The problem without a tenth of its visits, and their ids. Whose partner by a gap is gone stays alone."""
    rng = random.Random(seed)
    new = sorted(rng.sample(sorted(problem.visits), max(1, round(NEW_SHARE * len(problem.visits)))))
    visits = {visit_id: visit for visit_id, visit in problem.visits.items() if visit_id not in new}
    gaps = tuple(gap for gap in problem.gaps if gap.first_visit_id in visits and gap.then_visit_id in visits)
    return replace(problem, visits=visits, gaps=gaps), new


def without_move_prices(problem: Any) -> Any:
    return replace(problem, prices=replace(problem.prices, move=0, move_accepted=0))


def measure(name: str, problem: Any, seed: int, cold_s: float, running_s: float, file: TaskFile | None) -> dict[str, Any]:
    """Costs and gaps of one instance by budget."""
    import routing

    problem = without_move_prices(problem)
    before, _ = split_off(problem, seed)
    running = routing.solve(before, routing.Budget(UNLIMITED, running_s), seed)
    cold = routing.solve(problem, routing.Budget(UNLIMITED, cold_s), seed)
    best = routing.price(problem, cold)
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    seconds: dict[str, float] = {}
    clean = not routing.check(problem, cold)
    for budget in BUDGETS_S:
        begun = time.process_time()
        plan = routing.solve(problem, routing.Budget(UNLIMITED, budget), seed, running)
        seconds[f"{budget:g}"] = round(time.process_time() - begun, 3)
        clean = clean and not routing.check(problem, plan, running)
        ours[f"{budget:g}"] = round(routing.price(problem, plan) / best - 1, 5)
        if file is not None:
            cost = solve_warm(file, task_routes(problem, running), budget)
            theirs[f"{budget:g}"] = round(cost / best - 1, 5)
    return {"instance": name, "cold": best, "ours": ours, "ortools_warm": theirs, "seconds": seconds, "checked": clean}


def task_routes(problem: Any, plan: Any) -> list[list[int]]:
    """Routes as numbers of the file's tasks: a pickup's shop carries its own."""

    def number(stop: Any) -> int:
        if stop.kind == "visit":
            return int(stop.visit_id)
        return int(problem.visits[stop.visit_id].pickup.kitchen_id.split()[-1])

    return [[number(stop) for stop in route.stops] for route in plan.routes.values() if route.stops]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cold-s", type=float, default=COLD_S)
    parser.add_argument("--running-s", type=float, default=RUNNING_S)
    parser.add_argument("--files", type=Path, nargs="*", default=[])
    parser.add_argument("--mixed", action="store_true", help="the generated mixed day as well")
    parser.add_argument("--share", type=float, default=1.0, help="of the mixed day's visits and workers")
    chosen = parser.parse_args(arguments)
    import routing

    routing.warm_up()
    rows: list[dict[str, Any]] = []
    with processor_clock("routing"):  # other work on the machine weighs on nobody
        for path in chosen.files:
            lilim = path.name.startswith("l")
            file = read_lilim(path) if lilim else read_homberger(path)
            problem = family("lilim" if lilim else "homberger").load(path).problem
            rows.append(measure(path.stem, problem, chosen.seed, chosen.cold_s, chosen.running_s, file))
        if chosen.mixed:
            problem = mixed_day(chosen.seed, Size().part(chosen.share) if chosen.share != 1.0 else Size())
            rows.append(measure("mixed_day", problem, chosen.seed, chosen.cold_s, chosen.running_s, None))
    line = {
        "bench": "replan", "seed": chosen.seed, "new_share": NEW_SHARE, "cold_s": chosen.cold_s, "rows": rows,
        "mean_gap": {f"{b:g}": round(fmean(row["ours"][f"{b:g}"] for row in rows), 5) for b in BUDGETS_S},
        "mean_gap_ortools_warm": {
            f"{b:g}": round(fmean(gaps), 5)
            for b in BUDGETS_S if (gaps := [row["ortools_warm"][f"{b:g}"] for row in rows if row["ortools_warm"]])
        },
        "bars": {f"{budget:g}": bar for budget, bar in BARS.items()},
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if all(row["checked"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
