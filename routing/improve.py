"""Layer 2: ruin and recreate with slack induction by string removals (Christiaens & Vanden Berghe 2020) on a whole plan.

By iterations the same seed gives the same plan, bit for bit; by seconds alone the temperature follows the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from routing.arrays import Compiled, compile_problem, draft_of, routes_of
from routing.kernel.rng import thresholds
from routing.kernel.search import construct, run, total_price
from routing.kernel.state import BROKEN, RICH, TRAVEL_PRICE, USED_COUNT, Draft
from routing.model import Budget, Plan, Problem, Stop
from routing.route_pool import RoutePool, classes_of

UNLIMITED = 2**31 - 1  # iterations: as many as the seconds allow
STEPS_PER_ITERATION = 100  # of the kernel: a step takes 10 to 100 microseconds
WARM, COLD = 0.3, 0.003  # first and last temperature in average legs of the plan: docs/optimisation.md
REMOVED = 10.0  # requests taken out in a step, on average, or a whole string if that is longer
LONGEST_STRING = 10.0  # never longer than the average route
# The same where only windows, one load and travel count. Routes of 20 to 60 nodes want long strings and warmth, however
# short the search: cost over PyVRP's (CPU time, one seed) on 12 files of 100 and 200 at 1 s 1.013 with the figures above,
# 0.996 with strings of 25, 0.988 with both; r2_10_8 at 5 s 1.141, 1.031, 0.969. Cooler, or fewer taken out, was worse:
# r2_2_4 at 5 s 1.135 with WARM 0.03, 1.175 with REMOVED 5. Routes of ten nodes do not care.
PLAIN_WARM, PLAIN_COLD, PLAIN_LONGEST_STRING = 1.0, 0.005, 25.0
BLINK = int(0.01 * 2**32)  # a place is overlooked once in a hundred times
SLICES = 200  # of a search: how often the clock is looked at, the temperature set and the pool filled
MOST_STEPS = 5_000  # of a slice: half a second of the slowest steps, for the seconds are a stop that must hold
MOST_POOLED = 30_000  # routes


@dataclass(frozen=True, slots=True)
class Improved:
    """The best plan found and the routes met on the way."""

    plan: Plan
    pool: RoutePool
    steps: int


def improve(problem: Problem, plan: Plan, budget: Budget, seed: int, start: Plan | None = None) -> Improved:
    """A plan that costs no more than `plan` with `start`'s prices for moves; visits that `plan` left out are tried, parcels
    outside locked stops must not be in it. Seconds limit a search by iterations; iterations of `UNLIMITED` leave it to
    the seconds."""
    until = monotonic() + budget.seconds if budget.seconds > 0 else None
    compiled = compile_problem(problem, plan, start)
    pool = _Pool(compiled)
    if not compiled.requests or not compiled.workers:
        return Improved(plan, pool.made(), 0)
    draft = draft_of(compiled, seed)
    search = _Search(compiled, draft)
    if budget.iterations >= UNLIMITED:
        if until is not None:
            search.by_clock(monotonic(), until, pool)
    else:
        search.by_steps(budget.iterations * STEPS_PER_ITERATION, until, pool)
    routes = routes_of(compiled, search.best_nodes, search.best_size)
    return Improved(Plan(routes), pool.made(), search.steps)


def build(problem: Problem, plan: Plan, start: Plan | None, seed: int) -> Plan:
    """Everything that waits put in by cheapest insertion, in one go: a first plan. What is assigned stays with its worker."""
    compiled = compile_problem(problem, plan, start)
    if not compiled.requests or not compiled.workers:
        return plan
    draft = draft_of(compiled, seed)
    construct(compiled.facts, draft)
    return Plan(routes_of(compiled, draft.nodes, draft.size))


class _Search:
    def __init__(self, compiled: Compiled, draft: Draft) -> None:
        self.facts, self.draft = compiled.facts, draft
        self.logs = thresholds()
        self.steps = 0
        price = total_price(self.facts, draft)
        self.prices = np.array([price, price])
        self.best_nodes, self.best_size = draft.nodes.copy(), draft.size.copy()
        draft.changed[:] = 0
        leg = _average_leg(draft) * float(self.facts.terms[TRAVEL_PRICE])
        rich = bool(self.facts.terms[RICH])
        warm, cold = (WARM, COLD) if rich else (PLAIN_WARM, PLAIN_COLD)
        self.first, self.ratio = max(1e-6, warm * leg), cold / warm
        self.longest_string = LONGEST_STRING if rich else PLAIN_LONGEST_STRING

    def by_steps(self, steps: int, until: float | None, pool: _Pool) -> None:
        slices = max(SLICES, -(-steps // MOST_STEPS))
        for number in range(slices):
            count = steps * (number + 1) // slices - steps * number // slices
            if count == 0:
                continue
            if until is not None and monotonic() > until:
                return
            self._run(count, number / slices, 1 / slices / count)
            pool.note(self.draft)

    def by_clock(self, began: float, until: float, pool: _Pool) -> None:
        total = until - began
        count = 20
        now = monotonic()
        while now < until and total > 0:
            self._run(count, (now - began) / total, 0.0)
            after = monotonic()
            # As many steps as take a slice's time, and no more than four times as many as the last time.
            count = max(1, min(4 * count, int(count * total / SLICES / max(1e-6, after - now))))
            pool.note(self.draft)
            now = after

    def _run(self, steps: int, gone: float, gone_by_step: float) -> None:
        warm, cooling = self.first * self.ratio**gone, self.ratio**gone_by_step
        run(
            self.facts, self.draft, self.best_nodes, self.best_size, self.prices, self.logs, steps, warm, cooling,
            REMOVED, self.longest_string, BLINK,
        )  # fmt: skip
        self.steps += steps


def _average_leg(draft: Draft) -> float:
    total, count = 0.0, 0
    for row in draft.used[: draft.counts[USED_COUNT]].tolist():
        size = int(draft.size[row])
        total += float(draft.legs[row, : size + 1].sum())
        count += size + 1
    return total / max(1, count)


class _Pool:
    """Routes of the plans at the end of each slice; of routes with the same visits the cheapest."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.kinds = compiled.facts.workers[:, 4]
        self.seen: dict[bytes, tuple[int, float, bytes]] = {}
        self.last: dict[int, bytes] = {}

    def note(self, draft: Draft) -> None:
        if len(self.seen) >= MOST_POOLED:
            return
        for row in draft.used[: draft.counts[USED_COUNT]].tolist():
            nodes = draft.nodes[row, 1 : draft.size[row] + 1]
            order = nodes.tobytes()
            if self.last.get(row) == order or draft.cost[row] >= BROKEN:
                continue
            self.last[row] = order
            key = int(self.kinds[row]).to_bytes(4, "little") + np.sort(nodes).tobytes()
            price = float(draft.cost[row])
            found = self.seen.get(key)
            if found is None or price < found[1]:
                self.seen[key] = (row, price, order)

    def made(self) -> RoutePool:
        """In the shape that the set partitioning reads. A class for each worker where their empty routes differ."""
        compiled = self.compiled
        named = [w for w, route in compiled.plan.routes.items() if route.locked_count or route.onboard_since_s]
        classes = classes_of(compiled.problem, named)
        class_of = {worker_id: number for number, ids in enumerate(classes) for worker_id in ids}
        count = len(compiled.requests)
        stops = [Stop(one.visit.visit_id, "visit") for one in compiled.requests]
        stops += [Stop(one.visit.visit_id, "pickup") for one in compiled.requests]
        linked = {number for number, one in enumerate(compiled.requests) if one.at_s is not None}
        owner: list[int] = []
        first = [0]
        prices: list[float] = []
        rows: list[np.ndarray] = []
        total = 0
        for row, price, order in self.seen.values():
            nodes = np.frombuffer(order, dtype=np.int64)
            if linked and not linked.isdisjoint((nodes % count).tolist()):
                continue
            owner.append(class_of[compiled.workers[row].worker_id])
            rows.append(nodes.astype(np.int32))
            total += len(nodes)
            first.append(total)
            prices.append(price)
        numbers = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)
        return RoutePool(
            classes, tuple(stops), np.array(owner, dtype=np.int32), np.array(first, dtype=np.int64), numbers,
            np.array(prices, dtype=np.float64),
        )  # fmt: skip


def warm_up() -> None:
    """Compile the kernel, or load it from the disk, by solving something small in the plain and in the rich way."""
    from routing.kernel.warm import warm_kernel

    warm_kernel()
