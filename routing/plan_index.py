"""A plan kept ready for insertion: timelines of all routes, and their legs as flat tables for quick lower bounds.

The caller keeps one index, changes `problem.visits` and `problem.workers` in place, and tells the index with
`set_route` / `set_worker` / `remove`; nothing else is cached.
"""

from __future__ import annotations

from collections.abc import Set
from math import inf
from typing import Any, NamedTuple

import numpy as np

from routing.insert import cheapest
from routing.insert_field import COLUMNS, NOWHERE, OPEN
from routing.model import Insertion, Plan, Problem, Route, StopTime, Unassignable, Visit
from routing.pair_rules import order_price
from routing.schedule import Timeline, in_gaps, lay_out
from routing.together import floors_of, linked_groups, wait_for_each_other


class Window(NamedTuple):
    """When a visit may begin: who comes before `earliest_s` waits."""

    earliest_s: float
    latest_s: float


class PlanIndex:
    """The routes of a plan with their timelines. Workers without a route have an empty one."""

    def __init__(self, problem: Problem, plan: Plan | None = None) -> None:
        self.problem = problem
        self._lines: dict[str, Timeline] = {}
        self._rows: dict[str, int] = {}
        self._free_rows: list[int] = []
        # Visits for two or in a gap: who holds them, and before when they may not begin.
        self._holders: dict[str, set[str]] = {}
        self._floors: dict[str, float] = {}
        self._gapped = dict.fromkeys(in_gaps(problem), False)  # True: its partner is planned too
        self._partners: dict[str, list[str]] = {}
        for gap in problem.gaps:
            self._partners.setdefault(gap.first_visit_id, []).append(gap.then_visit_id)
            self._partners.setdefault(gap.then_visit_id, []).append(gap.first_visit_id)
        count = max(4, len(problem.workers))
        self.data: Any = np.zeros((COLUMNS, count, 8))
        self.s_per_m: Any = np.ones(count)
        self.access_s: Any = np.zeros(count)
        self.saved: Any = None  # only with rounds
        self.share: Any = None  # active time beyond the fair share, only where somebody has one
        routes = plan.routes if plan is not None else {}
        for worker_id in problem.workers:
            self.set_route(routes.get(worker_id) or Route(worker_id))

    # -- keeping it up to date

    def set_route(self, route: Route) -> None:
        """Put a worker's route, whole. Also to be called when a visit in it, or the worker, has changed."""
        worker_id = route.worker_id
        before = self._lines.get(worker_id)
        left = before.linked if before is not None else []
        line = lay_out(self.problem, route, self._floors, self._gapped, before)
        self._put(worker_id, line)
        if left or line.linked:
            self._relink(worker_id, left, line.linked)

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
        self.data[:, row] = 0.0
        if line.linked:
            self._relink(worker_id, line.linked, [])

    # -- reading it

    def timetable(self, worker_id: str) -> list[StopTime]:
        """A time for every stop of the worker's route; who waits for a second worker, waits."""
        return self._lines[worker_id].stop_times()

    def route(self, worker_id: str) -> Route:
        return self._lines[worker_id].route

    def has(self, route: Route) -> bool:
        """The worker's route is this one, and hangs on nobody else's."""
        line = self._lines.get(route.worker_id)
        return line is not None and not line.linked and line.route == route

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

    def try_route(self, route: Route, floors: dict[str, float] | None = None) -> Timeline:
        """The timeline that a route would have; nothing is changed. `floors`: of visits that are not planned yet."""
        return lay_out(self.problem, route, {**self._floors, **floors} if floors else self._floors, self._gapped)

    def window(self, visit: Visit) -> Window:
        """When the visit may begin: by itself, and by its gaps to visits that are planned."""
        earliest_s, latest_s = visit.earliest_s, visit.latest_s
        if visit.visit_id in self._partners:
            for gap in self.problem.gaps:
                if gap.then_visit_id == visit.visit_id and (begin_s := self.begin_of(gap.first_visit_id)) is not None:
                    earliest_s = max(earliest_s, begin_s + gap.min_s)
                    latest_s = min(latest_s, begin_s + gap.max_s)
                if gap.first_visit_id == visit.visit_id and (begin_s := self.begin_of(gap.then_visit_id)) is not None:
                    earliest_s = max(earliest_s, begin_s - gap.max_s)
                    latest_s = min(latest_s, begin_s - gap.min_s)
        return Window(earliest_s, latest_s)

    def is_in_gap(self, visit: Visit) -> bool:
        """Does the visit keep a time from another one?"""
        return visit.visit_id in self._partners

    def line_beside(self, visit: Visit, worker_id: str) -> Timeline:
        """The worker's timeline, as it stands while `visit` is put in: the other visit of a gap is not to move."""
        line = self._lines[worker_id]
        partners = self._partners.get(visit.visit_id)
        if partners and line.linked and not set(partners).isdisjoint(line.linked):
            return lay_out(self.problem, line.route, self._floors, {**self._gapped, **dict.fromkeys(partners, True)})
        return line

    def holders_apart(self, visit: Visit) -> Set[str]:
        """Workers who serve the other visit of a gap that asks for different ones."""
        if visit.visit_id not in self._partners:
            return frozenset()
        apart: set[str] = set()
        for gap in self.problem.gaps:
            if gap.different_workers and visit.visit_id in (gap.first_visit_id, gap.then_visit_id):
                other = gap.then_visit_id if gap.first_visit_id == visit.visit_id else gap.first_visit_id
                apart |= self._holders.get(other, set())
        return apart

    def floor(self, visit_id: str) -> float:
        """Before when a visit for two or in a gap may not begin; -inf for others."""
        return self._floors.get(visit_id, -inf)

    def begin_of(self, visit_id: str) -> float | None:
        """When a visit in a gap begins by the plan; None if it is not in it."""
        for worker_id in self._holders.get(visit_id, ()):
            line = self._lines[worker_id]
            for visit, begin in zip(line.visit, line.begin, strict=True):
                if visit is not None and visit.visit_id == visit_id:
                    return begin
        return None

    def greatest_lateness_s(self) -> float:
        """Of the latest visit in the plan; 0 if none is late."""
        late_s: float = 0
        for line in self._lines.values():
            for visit, begin in zip(line.visit, line.begin, strict=True):
                if visit is not None:
                    late_s = max(late_s, begin - visit.due_s)
        return late_s

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
        # A worker whose route already ends after the shift, or beyond a limit, takes nothing on.
        is_open = (
            line.finish_s <= worker.shift_end_s
            and not (worker.max_active_s and line.active_s > worker.max_active_s)
            and not (worker.max_distance_m and line.distance_m > worker.max_distance_m)
        )
        open_row = 1.0 if is_open or not line.route.stops else 0.0
        pace = self.problem.travel.pace(worker.mode)
        self.s_per_m[row], self.access_s[row] = pace.s_per_m, pace.access_s
        if worker.fair_active_s is not None or self.share is not None:
            if self.share is None or len(self.share) != len(self.s_per_m):
                grown = np.full(len(self.s_per_m), -np.inf)
                grown[: 0 if self.share is None else len(self.share)] = () if self.share is None else self.share
                self.share = grown
            self.share[row] = -np.inf if worker.fair_active_s is None else line.active_s - worker.fair_active_s
        target = self.data[:, row]
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
        if line.has_rounds or self.saved is not None:
            self._put_saved(row, line)

    def _put_saved(self, row: int, line: Timeline) -> None:
        """What each boundary costs now for a round's changed order: a stop put in there saves it."""
        if self.saved is None or self.saved.shape != self.data[0].shape:
            grown = np.zeros_like(self.data[0])
            if self.saved is not None:
                grown[: self.saved.shape[0], : self.saved.shape[1]] = self.saved
            self.saved = grown
        self.saved[row] = 0.0
        for block in range(1, len(line.visit) if line.has_rounds else 0):
            self.saved[row, block] = order_price(line.visit[block - 1], line.visit[block], self.problem.prices)

    def _take_row(self) -> int:
        if self._free_rows:
            return self._free_rows.pop()
        row = len(self._rows)
        if row >= self.data.shape[1]:
            more = row + 8 - self.data.shape[1]
            self.data = np.pad(self.data, ((0, 0), (0, more), (0, 0)))
            self.s_per_m = np.pad(self.s_per_m, (0, more), constant_values=1.0)
            self.access_s = np.pad(self.access_s, (0, more))
        return row

    def _relink(self, worker_id: str, left: list[str], now: list[str]) -> None:
        """Note who holds which linked visits; let everybody wait for each other again where that has changed."""
        for visit_id in left:
            self._holders.get(visit_id, set()).discard(worker_id)
        for visit_id in now:
            self._holders.setdefault(visit_id, set()).add(worker_id)
        touched = {*left, *now}
        stale = set()
        for visit_id in touched:
            held = bool(self._holders.get(visit_id))
            for partner in self._partners.get(visit_id, ()):
                if self._holders.get(partner):
                    stale |= {visit_id, partner}
                for one in (visit_id, partner):
                    self._gapped[one] = any(self._holders.get(other) for other in self._partners[one])
            if not held:
                self._floors.pop(visit_id, None)
                self._holders.pop(visit_id, None)
        # Nobody else is touched as long as every meeting stays when it was.
        for visit_id in touched & self._holders.keys():
            alone = [self._lines[w].alone[visit_id] for w in self._holders[visit_id] if visit_id in self._lines[w].alone]
            if alone and max(alone) != self._floors.get(visit_id):
                stale.add(visit_id)
        if stale:
            self._settle(stale)

    def _settle(self, visit_ids: set[str]) -> None:
        """All routes linked by such visits are laid out anew, together."""
        linked: set[str] = set()
        todo, seen = sorted(visit_ids), set(visit_ids)
        while todo:
            visit_id = todo.pop()
            self._floors.pop(visit_id, None)
            more = {p for p in self._partners.get(visit_id, ()) if self._holders.get(p)}
            for worker_id in self._holders.get(visit_id, ()):
                linked.add(worker_id)
                more.update(self._lines[worker_id].linked)
            todo.extend(more - seen)
            seen |= more
        # A partner whose visits were just taken away is set anew by the caller next; until then it stays as it is.
        routes = {w: self._lines[w].route for w in sorted(linked) if self._is_current(self._lines[w].route)}
        alone = {worker_id: lay_out(self.problem, route, None, self._gapped) for worker_id, route in routes.items()}
        gaps = self.problem.gaps
        for group in linked_groups(gaps, alone):
            apart = {worker_id: alone[worker_id] for worker_id in group}
            together = wait_for_each_other(self.problem, apart, self._gapped)
            for worker_id, line in (together or apart).items():
                self._put(worker_id, line)
            # In a circle nobody meets, and the next change looks at it all again.
            if together is not None:
                self._floors.update(floors_of(together.values(), gaps))

    def _is_current(self, route: Route) -> bool:
        known = route.worker_id in self.problem.workers
        return known and all(stop.visit_id in self.problem.visits for stop in route.stops)
