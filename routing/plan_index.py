"""A plan kept ready for insertion: timelines of all routes, and their legs as flat tables for quick lower bounds.

The caller keeps one index, changes `problem.visits` and `problem.workers` in place, and tells the index with
`set_route` / `set_worker` / `remove`; nothing else is cached.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from routing.insert import cheapest
from routing.insert_search import COLUMNS, NOWHERE, OPEN
from routing.model import Insertion, Plan, Problem, Route, StopTime, Unassignable, Visit
from routing.schedule import Timeline, lay_out, linked_groups, wait_for_each_other


class PlanIndex:
    """The routes of a plan with their timelines. Workers without a route have an empty one."""

    def __init__(self, problem: Problem, plan: Plan | None = None) -> None:
        self.problem = problem
        self._lines: dict[str, Timeline] = {}
        self._rows: dict[str, int] = {}
        self._free_rows: list[int] = []
        # Visits for two: when each of their workers could begin alone, and when they begin together.
        self._ready: dict[str, dict[str, float]] = {}
        self._meet: dict[str, float] = {}
        self.data: Any = np.zeros((max(4, len(problem.workers)), COLUMNS, 8))
        routes = plan.routes if plan is not None else {}
        for worker_id in problem.workers:
            self.set_route(routes.get(worker_id) or Route(worker_id))

    # -- keeping it up to date

    def set_route(self, route: Route) -> None:
        """Put a worker's route, whole. Also to be called when a visit in it, or the worker, has changed."""
        worker_id = route.worker_id
        before = self._lines.get(worker_id)
        left = before.pairs if before is not None else []
        line = lay_out(self.problem, route, self._meet)
        self._put(worker_id, line)
        if not left and not line.pairs:
            return
        for visit_id in left:
            self._ready.get(visit_id, {}).pop(worker_id, None)
        self._note(worker_id, line)
        touched = {*left, *line.pairs}
        # Nobody else is touched as long as every meeting stays when it was.
        if any(max(self._ready[v].values(), default=None) != self._meet.get(v) for v in touched if v in self._ready):
            self._settle_pairs(sorted(touched))

    def set_worker(self, worker_id: str) -> None:
        """Read `problem.workers[worker_id]` again (place, free time, shift); the route stays. A new one is added."""
        line = self._lines.get(worker_id)
        self.set_route(line.route if line is not None else Route(worker_id))

    def remove(self, worker_id: str) -> None:
        """Forget a worker and the route."""
        line = self._lines.pop(worker_id, None)
        if line is None:
            return
        row = self._rows.pop(worker_id)
        self._free_rows.append(row)
        self.data[row] = 0.0
        for visit_id in line.pairs:
            self._ready[visit_id].pop(worker_id, None)
        if line.pairs:
            self._settle_pairs(line.pairs)

    # -- reading it

    def timetable(self, worker_id: str) -> list[StopTime]:
        """A time for every stop of the worker's route; who waits for a second worker, waits."""
        return self._lines[worker_id].stop_times()

    def route(self, worker_id: str) -> Route:
        return self._lines[worker_id].route

    def line(self, worker_id: str) -> Timeline:
        return self._lines[worker_id]

    def worker_ids(self) -> list[str]:
        return list(self._lines)

    def is_feasible(self, worker_id: str) -> bool:
        return self._lines[worker_id].feasible

    def price(self, worker_id: str) -> float:
        return self._lines[worker_id].price

    def plan(self) -> Plan:
        """The plan as it stands, without the empty routes, by worker id."""
        return Plan({w: self._lines[w].route for w in sorted(self._lines) if self._lines[w].route.stops})

    def insert(self, visit: Visit, stay_with: Set[str] = frozenset()) -> Insertion | Unassignable:
        """The cheapest feasible place for a visit that is in no route; nothing is changed. See `routing.insert`.
        `stay_with`: workers who had it; another one costs the price of a move."""
        return cheapest(self, visit, stay_with)

    def row(self, worker_id: str) -> int:
        return self._rows[worker_id]

    # -- inside

    def _put(self, worker_id: str, line: Timeline) -> None:
        self._lines[worker_id] = line
        row = self._rows.get(worker_id)
        if row is None:
            row = self._rows[worker_id] = self._take_row()
        blocks = len(line.place)
        if blocks + 1 > self.data.shape[2]:
            self.data = np.pad(self.data, ((0, 0), (0, 0), (0, blocks + 8 - self.data.shape[2])))
        worker = line.worker
        xs = [worker.place.x_m, *(place.x_m for place in line.place)]
        ys = [worker.place.y_m, *(place.y_m for place in line.place)]
        end = worker.end
        after_x, after_y = (NOWHERE, NOWHERE) if end is None else (end.x_m, end.y_m)
        locked, first = line.route.locked_count, line.first
        # A worker whose route already ends after the shift takes nothing on.
        open_row = 1.0 if line.finish_s <= worker.shift_end_s or not line.route.stops else 0.0
        target = self.data[row]
        target[OPEN, blocks + 1 :] = 0.0
        target[:, : blocks + 1] = (
            xs,
            ys,
            [*xs[1:], after_x],
            [*ys[1:], after_y],
            [*line.leg, line.end_leg if blocks else 0],
            [worker.free_s, *line.depart],
            [*line.latest, worker.shift_end_s],
            [open_row if index >= locked else 0.0 for index in first],
        )

    def _take_row(self) -> int:
        if self._free_rows:
            return self._free_rows.pop()
        row = len(self._rows)
        if row >= self.data.shape[0]:
            self.data = np.pad(self.data, ((0, row + 8 - self.data.shape[0]), (0, 0), (0, 0)))
        return row

    def _settle_pairs(self, visit_ids: list[str]) -> None:
        """Let workers of visits for two wait for each other: all routes linked by such visits are laid out anew."""
        linked: set[str] = set()
        visits, seen = list(visit_ids), set(visit_ids)
        while visits:
            visit_id = visits.pop()
            for worker_id in self._ready.get(visit_id, ()):
                linked.add(worker_id)
                fresh = [v for v in self._lines[worker_id].pairs if v not in seen]
                seen.update(fresh)
                visits.extend(fresh)
            self._meet.pop(visit_id, None)
            if not self._ready.get(visit_id):
                self._ready.pop(visit_id, None)
        # A partner whose visits were just taken away is set anew by the caller next; until then it stays as it is.
        routes = {w: self._lines[w].route for w in sorted(linked) if self._is_current(self._lines[w].route)}
        alone = {worker_id: lay_out(self.problem, route) for worker_id, route in routes.items()}
        for group in linked_groups(alone):
            together = wait_for_each_other(self.problem, {worker_id: alone[worker_id] for worker_id in group})
            for worker_id, line in (together or {w: alone[w] for w in group}).items():
                self._put(worker_id, line)
                self._note(worker_id, line)
                for visit_id in line.pairs:
                    # In a circle nobody meets, and the next change looks at it all again.
                    if together is not None:
                        self._meet[visit_id] = self._floor(visit_id)

    def _floor(self, visit_id: str) -> float:
        return max(self._ready[visit_id].values())

    def _is_current(self, route: Route) -> bool:
        known = route.worker_id in self.problem.workers
        return known and all(stop.visit_id in self.problem.visits for stop in route.stops)

    def _note(self, worker_id: str, line: Timeline) -> None:
        for visit, arrive, earliest in zip(line.visit, line.arrive, line.ready, strict=True):
            if visit is not None and visit.worker_count > 1:
                self._ready.setdefault(visit.visit_id, {})[worker_id] = max(arrive, earliest)
