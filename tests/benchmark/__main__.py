"""`python -m tests.benchmark` (`make bench`): all benchmarks, or those named; writes them into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.stack import CHECKOUT
from tests.benchmark.figures import Section, document, keep, kept, stamp

KEPT = CHECKOUT / ".dolbom" / "benchmarks"
TARGET = CHECKOUT / "docs" / "benchmarks.md"


def _core(seed: int, folder: Path) -> Section:
    from tests.benchmark.core_figures import measure

    return measure(seed)


def _large_day(seed: int, folder: Path) -> Section:
    from tests.benchmark.large_day import measure

    return measure(seed)


def _hops(seed: int, folder: Path) -> Section:
    from tests.benchmark.hops import measure

    return measure(seed, folder)


def _live(seed: int, folder: Path) -> Section:
    from tests.benchmark.live import measure

    return measure(seed, folder)


def _intake(seed: int, folder: Path) -> Section:
    from tests.benchmark.intake import measure

    return measure(seed, folder)


def _fan_out(seed: int, folder: Path) -> Section:
    from tests.benchmark.fan_out import measure

    return measure(seed, folder)


def _whole(seed: int, folder: Path) -> Section:
    from tests.benchmark.whole import measure

    return measure(seed, folder)


def _day(seed: int, folder: Path) -> Section:
    from tests.benchmark.real_day import measure

    return measure(seed, folder)


BENCHMARKS: dict[str, Callable[[int, Path], Section]] = {
    "core": _core, "large_day": _large_day, "hops": _hops, "live": _live, "intake": _intake, "fan_out": _fan_out,
    "whole": _whole, "day": _day,
}  # fmt: skip
# Run by `make bench-routing` (tests/benchmark/routing), written to the same document.
ROUTING = tuple(
    f"routing-{name}"
    for name in (
        "lilim100", "lilim200", "homberger200", "homberger1000", "hhcrsp", "layers", "insert", "replan", "mixed", "stability",
        "meals",
    )
)  # fmt: skip


def write_document() -> None:
    earlier = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    TARGET.write_text(document(kept(KEPT, (*BENCHMARKS, *ROUTING)), earlier), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; none: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-write", action="store_true", help="draw the document again from what earlier runs kept")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    failed = False
    for name in [] if chosen.only_write else chosen.names or list(BENCHMARKS):
        print(f"{name} ...", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        try:
            with TemporaryDirectory() as folder:
                section = BENCHMARKS[name](chosen.seed, Path(folder))
        except Exception as error:
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            failed = True
            continue
        stamp(section, CHECKOUT, f"python -m tests.benchmark {name} --seed {chosen.seed}", load)
        keep(section, KEPT)
        for figure in section.figures:
            mark = "" if figure.met is None else "  met" if figure.met else "  MISSED"
            print(f"  {figure.name}: {figure.value}  {figure.bar}{mark}", flush=True)
    write_document()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
