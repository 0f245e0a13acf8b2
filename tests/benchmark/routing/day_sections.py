"""Re-planning, the mixed day and plan stability as sections of docs/benchmarks.md; finished runs are kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.benchmark.figures import Section
from tests.benchmark.routing import mixed_day, replan, stability
from tests.benchmark.routing.clock import processor_clock
from tests.benchmark.routing.families import family
from tests.benchmark.routing.instances.task_file import read_homberger, read_lilim
from tests.benchmark.routing.mixed_world import Size
from tests.benchmark.routing.runs import version_of
from tests.benchmark.routing.sets import DATA, OURS

# Two of each kind that the sets have (clustered, random, mixed; short and long routes; pairs and loads).
REPLANNED = {
    "lilim": ("lc204", "lr108", "lrc106", "lr1_2_4", "lrc2_2_6"),
    "homberger": ("c1_2_4", "r1_2_8", "rc2_2_2"),
}
QUARTER = 0.25  # of OR-Tools' gap
STABLE_SHARE, STABLE_BUDGET_S, STABLE_RUNNING_S = 0.25, 20.0, 120.0


def _kept(path: Path, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the file holds of our sources as they are; else what `run` gives, which the file holds then."""
    version = version_of(OURS)
    if path.exists():
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("version") == version:
            return raw
    found = run()
    path.write_text(json.dumps({**found, "version": version}), encoding="utf-8")
    return found


def measure_replan(seeds: Sequence[int], kept: Path) -> Section:
    """Raises FileNotFoundError without the shared data."""
    import routing

    section = Section(
        "routing-replan", "Routes: a running plan and 10 % new visits",
        f"A tenth of the visits (drawn by the seed) is new; the running plan is a {replan.RUNNING_S:g} s solve without them. The"
        f" gap is that to a {replan.COLD_S:g} s solve of the whole from nothing; moving costs nothing here. The peer is the"
        " OR-Tools routing library, started warm from the same running plan (guided local search, light operators). Processor"
        " time of one thread.",
    )  # fmt: skip
    rows = []
    for seed in seeds:
        for name, instances in REPLANNED.items():
            for instance in instances:
                path = DATA / name / f"{instance}.txt"

                def run(name: str = name, path: Path = path, seed: int = seed) -> dict[str, Any]:
                    routing.warm_up()
                    file = read_lilim(path) if name == "lilim" else read_homberger(path)
                    problem = family(name).load(path).problem
                    with processor_clock("routing"):
                        return replan.measure(path.stem, problem, seed, replan.COLD_S, replan.RUNNING_S, file)

                rows.append(_kept(kept / f"{instance}-{seed}.json", run))
    for budget in replan.BUDGETS_S:
        key = f"{budget:g}"
        gap = fmean(row["ours"][key] for row in rows)
        warm = fmean(row["ortools_warm"][key] for row in rows)
        bar = replan.BARS[budget]
        section.add(f"{key} s: mean gap to the cold solve", f"{gap:.2%}", f"<= {bar:.1%}", gap <= bar)
        section.add(
            f"{key} s: share of OR-Tools' gap", f"{gap / warm:.2f} ({warm:.2%})" if warm > 0 else f"- ({warm:.2%})",
            f"<= {QUARTER:g}", gap <= QUARTER * warm,
        )  # fmt: skip
    clean = sum(1 for row in rows if row["checked"])
    section.add("plans clean", f"{clean} of {len(rows)} runs", "all", clean == len(rows))
    names = ", ".join(name for instances in REPLANNED.values() for name in instances)
    section.notes.append(f"Instances: {names}; seeds {', '.join(map(str, seeds))}.")
    return section


