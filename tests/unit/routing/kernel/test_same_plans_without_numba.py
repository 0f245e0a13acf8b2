"""Compiled or not, the kernel finds the same plans, to the last bit."""

from __future__ import annotations

import os
import subprocess
import sys

from routing import Budget, solve
from tests.small_problems import running_day, small_problem

SEEDS = (1, 2, 3)


def shown() -> str:
    """Plans of small problems with every rule switched on, from nothing and in the middle of a day."""
    found: list[object] = []
    for seed in SEEDS:
        found.append([(w, r.stops) for w, r in solve(small_problem(seed), Budget(1), seed).routes.items()])
        problem, start = running_day(small_problem(seed), seed)
        found.append([(w, r.stops) for w, r in solve(problem, Budget(1), seed, start).routes.items()])
    return repr(found)


def test_the_fallback_gives_the_same_plans() -> None:
    code = "from tests.unit.routing.kernel.test_same_plans_without_numba import shown; print(shown())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "DOLBOM_NO_NUMBA": "1", "PYTHONPATH": "."},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert plain.stdout.strip() == shown()
