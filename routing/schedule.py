"""Timetables: when each stop of a route is reached, begins and ends; whether that is feasible; what it costs.

Stops are laid out as *blocks*: pickups at one kitchen in a row are one block, begun when the rider is there and the
last of its meals is ready, its service paid once. Every other stop is a block of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from routing.breaks import finish, reach
from routing.model import Prices, Problem, Route, StopTime, Visit, Worker
from routing.pair_rules import latest_begin_s, needed_until_s, order_price, pair_price, per_minute, price_of_begin
from routing.place import Place

FAR_S = 1 << 60
PRIORITY_WEIGHTS = {1: 4.0, 2: 1.0}  # of the price of an unserved visit; others 0.5
NO_GAPS: Mapping[str, bool] = {}


class Timeline:
    """A route with its times, by block. Lists of equal length; written once by `lay_out`, then only read."""

    __slots__ = (
        "access",
        "active_s",
        "alone",
        "arrive",
        "begin",
        "bound",
        "break_limits",
        "depart",
        "distance_m",
        "end_leg",
        "feasible",
        "finish_s",
        "first",
        "groups",
        "has_back",
        "has_rounds",
        "kitchen",
        "latest",
        "leg",
        "linked",
        "load",
        "meals",
        "pairs",
        "parcels",
        "picked",
        "place",
        "price",
        "ready",
        "rounds",
        "route",
        "service",
        "start_load",
        "taken",
        "until",
        "visit",
        "walks",
        "worker",
    )

    def __init__(self, worker: Worker, route: Route) -> None:
        self.worker = worker
        self.route = route
        self.place: list[Place] = []
        self.kitchen: list[str] = []  # "" for a visit
        self.visit: list[Visit | None] = []  # None for a pickup
        self.first: list[int] = []  # index of the block's first stop; one more entry at the end
        self.ready: list[float] = []  # earliest begin: by itself, and by what it waits for on other routes
        self.until: list[float] = []  # latest begin: window, credentials, a shop that closes
        self.access: list[float] = []  # from arriving to being at the door
        self.service: list[float] = []
        self.leg: list[float] = []  # travel from the block before
        self.arrive: list[float] = []
        self.begin: list[float] = []
        self.depart: list[float] = []
        self.taken: list[int] = []  # breaks taken by the time of leaving
        self.load: list[int] = []  # on leaving
        self.picked: list[int] = []  # block of this door's pickup; -1: onboard from the start, or nothing to carry
        self.bound: list[float] = []  # begin no later than this: the promise
        self.latest: list[float] = []  # latest arrival by which all later promises hold (freshness and breaks apart)
        self.groups: dict[str, list[int]] = {}  # blocks where a kitchen's meals are picked up
        self.rounds: dict[str, int] = {}  # the block where each round is picked up
        self.has_rounds = False
        self.pairs: list[str] = []  # visits for two workers
        self.linked: list[str] = []  # visits whose begin hangs on another route or visit: for two, or in a gap
        self.alone: dict[str, float] = {}  # when a visit for two could begin if its partner were there
        self.break_limits: list[float] = []  # each break begins no later than this: the promise
        self.meals = self.parcels = 0
        self.has_back = False
        self.walks = False  # arriving by `latest` is not enough: meals in the box, breaks, gaps
        self.start_load = 0
        self.end_leg: float = 0
        self.finish_s: float = 0
        self.active_s: float = 0  # travel, access and service
        self.distance_m: float = 0  # only for a worker with a limit
        self.price: float = 0
        self.feasible = True

    def stop_times(self) -> list[StopTime]:
        times: list[StopTime] = []
        for block, begin in enumerate(self.begin):
            time = StopTime(self.arrive[block], begin, self.depart[block], self.load[block])
            times.extend([time] * (self.first[block + 1] - self.first[block]))
        return times


def in_gaps(problem: Problem) -> Mapping[str, bool]:
    """Visits that keep a time from another one; True: it is planned too, so neither is moved by an insertion."""
    if not problem.gaps:
        return NO_GAPS
    return {visit_id: True for gap in problem.gaps for visit_id in (gap.first_visit_id, gap.then_visit_id)}


def lay_out(
    problem: Problem,
    route: Route,
    floors: Mapping[str, float] | None = None,
    gapped: Mapping[str, bool] | None = None,
    before: Timeline | None = None,
) -> Timeline:
    """Times, price and promises of one route. `floors`: visits not to begin before then, for their partner or for a
    gap. `gapped`: `in_gaps(problem)`, from a caller who has it. `before`: the worker's last timeline of this problem; most
    often only the clock has moved on since. Raises KeyError on an unknown worker or visit."""
    worker = problem.workers[route.worker_id]
    line = Timeline(worker, route)
    gapped = in_gaps(problem) if gapped is None else gapped
    legs: Sequence[float | None] = ()
    if before is not None and _keeps_blocks(problem, route, worker, before, gapped):
        for name in _BLOCKS:
            setattr(line, name, getattr(before, name))
        legs = before.leg if before.worker.place == worker.place else [None, *before.leg[1:]][: len(before.leg)]
    else:
        _fill_blocks(problem, route, line, gapped)
    _run(problem, line, floors or {}, legs or [None] * len(line.place))
    _bind(line, gapped)
    return line


_BLOCKS = (
    "access", "first", "groups", "has_back", "has_rounds", "kitchen", "load", "meals", "parcels", "picked", "place", "ready",
    "rounds", "service", "start_load", "until", "visit", "walks",
)  # fmt: skip
"""What `_fill_blocks` writes, but for visits that hang on another route or visit: those are laid out anew each time."""


def _keeps_blocks(problem: Problem, route: Route, worker: Worker, before: Timeline, gapped: Mapping[str, bool]) -> bool:
    """The same stops at the same visits, by a worker who is no other but for where and when they are free."""
    old, visits = before.worker, problem.visits
    return (
        not before.linked
        and before.route.stops == route.stops
        and old.mode == worker.mode
        and old.credentials == worker.credentials
        and old.breaks == worker.breaks
        and all(visit is None or visits[visit.visit_id] is visit for visit in before.visit)
        and not (gapped and any(visit is not None and visit.visit_id in gapped for visit in before.visit))
    )


def _fill_blocks(problem: Problem, route: Route, line: Timeline, gapped: Mapping[str, bool]) -> None:
    visits, worker = problem.visits, line.worker
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
                line.until[-1] = min(line.until[-1], pickup.latest_s)
                line.service[-1] = max(line.service[-1], pickup.service_duration_s)
                load[-1] = boxes
            else:
                line.first.append(index)
                line.place.append(pickup.place)
                line.kitchen.append(pickup.kitchen_id)
                line.visit.append(None)
                line.ready.append(pickup.ready_s)
                line.until.append(pickup.latest_s)
                line.access.append(0)
                line.service.append(pickup.service_duration_s)
                line.picked.append(-1)
                load.append(boxes)
                line.groups.setdefault(pickup.kitchen_id, []).append(len(line.place) - 1)
            pickup_block[visit.visit_id] = len(line.place) - 1
            if visit.round_id:
                line.rounds.setdefault(visit.round_id, len(line.place) - 1)
            kitchen_before = pickup.kitchen_id
            continue
        kitchen_before = ""
        line.first.append(index)
        line.place.append(visit.place)
        line.kitchen.append("")
        line.visit.append(visit)
        line.ready.append(visit.earliest_s)
        line.until.append(latest_begin_s(worker, visit))
        line.access.append(visit.access_duration_s)
        line.service.append(visit.service_duration_s)
        picked = pickup_block.get(visit.visit_id, -1)
        line.picked.append(picked)
        if visit.boxes:
            boxes -= visit.boxes
            if picked < 0:
                line.start_load += visit.boxes
        if visit.boxes_back:
            boxes += visit.boxes_back
            line.has_back = True
        if visit.round_id:
            line.has_rounds = True
        load.append(boxes)
        if visit.kind == "meal":
            line.meals += 1
        elif visit.kind == "parcel":
            line.parcels += 1
        if visit.worker_count > 1:
            line.pairs.append(visit.visit_id)
            line.linked.append(visit.visit_id)
        elif visit.visit_id in gapped:
            line.linked.append(visit.visit_id)
    line.first.append(len(route.stops))
    line.walks = (
        bool(line.groups) or line.start_load > 0 or bool(worker.breaks) or any(gapped.get(v, False) for v in line.linked)
    )
    if line.start_load:
        line.load = [one + line.start_load for one in load]


def _run(problem: Problem, line: Timeline, floors: Mapping[str, float], legs: Sequence[float | None]) -> None:
    """`legs`: travel to each block, where it is known."""
    worker, prices, breaks = line.worker, problem.prices, line.worker.breaks
    duration_s, mode = problem.travel.duration_s, worker.mode
    place, now, taken = worker.place, worker.free_s, 0
    travelled: float = 0
    worked: float = 0
    price: float = 0
    begun: list[float] = []
    no_limit = [inf] * len(breaks)
    feasible = line.start_load <= worker.capacity_boxes
    before: Visit | None = None
    for block, (there, known) in enumerate(zip(line.place, legs, strict=True)):
        leg = duration_s(mode, place, there) if known is None else known
        ready, access = line.ready[block], line.access[block]
        visit = line.visit[block]
        if visit is not None:
            if floors and visit.visit_id in floors:
                if visit.worker_count > 1:
                    line.alone[visit.visit_id] = reach(breaks, no_limit, taken, now, leg, access, ready)[1]
                ready = line.ready[block] = max(ready, floors[visit.visit_id])
            price += pair_price(worker, visit, prices)
            if visit.round_id:
                price += order_price(before, visit, prices)
        before = visit
        if breaks:
            arrive, begin, taken, _ = reach(breaks, no_limit, taken, now, leg, access, ready, begun)
        else:
            arrive = now + leg
            begin = max(arrive + access, ready)
        if visit is not None:
            price += price_of_begin(visit, begin, prices)
            if visit.freshness_s and begin > fresh_until(line, block, visit):
                feasible = False
            if visit.worker_count > 1:
                line.alone.setdefault(visit.visit_id, begin)
        if begin > line.until[block] or line.load[block] > worker.capacity_boxes:
            feasible = False
        now = begin + line.service[block]
        line.leg.append(leg)
        line.arrive.append(arrive)
        line.begin.append(begin)
        line.depart.append(now)
        line.taken.append(taken)
        travelled += leg
        worked += access + line.service[block]
        place = there
    if not line.place:
        line.finish_s = now if worker.end is None else now + duration_s(mode, place, worker.end)
        line.break_limits = [one.latest_s for one in breaks]
        return  # Who has nothing to do goes home unpriced and in time, whatever the clock says.
    if worker.end is not None:
        line.end_leg = duration_s(mode, place, worker.end)
        travelled += line.end_leg
    line.finish_s, _ = finish(breaks, no_limit, taken, now, line.end_leg, begun) if breaks else (now + line.end_leg, False)
    if breaks:
        feasible &= all(at <= one.latest_s for at, one in zip(begun, breaks, strict=False))
        line.break_limits = [max(one.latest_s, *begun[k : k + 1], -inf) for k, one in enumerate(breaks)]
    line.active_s = travelled + worked
    if worker.max_active_s and line.active_s > worker.max_active_s:
        feasible = False
    if worker.max_distance_m:
        line.distance_m = _distance_m(problem, line)
        feasible &= line.distance_m <= worker.max_distance_m
    line.feasible = feasible and line.finish_s <= worker.shift_end_s
    line.price = price + prices.travel_per_s * travelled + prices.worker_used
    if worker.fair_active_s is not None:
        line.price += share_price(worker, line.active_s, prices)


def _distance_m(problem: Problem, line: Timeline) -> float:
    metres: float = 0
    place = line.worker.place
    for there in [*line.place, *([line.worker.end] if line.worker.end is not None else [])]:
        metres += problem.travel.distance_m(place, there)
        place = there
    return metres


def share_price(worker: Worker, active_s: float, prices: Prices) -> float:
    """Paid work beyond the worker's fair share."""
    if worker.fair_active_s is None or active_s <= worker.fair_active_s:
        return 0
    return per_minute(active_s - worker.fair_active_s, prices.over_share_per_min)


