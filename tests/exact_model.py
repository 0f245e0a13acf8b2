"""The cheapest plan of a small problem, proved by CP-SAT: docs/model.md written down a third time, as constraints.

It judges the planner (which must never be cheaper) and the checker (which must price this plan the same). Whole seconds
and whole prices. Breaks may not meet visits for two or gaps: awaited begins would need a fixpoint of their own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from routing import Break, Plan, Problem, Route, Stop, Visit, Worker

LAST_S = 400_000  # no clock of a small problem runs longer
SCALE = 60  # prices are by the second or by the minute: a sixtieth is whole
Node = Stop | None  # None: where the route starts and ends


@dataclass(frozen=True)
class Exact:
    """`price` in the problem's unit."""

    plan: Plan
    price: float


class TooHard(Exception):
    """CP-SAT could not prove an optimum in the time given."""


def has_exact_model(problem: Problem) -> bool:
    linked = problem.gaps or any(visit.worker_count > 1 for visit in problem.visits.values())
    return not (linked and any(worker.breaks for worker in problem.workers.values()))


def solve_exactly(problem: Problem, start: Plan | None = None, effort: float = 3.0) -> Exact | None:
    """The cheapest plan, or None if no plan keeps every rule (what `start` locks may break one). Raises TooHard when
    CP-SAT has spent `effort` (its own deterministic time, some seconds each) without a proof."""
    model = _Model(problem, start or Plan({}))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model.model)
    if status == cp_model.INFEASIBLE:
        return None
    if status != cp_model.OPTIMAL:
        raise TooHard
    routes = {worker_id: way.route(solver, model.start) for worker_id, way in model.ways.items()}
    return Exact(Plan(routes), round(solver.objective_value) / SCALE)


class _Maths:
    """Small words for CP-SAT."""

    def __init__(self) -> None:
        self.model = cp_model.CpModel()

    def number(self, low: int = 0, high: int = LAST_S) -> Any:
        return self.model.new_int_var(low, high, "")

    def literal(self) -> Any:
        return self.model.new_bool_var("")

    def greatest(self, *terms: Any) -> Any:
        found = self.number(-LAST_S, LAST_S)
        self.model.add_max_equality(found, list(terms))
        return found

    def at_least(self, left: Any, right: Any) -> Any:
        """A literal: left >= right."""
        holds = self.literal()
        self.model.add(left >= right).only_enforce_if(holds)
        self.model.add(left < right).only_enforce_if(~holds)
        return holds

    def both(self, one: Any, other: Any) -> Any:
        holds = self.literal()
        self.model.add_bool_and(one, other).only_enforce_if(holds)
        self.model.add_bool_or(~one, ~other, holds)
        return holds

    def if_then(self, condition: Any, value: Any, otherwise: int = 0) -> Any:
        """`value` where the condition holds."""
        found = self.number(-LAST_S, LAST_S)
        self.model.add(found == value).only_enforce_if(condition)
        self.model.add(found == otherwise).only_enforce_if(~condition)
        return found

    def rest(self, breaks: tuple[Break, ...], clock: Any, taken: Any, until: Any, present: Any) -> tuple[Any, Any]:
        """The clock and the number of breaks taken, after those that begin by max(clock, until)."""
        for number, one in enumerate(breaks):
            earliest_s, latest_s = int(one.earliest_s), int(one.latest_s)
            there = clock if until is None else self.greatest(clock, until)
            is_next = self.literal()
            self.model.add(taken == number).only_enforce_if(is_next)
            self.model.add(taken != number).only_enforce_if(~is_next)
            begins = self.both(is_next, self.at_least(there, earliest_s))
            begin_s = self.greatest(clock, earliest_s)
            self.model.add(begin_s <= latest_s).only_enforce_if(begins, present)
            after, count = self.number(), self.number(0, len(breaks))
            self.model.add(after == begin_s + int(one.duration_s)).only_enforce_if(begins)
            self.model.add(after == clock).only_enforce_if(~begins)
            self.model.add(count == taken + begins)
            clock, taken = after, count
        return clock, taken


