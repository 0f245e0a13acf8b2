"""The area balance: who helps which living area, from when till when, ahead of the peak.

One minimum-cost flow (OR-Tools) over the whole day, in half hours: each worker gives the half hours of the shift, at home
for nothing, elsewhere at the graded price of helping there, beyond a fair share at the price of too much work; each area takes
what it is expected to need, by group of skills, and what nobody gives stays uncovered at its price. Exact for these prices.
Afterwards workers who can stand in for each other swap half hours, so that help comes in long pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, floor
from typing import Any

import numpy as np

SLOT_S = 1_800
SCALE = 1_000  # the flow counts in whole numbers: prices to a thousandth


class Why(StrEnum):
    """Why an expected need stays uncovered: the first of these that holds."""

    NO_SKILLED_WORKER = "no_skilled_worker"  # nobody has the skills, at any hour
    NO_WORKER_ON_DUTY = "no_worker_on_duty"  # whoever has them is not on duty then
    NO_WORKER_MAY_HELP = "no_worker_may_help"  # whoever is, may not help in this area
    ALL_BUSY = "all_busy"  # everybody who may is at work, where it counts more
    TOO_DEAR = "too_dear"  # somebody is free, but costs more than the need is worth


@dataclass(frozen=True, slots=True)
class Supply:
    """A worker: home area, groups of work they can do, hours of duty, areas where they may not help.
    `fair_slots`: half hours of paid work that are their fair share; None: no such limit."""

    worker_id: str
    area_id: str
    groups: frozenset[str]
    from_s: float
    until_s: float
    banned_area_ids: frozenset[str] = frozenset()
    fair_slots: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """`workers` (a mean may be a fraction) expected to be at work in an area in the half hour that begins at `slot_s`."""

    area_id: str
    slot_s: float
    group: str
    workers: float


@dataclass(frozen=True, slots=True)
class HelpPrices:
    """For a half hour. `help[home][area]`: a missing pair is a hard ban. An uncovered half hour costs `uncovered`."""

    help: Mapping[str, Mapping[str, float]]
    uncovered: float = 7_200
    over_share: float = 300


@dataclass(frozen=True, slots=True)
class Help:
    """A worker of `home_area_id` helps `area_id` in [from_s, until_s)."""

    worker_id: str
    home_area_id: str
    area_id: str
    group: str
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A part of a demand that nobody takes on, in workers, and why. `nearest`: areas that have such workers on duty."""

    area_id: str
    slot_s: float
    group: str
    workers: float
    why: Why
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """`work`: (area, group) of each worker's half hours at work, home ones too, by worker id and slot."""

    helps: tuple[Help, ...]
    uncovered: tuple[Uncovered, ...]
    price: float
    work: Mapping[str, Mapping[float, tuple[str, str]]] = field(default_factory=dict)


def balance(supply: Sequence[Supply], demand: Sequence[Demand], prices: HelpPrices, slot_s: float = SLOT_S) -> Balance:
    """The cheapest cover of the demand. Raises ValueError on a negative or not finite demand, a worker or a demand named
    twice. The same input in any order gives the same balance."""
    workers = sorted(supply, key=lambda one: one.worker_id)
    needs = sorted((one for one in demand if one.workers != 0), key=lambda one: (one.slot_s, one.area_id, one.group))
    if len({one.worker_id for one in workers}) < len(workers):
        raise ValueError("a worker is named twice")
    if len({(one.slot_s, one.area_id, one.group) for one in needs}) < len(needs):
        raise ValueError("a demand is named twice")
    if any(not 0 <= one.workers < float("inf") for one in needs):
        raise ValueError("a demand is negative or not finite")
    flow = _Flow(workers, needs, prices, slot_s)
    work = _in_long_pieces(workers, flow.solve(), slot_s)
    return Balance(_pieces(workers, work, slot_s), _uncovered(flow, work), flow.price_of(work), work)


Work = dict[str, dict[float, tuple[str, str]]]


