"""A whole plan driven, for the checker only: workers of a visit for two wait for each other, and the visits of a gap
for each other, until no begin moves. A circle never settles; it is named, and the times are those after the last try."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from routing.constraints.drive import TOLERANCE, Drive, Event, drive
from routing.model import Gap, Plan, Problem, Route, Stop, Visit, Worker


@dataclass(slots=True)
class Day:
    """What rules and terms look at. `drives` by worker, of the plan's routes (those with an unknown worker or visit
    apart), `alone` the same where nobody waits for anybody; `holders`: the workers at a visit's door; `circle`: visits
    whose begins never settle; `served`: each worker with each visit that has a stop in the worker's route, once; `start`:
    the plan that this one comes from."""

    problem: Problem
    plan: Plan
    start: Plan | None
    drives: dict[str, Drive]
    alone: dict[str, Drive]
    floors: dict[str, float]
    circle: frozenset[str]
    holders: dict[str, list[str]]
    begins: dict[str, float]
    served: tuple[tuple[Worker, Visit], ...]

    def doors(self) -> Iterable[tuple[Drive, Event]]:
        """Every begun visit with the drive it is part of; a visit for two comes twice."""
        return ((one, event) for one in self.drives.values() for event in one.events if event.at_door)

    def locked_count(self, worker_id: str) -> int:
        """How many of the route's stops are committed: by the plan that this one comes from, if there is one."""
        before = self._before(worker_id)
        return 0 if before is None else before.locked_count

    def is_taken_up(self, worker_id: str, visit: Visit) -> bool:
        """Its pickup is committed, or it is in the worker's box."""
        before, pickup = self._before(worker_id), Stop(visit.visit_id, "pickup")
        if visit.pickup is None or before is None:
            return False
        on_board = pickup not in before.stops and Stop(visit.visit_id, "visit") in before.stops
        return on_board or pickup in before.stops[: before.locked_count]

    def _before(self, worker_id: str) -> Route | None:
        return (self.plan if self.start is None else self.start).routes.get(worker_id)


def simulate(problem: Problem, plan: Plan, start: Plan | None = None, like: Day | None = None) -> Day:
    """Drive all routes whose worker and visits are known. `like`: another plan of the same problem; routes that both have
    are not driven a second time."""
    routes = {key: route for key, route in plan.routes.items() if is_known(problem, key, route)}
    driven = like.alone if like is not None and like.problem is problem else {}
    meetings = _Meetings(problem, routes, driven)
    circle: frozenset[str] = frozenset()
    if not meetings.settle(keep_greatest=True):
        # Waiting for the greatest gap leads nowhere: it is broken then, and the excess over it can be told.
        circle = frozenset() if meetings.settle(keep_greatest=False) else frozenset(meetings.moving)
    holders: dict[str, list[str]] = defaultdict(list)
    begins: dict[str, float] = {}
    for worker_id, one in meetings.drives.items():
        for event in one.events:
            if event.at_door:
                holders[event.visit.visit_id].append(worker_id)
                begins[event.visit.visit_id] = max(event.begin_s, begins.get(event.visit.visit_id, -inf))
    served = tuple(
        (one.worker, problem.visits[visit_id])
        for one in meetings.drives.values()
        for visit_id in dict.fromkeys(stop.visit_id for stop in one.route.stops)
    )
    return Day(problem, plan, start, meetings.drives, meetings.alone, meetings.floors, circle, holders, begins, served)


def is_known(problem: Problem, key: str, route: Route) -> bool:
    """The route is of a worker of the problem, under the worker's own id, and all its visits are the problem's."""
    ours = key in problem.workers and route.worker_id == key
    return ours and all(stop.visit_id in problem.visits for stop in route.stops)


class _Meetings:
    def __init__(self, problem: Problem, routes: Mapping[str, Route], driven: Mapping[str, Drive]) -> None:
        self.problem, self.routes = problem, routes
        self.floors: dict[str, float] = {}
        self.moving: set[str] = set()
        self.alone = {
            worker_id: known if (known := driven.get(worker_id)) is not None and known.route == route else drive(problem, route, {})
            for worker_id, route in routes.items()
        }
        self.drives = dict(self.alone)
        at: dict[str, list[str]] = defaultdict(list)
        for worker_id, route in routes.items():
            for stop in route.stops:
                if stop.kind == "visit" and worker_id not in at[stop.visit_id]:
                    at[stop.visit_id].append(worker_id)
        self.at = at
        self.gaps: dict[str, list[Gap]] = defaultdict(list)
        for gap in problem.gaps:
            if at.get(gap.first_visit_id) and at.get(gap.then_visit_id):
                self.gaps[gap.first_visit_id].append(gap)
                self.gaps[gap.then_visit_id].append(gap)
        pairs = {visit_id for visit_id, workers in at.items() if len(workers) > 1}
        self.linked = frozenset(pairs | {visit_id for visit_id, gaps in self.gaps.items() if gaps})

    def settle(self, keep_greatest: bool) -> bool:
        """Raise the begins of linked visits until none moves. Without a circle every round settles one of them for
        good, as long as no longer wait lets a break fall elsewhere: then the count begins again."""
        self.floors, self.drives = {}, dict(self.alone)
        touched = sorted({worker_id for visit_id in self.linked for worker_id in self.at[visit_id]})
        rounds = 0
        while rounds <= len(self.linked) + 1:
            self.moving = self._raise(touched, keep_greatest)
            if not self.moving:
                return True
            rounds += 1
            touched = sorted({worker_id for visit_id in self.moving for worker_id in self.at[visit_id]})
            for worker_id in touched:
                before = self.drives[worker_id].breaks_after
                self.drives[worker_id] = drive(self.problem, self.routes[worker_id], self.floors)
                if self.drives[worker_id].breaks_after != before:
                    rounds = 0
        return False

    def _raise(self, worker_ids: list[str], keep_greatest: bool) -> set[str]:
        """Floors from the begins on these routes; returns the visits whose floor rose."""
        moved: set[str] = set()
        for worker_id in worker_ids:
            for event in self.drives[worker_id].events:
                visit_id = event.visit.visit_id
                if not event.at_door or visit_id not in self.linked:
                    continue
                if len(self.at[visit_id]) > 1:
                    self._lift(visit_id, event.begin_s, moved)
                for gap in self.gaps.get(visit_id, ()):
                    if gap.first_visit_id == visit_id:
                        self._lift(gap.then_visit_id, event.begin_s + gap.min_s, moved)
                    if gap.then_visit_id == visit_id and keep_greatest:
                        self._lift(gap.first_visit_id, event.begin_s - gap.max_s, moved)
        return moved

    def _lift(self, visit_id: str, to_s: float, moved: set[str]) -> None:
        if to_s > self.floors.get(visit_id, -inf) + TOLERANCE:
            self.floors[visit_id] = to_s
            moved.add(visit_id)
