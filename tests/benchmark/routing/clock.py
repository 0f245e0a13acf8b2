"""Budgets in processor time of the one thread, so that a machine with other work weighs on no solver.

Ours and PyVRP ask a clock in Python, which is given another one here. OR-Tools and VROOM ask the system's clock in C++:
their limit is stretched by what the machine leaves one thread at the moment, and their processor time is told.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SPIN_S = 0.15
CLOCKS = ("monotonic", "perf_counter")


@contextmanager
def processor_clock(*packages: str) -> Iterator[None]:
    """While it is open, the modules of these packages read processor time wherever they read the time."""
    changed = []
    real = {getattr(time, name) for name in CLOCKS}
    for name, module in list(sys.modules.items()):
        if module is None or name.partition(".")[0] not in packages:
            continue
        for key, value in list(vars(module).items()):
            if value is time:
                changed.append((module, key, value))
                setattr(module, key, _ProcessorTime)
            elif callable(value) and value in real:
                changed.append((module, key, value))
                setattr(module, key, time.process_time)
    try:
        yield
    finally:
        for module, key, value in changed:
            setattr(module, key, value)


class _ProcessorTime:
    """In the place of the module `time`."""

    monotonic = staticmethod(time.process_time)
    perf_counter = staticmethod(time.process_time)
    time = staticmethod(time.time)


def stretched(budget_s: float) -> float:
    """The wall time in which one thread gets `budget_s` of a processor as busy as ours is now; at most four times."""
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < SPIN_S and time.perf_counter() - wall < 4 * SPIN_S:
        pass
    share = (time.process_time() - used) / (time.perf_counter() - wall)
    return budget_s / max(0.25, min(1.0, share))
