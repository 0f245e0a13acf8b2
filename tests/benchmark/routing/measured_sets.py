"""The sets of `make bench-routing` that measure by themselves: each has `measure(seeds, kept) -> Section`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmark.figures import Section

MODULES = {
    "insert": "tests.benchmark.routing.insertions",
    "replan": "tests.benchmark.routing.day_sections",
    "mixed": "tests.benchmark.routing.day_sections",
    "stability": "tests.benchmark.routing.day_sections",
    "layers": "tests.benchmark.routing.layers",
    "meals": "tests.benchmark.meal_days.compare",
}
NAMES = tuple(MODULES)


def measure(name: str, seeds: Sequence[int], kept: Path) -> Section:
    """`kept`: a folder of the set's own, for runs that need not be done again."""
    kept.mkdir(parents=True, exist_ok=True)
    module = import_module(MODULES[name])
    section = getattr(module, f"measure_{name}", None) or module.measure
    section = section(seeds, kept)
    assert isinstance(section, Section)
    return section
