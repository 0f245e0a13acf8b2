"""What it costs to leave people their plan: the share of accepted visits that a re-plan moves, against its share of the
gain of a free re-plan, for prices of a move from 0 up. One JSON line with the curve.

The running plan was made without a tenth of the day's visits; all its visits are accepted. The gain counts from the plan
where the new ones are only inserted, without the price of moves. `python -m tests.benchmark.routing.stability --seed 1`
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any

from tests.benchmark.routing.clock import processor_clock
from tests.benchmark.routing.mixed_world import Size, mixed_day
from tests.benchmark.routing.replan import RUNNING_S, split_off, without_move_prices
from tests.benchmark.routing.solve_one import UNLIMITED

MOVE_PRICES = (0, 60, 120, 150, 180, 220, 300, 600, 1_200, 1_800)
MOST_MOVED, LEAST_GAIN = 0.05, 0.8


def curve(problem: Any, seed: int, budget_s: float, running_s: float, prices: tuple[int, ...] = MOVE_PRICES) -> dict[str, Any]:
    import routing

    free = without_move_prices(problem)
    before, new = split_off(free, seed)
    running = routing.solve(before, routing.Budget(UNLIMITED, running_s), seed)
    held = holders(running)
    visits = {v: replace(visit, accepted=v in held) for v, visit in problem.visits.items()}
    free = replace(free, visits=visits)
    inserted = routing.solve(free, routing.Budget(0), seed, running)
    base = routing.price(free, inserted)
    points: list[dict[str, float]] = []
    clean = not routing.check(free, inserted, running)
    for price in prices:
        priced = replace(free, prices=replace(free.prices, move=price, move_accepted=price))
        plan = routing.solve(priced, routing.Budget(UNLIMITED, budget_s), seed, running)
        clean = clean and not routing.check(priced, plan, running)
        now = holders(plan)
        moved = sum(1 for visit_id, workers in held.items() if now.get(visit_id, frozenset()) != workers)
        points.append({"move_price": price, "moved": moved / len(held), "gain": base - routing.price(free, plan)})
    most = points[0]["gain"]
    for point in points:
        point["gain_share"] = round(point["gain"] / most, 4) if most else 1.0
        point["gain"], point["moved"] = round(point["gain"], 1), round(point["moved"], 4)
    return {"accepted": len(held), "new": len(new), "inserted_price": round(base, 1), "curve": points, "checked": clean}


def holders(plan: Any) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for worker_id, route in plan.routes.items():
        for stop in route.stops:
            if stop.kind == "visit":
                found[stop.visit_id] = found.get(stop.visit_id, frozenset()) | {worker_id}
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=10.0)
    parser.add_argument("--running-s", type=float, default=RUNNING_S)
    parser.add_argument("--share", type=float, default=0.25, help="of the mixed day's visits and workers")
    chosen = parser.parse_args(arguments)
    import routing

    routing.warm_up()
    with processor_clock("routing"):
        found = curve(mixed_day(chosen.seed, Size().part(chosen.share)), chosen.seed, chosen.budget_s, chosen.running_s)
    kept = [point for point in found["curve"] if point["moved"] <= MOST_MOVED]
    line = {
        "bench": "stability", "seed": chosen.seed, **found,
        "best_gain_share_within_bar": max((point["gain_share"] for point in kept), default=0.0),
        "bars": {"moved": MOST_MOVED, "gain_share": LEAST_GAIN},
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if found["checked"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
