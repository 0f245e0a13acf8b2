"""The mixed day: 2,000 visits, 300 workers, 4 areas. First plan, the plan after `--budget-s` (the first one included),
why every visit has its worker or none (as a share of the plan's time), and the peak of memory over all processes. One JSON line.

`python -m tests.benchmark.routing.mixed_day --seed 1`
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from tests.benchmark.routing.mixed_world import Size, mixed_day
from tests.benchmark.routing.processes import Processes, watched_memory
from tests.benchmark.routing.solve_one import UNLIMITED

FIRST_S, BUDGET_S, LEAST_GAIN, MOST_MB, MOST_EXPLAIN = 2.0, 30.0, 0.15, 600, 0.1


def measure(seed: int, budget_s: float, at_once: int, size: Size) -> dict[str, Any]:
    import routing

    with watched_memory() as peak, Processes(at_once) as processes:
        processes.warm()
        problem = mixed_day(seed, size)
        begun = time.perf_counter()
        first = routing.solve(problem, routing.Budget(0, FIRST_S), seed, run=processes)
        first_s = time.perf_counter() - begun
        plan = routing.solve(problem, routing.Budget(UNLIMITED, budget_s - first_s), seed, run=processes)
        seconds = time.perf_counter() - begun
        used = time.process_time()
        explained = routing.explain_plan(problem, plan)
        explain_s = time.process_time() - used
    before, after = figures(problem, first), figures(problem, plan)
    return {
        "bench": "mixed_day", "seed": seed, "visits": len(problem.visits), "workers": len(problem.workers),
        "processes": at_once, "first_s": round(first_s, 2), "seconds": round(seconds, 2),
        "first": before, "after": after,
        "gain": round(1 - after["travel_and_lateness"] / before["travel_and_lateness"], 4),
        "explained": len(explained), "explain_s": round(explain_s, 2), "explain_share": round(explain_s / seconds, 4),
        "peak_mb": round(peak.mb), "checked": not (before["broken"] or after["broken"]),
        "bars": {"first_s": FIRST_S, "gain": LEAST_GAIN, "peak_mb": MOST_MB, "explain_share": MOST_EXPLAIN},
    }  # fmt: skip


def figures(problem: Any, plan: Any) -> dict[str, Any]:
    """A plan as the checker sees it. `broken`: rules that it breaks, none if it is clean."""
    import routing

    terms = routing.price_by_term(problem, plan)
    served = {stop.visit_id for route in plan.routes.values() for stop in route.stops}
    left = [visit for visit_id, visit in problem.visits.items() if visit_id not in served]
    return {
        "price": round(routing.price(problem, plan), 1),
        "travel_and_lateness": round(terms["travel"] + terms["lateness"], 1),
        "terms": {name: round(value, 1) for name, value in terms.items() if value},
        "left_out": {kind: sum(1 for visit in left if visit.kind == kind) for kind in ("meal", "care", "errand", "parcel")},
        "broken": sorted({found.rule for found in routing.check(problem, plan)}),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=BUDGET_S)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--share", type=float, default=1.0, help="of the day's visits and workers")
    chosen = parser.parse_args(arguments)
    size = Size() if chosen.share == 1.0 else Size().part(chosen.share)
    found = measure(chosen.seed, chosen.budget_s, chosen.processes, size)
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0 if found["checked"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