def measure_mixed(seeds: Sequence[int], kept: Path) -> Section:
    """Wall time: areas are solved side by side in two processes, as in the product."""
    size = Size()
    rows = [
        _kept(kept / f"{seed}.json", lambda seed=seed: mixed_day.measure(seed, mixed_day.BUDGET_S, 2, size)) for seed in seeds
    ]
    section = Section(
        "routing-mixed", "Routes: the mixed day",
        f"A generated district of four living areas with every rule at once: {rows[0]['visits']:,} visits,"
        f" {rows[0]['workers']} workers, two solver processes, wall time; means over seeds {', '.join(map(str, seeds))}.",
    )  # fmt: skip
    section.at_most("first plan (the longest)", max(row["first_s"] for row in rows), mixed_day.FIRST_S, " s")
    gain = fmean(row["gain"] for row in rows)
    section.add(
        f"travel + lateness at {mixed_day.BUDGET_S:g} s below the first plan's", f"{gain:.1%}", f">= {mixed_day.LEAST_GAIN:.0%}",
        gain >= mixed_day.LEAST_GAIN,
    )  # fmt: skip
    peak_mb = max(row["peak_mb"] for row in rows)
    section.at_most("memory (PSS) of all processes at its highest", peak_mb, mixed_day.MOST_MB, " MB", 0)
    share = max(row["explain_share"] for row in rows)
    section.add(
        "why every visit has its worker or none, as a share of the plan's time", f"{share:.1%}", f"<= {mixed_day.MOST_EXPLAIN:.0%}",
        share <= mixed_day.MOST_EXPLAIN,
    )  # fmt: skip
    clean = sum(1 for row in rows if row["checked"])
    section.add("both plans keep every hard rule", f"{clean} of {len(rows)} seeds", "all", clean == len(rows))
    for when in ("first", "after"):
        left = {kind: fmean(row[when]["left_out"][kind] for row in rows) for kind in rows[0][when]["left_out"]}
        said = ", ".join(f"{kind} {number:g}" for kind, number in left.items())
        section.add(f"left out, {'first plan' if when == 'first' else 'at the end'}", said)
    return section


def measure_stability(seeds: Sequence[int], kept: Path) -> Section:
    import routing

    def run(seed: int) -> dict[str, Any]:
        routing.warm_up()
        problem = stability.mixed_day(seed, Size().part(STABLE_SHARE))
        with processor_clock("routing"):
            return stability.curve(problem, seed, STABLE_BUDGET_S, STABLE_RUNNING_S)

    rows = [_kept(kept / f"{seed}.json", lambda seed=seed: run(seed)) for seed in seeds]
    section = Section(
        "routing-stability", "Routes: leaving people their plan",
        f"A quarter of the mixed day, planned for {STABLE_RUNNING_S:g} s, all its visits accepted, a tenth of the visits new;"
        f" re-plans of {STABLE_BUDGET_S:g} s (processor time) with a rising price of moving an accepted visit. The gain counts from"
        " the plan in which the new visits are only inserted, without the price of moves; means over seeds"
        f" {', '.join(map(str, seeds))}.",
    )  # fmt: skip
    prices = [point["move_price"] for point in rows[0]["curve"]]
    points = [
        (price, fmean(row["curve"][n]["moved"] for row in rows), fmean(row["curve"][n]["gain_share"] for row in rows))
        for n, price in enumerate(prices)
    ]
    best = max((point for point in points if point[1] <= stability.MOST_MOVED), key=lambda point: point[2], default=None)
    bar = f">= {stability.LEAST_GAIN:.0%} with at most {stability.MOST_MOVED:.0%} moved"
    said = "-" if best is None else f"{best[2]:.0%} with {best[1]:.1%} moved (price {best[0]})"
    section.add("share of a free re-plan's gain", said, bar, best is not None and best[2] >= stability.LEAST_GAIN)
    clean = sum(1 for row in rows if row["checked"])
    section.add("plans clean", f"{clean} of {len(rows)} seeds", "all", clean == len(rows))
    lines = ["| price of a move | accepted visits moved | share of the free gain |", "|---|---|---|"]
    lines += [f"| {price:,} | {moved:.1%} | {gain:.0%} |" for price, moved, gain in points]
    section.notes.append("\n".join(lines))
    return section