class _Flow:
    """Nodes: a source, a sink, each worker, each of their half hours, each demand."""

    def __init__(self, workers: list[Supply], needs: list[Demand], prices: HelpPrices, slot_s: float) -> None:
        self.workers, self.needs, self.prices, self.slot_s = workers, needs, prices, slot_s
        self.at_slot: dict[float, list[int]] = {}
        for number, need in enumerate(needs):
            self.at_slot.setdefault(need.slot_s, []).append(number)
        self.arcs: list[tuple[int, int, int, float]] = []  # from, to, capacity, price
        self.given: dict[int, tuple[str, float, int]] = {}  # arc -> worker, slot, need

    def may(self, worker: Supply, need: Demand) -> float | None:
        """The price of this worker for one half hour of this need; None: not allowed."""
        if need.group not in worker.groups or need.area_id in worker.banned_area_ids:
            return None
        if need.area_id == worker.area_id:
            return 0.0
        return self.prices.help.get(worker.area_id, {}).get(need.area_id)

    def on_duty(self, worker: Supply, slot: float) -> bool:
        return worker.from_s <= slot and slot + self.slot_s <= worker.until_s

    def solve(self) -> Work:
        source, sink = 0, 1
        need_node = {number: 2 + number for number in range(len(self.needs))}
        next_node = 2 + len(self.needs)
        for worker in self.workers:
            slots = [slot for slot in self.at_slot if self.on_duty(worker, slot)]
            node, next_node = next_node, next_node + 1
            fair = len(slots) if worker.fair_slots is None else max(0, min(worker.fair_slots, len(slots)))
            self._arc(source, node, fair, 0.0)
            self._arc(source, node, len(slots) - fair, self.prices.over_share)
            for slot in slots:
                priced = [(n, price) for n in self.at_slot[slot] if (price := self.may(worker, self.needs[n])) is not None]
                if not priced:
                    continue
                hour, next_node = next_node, next_node + 1
                self._arc(node, hour, 1, 0.0)
                for number, price in priced:
                    self.given[len(self.arcs)] = (worker.worker_id, slot, number)
                    self._arc(hour, need_node[number], 1, price)
        total = 0
        for number, need in enumerate(self.needs):
            whole, part = floor(need.workers), need.workers - floor(need.workers)
            total += ceil(need.workers)
            for count, worth in ((whole, 1.0), (ceil(part), part)):
                # What is worth less is taken last: uncovered first, for the price of the part that is missing.
                self._arc(source, need_node[number], count, self.prices.uncovered * worth)
            self._arc(need_node[number], sink, ceil(need.workers), 0.0)
        return self._run(next_node, total, source, sink)

    def _arc(self, tail: int, head: int, capacity: int, price: float) -> None:
        self.arcs.append((tail, head, capacity, price))

    def _run(self, nodes: int, total: int, source: int, sink: int) -> Work:
        if not total:
            return {}
        # OR-Tools is loaded by the processes that plan, not by every one that knows the planner's door.
        from ortools.graph.python import min_cost_flow

        solver: Any = min_cost_flow.SimpleMinCostFlow()
        tails, heads, capacities, prices = (np.array(column) for column in zip(*self.arcs, strict=True))
        solver.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, np.rint(prices * SCALE).astype(np.int64))
        supplies = np.zeros(nodes, dtype=np.int64)
        supplies[source], supplies[sink] = total, -total
        solver.set_nodes_supplies(np.arange(nodes), supplies)
        if solver.solve() != solver.OPTIMAL:  # a demand can always stay uncovered
            raise ArithmeticError("no flow")
        flows = solver.flows(np.arange(len(self.arcs)))
        work: Work = {}
        for arc, (worker_id, slot, number) in self.given.items():
            if flows[arc]:
                need = self.needs[number]
                work.setdefault(worker_id, {})[slot] = (need.area_id, need.group)
        return work

    def price_of(self, work: Work) -> float:
        by_id = {worker.worker_id: worker for worker in self.workers}
        price = sum(missing * self.prices.uncovered for _, missing in self.missing(work))
        for worker_id, slots in work.items():
            worker = by_id[worker_id]
            if worker.fair_slots is not None:
                price += max(0, len(slots) - worker.fair_slots) * self.prices.over_share
            price += sum(self.prices.help[worker.area_id][area] for area, _ in slots.values() if area != worker.area_id)
        return price

    def missing(self, work: Work) -> list[tuple[Demand, float]]:
        counts: dict[tuple[float, str, str], int] = {}
        for slots in work.values():
            for slot, (area, group) in slots.items():
                counts[slot, area, group] = counts.get((slot, area, group), 0) + 1
        left = [(need, need.workers - counts.get((need.slot_s, need.area_id, need.group), 0)) for need in self.needs]
        return [(need, missing) for need, missing in left if missing > 0]


