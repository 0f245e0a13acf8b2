"""Playing random histories and telling how much was played and what came about."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import HealthCheck, seed, settings
from hypothesis.internal.conjecture.providers import CONSTANTS_CACHE, Constants, HypothesisProvider
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import counted
from tests.histories.histories import Histories

HUNDRED_STEPS = settings(stateful_step_count=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Histories are many small objects that stay for a while: looking at them all often costs a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(20_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def the_same_everywhere() -> Iterator[None]:
    """Hypothesis also draws numbers that stand in the modules loaded so far, so a seed would mean other histories alone than
    among all tests."""
    CONSTANTS_CACHE.cache.clear()
    try:
        with patch.object(HypothesisProvider, "_local_constants", Constants()):
            yield
    finally:
        CONSTANTS_CACHE.cache.clear()


def play(seed_number: int, histories: int, tell: Callable[[str], None], of: type[Histories] = Histories) -> Counter[str]:
    """That many histories (`of` this kind) of a hundred steps; what came about in them, by how often."""
    before, reached = counted.now(), counted.reached.copy()
    try:
        machine = seed(seed_number)(type(f"Histories{seed_number}", (of,), {}))
        with the_same_everywhere(), seldom_collecting():
            run_state_machine_as_test(machine, settings=settings(HUNDRED_STEPS, max_examples=histories))
    finally:
        played, steps, inputs = (now - then for now, then in zip(counted.now(), before, strict=True))
        tell(f"{played} histories of two districts, {steps} steps, {inputs} inputs decided")
    return counted.reached - reached
