"""One route driven stop by stop, for the checker only: written from docs/model.md ("Time on a route") and sharing
nothing with the planner's timetables, so that the one can be judged by the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from routing.model import Break, Problem, Route, Stop, Visit, Worker
from routing.place import Place

TOLERANCE = 1e-6  # seconds and metres: what the last bits of double precision may do to a sum of times


@dataclass(slots=True)
class Event:
    """What happens at one stop. Way, access and service are counted at the first pickup of a kitchen stop."""

    stop: Stop
    visit: Visit
    at_door: bool
    group: int  # pickups at one kitchen in a row have the same
    begin_s: float
    leave_s: float
    load: int
    travel_s: float = 0.0
    distance_m: float = 0.0
    work_s: float = 0.0  # access and service


@dataclass(slots=True)
class Drive:
    """A route with its events, the begins of its breaks (in the worker's order), how many stops each of them follows,
    and its end."""

    worker: Worker
    route: Route
    events: list[Event] = field(default_factory=list)
    breaks: list[float] = field(default_factory=list)
    breaks_after: list[int] = field(default_factory=list)
    start_load: int = 0
    home_s: float = 0.0
    home_m: float = 0.0
    finish_s: float = 0.0

    @property
    def travel_s(self) -> float:
        return sum(event.travel_s for event in self.events) + self.home_s

    @property
    def distance_m(self) -> float:
        return sum(event.distance_m for event in self.events) + self.home_m

    @property
    def active_s(self) -> float:
        """Travel, access and service; neither waiting nor breaks."""
        return self.travel_s + sum(event.work_s for event in self.events)


def drive(problem: Problem, route: Route, floors: Mapping[str, float]) -> Drive:
    """Drive a route. `floors`: visits that do not begin before (a partner or the other visit of a gap is awaited)."""
    return _Driver(problem, route, floors).run()


def at_kitchen(visit: Visit, stop: Stop) -> bool:
    """A pickup stop of something that has a pickup."""
    return stop.kind == "pickup" and visit.pickup is not None


class _Driver:
    def __init__(self, problem: Problem, route: Route, floors: Mapping[str, float]) -> None:
        self.problem, self.floors = problem, floors
        worker = problem.workers[route.worker_id]
        self.done = Drive(worker, route, finish_s=worker.free_s)
        self.breaks: list[Break] = list(worker.breaks)
        self.place, self.now = worker.place, worker.free_s
        taken_up = {stop.visit_id for stop in route.stops if stop.kind == "pickup"}
        doors = (stop.visit_id for stop in route.stops if stop.kind == "visit" and stop.visit_id not in taken_up)
        self.load = self.done.start_load = sum(problem.visits[visit_id].boxes for visit_id in doors)

    def run(self) -> Drive:
        stops, visits, done = self.done.route.stops, self.problem.visits, self.done
        first = 0
        while first < len(stops):
            visit = visits[stops[first].visit_id]
            after = first + 1
            if at_kitchen(visit, stops[first]):
                while after < len(stops) and self._same_kitchen(visit, stops[after]):
                    after += 1
                self._take_up(first, after)
            else:
                self._call(first, visit)
            first = after
        if stops:
            self._rest_on_leaving()
            if done.worker.end is not None:
                done.home_s, done.home_m = self._go(done.worker.end)
                self._rest_on_arriving(-inf, 0)
            done.finish_s = self.now
        return done

    def _same_kitchen(self, visit: Visit, stop: Stop) -> bool:
        other = self.problem.visits[stop.visit_id]
        return (
            at_kitchen(other, stop)
            and visit.pickup is not None
            and other.pickup is not None
            and other.pickup.kitchen_id == visit.pickup.kitchen_id
        )

    def _take_up(self, first: int, after: int) -> None:
        stops = self.done.route.stops[first:after]
        visits = [self.problem.visits[stop.visit_id] for stop in stops]
        pickups = [visit.pickup for visit in visits if visit.pickup is not None]
        self._rest_on_leaving()
        travel_s, distance_m = self._go(pickups[0].place)
        ready_s = max(pickup.ready_s for pickup in pickups)
        self._rest_on_arriving(ready_s, 0)
        begin_s = max(self.now, ready_s)
        service_s = max(pickup.service_duration_s for pickup in pickups)
        self.now = begin_s + service_s
        self.load += sum(visit.boxes for visit in visits)
        for stop, visit in zip(stops, visits, strict=True):
            self.done.events.append(Event(stop, visit, False, first, begin_s, self.now, self.load))
        counted = self.done.events[first]
        counted.travel_s, counted.distance_m, counted.work_s = travel_s, distance_m, service_s

    def _call(self, index: int, visit: Visit) -> None:
        self._rest_on_leaving()
        travel_s, distance_m = self._go(visit.place)
        access_s = visit.access_duration_s
        floor_s = max(visit.earliest_s, self.floors.get(visit.visit_id, -inf))
        self._rest_on_arriving(floor_s, access_s)
        begin_s = max(self.now + access_s, floor_s)
        self.now = begin_s + visit.service_duration_s
        self.load += visit.boxes_back - visit.boxes
        stop, work_s = self.done.route.stops[index], access_s + visit.service_duration_s
        self.done.events.append(
            Event(stop, visit, True, index, begin_s, self.now, self.load, travel_s, distance_m, work_s)
        )

    def _go(self, there: Place) -> tuple[float, float]:
        travel, mode, here = self.problem.travel, self.done.worker.mode, self.place
        travel_s, distance_m = travel.duration_s(mode, here, there), travel.distance_m(here, there)
        self.place = there
        self.now += travel_s
        return travel_s, distance_m

    def _rest_on_leaving(self) -> None:
        while self.breaks and self.now >= self.breaks[0].earliest_s:
            self._rest(self.now)

    def _rest_on_arriving(self, floor_s: float, access_s: float) -> None:
        """On arrival, or while waiting in the street (the way up follows the wait)."""
        while self.breaks and self.breaks[0].earliest_s <= max(self.now, floor_s - access_s):
            self._rest(max(self.now, self.breaks[0].earliest_s))

    def _rest(self, begin_s: float) -> None:
        self.done.breaks.append(begin_s)
        self.done.breaks_after.append(len(self.done.events))
        self.now = begin_s + self.breaks.pop(0).duration_s