def fresh_until(line: Timeline, block: int, visit: Visit) -> float:
    """The latest fresh begin at this door, by the present departure from its kitchen."""
    picked = line.picked[block]
    if picked >= 0:
        return line.depart[picked] + visit.freshness_s
    since = line.route.onboard_since_s.get(visit.visit_id)
    return FAR_S if since is None else since + visit.freshness_s


def _bind(line: Timeline, gapped: Mapping[str, bool]) -> None:
    """Promises, then slack backwards: by when must each block be reached so that all later ones keep theirs."""
    line.bound = [
        max(begin, until) if visit is None
        # A visit for two, or in a gap, must not move at all: the other route is not looked at.
        else begin if visit.worker_count > 1 or gapped.get(visit.visit_id, False)
        else max(begin, needed_until_s(visit, until))
        for visit, begin, until in zip(line.visit, line.begin, line.until, strict=True)
    ]  # fmt: skip
    after = line.worker.shift_end_s - line.end_leg
    latest: list[float] = []
    for block in range(len(line.place) - 1, -1, -1):
        by = min(line.bound[block], after - line.service[block]) - line.access[block]
        latest.append(by)
        after = by - line.leg[block]
    latest.reverse()
    line.latest = latest


def price_unserved(visit: Visit, prices: Prices) -> float:
    """What leaving the visit out costs."""
    if visit.leave_out_price is not None:
        return visit.leave_out_price
    return prices.unserved * PRIORITY_WEIGHTS.get(visit.priority, 0.5)


def timetable(problem: Problem, route: Route) -> list[StopTime]:
    """A time for every stop of one route, as if no visit for two workers and no gap made anyone wait (see
    `timetables`)."""
    return lay_out(problem, route).stop_times()


def feasible(problem: Problem, route: Route) -> bool:
    """Time windows, capacity, freshness, breaks, limits and the shift's end hold on this route."""
    return lay_out(problem, route).feasible


def price_of_route(problem: Problem, route: Route) -> float:
    """Everything the route adds to a plan's price by itself: unserved visits, moves and the plan's greatest lateness
    come on top."""
    return lay_out(problem, route).price
