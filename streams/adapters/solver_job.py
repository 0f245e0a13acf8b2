"""One solve, as it runs in a process of its own. Imported by the processes of the pool and by nothing else that matters."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing import connection, parent_process

import routing
from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.inputs import PlanProposed, ProposedRoute


@dataclass(frozen=True)
class Solved:
    """A plan that the checker passed, and the area balance of the day that it plans."""

    routes: tuple[ProposedRoute, ...]
    price: int
    iterations: int
    helps: tuple[HelpWanted, ...] = ()
    shorts: tuple[Shortage, ...] = ()
    matched: bool = False


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


def solve(
    solve_id: str, problem: routing.Problem, running: routing.Plan, iterations: int, seconds: float, matching: bool = False,
    expected: Mapping[str, routing.Visit] | None = None,
) -> Solved:  # fmt: skip
    """Improve the running plan; a large district by living areas, one after the other: the pool gets the same plan when it
    solves them side by side. `matching`: an on-demand district, whose meals are matched with its riders instead. `expected`
    counts in the area balance alone, which also says in which area of a large district a worker is planned. Raises
    BrokenPlan when the checker refuses the result."""
    if not problem.workers:  # before the first shift there is nothing to plan, and nothing wrong
        return _solved(problem, running, running, iterations, expected)
    if matching:
        plan = routing.match_day(problem, running, seed_of(solve_id))
        return replace(_solved(problem, running, plan, 0, expected), matched=True)
    if routing.is_large(problem):
        plans = [routing.solve_job(job) for job in parts_of(solve_id, problem, running, iterations, seconds, expected)]
        return join_parts(solve_id, problem, running, plans, iterations, seconds, expected)
    plan = routing.solve(problem, routing.Budget(iterations, seconds), seed_of(solve_id), running)
    return _solved(problem, running, plan, iterations, expected)


def parts_of(
    solve_id: str, problem: routing.Problem, running: routing.Plan, iterations: int, seconds: float,
    expected: Mapping[str, routing.Visit] | None = None, at_once: int = 1,
) -> list[routing.AreaJob]:  # fmt: skip
    """A large district's living areas, after the balance, each a job of its own; the largest first."""
    parts = routing.split_by_area(problem, running, expected)
    return routing.area_jobs(parts, routing.Budget(iterations, seconds), seed_of(solve_id), at_once)


def join_parts(
    solve_id: str, problem: routing.Problem, running: routing.Plan, plans: list[routing.Plan], iterations: int, seconds: float,
    expected: Mapping[str, routing.Visit] | None = None,
) -> Solved:  # fmt: skip
    """The areas' plans together, then a search over the borders. Raises BrokenPlan."""
    job = routing.border_job(problem, running, plans, routing.Budget(iterations, seconds), seed_of(solve_id))
    return _solved(problem, running, routing.solve_job(job), iterations, expected)


def proposal_of(solve_id: str, based_on: int, solved: Solved) -> PlanProposed:
    return PlanProposed(
        solve_id=solve_id, based_on=based_on, routes=solved.routes, price=solved.price, iterations=solved.iterations,
        helps=solved.helps, shorts=solved.shorts, matched=solved.matched,
    )  # fmt: skip


def _solved(
    problem: routing.Problem, running: routing.Plan, plan: routing.Plan, iterations: int,
    expected: Mapping[str, routing.Visit] | None,
) -> Solved:  # fmt: skip
    from streams.core.planning import balance_of, plan_to_routes

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
    helps, shorts = balance_of(problem, expected)
    return Solved(plan_to_routes(plan), round(routing.price(problem, plan)), iterations, helps, shorts)
