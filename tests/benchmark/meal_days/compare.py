"""All meal days under all policies, in turns on one core: the section of docs/benchmarks.md, with its bars."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmark.figures import Section
from tests.benchmark.meal_days.one_day import POLICIES, PUBLISHED, run_day

DAYS = Path(__file__).resolve().parents[4] / "shared" / "data" / "benchmarks" / "mdrplib"
Answer = dict[str, Any]
RATIO_BAR, UNDELIVERED_BAR_PERCENT = 0.90, 0.1


def measure(seeds: Sequence[int], kept: Path, days: Path = DAYS) -> Section:
    """Runs what `kept` does not hold yet, and sums up. Raises FileNotFoundError without the instances."""
    folders = sorted(folder for folder in days.iterdir() if (folder / "orders.txt").exists())
    answers: dict[str, list[Answer]] = {policy: [] for policy in POLICIES}
    for folder in folders:
        for policy in POLICIES:
            for seed in seeds if policy == "ours" else (1,):
                answers[policy].append(_once(folder, policy, seed, kept))
    return section(answers)


def _once(folder: Path, policy: str, seed: int, kept: Path) -> Answer:
    file = kept / f"{folder.name}-{policy}-{seed}-{_version()}.json"
    if not file.exists():
        kept.mkdir(parents=True, exist_ok=True)
        answer = run_day(folder, policy, seed=seed, out=kept)
        file.write_text(json.dumps(answer, indent=1), encoding="utf-8")
    found: Answer = json.loads(file.read_text(encoding="utf-8"))
    return found


def _version() -> str:
    """Of the sources that a day's figures come from."""
    here = Path(__file__).parent
    routing = here.parents[2] / "routing"
    files = [*here.glob("*.py"), routing / "bundles.py", routing / "matching.py", *routing.glob("meal_*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:12]


def overall(answers: Sequence[Answer]) -> Answer:
    """Means over all orders of all days (undelivered and hours are summed)."""
    orders = sum(one["orders"] for one in answers)
    delivered = sum(one["delivered"] for one in answers)
    means = {
        name: sum(one[name] * one["delivered"] for one in answers) / delivered
        for name in ("click_to_door_min", "click_to_door_above_floor_min", "ready_to_pickup_min", "orders_per_trip")
    }
    busy_hours = sum(one["delivered"] / one["orders_per_busy_hour"] for one in answers)
    return means | {
        "undelivered_share": (orders - delivered) / orders,
        "undelivered": orders - delivered,
        "orders": orders,
        "orders_per_busy_hour": delivered / busy_hours,
    }


def section(answers: dict[str, list[Answer]]) -> Section:
    """The figures of finished runs."""
    total = {policy: overall(found) for policy, found in answers.items()}
    ours, matching = total["ours"], total["matching"]
    made = Section(
        "routing-meals", "Meal days",
        "Grubhub meal days (mdrplib; Reyes et al. 2018) simulated event by event, ways rounded up to whole minutes, one thread. "
        "Ours: the product's rolling matching of bundles to riders, every minute. The baseline: every two minutes a "
        "minimum-cost assignment of the orders that are about to be ready to couriers, one order each, in its best form of "
        "those tried (rolling, ready within 20 minutes). Greedy: each order when placed. An independent check reads every day.",
    )  # fmt: skip
    above = "click_to_door_above_floor_min"
    made.at_most("click-to-door above the floor, to the baseline's", ours[above] / matching[above], RATIO_BAR, "x", 3)
    made.at_most("undelivered", ours["undelivered_share"] * 100, UNDELIVERED_BAR_PERCENT, " %", 3)
    made.at_least("orders per busy hour", ours["orders_per_busy_hour"], round(matching["orders_per_busy_hour"], 3), "", 3)
    unchecked = [one["instance"] for found in answers.values() for one in found if not one["checked"]]
    made.add("days that the check found fault with", str(len(unchecked)), "0", not unchecked)
    rounds = max(one["longest_round_ms"] for one in answers["ours"])
    made.add("longest round of ours, processor time", f"{rounds:.0f} ms")
    made.notes.append(_table(answers))
    made.notes.append(_totals(total))
    made.notes.append(
        f"Published by {PUBLISHED['source']} (not these days alone, and with bundles too): click-to-door "
        f"{PUBLISHED['click_to_door_min']} min, ready-to-pickup {PUBLISHED['ready_to_pickup_min']} min, undelivered 0.25 %."
    )
    return made


def _table(answers: dict[str, list[Answer]]) -> str:
    """Minutes above the floor and orders per busy hour, day by day; ours is the mean over seeds."""
    titles = ("day", "orders", "above the floor: ours", "matching", "greedy", "ratio", "per busy hour: ours", "matching",
              "undelivered: ours", "matching")  # fmt: skip
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for name in sorted({one["instance"] for one in answers["matching"]}):
        own = {policy: [one for one in found if one["instance"] == name] for policy, found in answers.items()}

        def mean(policy: str, figure: str, own: dict[str, list[Answer]] = own) -> float:
            return float(sum(one[figure] for one in own[policy]) / len(own[policy]))

        above = {policy: mean(policy, "click_to_door_above_floor_min") for policy in own}
        cells = [name, str(own["ours"][0]["orders"]), *(f"{above[policy]:.2f}" for policy in POLICIES)]
        cells.append(f"{above['ours'] / above['matching']:.2f}")
        cells += [f"{mean(policy, 'orders_per_busy_hour'):.2f}" for policy in ("ours", "matching")]
        cells += [f"{mean(policy, 'undelivered'):g}" for policy in ("ours", "matching")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _totals(total: dict[str, Answer]) -> str:
    shown: list[tuple[str, str, Callable[[float], str]]] = [
        ("click-to-door, min", "click_to_door_min", lambda value: f"{value:.2f}"),
        ("above the floor, min", "click_to_door_above_floor_min", lambda value: f"{value:.2f}"),
        ("ready-to-pickup, min", "ready_to_pickup_min", lambda value: f"{value:.2f}"),
        ("undelivered", "undelivered_share", lambda value: f"{value * 100:.2f} %"),
        ("orders per busy hour", "orders_per_busy_hour", lambda value: f"{value:.2f}"),
        ("orders per trip", "orders_per_trip", lambda value: f"{value:.2f}"),
    ]
    lines = ["| over all orders | " + " | ".join(POLICIES) + " |", "|---" * (len(POLICIES) + 1) + "|"]
    for title, name, words in shown:
        lines.append(f"| {title} | " + " | ".join(words(total[policy][name]) for policy in POLICIES) + " |")
    return "\n".join(lines)