class _Way(_Maths):
    """One worker's route over some stops: a circuit through those that are present, and its times."""

    def __init__(self, owner: _Model, worker: Worker, stops: list[Stop], present: dict[Stop, Any]) -> None:
        self.model, self.owner, self.problem = owner.model, owner, owner.problem
        self.worker, self.stops, self.present = worker, stops, present
        self.origin_s = owner.origin_s
        self.breaks = tuple(
            Break(one.earliest_s - self.origin_s, one.latest_s - self.origin_s, one.duration_s) for one in worker.breaks
        )
        self.empty = self.literal()
        self.arcs: dict[tuple[Node, Node], Any] = {}
        self.position = {stop: self.number(1, len(stops)) for stop in stops}
        self.begin: dict[Stop, Any] = {stop: self.number() for stop in stops}
        self.leave: dict[Stop, Any] = {stop: self.number() for stop in stops}
        self.work: dict[Stop, Any] = {}
        self.ready: dict[Stop, Any] = {}  # of a kitchen stop up to this pickup, as the next three
        self.service: dict[Stop, Any] = {}
        self.size: dict[Stop, Any] = {}
        self.departure: dict[Stop, Any] = {}  # position of its first pickup
        self._circuit()
        self._times()

    def visit(self, stop: Stop) -> Visit:
        return self.problem.visits[stop.visit_id]

    def same_stop(self, one: Node, other: Node) -> bool:
        """Both are pickups of one kitchen: in a row they are one stop."""
        if one is None or other is None or one.kind != "pickup" or other.kind != "pickup":
            return False
        a, b = self.visit(one).pickup, self.visit(other).pickup
        return a is not None and b is not None and a.kitchen_id == b.kitchen_id

    def place(self, stop: Stop) -> Any:
        pickup = self.visit(stop).pickup
        return pickup.place if stop.kind == "pickup" and pickup is not None else self.visit(stop).place

    def way(self, one: Node, other: Node) -> tuple[int, int]:
        """Seconds and metres; none to the end of a route without an end place, nor inside a kitchen stop."""
        here = self.worker.place if one is None else self.place(one)
        there = self.worker.end if other is None else self.place(other)
        if there is None or self.same_stop(one, other):
            return 0, 0
        travel = self.problem.travel
        return int(travel.duration_s(self.worker.mode, here, there)), int(travel.distance_m(here, there))

    def _circuit(self) -> None:
        number: dict[Node, int] = {None: 0} | {stop: index + 1 for index, stop in enumerate(self.stops)}
        listed = [(0, 0, self.empty)]
        for stop in self.stops:
            listed.append((number[stop], number[stop], ~self.present[stop]))
            self.model.add_implication(self.present[stop], ~self.empty)
        for one in number:
            for other in number:
                if one is not other:
                    self.arcs[one, other] = self.literal()
                    listed.append((number[one], number[other], self.arcs[one, other]))
                    if one is not None and other is not None:
                        rises = self.position[other] == self.position[one] + 1
                        self.model.add(rises).only_enforce_if(self.arcs[one, other])
        self.model.add_circuit(listed)
        for stop in self.stops:
            self.model.add(self.position[stop] == 1).only_enforce_if(self.arcs[None, stop])

    def _times(self) -> None:
        arrive = {stop: self.number() for stop in self.stops}
        taken = {stop: self.number(0, len(self.breaks)) for stop in self.stops}
        out: dict[Node, tuple[Any, Any]] = {}
        free_s = self.model.new_constant(int(self.worker.free_s - self.origin_s))
        out[None] = self.rest(self.breaks, free_s, self.model.new_constant(0), None, ~self.empty)
        for stop in self.stops:
            inside = self._kitchen if stop.kind == "pickup" else self._door
            clock, count = inside(stop, arrive[stop], taken[stop])
            out[stop] = self.rest(self.breaks, clock, count, None, self.present[stop])
        for (one, other), arc in self.arcs.items():
            if other is None or self.same_stop(one, other):
                continue
            self.model.add(arrive[other] == out[one][0] + self.way(one, other)[0]).only_enforce_if(arc)
            self.model.add(taken[other] == out[one][1]).only_enforce_if(arc)
        self._kitchen_stops(arrive, taken)
        self._finish(out)

    def _door(self, stop: Stop, arrive: Any, taken: Any) -> tuple[Any, Any]:
        visit = self.visit(stop)
        access_s, earliest_s = int(visit.access_duration_s), int(visit.earliest_s - self.origin_s)
        clock, count = self.rest(self.breaks, arrive, taken, earliest_s - access_s, self.present[stop])
        own = self.greatest(clock + access_s, earliest_s)
        self.owner.begin(self, stop, own)
        self.model.add(self.leave[stop] == self.begin[stop] + int(visit.service_duration_s))
        self.work[stop] = self.if_then(self.present[stop], access_s + int(visit.service_duration_s))
        return self.leave[stop], count

    def _kitchen(self, stop: Stop, arrive: Any, taken: Any) -> tuple[Any, Any]:
        """Running values of a kitchen stop; its begin and leaving are those of its last pickup."""
        pickup = self.visit(stop).pickup
        assert pickup is not None
        for running in (self.ready, self.service, self.size, self.departure):
            running[stop] = self.number()
        inner = [self.arcs[stop, other] for other in self.stops if other is not stop and self.same_stop(stop, other)]
        last = self.literal()
        self.model.add(sum(inner) + last == 1).only_enforce_if(self.present[stop])
        self.model.add(last == 0).only_enforce_if(~self.present[stop])
        clock, count = self.rest(self.breaks, arrive, taken, self.ready[stop], last)
        begin = self.greatest(clock, self.ready[stop])
        leave = self.number()
        self.model.add(leave == begin + self.service[stop])
        self.model.add(self.begin[stop] == begin).only_enforce_if(last)
        self.model.add(self.leave[stop] == leave).only_enforce_if(last)
        self.work[stop] = self.if_then(last, self.service[stop])
        if not self.owner.without_parcels:  # a route that is only compared with carries what it carries
            self.model.add(self.size[stop] <= self.problem.max_meals_per_round).only_enforce_if(self.present[stop])
        return leave, count

    def _kitchen_stops(self, arrive: dict[Stop, Any], taken: dict[Stop, Any]) -> None:
        for (one, other), arc in self.arcs.items():
            if other is None or other.kind != "pickup":
                continue
            pickup = self.visit(other).pickup
            assert pickup is not None
            ready_s, service_s = int(pickup.ready_s - self.origin_s), int(pickup.service_duration_s)
            if one is not None and self.same_stop(one, other):
                equal = [
                    (arrive[other], arrive[one]), (taken[other], taken[one]), (self.size[other], self.size[one] + 1),
                    (self.ready[other], self.greatest(self.ready[one], ready_s)), (self.begin[one], self.begin[other]),
                    (self.service[other], self.greatest(self.service[one], service_s)), (self.leave[one], self.leave[other]),
                    (self.departure[other], self.departure[one]),
                ]  # fmt: skip
            else:
                equal = [
                    (self.ready[other], ready_s), (self.service[other], service_s), (self.size[other], 1),
                    (self.departure[other], self.position[other]),
                ]  # fmt: skip
            for left, right in equal:
                self.model.add(left == right).only_enforce_if(arc)

    def _finish(self, out: dict[Node, tuple[Any, Any]]) -> None:
        self.finish, arrive, taken = self.number(), self.number(), self.number(0, len(self.breaks))
        for stop in self.stops:
            arc = self.arcs[stop, None]
            self.model.add(arrive == out[stop][0] + self.way(stop, None)[0]).only_enforce_if(arc)
            self.model.add(taken == out[stop][1]).only_enforce_if(arc)
        home = self.rest(self.breaks, arrive, taken, None, ~self.empty)[0] if self.worker.end is not None else arrive
        self.model.add(self.finish == home)

    def travel_s(self) -> Any:
        return sum(self.way(*arc)[0] * literal for arc, literal in self.arcs.items())

    def distance_m(self) -> Any:
        return sum(self.way(*arc)[1] * literal for arc, literal in self.arcs.items())

    def active_s(self) -> Any:
        return self.travel_s() + sum(self.work.values())

    def route(self, solver: Any, start: Plan) -> Route:
        before = start.routes.get(self.worker.worker_id) or Route(self.worker.worker_id)
        there = [stop for stop in self.stops if solver.boolean_value(self.present[stop])]
        stops = tuple(sorted(there, key=lambda stop: solver.value(self.position[stop])))
        return Route(self.worker.worker_id, stops, before.locked_count, before.onboard_since_s)


