"""The independent checker, written from docs/model.md: what a plan breaks, and what it costs, each rule and each term in
a file of its own. It shares no code with the planner (only the data classes and the names of rules), so it can judge it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum

from routing.constraints import (
    active_limit,
    area,
    assigned_once,
    breaks,
    capacity,
    committed_stop,
    credential,
    different_workers,
    distance_limit,
    excluded,
    freshness,
    gap,
    gender,
    kind,
    known_ids,
    parcel_never_delays,
    pickup_delivery,
    pickup_window,
    pinned,
    round_departure,
    round_size,
    shift,
    skill,
    time_window,
    together,
)
from routing.constraints.day import Day, simulate
from routing.model import Plan, Problem, Violation
from routing.objective import (
    greatest_lateness,
    help,
    lateness,
    move,
    not_preferred,
    order_change,
    other_gender,
    over_share,
    promise,
    travel,
    unfamiliar,
    unserved,
    worker_used,
)

RULES: tuple[Callable[[Day], Iterator[Violation]], ...] = (
    known_ids.broken, assigned_once.broken, pickup_delivery.broken, kind.broken, skill.broken, credential.broken,
    gender.broken, excluded.broken, pinned.broken, area.broken, time_window.broken, pickup_window.broken,
    capacity.broken, freshness.broken, round_size.broken, round_departure.broken, shift.broken, breaks.broken,
    active_limit.broken, distance_limit.broken, together.broken, gap.broken, different_workers.broken,
    committed_stop.broken, parcel_never_delays.broken,
)  # fmt: skip

TERMS: dict[str, Callable[[Day], float]] = {
    "travel": travel.cost,
    "lateness": lateness.cost,
    "greatest_lateness": greatest_lateness.cost,
    "unserved": unserved.cost,
    "help": help.cost,
    "move": move.cost,
    "promise": promise.cost,
    "unfamiliar": unfamiliar.cost,
    "not_preferred": not_preferred.cost,
    "other_gender": other_gender.cost,
    "order_change": order_change.cost,
    "over_share": over_share.cost,
    "worker_used": worker_used.cost,
}


def check(problem: Problem, plan: Plan, start: Plan | None = None) -> list[Violation]:
    """Everything that `plan` breaks, sorted. With `start`, the locked beginnings of its routes and the meals onboard
    must have stayed where they are. Times and metres may be over by 1e-6."""
    return _broken(simulate(problem, plan, start))


def _broken(day: Day) -> list[Violation]:
    found = {violation for rule in RULES for violation in rule(day)}
    return sorted(found, key=lambda v: (v.rule, v.visit_id, v.worker_id, v.amount))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `check` and `price` say of a plan, from one look at it."""

    violations: list[Violation]
    price: float
    day: Day


def judge(problem: Problem, plan: Plan, start: Plan | None = None, like: Judgement | None = None) -> Judgement:
    """`check` and `price` together. `like`: the judgement of another plan of the same problem object, unchanged since;
    what both plans share is looked at once."""
    day = simulate(problem, plan, start, like.day if like is not None else None)
    return Judgement(_broken(day), fsum(_by_term(day).values()), day)


def price_by_term(problem: Problem, plan: Plan, start: Plan | None = None) -> dict[str, float]:
    """What the plan costs by term of the objective, all terms named. `start` is needed for the price of moves. Routes
    with an unknown worker or visit are left out."""
    return _by_term(simulate(problem, plan, start))


def _by_term(day: Day) -> dict[str, float]:
    return {name: float(cost(day)) for name, cost in TERMS.items()}


def price(problem: Problem, plan: Plan, start: Plan | None = None) -> float:
    """The sum of `price_by_term`."""
    return fsum(price_by_term(problem, plan, start).values())