def _in_long_pieces(workers: list[Supply], work: Work, slot_s: float) -> Work:
    """Workers of one home with the same groups and bans may swap what they do in a half hour, and one who is on duty may
    take it over within the fair share: the price stays the same. Whoever was there before stays there."""
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Supply]] = {}
    for worker in workers:
        key = (worker.area_id, tuple(sorted(worker.groups)), tuple(sorted(worker.banned_area_ids)))
        alike.setdefault(key, []).append(worker)
    found: Work = {worker_id: dict(slots) for worker_id, slots in sorted(work.items())}
    for group in alike.values():
        for slot in sorted({slot for one in group for slot in found.get(one.worker_id, {})}):
            busy = [one.worker_id for one in group if slot in found.get(one.worker_id, {})]
            tasks = sorted(found[worker_id].pop(slot) for worker_id in busy)
            for one in group:
                mine = found.get(one.worker_id, {})
                before = mine.get(slot - slot_s)
                room = one.fair_slots is None or len(mine) < one.fair_slots
                on_duty = one.from_s <= slot and slot + slot_s <= one.until_s
                if before in tasks and (one.worker_id in busy or (on_duty and room)):
                    mine[slot] = before
                    tasks.remove(before)
                    busy.remove(one.worker_id if one.worker_id in busy else busy[-1])
            for worker_id, task in zip(busy, tasks, strict=True):
                found[worker_id][slot] = task
    return {worker_id: slots for worker_id, slots in found.items() if slots}


def _pieces(workers: list[Supply], work: Work, slot_s: float) -> tuple[Help, ...]:
    helps: list[Help] = []
    for worker in workers:
        last: Help | None = None
        for slot, (area, group) in sorted(work.get(worker.worker_id, {}).items()):
            if area == worker.area_id:
                last = None
            elif last is not None and (last.area_id, last.group, last.until_s) == (area, group, slot):
                last = helps[-1] = Help(worker.worker_id, worker.area_id, area, group, last.from_s, slot + slot_s)
            else:
                last = Help(worker.worker_id, worker.area_id, area, group, slot, slot + slot_s)
                helps.append(last)
    return tuple(sorted(helps, key=lambda one: (one.from_s, one.area_id, one.worker_id)))


def _uncovered(flow: _Flow, work: Work) -> tuple[Uncovered, ...]:
    return tuple(
        Uncovered(need.area_id, need.slot_s, need.group, round(missing, 6), *_reason(flow, need, work))
        for need, missing in flow.missing(work)
    )


def _reason(flow: _Flow, need: Demand, work: Work) -> tuple[Why, tuple[str, ...]]:
    skilled = [worker for worker in flow.workers if need.group in worker.groups]
    on_duty = [worker for worker in skilled if flow.on_duty(worker, need.slot_s)]
    nearest = tuple(sorted({worker.area_id for worker in on_duty} - {need.area_id}))
    allowed = [worker for worker in on_duty if flow.may(worker, need) is not None]
    if not skilled:
        return Why.NO_SKILLED_WORKER, ()
    if not on_duty:
        return Why.NO_WORKER_ON_DUTY, ()
    if not allowed:
        return Why.NO_WORKER_MAY_HELP, nearest
    busy = all(need.slot_s in work.get(worker.worker_id, {}) for worker in allowed)
    return (Why.ALL_BUSY if busy else Why.TOO_DEAR), nearest
