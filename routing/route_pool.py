"""The pool: routes that a search came across, flat in arrays, so that a set of good ones can be chosen from all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from routing.model import Problem, Route, Stop, Worker


@dataclass(frozen=True, slots=True)
class RoutePool:
    """Row r is the stop sequence `numbers[first[r]:first[r + 1]]` driven by a worker of class `owner[r]`.

    `classes`: worker ids by class; who is in one class can be exchanged without changing any price. `stops`: what a stop
    number stands for. `price[r]`: what the route adds to the plan's price, with the price of moving its visits to this
    worker, without unserved visits. Every row keeps all rules of its worker, as far as they concern one route.
    """

    classes: tuple[tuple[str, ...], ...]
    stops: tuple[Stop, ...]
    owner: Any  # int32[n]
    first: Any  # int64[n + 1]
    numbers: Any  # int32[first[n]]
    price: Any  # float64[n]

    def __len__(self) -> int:
        return int(self.owner.shape[0])

    def stops_of(self, row: int) -> tuple[Stop, ...]:
        return tuple(self.stops[number] for number in self.numbers[self.first[row] : self.first[row + 1]].tolist())


def pool_of(
    problem: Problem, priced_routes: Iterable[tuple[Route, float]], named: Iterable[str] = ()
) -> RoutePool:
    """A pool of routes with their prices (see `RoutePool.price`), in the order given. `named`: see `classes_of`."""
    classes = classes_of(problem, named)
    class_of = {worker_id: number for number, ids in enumerate(classes) for worker_id in ids}
    number_of: dict[Stop, int] = {}
    owner: list[int] = []
    first = [0]
    numbers: list[int] = []
    prices: list[float] = []
    for route, price in priced_routes:
        owner.append(class_of[route.worker_id])
        numbers.extend(number_of.setdefault(stop, len(number_of)) for stop in route.stops)
        first.append(len(numbers))
        prices.append(float(price))
    return RoutePool(
        classes,
        tuple(number_of),
        np.array(owner, dtype=np.int32),
        np.array(first, dtype=np.int64),
        np.array(numbers, dtype=np.int32),
        np.array(prices, dtype=np.float64),
    )


def classes_of(problem: Problem, named: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Workers in classes, by id. Two are of one class if nothing but the id tells them apart and no visit names them;
    `named` (workers with a route of their own in the start plan, say) are each a class of their own."""
    alone = set(named)
    for visit in problem.visits.values():
        alone |= visit.excluded_worker_ids | visit.pinned_worker_ids
        alone |= visit.preferred_worker_ids | visit.familiar_worker_ids
    groups: dict[str, list[str]] = {}
    for worker_id in sorted(problem.workers):
        worker = problem.workers[worker_id]
        key = worker_id if worker_id in alone else _likeness(worker)
        groups.setdefault(key, []).append(worker_id)
    return tuple(tuple(ids) for ids in groups.values())


def _likeness(worker: Worker) -> str:
    """Equal for workers that only their id tells apart. Sets and mappings are put in order."""
    plain = replace(worker, worker_id="", skills=frozenset(), credentials={}, banned_area_ids=frozenset())
    return repr((plain, sorted(worker.skills), sorted(worker.credentials.items()), sorted(worker.banned_area_ids)))
