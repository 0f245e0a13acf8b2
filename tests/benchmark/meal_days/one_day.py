"""`python -m tests.benchmark.meal_days.one_day --dir FOLDER --policy ours|matching|greedy`: one JSON line on stdout.

The whole day is simulated, written, and checked by `verify`, which reads the raw files by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from routing.kernel.jit import HAS_NUMBA
from routing.matching import warm_up
from tests.benchmark.figures import quantile
from tests.benchmark.meal_days.day import MealDay
from tests.benchmark.meal_days.greedy_policy import run_greedy
from tests.benchmark.meal_days.instance import BadInstance, Instance, read_instance
from tests.benchmark.meal_days.matching_policy import run_matching
from tests.benchmark.meal_days.our_policy import OurPolicy
from tests.benchmark.meal_days.verify import verify

POLICIES = ("ours", "matching", "greedy")
OUT = Path(".dolbom/benchmarks/meal_days")
PUBLISHED = {
    "source": "Reyes et al. 2018, all 240 days",
    "click_to_door_min": 32.74, "ready_to_pickup_min": 1.93, "undelivered_share": 0.0025,
}  # fmt: skip


def figures(instance: Instance, day: MealDay) -> dict[str, Any]:
    """Means over delivered orders, in minutes. A courier is busy from leaving for a restaurant until the last drop's
    service is done, waiting at the restaurant included."""
    delivered = [
        (instance.orders[order], trip.pickup_min, drop)
        for trip in day.trips
        for order, drop in zip(trip.orders, trip.drops_min, strict=True)
    ]
    count, total = len(delivered), len(instance.orders)
    busy_hours = sum(trip.free_min - trip.leave_min for trip in day.trips) / 60
    click_to_door = [drop - order.placed_min for order, _, drop in delivered]
    floor = sum(instance.floor_min(order) for order, _, _ in delivered) / max(count, 1)
    mean = sum(click_to_door) / max(count, 1)
    return {
        "orders": total,
        "delivered": count,
        "undelivered": total - count,
        "undelivered_share": (total - count) / total,
        "click_to_door_min": mean,
        "click_to_door_p95_min": quantile(click_to_door, 0.95),
        "ready_to_pickup_min": sum(pickup - order.ready_min for order, pickup, _ in delivered) / max(count, 1),
        "floor_min": sum(map(instance.floor_min, instance.orders)) / total,
        "floor_of_delivered_min": floor,
        "click_to_door_above_floor_min": mean - floor,
        "over_maximum": sum(one > instance.maximum_min for one in click_to_door),
        "orders_per_busy_hour": count / busy_hours if busy_hours else 0.0,
        "orders_per_trip": count / max(len(day.trips), 1),
    }


def run_day(folder: Path, policy: str, *, exact: bool = False, seed: int = 1, out: Path = OUT) -> dict[str, Any]:
    """Simulate, write and check a day. Raises BadInstance for a folder that is none."""
    instance = read_instance(folder, exact=exact)
    day = MealDay(instance)
    if policy == "ours":
        warm_up()
    begun = time.perf_counter()
    longest_round_s = 0.0
    if policy == "ours":
        ours = OurPolicy(day, seed)
        ours.run()
        longest_round_s = ours.longest_round_s
    elif policy == "matching":
        run_matching(day)
    else:
        run_greedy(day)
    seconds = time.perf_counter() - begun
    stem = f"{instance.name}-{policy}{'-exact' if exact else ''}"
    orders_file, trips_file = out / f"{stem}-orders.csv", out / f"{stem}-trips.csv"
    day.write(orders_file, trips_file)
    faults = verify(folder, orders_file, trips_file, exact=exact)
    answer = {
        "instance": instance.name, "policy": policy, "travel": "exact" if exact else "whole minutes, rounded up",
        **{name: round(value, 4) if isinstance(value, float) else value for name, value in figures(instance, day).items()},
        "checked": not faults, "faults": faults[:5], "orders_file": str(orders_file), "trips_file": str(trips_file),
        "seconds": round(seconds, 2), "published": PUBLISHED,
    }  # fmt: skip
    if policy == "ours":
        answer |= {"longest_round_ms": round(longest_round_s * 1000, 1), "compiled": HAS_NUMBA, "seed": seed}
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.meal_days.one_day", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder of an mdrplib instance")
    parser.add_argument("--policy", choices=POLICIES, required=True)
    parser.add_argument("--travel", choices=("minutes", "exact"), default="minutes", help="ways rounded up, or not")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the tables of orders and trips")
    chosen = parser.parse_args()
    try:
        answer = run_day(chosen.dir, chosen.policy, exact=chosen.travel == "exact", seed=chosen.seed, out=chosen.out)
    except BadInstance as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(answer, ensure_ascii=False))
    return 0 if answer["checked"] else 1


if __name__ == "__main__":
    sys.exit(main())
