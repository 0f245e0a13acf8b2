"""Home health care routing and scheduling against the best known plans: every size in the folder, one budget, all seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from csv import DictReader
from statistics import fmean, median

from tests.benchmark.figures import Section
from tests.benchmark.routing.runs import Run
from tests.benchmark.routing.sets import DATA, RouteSet
from tests.benchmark.routing.tables import older

NEW_BEST = 1e-3  # the published costs have three decimals
HOW = (
    "Mankowska, Meisel and Bierwirth (2014): services of one or two caregivers, begun together or one after the other within a"
    " minimum and a maximum gap; (distance + total tardiness + greatest tardiness) / 3, against the best known cost in the"
    " folder. One thread; a second of budget is a second of its processor time. Plans are judged on the raw file."
)
SET = RouteSet("hhcrsp", "home health care with double services", "hhcrsp", "*.json", (10,), 1.0, HOW, solvers=("ours",))
BARS = ((50, 0.02), (100, 0.06))  # up to so many patients, at most so far above the best known


def patients_of(instance: str) -> int:
    """InstanzCPLEX_HCSRP_25_3 has 25."""
    return int(instance.split("_")[2])


def best_known() -> dict[str, float]:
    with (DATA / "hhcrsp" / "best_known.csv").open(encoding="utf-8") as file:
        return {row["instance"].removesuffix(".json"): float(row["total_cost"]) for row in DictReader(file)}


def section_of(runs: Sequence[Run]) -> Section:
    section = Section("routing-hhcrsp", f"Routes: {SET.title}", HOW)
    best = best_known()
    clean = sum(1 for run in runs if not run.faults and not run.unassigned)
    section.add("every patient served, check and raw file clean", f"{clean} of {len(runs)} plans", "all", clean == len(runs))
    whole = [run for run in runs if not run.faults and not run.unassigned and run.instance in best]
    gaps: dict[int, list[float]] = defaultdict(list)
    for run in whole:
        gaps[patients_of(run.instance)].append(run.cost / best[run.instance] - 1)
    least = 0
    for most, bar in BARS:
        inside = [gap for patients, found in gaps.items() if least < patients <= most for gap in found]
        if inside:
            name = f"mean gap to the best known, {least + 1} to {most} patients"
            section.add(name, f"{fmean(inside):.2%}", f"<= {bar:.0%}", fmean(inside) <= bar)
        least = most
    for patients, found in sorted(gaps.items()):
        section.add(
            f"{patients} patients: mean, median, worst gap", f"{fmean(found):.2%}, {median(found):.2%}, {max(found):.2%}"
        )
    lowest: dict[str, float] = {}
    for run in whole:
        lowest[run.instance] = min(run.cost, lowest.get(run.instance, run.cost))
    better = {name: cost for name, cost in lowest.items() if cost < best[name] - NEW_BEST}
    if better:
        said = "; ".join(f"{name} {cost:.3f} (known {best[name]:.3f})" for name, cost in sorted(better.items()))
        section.notes.append(f"Below the best known cost: {said}.")
    section.notes += older(runs)
    return section