class _Model(_Maths):
    def __init__(self, problem: Problem, start: Plan) -> None:
        super().__init__()
        self.problem, self.start = problem, start
        self.origin_s = min(worker.free_s for worker in problem.workers.values()) - 100_000
        self.linked = {visit.visit_id for visit in problem.visits.values() if visit.worker_count > 1}
        self.linked |= {name for gap in problem.gaps for name in (gap.first_visit_id, gap.then_visit_id)}
        self.own: dict[str, list[Any]] = defaultdict(list)
        self.together: dict[str, Any] = {visit_id: self.number() for visit_id in sorted(self.linked)}
        self.present: dict[str, dict[Stop, Any]] = {}
        self.ways: dict[str, _Way] = {}
        self.without_parcels = False
        for worker_id, worker in sorted(problem.workers.items()):
            stops = [stop for visit in problem.visits.values() for stop in self._stops(worker, visit)]
            self.present[worker_id] = {stop: self.literal() for stop in stops}
            self.ways[worker_id] = _Way(self, worker, stops, self.present[worker_id])
        self.served = {visit_id: self.literal() for visit_id in problem.visits}
        self._assignment()
        self._meetings()
        for worker_id, way in self.ways.items():
            self._load(way)
            self._limits(way)
            self._rounds(way)
            self._start(way, start.routes.get(worker_id) or Route(worker_id))
        self._parcels()
        self._objective()

    def _stops(self, worker: Worker, visit: Visit) -> list[Stop]:
        """The stops this worker may have for the visit."""
        door, pickup = Stop(visit.visit_id, "visit"), Stop(visit.visit_id, "pickup")
        for worker_id, route in self.start.routes.items():
            if visit.visit_id in route.onboard_since_s and door in route.stops:
                return [door] if worker_id == worker.worker_id else []
        return [] if not may_serve(worker, visit) else [door] if visit.pickup is None else [pickup, door]

    def _assignment(self) -> None:
        for visit_id, visit in self.problem.visits.items():
            doors = [one[Stop(visit_id, "visit")] for one in self.present.values() if Stop(visit_id, "visit") in one]
            self.model.add(sum(doors) == visit.worker_count * self.served[visit_id])
            for worker_id, present in self.present.items():
                door, pickup = Stop(visit_id, "visit"), Stop(visit_id, "pickup")
                if pickup in present:
                    way = self.ways[worker_id]
                    self.model.add(present[pickup] == present[door])
                    self.model.add(way.position[pickup] < way.position[door]).only_enforce_if(present[door])

    def begin(self, way: _Way, stop: Stop, own: Any) -> None:
        """When a door begins whose worker could begin at `own`. Driven again without parcels, a linked visit awaits its
        begin in the plan."""
        begin, visit_id = way.begin[stop], stop.visit_id
        if visit_id not in self.linked:
            self.model.add(begin == own)
        elif self.without_parcels:
            self.model.add(begin == self.greatest(own, self.together[visit_id]))
        else:
            self.own[visit_id].append(self.if_then(way.present[stop], own))
            self.model.add(begin == self.together[visit_id]).only_enforce_if(way.present[stop])

    def _meetings(self) -> None:
        own = {visit_id: self.greatest(0, *self.own[visit_id]) for visit_id in sorted(self.linked)}
        awaited: dict[str, list[Any]] = {visit_id: [own[visit_id]] for visit_id in own}
        for gap in self.problem.gaps:
            first, then = gap.first_visit_id, gap.then_visit_id
            both = self.both(self.served[first], self.served[then])
            awaited[then].append(self.if_then(both, own[first] + int(gap.min_s)))
            awaited[first].append(self.if_then(both, own[then] - int(gap.max_s)))
            for present in self.present.values():
                doors = [present[stop] for stop in (Stop(first, "visit"), Stop(then, "visit")) if stop in present]
                if gap.different_workers and len(doors) == 2:
                    self.model.add_bool_or(~doors[0], ~doors[1])
        for visit_id, terms in awaited.items():
            self.model.add_max_equality(self.together[visit_id], terms)

    def _load(self, way: _Way) -> None:
        first: list[Any] = []
        change: dict[Stop, int] = {}
        for stop in way.stops:
            visit = way.visit(stop)
            change[stop] = visit.boxes if stop.kind == "pickup" else visit.boxes_back - visit.boxes
            if stop.kind == "visit" and Stop(stop.visit_id, "pickup") not in way.present:
                first.append(visit.boxes * way.present[stop])
        capacity = way.worker.capacity_boxes
        load: dict[Node, Any] = {stop: self.number(-1000, 1000) for stop in way.stops}
        load[None] = sum(first)
        self.model.add(load[None] <= capacity)
        for (one, other), arc in way.arcs.items():
            if other is not None:
                self.model.add(load[other] == load[one] + change[other]).only_enforce_if(arc)
        for stop in way.stops:
            self.model.add(load[stop] <= capacity).only_enforce_if(way.present[stop])

    def _limits(self, way: _Way) -> None:
        worker = way.worker
        self.model.add(way.finish <= int(worker.shift_end_s - self.origin_s)).only_enforce_if(~way.empty)
        if worker.max_active_s:
            self.model.add(way.active_s() <= int(worker.max_active_s))
        if worker.max_distance_m:
            self.model.add(way.distance_m() <= int(worker.max_distance_m))
        onboard = self.start.routes.get(worker.worker_id, Route("")).onboard_since_s
        for stop in way.stops:
            visit, there = way.visit(stop), way.present[stop]
            if stop.kind == "pickup" and visit.pickup is not None:
                if visit.pickup.latest_s < LAST_S:
                    self.model.add(way.begin[stop] <= int(visit.pickup.latest_s - self.origin_s)).only_enforce_if(there)
                continue
            before = self.start.routes.get(worker.worker_id) or Route("")
            pickup = Stop(visit.visit_id, "pickup")
            taken_up = visit.pickup is not None and stop in before.stops and pickup not in before.stops[before.locked_count :]
            gives_way = visit.kind == "parcel" and taken_up  # late at a price, so that a meal may go first
            by_s = [LAST_S + self.origin_s if gives_way else visit.latest_s, *_credential_ends(worker, visit)]
            if visit.freshness_s and visit.visit_id in onboard:
                by_s.append(onboard[visit.visit_id] + visit.freshness_s)
            self.model.add(way.begin[stop] <= int(min(by_s) - self.origin_s)).only_enforce_if(there)
            if visit.freshness_s and pickup in way.present:
                self.model.add(way.begin[stop] <= way.leave[pickup] + int(visit.freshness_s)).only_enforce_if(there)

    def _rounds(self, way: _Way) -> None:
        rounds: dict[str, list[Stop]] = defaultdict(list)
        for stop in way.stops:
            if stop.kind == "pickup" and way.visit(stop).round_id:
                rounds[way.visit(stop).round_id].append(stop)
        for stops in rounds.values():
            for number, one in enumerate(stops):
                for other in stops[number + 1 :]:
                    together = (way.present[one], way.present[other])
                    self.model.add(way.departure[one] == way.departure[other]).only_enforce_if(*together)

    def _start(self, way: _Way, before: Route) -> None:
        locked: list[Node] = [None, *before.stops[: before.locked_count]]
        for one, other in itertools.pairwise(locked):
            arc = way.arcs.get((one, other))
            self.model.add_bool_or([arc] if arc is not None else [])
        for stop in before.stops:
            if stop.kind == "visit" and stop.visit_id in before.onboard_since_s:
                self.model.add_bool_or([way.present[stop]])

    def _parcels(self) -> None:
        """Every route driven again without its parcels, in the same order; what is locked is driven in any case."""
        self.without_parcels = True
        for worker_id, way in self.ways.items():
            before = self.start.routes.get(worker_id) or Route(worker_id)
            locked = before.stops[: before.locked_count]
            kept = [stop for stop in way.stops if way.visit(stop).kind != "parcel" or stop in locked]
            meals = [stop for stop in kept if stop.kind == "visit" and way.visit(stop).kind == "meal"]
            if not meals or len(kept) == len(way.stops):
                continue
            alone = _Way(self, way.worker, kept, {stop: self.present[worker_id][stop] for stop in kept})
            for (one, other), arc in alone.arcs.items():
                if one is not None and other is not None:
                    self.model.add(way.position[one] < way.position[other]).only_enforce_if(arc)
            for stop in meals:
                self.model.add(way.begin[stop] <= alone.begin[stop]).only_enforce_if(way.present[stop])

    def _objective(self) -> None:
        prices, costs = self.problem.prices, []
        late: list[Any] = [0]
        for visit_id, visit in self.problem.visits.items():
            weight = {1: 4.0, 2: 1.0}.get(visit.priority, 0.5)
            left_out = prices.unserved * weight if visit.leave_out_price is None else visit.leave_out_price
            costs.append(_whole(left_out * SCALE) * (1 - self.served[visit_id]))
        for worker_id, way in self.ways.items():
            costs.append(_whole(prices.travel_per_s * SCALE) * way.travel_s())
            costs.append(_whole(prices.worker_used * SCALE) * (1 - way.empty))
            if way.worker.fair_active_s is not None:
                over_s = self.greatest(0, way.active_s() - int(way.worker.fair_active_s))
                costs.append(_whole(prices.over_share_per_min * SCALE / 60) * over_s)
            for (one, other), arc in way.arcs.items():
                if one is not None and other is not None and self._swapped(way, one, other):
                    costs.append(_whole(prices.order_change * SCALE) * arc)
            for stop in way.stops:
                if stop.kind == "visit":
                    costs.extend(self._door_costs(way, stop, late, worker_id))
        if prices.greatest_lateness_per_s:
            costs.append(_whole(prices.greatest_lateness_per_s * SCALE) * self.greatest(*late))
        self.model.minimize(sum(costs))

    def _swapped(self, way: _Way, one: Stop, other: Stop) -> bool:
        before, after = way.visit(one), way.visit(other)
        doors = one.kind == "visit" and other.kind == "visit"
        return doors and before.round_id == after.round_id != "" and before.round_rank > after.round_rank

    def _door_costs(self, way: _Way, stop: Stop, late: list[Any], worker_id: str) -> Iterable[Any]:
        visit, there, prices = way.visit(stop), way.present[stop], self.problem.prices
        late_s = self.if_then(there, self.greatest(0, way.begin[stop] - int(visit.due_s - self.origin_s)))
        late.append(late_s)
        per_min = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
        yield _whole(per_min * SCALE / 60) * late_s
        if visit.promised_s is not None:
            broken_s = self.if_then(there, self.greatest(0, way.begin[stop] - int(visit.promised_s - self.origin_s)))
            yield _whole(prices.promise_per_min * SCALE / 60) * broken_s
        fixed = visit.allowed_area_prices.get(way.worker.area_id, 0)
        if visit.familiar_worker_ids and worker_id not in visit.familiar_worker_ids:
            fixed += prices.unfamiliar
        if visit.preferred_worker_ids and worker_id not in visit.preferred_worker_ids:
            fixed += prices.not_preferred
        if visit.preferred_gender and visit.preferred_gender != way.worker.gender:
            fixed += prices.other_gender
        had = {name for name, route in self.start.routes.items() if Stop(visit.visit_id, "visit") in route.stops}
        if had and worker_id not in had:
            fixed += prices.move_accepted if visit.accepted else prices.move
        yield _whole(fixed * SCALE) * there


def may_serve(worker: Worker, visit: Visit) -> bool:
    """What no time can heal."""
    kinds = ("meal", "errand", "parcel") if worker.kind == "rider" else ("care", "errand")
    return (
        visit.kind in kinds
        and visit.required_skills <= worker.skills
        and set(visit.required_credentials) <= set(worker.credentials)
        and visit.gender in ("", worker.gender)
        and worker.worker_id not in visit.excluded_worker_ids
        and (not visit.pinned_worker_ids or worker.worker_id in visit.pinned_worker_ids)
        and worker.area_id in visit.allowed_area_prices
        and visit.area_id not in worker.banned_area_ids
    )


def _credential_ends(worker: Worker, visit: Visit) -> Iterable[float]:
    for name, age_s in visit.required_credentials.items():
        held = worker.credentials[name]
        yield held.valid_until_s
        if age_s > 0:
            yield held.issued_s + age_s


def _whole(number: float) -> int:
    assert number == int(number), f"not a whole price: {number}"
    return int(number)
