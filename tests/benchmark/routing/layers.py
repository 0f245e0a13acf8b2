"""Which layer finds what: insertion; ruin and recreate from there; set partitioning over the routes met on the way; and the
split by living area where a day is large enough for one.

By iterations, as in the product: by seconds alone `routing.solve` leaves the set partitioning out. The same steps are done
with and without it, so that the difference is its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Any
from unittest.mock import patch

from tests.benchmark.figures import Section
from tests.benchmark.routing import home_care
from tests.benchmark.routing.families import family
from tests.benchmark.routing.mixed_world import Size, mixed_day
from tests.benchmark.routing.runs import version_of
from tests.benchmark.routing.sets import OURS, ROUTE_SETS

BUDGET_S = 2.0  # of processor time, about: what the steps of an instance are reckoned from
PROBE_S = 0.4
EVERY = 20  # of the instances of each set, by name
MIXED_ITERATIONS = 40  # of the whole day and of its quarter, a step of which takes about a millisecond
LAYERS = ("insertion", "search", "partition", "areas")


class InTurn:
    """A `Runner` of one process: the areas one after the other, so that processor time is compared with its like."""

    at_once = 1

    def map(self, run: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterable[Any]:
        return [run(job) for job in jobs]


def measure(seeds: Sequence[int], kept: Path) -> Section:
    """Prices by layer, on the first seed."""
    seed = seeds[0]
    section = Section(
        "routing-layers", "Routes: which layer finds what",
        f"Mean price of the same instances (every {EVERY}th of each set, and the generated mixed day; seed {seed}) after each"
        f" layer: insertion; ruin and recreate from there, about {BUDGET_S:g} s of processor time; the same steps with the set"
        " partitioning by OR-Tools after them; the same number of steps where the day is first split by living area, areas in"
        " turn. A layer that has nothing to do in a set is left out (-): days of visits for two are searched on exact begins,"
        " without a pool of routes; a small day is not split.",
    )  # fmt: skip
    heads = ("set (instances)", *("insertion", "ruin and recreate", "set partitioning", "split by area"), "s of partitioning")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, rows in _sets(seed, kept):
        if rows:
            lines.append(_told(section, name, rows))
    section.notes.append("\n".join(lines))
    return section


def _sets(seed: int, kept: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, one in (*ROUTE_SETS.items(), (home_care.SET.name, home_care.SET)):
        yield name, [_of_file(one.family, path, seed, kept) for path in one.files()[::EVERY]]
    for name, share in (("a quarter of the mixed day", 0.25), ("the mixed day", 1.0)):
        yield name, [_kept(kept / f"mixed-{share:g}-{seed}.json", lambda share=share: _of_mixed(seed, share))]


def _told(section: Section, name: str, rows: list[dict[str, Any]]) -> str:
    """The table's line; the figures of the section are what each layer takes off the one before."""
    means = {layer: fmean(row[layer] for row in rows) for layer in LAYERS if all(layer in row for row in rows)}
    if "partition" not in means:
        means["partition"] = means["search"]
    section.add(f"{name}: ruin and recreate below insertion", f"{1 - means['search'] / means['insertion']:.2%}")
    if any("partition" in row for row in rows):
        section.add(f"{name}: set partitioning below that", f"{1 - means['partition'] / means['search']:.2%}")
    if "areas" in means:
        section.add(f"{name}: split by area instead of one piece", f"{1 - means['areas'] / means['partition']:.2%}")
    told = [f"{means[layer]:,.1f}" if all(layer in row for row in rows) else "-" for layer in LAYERS]
    spent = fmean(row["partition_s"] for row in rows)
    return f"| {name} ({len(rows)}) | {' | '.join(told)} | {spent:.2f} |"


def _of_file(family_name: str, path: Path, seed: int, kept: Path) -> dict[str, Any]:
    return _kept(kept / f"{path.stem}-{seed}.json", lambda: _by_layer(family(family_name).load(path).problem, seed))


def _of_mixed(seed: int, share: float) -> dict[str, Any]:
    return _by_layer(mixed_day(seed, Size() if share == 1.0 else Size().part(share)), seed, MIXED_ITERATIONS)


def _kept(target: Path, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    version = version_of(OURS)
    if target.exists():
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        if found["version"] == version:
            return found
    found = {"version": version, **run()}
    target.write_text(json.dumps(found), encoding="utf-8")
    return found


def _by_layer(problem: Any, seed: int, iterations: int = 0) -> dict[str, Any]:
    import routing

    routing.warm_up()
    iterations = iterations or _iterations(problem, seed)
    found: dict[str, Any] = {"iterations": iterations, "insertion": _price(problem, routing.Budget(0), seed)}
    budget = routing.Budget(iterations)
    with _partition_is(lambda kept, *_: kept) as spent:
        found["search"] = _price(problem, budget, seed)
    if spent.calls:
        with _partition_is(None) as spent:
            found["partition"] = _price(problem, budget, seed)
    found["partition_s"] = spent.seconds
    if routing.is_large(problem):
        found["areas"] = _price(problem, budget, seed, run=InTurn())
    return found


def _price(problem: Any, budget: Any, seed: int, **more: Any) -> float:
    """Raises AssertionError for a plan that is not clean."""
    import routing

    plan = routing.solve(problem, budget, seed, **more)
    assert routing.check(problem, plan) == []
    return routing.price(problem, plan)


def _iterations(problem: Any, seed: int) -> int:
    """As many as `BUDGET_S` of processor time are good for."""
    import routing

    few = 1
    while True:
        used = time.process_time()
        routing.solve(problem, routing.Budget(few), seed)
        used = time.process_time() - used
        if used >= PROBE_S or few >= 10_000:
            return max(1, round(few * BUDGET_S / max(used, 1e-3)))
        few *= 4


class Spent:
    calls = 0
    seconds = 0.0


@contextmanager
def _partition_is(instead: Callable[..., Any] | None) -> Iterator[Spent]:
    """The set partitioning watched, or (`instead`) something else in its place, given the plan and what else it gets."""
    import routing.partition

    spent, real = Spent(), routing.partition.partition

    def watched(problem: Any, plan: Any, *more: Any) -> Any:
        spent.calls += 1
        used = time.process_time()
        found = instead(plan, *more) if instead is not None else real(problem, plan, *more)
        spent.seconds += time.process_time() - used
        return found

    with patch("routing.partition.partition", watched):
        yield spent
