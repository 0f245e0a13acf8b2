"""`make bench-solve FORMAT=... FILE=... BUDGET_S=... SEED=...`: one instance through `routing.solve`, one JSON line.

`seconds` is the wall time of the solve call alone: reading the file and loading the compiled kernels come before it,
checking after it. `checked` says that `routing.check` finds nothing, that the answer keeps every rule when judged on
the raw file without our code, and that both arrive at the same cost. Exit code 2: the arguments or the file are wrong;
1: a plan that is not clean (it is printed all the same).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from tests.benchmark.routing.families import FAMILIES, family  # noqa: E402
from tests.benchmark.routing.instances.verdict import BadFile, Loaded  # noqa: E402

UNLIMITED = 2**31 - 1  # iterations: the seconds decide
COST_TOLERANCE = 1e-9  # of the cost: sums of the same doubles in another order


@dataclass(frozen=True)
class Solved:
    """`line` is what bench-solve prints; `faults` why it is not checked, one sentence each."""

    line: dict[str, Any]
    faults: tuple[str, ...]


def solve_file(name: str, path: Path, budget_s: float, seed: int) -> Solved:
    """Raises BadFile, OSError."""
    import routing

    loaded = family(name).load(path)
    routing.warm_up()
    begun = time.perf_counter()
    plan = routing.solve(loaded.problem, routing.Budget(UNLIMITED, budget_s), seed)
    seconds = time.perf_counter() - begun
    return judged(name, path, loaded, plan, seconds)


def judged(name: str, path: Path, loaded: Loaded, plan: Any, seconds: float) -> Solved:
    """Our checker, the rules on the raw file, and the two costs against each other."""
    import routing

    answer = loaded.answer(plan)
    verdict = family(name).verify(path, answer)
    faults = [f"{found.rule} {found.visit_id} {found.worker_id}".strip() for found in routing.check(loaded.problem, plan)]
    faults += verdict.faults
    if not answer["unassigned"]:
        ours = loaded.cost_of(routing.price(loaded.problem, plan))
        if not math.isclose(ours, verdict.cost, rel_tol=COST_TOLERANCE, abs_tol=1e-6):
            faults.append(f"our price {ours!r} is not the file's cost {verdict.cost!r}")
    line = {
        "routes": answer["routes"],
        "cost": verdict.cost,
        "vehicles": verdict.vehicles,
        "unassigned": answer["unassigned"],
        "seconds": round(seconds, 3),
        "checked": not faults,
        **{key: value for key, value in answer.items() if key not in ("routes", "unassigned")},
    }
    return Solved(line, tuple(faults))


class _OneLine(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        stop(message)


def stop(sentence: str) -> NoReturn:
    print(f"bench-solve: {sentence}", file=sys.stderr)
    raise SystemExit(2)


def _positive(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError
    return value


def main(arguments: list[str] | None = None) -> int:
    parser = _OneLine(prog="bench-solve", description=__doc__)
    parser.add_argument("--format", required=True)
    parser.add_argument("--file", required=True)
    parser.add_argument("--budget-s", default=5.0)
    parser.add_argument("--seed", default=1)
    chosen = parser.parse_args(arguments)
    if chosen.format not in FAMILIES:
        stop(f"FORMAT={chosen.format}: one of {', '.join(FAMILIES)} is needed")
    if not chosen.file:
        stop("FILE=path of an instance is needed")
    path = Path(chosen.file)
    try:
        budget_s = _positive(chosen.budget_s)
    except ValueError:
        stop(f"BUDGET_S={chosen.budget_s}: seconds above 0 are needed")
    try:
        seed = int(chosen.seed)
    except ValueError:
        stop(f"SEED={chosen.seed}: a whole number is needed")
    try:
        solved = solve_file(chosen.format, path, budget_s, seed)
    except BadFile as wrong:
        stop(str(wrong))
    except OSError as wrong:
        stop(f"FILE={path}: {wrong.strerror or wrong}")
    for fault in solved.faults:
        print(f"bench-solve: {fault}", file=sys.stderr)
    print(json.dumps(solved.line, ensure_ascii=False, allow_nan=False), flush=True)
    return 1 if solved.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
