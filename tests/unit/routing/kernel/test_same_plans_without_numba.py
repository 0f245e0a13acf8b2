"""Compiled or not, on this machine or any other, the kernel finds the same plans, to the last bit."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from routing import Budget, solve
from tests.small_problems import running_day, small_problem

SEEDS = (1, 2, 3)
# Of `shown()`. It changes with every change of what the planner decides on these problems, and with nothing else: another
# processor, another Python or another numba gives the same plans for the same seed and iterations.
DIGEST = "a273bf49c7575718aa502781db169495c87ac9ba6945c551d96a09f32339e5b4"


def shown() -> str:
    """Plans of small problems with every rule switched on, from nothing and in the middle of a day."""
    found: list[object] = []
    for seed in SEEDS:
        found.append([(w, r.stops) for w, r in solve(small_problem(seed), Budget(1), seed).routes.items()])
        problem, start = running_day(small_problem(seed), seed)
        found.append([(w, r.stops) for w, r in solve(problem, Budget(1), seed, start).routes.items()])
    return repr(found)


def test_the_plans_of_a_seed_are_these() -> None:
    assert hashlib.sha256(shown().encode()).hexdigest() == DIGEST


@pytest.mark.parametrize("switch", ["DOLBOM_NO_NUMBA", "NUMBA_DISABLE_JIT"])
def test_the_fallback_gives_the_same_plans(switch: str) -> None:
    code = "from tests.unit.routing.kernel.test_same_plans_without_numba import shown; print(shown())"
    env = {**os.environ, switch: "1", "PYTHONPATH": "."}
    env = {**os.environ, switch: "1", "PYTHONPATH": "."}
    plain = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert plain.stdout.strip() == shown()
