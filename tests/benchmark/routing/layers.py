"""Which layer finds what: the plan by insertion alone, ruin and recreate alone, and the whole of `routing.solve`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.benchmark.figures import Section
from tests.benchmark.routing.clock import processor_clock
from tests.benchmark.routing.families import family
from tests.benchmark.routing.runs import version_of
from tests.benchmark.routing.sets import OURS, ROUTE_SETS
from tests.benchmark.routing.solve_one import UNLIMITED

BUDGET_S = 5.0
EVERY = 5  # a fifth of the instances of each set, by name


def measure(seeds: Sequence[int], kept: Path) -> Section:
    """Costs by layer, on the first seed."""
    section = Section(
        "routing-layers", "Routes: which layer finds what",
        f"Mean cost of the same instances (every {EVERY}th of each set, seed {seeds[0]}): insertion alone; ruin and recreate alone"
        f" from that plan; `solve`, which adds the set partitioning by OR-Tools. {BUDGET_S:g} s of processor time each.",
    )  # fmt: skip
    heads = ("set (instances)", "insertion", "ruin and recreate", "with set partitioning", "its share of the gain")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, one in ROUTE_SETS.items():
        rows = [_one(one.family, path, seeds[0], kept) for path in one.files()[::EVERY]]
        if not rows:
            continue
        first, improved, whole = (fmean(row[key] for row in rows) for key in ("first", "improved", "whole"))
        share = (improved - whole) / (first - whole) if first > whole else 0.0
        section.add(f"{name}: ruin and recreate below insertion", f"{1 - improved / first:.2%}")
        section.add(f"{name}: set partitioning below ruin and recreate alone", f"{1 - whole / improved:.2%}")
        lines.append(f"| {name} ({len(rows)}) | {first:,.1f} | {improved:,.1f} | {whole:,.1f} | {share:.1%} |")
    section.notes.append("\n".join(lines))
    return section


def _one(family_name: str, path: Path, seed: int, kept: Path) -> dict[str, Any]:
    target = kept / f"{path.stem}-{seed}.json"
    version = version_of(OURS)
    if target.exists():
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        if found["version"] == version:
            return found
    import routing
    from routing.improve import improve

    routing.warm_up()
    problem = family(family_name).load(path).problem
    budget = routing.Budget(UNLIMITED, BUDGET_S)
    with processor_clock("routing"):
        first = routing.solve(problem, routing.Budget(0), seed)
        improved = improve(problem, first, budget, seed).plan
        whole = routing.solve(problem, budget, seed)
    found = {
        "version": version, "first": routing.price(problem, first), "improved": routing.price(problem, improved),
        "whole": routing.price(problem, whole),
    }  # fmt: skip
    target.write_text(json.dumps(found), encoding="utf-8")
    return found
