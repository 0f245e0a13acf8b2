"""The kept runs of a set as a section of docs/benchmarks.md: ratios of means, seeds, bars met or missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from csv import DictReader
from statistics import fmean, median

from tests.benchmark.figures import Section
from tests.benchmark.routing.runs import Run, is_current
from tests.benchmark.routing.sets import DATA, NAMES, OURS, RouteSet

SAME = 1e-9  # of a cost: the same routes added up in another order
CLOCK = (
    "A second of budget is a second of processor time of the solver's one thread (VROOM and OR-Tools read the system's clock:"
    " theirs is stretched by what the machine leaves a thread); solvers take turns on each instance. Costs are those of the"
    " routes judged on the raw file."
)
Costs = dict[str, dict[str, list[float]]]  # solver -> instance -> a cost for each seed


def section_of(one: RouteSet, runs: Iterable[Run]) -> Section:
    section = Section(f"routing-{one.name}", f"Routes: {one.title}", f"{one.how} {CLOCK}")
    runs = [run for run in runs if run.solver in one.solvers]
    broken = [run for run in runs if run.faults]
    for budget_s in sorted({run.budget_s for run in runs}):
        _budget(section, one, budget_s, [run for run in runs if run.budget_s == budget_s and not run.faults])
    mine = [run for run in runs if run.solver == OURS]
    if mine:
        clean = sum(1 for run in mine if not run.faults and not run.unassigned)
        section.add(
            "our plans: check and raw file clean, nobody left out", f"{clean} of {len(mine)}", "all", clean == len(mine)
        )
    section.notes.append(_table(one, [run for run in runs if not run.faults]))
    section.notes += older(runs)
    if broken:
        section.notes.append("Broken: " + "; ".join(f"{run.solver} {run.instance} {run.faults[0]}" for run in broken[:5]) + ".")
    return section


def older(runs: Iterable[Run]) -> list[str]:
    """A sentence if some of the runs are of earlier versions."""
    found = Counter(run.solver for run in runs if not is_current(run))
    if not found:
        return []
    said = ", ".join(f"{count} of {NAMES[solver]}" for solver, count in sorted(found.items()))
    return [f"Runs of earlier sources among these, not done again since: {said}."]


def costs_of(runs: Iterable[Run]) -> Costs:
    """Complete answers only."""
    found: Costs = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if not run.unassigned and not run.faults:
            found[run.solver][run.instance].append(run.cost)
    return found


def _budget(section: Section, one: RouteSet, budget_s: float, runs: list[Run]) -> None:
    costs = costs_of(runs)
    for solver in one.solvers:
        if solver == OURS:
            continue
        both = sorted(costs[OURS].keys() & costs[solver].keys())
        if not both:
            continue
        mine = {name: fmean(costs[OURS][name]) for name in both}
        theirs = {name: fmean(costs[solver][name]) for name in both}
        ratio = fmean(mine.values()) / fmean(theirs.values())
        said = f"{ratio:.4f}x ({fmean(mine.values()):,.1f} / {fmean(theirs.values()):,.1f}; {_how_many(both, costs, solver)})"
        name = f"{budget_s:g} s: mean cost, ours / {NAMES[solver]}"
        if solver == "pyvrp":
            section.add(name, said, f"<= {one.most_of_pyvrp:g}x", ratio <= one.most_of_pyvrp)
            middle = median(median(costs[OURS][n]) / median(costs[solver][n]) for n in both)
            section.add(f"{budget_s:g} s: median ratio of the medians over seeds, ours / {NAMES[solver]}", f"{middle:.4f}x")
        else:
            section.add(name, said, "< 1x", ratio < 1)
            not_above = sum(1 for n in both if mine[n] <= theirs[n] * (1 + SAME))
            section.add(
                f"{budget_s:g} s: instances where ours is not above {NAMES[solver]}", f"{not_above} of {len(both)}", "all",
                not_above == len(both),
            )  # fmt: skip


def _how_many(both: list[str], costs: Costs, solver: str) -> str:
    mine = max(len(costs[OURS][name]) for name in both)
    theirs = max(len(costs[solver][name]) for name in both)
    return f"{len(both)} instances, seeds {mine} / {theirs}"


def best_known(one: RouteSet) -> dict[str, float]:
    """By instance, in the set's own convention; empty if none is published."""
    if one.best is None or not (DATA / one.best[0]).exists():
        return {}
    with (DATA / one.best[0]).open(encoding="utf-8") as file:
        return {row[one.best[1]]: float(row[one.best[2]]) for row in DictReader(file)}


def _table(one: RouteSet, runs: list[Run]) -> str:
    """Mean gaps of every solver: to the best known, or to the best that any run of any solver found here."""
    known = best_known(one)
    found: dict[str, float] = {}
    for run in runs:
        if not run.unassigned:
            found[run.instance] = min(run.cost, found.get(run.instance, run.cost))
    against: Mapping[str, float] = known or found
    to = "best known" if known else "best found by any solver in these runs"
    budgets = sorted({run.budget_s for run in runs})
    lines = [f"Mean gap to the {to} (mean vehicles; processor time):", ""]
    lines += ["| | " + " | ".join(f"{budget:g} s" for budget in budgets) + " |", "|---" * (len(budgets) + 1) + "|"]
    for solver in one.solvers:
        cells = []
        for budget in budgets:
            mine = [r for r in runs if r.solver == solver and r.budget_s == budget and r.instance in against]
            whole = [run for run in mine if not run.unassigned]
            if not whole:
                cells.append("-")
                continue
            gap = fmean(run.cost / against[run.instance] - 1 for run in whole)
            less = f"; {len(mine) - len(whole)} of {len(mine)} plans incomplete, left out here" if len(whole) < len(mine) else ""
            cells.append(f"{gap:.2%} ({fmean(r.vehicles for r in whole):.1f}; {fmean(r.cpu_s for r in whole):.1f} s{less})")
        lines.append(f"| {NAMES[solver]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
