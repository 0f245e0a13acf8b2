"""Processes for the benchmarks: areas solved side by side, and how much memory all of it takes at its peak."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

SAMPLE_S = 0.5  # a look walks all page tables: 20 ms


class Processes:
    """A `Runner` (routing.decompose) with spawned processes, warm before the first job, as in the product."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._pool = ProcessPoolExecutor(at_once, mp_context=multiprocessing.get_context("spawn"))

    def warm(self) -> None:
        list(self._pool.map(_warm, range(4 * self.at_once)))

    def map(self, run: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterable[Any]:
        return self._pool.map(run, jobs)

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)


def _warm(_: int) -> None:
    import routing

    routing.warm_up()


class Peak:
    """The most memory that this process and its children held together: what each shares with others counts in part."""

    mb = 0.0

    def look(self) -> None:
        children = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
        ours = [Path("/proc/self"), *(Path(f"/proc/{pid}") for pid in children)]
        self.mb = max(self.mb, sum(_pss_mb(process) for process in ours))


def _pss_mb(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextlib.contextmanager
def watched_memory() -> Iterator[Peak]:
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_S):
            peak.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.look()
        done.set()
        thread.join()
