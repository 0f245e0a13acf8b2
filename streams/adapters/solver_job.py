"""One solve, as it runs in a process of its own. Imported by the processes of the pool and by nothing else that matters."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing import connection, parent_process

import routing
from streams.contracts.inputs import ProposedRoute


@dataclass(frozen=True)
class Solved:
    """A plan that the checker passed."""

    routes: tuple[ProposedRoute, ...]
    price: int
    iterations: int


class BrokenPlan(Exception):
    """The solver's plan breaks a rule. Names the rules only."""


def seed_of(solve_id: str) -> int:
    """The same on every machine, whatever its hash seed."""
    return int.from_bytes(hashlib.sha256(solve_id.encode()).digest()[:4]) & 0x7FFFFFFF


NICENESS = 10  # a plan may come a little later; what people wait for may not


def set_up_process() -> None:
    """Ctrl-C is the parent's business; and a parent that is killed must leave no process behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True, name="parent-watch").start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def warm() -> int:
    """Import what a solve needs (OR-Tools takes a second), so that the first solve does not pay for it."""
    import streams.core.planning  # noqa: F401

    routing.warm_up()
    return os.getpid()


def solve(solve_id: str, problem: routing.Problem, running: routing.Plan, iterations: int, seconds: float) -> Solved:
    """Improve the running plan. Raises BrokenPlan when the checker refuses the result."""
    from streams.core.planning import plan_to_routes

    plan = routing.solve(problem, routing.Budget(iterations, seconds), seed_of(solve_id), running)
    known = {(violation.rule, violation.visit_id, violation.worker_id) for violation in routing.check(problem, running)}
    broken = sorted(
        {
            violation.rule
            for violation in routing.check(problem, plan)
            if (violation.rule, violation.visit_id, violation.worker_id) not in known  # a late rider is late already
        }
    )
    if broken:
        raise BrokenPlan(",".join(broken))
    return Solved(routes=plan_to_routes(plan), price=round(routing.price(problem, plan)), iterations=iterations)
