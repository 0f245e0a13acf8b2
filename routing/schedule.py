"""Timetables: when each stop of a route is reached, begins and ends; whether that is feasible; what it costs.

Stops are laid out as *blocks*: pickups at one kitchen in a row are one block, begun when the rider is there and the
last of its meals is ready, its service paid once. Every other stop is a block of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from routing.model import Place, Plan, Prices, Problem, Route, StopTime, Visit, Worker

FAR_S = 1 << 60
PRIORITY_HALVES = {1: 8, 2: 2}  # of the price of an unserved visit; others 1


class Timeline:
    """A route with its times, by block. Lists of equal length; written once by `lay_out`, then only read."""

    __slots__ = (
        "arrive",
        "begin",
        "bound",
        "depart",
        "end_leg",
        "feasible",
        "finish_s",
        "first",
        "groups",
        "kitchen",
        "latest",
        "leg",
        "load",
        "pairs",
        "picked",
        "place",
        "price",
        "ready",
        "route",
        "service",
        "start_load",
        "visit",
        "worker",
    )

    def __init__(self, worker: Worker, route: Route) -> None:
        self.worker = worker
        self.route = route
        self.place: list[Place] = []
        self.kitchen: list[str] = []  # "" for a visit
        self.visit: list[Visit | None] = []  # None for a pickup
        self.first: list[int] = []  # index of the block's first stop; one more entry at the end
        self.ready: list[float] = []  # earliest begin
        self.service: list[float] = []
        self.leg: list[float] = []  # travel from the block before
        self.arrive: list[float] = []
        self.begin: list[float] = []
        self.depart: list[float] = []
        self.load: list[int] = []  # on leaving
        self.picked: list[int] = []  # block of this door's pickup; -1: onboard from the start, or no meal
        self.bound: list[float] = []  # begin no later than this: the promise
        self.latest: list[float] = []  # latest arrival by which all later promises hold (freshness apart)
        self.groups: dict[str, list[int]] = {}  # blocks where a kitchen's meals are picked up
        self.pairs: list[str] = []  # visits for two workers
        self.start_load = 0
        self.end_leg: float = 0
        self.finish_s: float = 0
        self.price: float = 0
        self.feasible = True

    def stop_times(self) -> list[StopTime]:
        times: list[StopTime] = []
        for block, begin in enumerate(self.begin):
            time = StopTime(self.arrive[block], begin, self.depart[block], self.load[block])
            times.extend([time] * (self.first[block + 1] - self.first[block]))
        return times


def lay_out(problem: Problem, route: Route, floors: Mapping[str, float] | None = None) -> Timeline:
    """Times, price and promises of one route. `floors`: visits for two workers, not to begin before their partner
    is there. Raises KeyError on an unknown worker or visit."""
    worker = problem.workers[route.worker_id]
    line = Timeline(worker, route)
    _fill_blocks(problem, route, line)
    _run(problem, line, floors or {})
    _bind(line)
    return line


def _fill_blocks(problem: Problem, route: Route, line: Timeline) -> None:
    visits = problem.visits
    pickup_block: dict[str, int] = {}
    boxes = 0
    load: list[int] = line.load
    kitchen_before = ""
    for index, stop in enumerate(route.stops):
        visit = visits[stop.visit_id]
        pickup = visit.pickup
        if stop.kind == "pickup" and pickup is not None:
            boxes += visit.boxes
            if pickup.kitchen_id == kitchen_before:
                line.ready[-1] = max(line.ready[-1], pickup.ready_s)
                line.service[-1] = max(line.service[-1], pickup.service_duration_s)
                load[-1] = boxes
            else:
                _append(line, index, pickup.place, pickup.kitchen_id, None, pickup.ready_s, pickup.service_duration_s)
                load.append(boxes)
                line.picked.append(-1)
                line.groups.setdefault(pickup.kitchen_id, []).append(len(line.place) - 1)
            pickup_block[visit.visit_id] = len(line.place) - 1
            kitchen_before = pickup.kitchen_id
            continue
        kitchen_before = ""
        _append(line, index, visit.place, "", visit, visit.earliest_s, visit.service_duration_s)
        picked = pickup_block.get(visit.visit_id, -1)
        line.picked.append(picked)
        if pickup is not None:
            boxes -= visit.boxes
            if picked < 0:
                line.start_load += visit.boxes
        load.append(boxes)
        if visit.worker_count > 1:
            line.pairs.append(visit.visit_id)
    line.first.append(len(route.stops))
    if line.start_load:
        line.load = [one + line.start_load for one in load]


def _append(
    line: Timeline, index: int, place: Place, kitchen: str, visit: Visit | None, ready: float, service: float
) -> None:
    line.first.append(index)
    line.place.append(place)
    line.kitchen.append(kitchen)
    line.visit.append(visit)
    line.ready.append(ready)
    line.service.append(service)


def _run(problem: Problem, line: Timeline, floors: Mapping[str, float]) -> None:
    worker, route = line.worker, line.route
    duration_s, mode = problem.travel.duration_s, worker.mode
    place: Place = worker.place
    now: float = worker.free_s
    travelled = late_price = area_price = 0.0
    late_per_min = problem.prices.late_per_min
    feasible = line.start_load <= worker.capacity_boxes
    for block, there in enumerate(line.place):
        leg = duration_s(mode, place, there)
        arrive = now + leg
        begin = max(arrive, line.ready[block])
        visit = line.visit[block]
        if visit is not None:
            if visit.worker_count > 1:
                begin = max(begin, floors.get(visit.visit_id, begin))
            if begin > visit.latest_s:
                feasible = False
            if visit.freshness_s and begin > fresh_until(line, block, visit):
                feasible = False
            late_price += price_of_lateness(begin - visit.due_s, late_per_min)
            area_price += visit.allowed_area_prices.get(worker.area_id, 0)
        elif line.load[block] > worker.capacity_boxes:
            feasible = False
        now = begin + line.service[block]
        line.leg.append(leg)
        line.arrive.append(arrive)
        line.begin.append(begin)
        line.depart.append(now)
        travelled += leg
        place = there
    if worker.end is not None:
        line.end_leg = duration_s(mode, place, worker.end)
        travelled += line.end_leg
    line.finish_s = now + line.end_leg
    # Who has nothing to do goes home unpriced and in time, whatever the clock says.
    line.feasible = feasible and (line.finish_s <= worker.shift_end_s or not route.stops)
    if route.stops:
        line.price = problem.prices.travel_per_s * travelled + late_price + area_price


def fresh_until(line: Timeline, block: int, visit: Visit) -> float:
    """The latest fresh begin at this door, by the present departure from its kitchen."""
    picked = line.picked[block]
    if picked >= 0:
        return line.depart[picked] + visit.freshness_s
    since = line.route.onboard_since_s.get(visit.visit_id)
    return FAR_S if since is None else since + visit.freshness_s


def _bind(line: Timeline) -> None:
    """Promises, then slack backwards: by when must each block be reached so that all later ones keep theirs."""
    line.bound = [
        FAR_S if visit is None
        # A visit for two must not move at all: its partner's route is not looked at.
        else begin if visit.worker_count > 1
        else max(begin, min(visit.due_s, visit.latest_s))
        for visit, begin in zip(line.visit, line.begin, strict=True)
    ]  # fmt: skip
    after = line.worker.shift_end_s - line.end_leg
    latest: list[float] = []
    for block in range(len(line.place) - 1, -1, -1):
        by = min(line.bound[block], after - line.service[block])
        latest.append(by)
        after = by - line.leg[block]
    latest.reverse()
    line.latest = latest


def price_of_lateness(late_s: float, late_per_min: float) -> float:
    return late_s * late_per_min // 60 if late_s > 0 else 0


def price_unserved(visit: Visit, prices: Prices) -> float:
    return prices.unserved * PRIORITY_HALVES.get(visit.priority, 1) // 2


def timetable(problem: Problem, route: Route) -> list[StopTime]:
    """A time for every stop of one route, as if no visit for two workers made anyone wait (see `timetables`)."""
    return lay_out(problem, route).stop_times()


def timetables(problem: Problem, plan: Plan) -> dict[str, list[StopTime]]:
    """A time for every stop of every route; workers of a visit for two wait for each other."""
    return {worker_id: line.stop_times() for worker_id, line in lay_out_together(problem, plan.routes).items()}


def lay_out_together(problem: Problem, routes: Mapping[str, Route]) -> dict[str, Timeline]:
    """Timelines of routes that may share visits for two: begins rise to the least common ones."""
    lines = {worker_id: lay_out(problem, route) for worker_id, route in routes.items()}
    for group in linked_groups(lines):
        lines.update(wait_for_each_other(problem, {worker_id: lines[worker_id] for worker_id in group}) or {})
    return lines


def wait_for_each_other(problem: Problem, alone: Mapping[str, Timeline]) -> dict[str, Timeline] | None:
    """Lay out linked routes (`alone`: as if nobody waited) with their visits for two begun together. None if they wait
    for each other in a circle: then no times are true, and `check` says so."""
    lines = dict(alone)
    floors: dict[str, float] = {}
    # Without a circle every round settles one more meeting for good.
    for _ in range(2 + sum(len(line.pairs) for line in lines.values())):
        moved = False
        for line in lines.values():
            for visit, begin in zip(line.visit, line.begin, strict=True):
                if visit is not None and visit.worker_count > 1 and begin > floors.get(visit.visit_id, -FAR_S):
                    floors[visit.visit_id] = begin
                    moved = True
        if not moved:
            return lines
        lines = {worker_id: lay_out(problem, line.route, floors) for worker_id, line in lines.items()}
    return None


def linked_groups(lines: Mapping[str, Timeline]) -> list[list[str]]:
    """Workers who share visits for two, in groups, each in order of id."""
    holders: dict[str, list[str]] = {}
    for worker_id in sorted(lines):
        for visit_id in lines[worker_id].pairs:
            holders.setdefault(visit_id, []).append(worker_id)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for first in sorted(w for w, line in lines.items() if line.pairs):
        group: set[str] = set()
        todo = [first]
        while todo:
            worker_id = todo.pop()
            if worker_id not in seen:
                seen.add(worker_id)
                group.add(worker_id)
                todo.extend(w for visit_id in lines[worker_id].pairs for w in holders[visit_id])
        if group:
            groups.append(sorted(group))
    return groups


def feasible(problem: Problem, route: Route) -> bool:
    """Time windows, capacity, freshness and the shift's end hold on this route."""
    return lay_out(problem, route).feasible


def price_of_route(problem: Problem, route: Route) -> float:
    """Travel (the way to `end` too), lateness and the price of help from another area."""
    line = lay_out(problem, route)
    return line.price
