"""Why a visit has its worker, or none: for each worker the first rule in the way, or what it would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import fsum, inf
from typing import NamedTuple

from routing.fits import SERVES, obstacle
from routing.insert import route_of, search
from routing.insert_field import Field, Seats
from routing.insert_search import Found, Wanted
from routing.model import Plan, Problem, Route, Stop, Visit, Worker
from routing.nearest import Nearest, nearest_help
from routing.obstacles import alone_obstacle
from routing.plan_index import PlanIndex, Window
from routing.refusals import Rule
from routing.schedule import Timeline
from routing.terms import line_terms, more_by_term, tried_terms

OTHERS = 2  # the chosen worker and the next two are what a coordinator compares


@dataclass(frozen=True, slots=True)
class Choice:
    """A worker who serves the visit, or could: what it adds to the plan's price, in all and by term (those that are
    not 0), and when it begins."""

    worker_id: str
    area_id: str
    price: float
    begin_s: float
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`chosen`: who has it (two for a visit for two; empty: left out). `others`: who else could, cheapest first: the
    next two, or everybody where it is left out. `obstacles`: (worker_id, rule) of those who cannot; with a visit that
    has a worker, only who may not at all. `counts`: (rule, workers), most first. `nearest`: for one left out that
    nobody could take, what would help. `settled`: under way, there is no choice any more."""

    visit: Visit
    chosen: tuple[Choice, ...]
    others: tuple[Choice, ...]
    obstacles: tuple[tuple[str, Rule], ...]
    counts: tuple[tuple[Rule, int], ...]
    nearest: Nearest | None = None
    settled: bool = False
    asked_areas: tuple[str, ...] = field(default=())

    @property
    def visit_id(self) -> str:
        return self.visit.visit_id

    @property
    def able_worker_ids(self) -> tuple[str, ...]:
        """Who could take a visit that is left out."""
        return tuple(sorted(choice.worker_id for choice in self.others))


def explain(problem: Problem, plan: Plan, visit_id: str) -> Explanation:
    """Why `visit_id` has its worker in `plan`, or none. Raises KeyError on an unknown visit."""
    return explain_in(PlanIndex(problem, plan), visit_id)


def explain_in(index: PlanIndex, visit_id: str) -> Explanation:
    """`explain` on an index that the caller keeps. The index is not changed."""
    holders = [w for w in index.worker_ids() for stop in index.route(w).stops if stop == Stop(visit_id, "visit")]
    return _Explainer(index).explain(index.problem.visits[visit_id], sorted(holders))


def explain_plan(problem: Problem, plan: Plan, visit_ids: Iterable[str] | None = None) -> dict[str, Explanation]:
    """`explain` for every visit of the problem (or these), in order of id."""
    index = PlanIndex(problem, plan)
    holders: dict[str, list[str]] = {}
    for worker_id in sorted(index.worker_ids()):
        for stop in index.route(worker_id).stops:
            if stop.kind == "visit":
                holders.setdefault(stop.visit_id, []).append(worker_id)
    wanted = problem.visits if visit_ids is None else visit_ids
    explainer = _Explainer(index)
    return {v: explainer.explain(problem.visits[v], holders.get(v, [])) for v in sorted(wanted)}


class _Fits(NamedTuple):
    """Who may serve visits that are alike, by id, and the first rule of everybody else."""

    able: tuple[Worker, ...]
    obstacles: tuple[tuple[str, Rule], ...]
    counts: tuple[tuple[Rule, int], ...]


class _Explainer:
    """Explains visits on an index that does not change meanwhile."""

    def __init__(self, index: PlanIndex) -> None:
        self.index = index
        self.workers = [index.problem.workers[worker_id] for worker_id in sorted(index.worker_ids())]
        self.known: dict[tuple[object, ...], _Fits] = {}
        self.fields: dict[str, Field] = {}
        self.terms: dict[str, dict[str, float]] = {}
        self.delays: dict[str, tuple[Timeline, dict[str, float]]] = {}  # of routes as they stand: see Wanted

    def explain(self, visit: Visit, holders: list[str]) -> Explanation:
        return self.assigned(visit, holders) if holders else self.left_out(visit)

    def assigned(self, visit: Visit, holders: list[str]) -> Explanation:
        """The chosen worker, and what the next two would cost instead, as if nobody were pinned to it yet."""
        index = self.index
        chosen = tuple(self.as_chosen(visit, worker_id) for worker_id in holders)
        free = visit
        if visit.worker_count > 1 or visit.pinned_worker_ids:
            free = replace(visit, worker_count=1, pinned_worker_ids=frozenset())
        window = index.window(free)
        if len(holders) > 1:  # somebody else would have to be there with the other one
            window = Window(chosen[0].begin_s, chosen[0].begin_s)
        fits = self.fits(free, holders)
        settled = any(_is_settled(index.route(worker_id), visit) for worker_id in holders)
        others: tuple[Choice, ...] = ()
        if not settled:
            wanted = Wanted(index, free, window, OTHERS)
            wanted.delays = self.delays
            search(wanted, Seats(self.field(free), free, fits.able, window.latest_s))
            others = tuple(self.as_other(free, found) for found in wanted.best())
        areas = tuple(sorted(visit.allowed_area_prices))
        return Explanation(visit, chosen, others, fits.obstacles, fits.counts, settled=settled, asked_areas=areas)

    def left_out(self, visit: Visit) -> Explanation:
        """What everybody would cost, or the first rule in the way, and what would help if that is nobody."""
        index = self.index
        alone = replace(visit, worker_count=1)
        window = index.window(alone)
        fits = self.fits(alone, [])
        seats = Seats(self.field(alone), alone, fits.able, window.latest_s)
        wanted = Wanted(index, alone, window, max(1, len(fits.able)))
        wanted.delays = self.delays
        search(wanted, seats)
        busy = [seats.seat(worker.worker_id) for worker in fits.able if worker.worker_id not in wanted.found]
        obstacles = sorted([
            *fits.obstacles, *((seat.worker.worker_id, alone_obstacle(index, alone, seat, window)) for seat in busy)
        ])  # fmt: skip
        others = tuple(self.as_other(alone, found) for found in wanted.best())
        nearest = None
        if len(others) < visit.worker_count:
            nearest = nearest_help(index, alone, window, [worker_id for worker_id, _ in obstacles])
        areas = tuple(sorted(visit.allowed_area_prices))
        return Explanation(visit, (), others, tuple(obstacles), _counted(obstacles), nearest, asked_areas=areas)

    def field(self, visit: Visit) -> Field:
        """Of everybody who serves such visits; who may not serve this one has no seat there."""
        if visit.kind not in self.fields:
            self.fields[visit.kind] = Field(self.index, [one for one in self.workers if visit.kind in SERVES[one.kind]])
        return self.fields[visit.kind]

    def fits(self, visit: Visit, without: list[str]) -> _Fits:
        """Everybody's first rule. Most visits of a day are alike in what they ask for: looked at once."""
        apart = self.index.holders_apart(visit)
        asks = (
            visit.kind, visit.required_skills, visit.gender, visit.excluded_worker_ids, visit.pinned_worker_ids, visit.area_id,
            tuple(visit.allowed_area_prices.items()), max(visit.boxes, visit.boxes_back), frozenset(apart),
            (visit.earliest_s, *visit.required_credentials.items()) if visit.required_credentials else (),
        )  # fmt: skip
        found = self.known.get(asks)
        if found is None:
            able: list[Worker] = []
            obstacles: list[tuple[str, Rule]] = []
            for worker in self.workers:
                rule = obstacle(worker, visit)
                if rule is None and worker.worker_id in apart:
                    rule = Rule.DIFFERENT_WORKERS
                if rule is None:
                    able.append(worker)
                else:
                    obstacles.append((worker.worker_id, rule))
            found = self.known[asks] = _Fits(tuple(able), tuple(obstacles), _counted(obstacles))
        if not without:
            return found
        able = [worker for worker in found.able if worker.worker_id not in without]
        if len(able) + len(without) == len(found.able):
            return found._replace(able=tuple(able))
        obstacles = [one for one in found.obstacles if one[0] not in without]  # whoever has it was given it by hand
        return _Fits(tuple(able), tuple(obstacles), _counted(obstacles))

    def as_chosen(self, visit: Visit, worker_id: str) -> Choice:
        """What the visit adds to the route that has it."""
        line = self.index.line(worker_id)
        kept = tuple(stop for stop in line.route.stops if stop.visit_id != visit.visit_id)
        without = tried_terms(self.index.problem, line.worker, kept, self.index.floor, line)
        doors = zip(line.visit, line.begin, strict=True)
        begin_s = next(begin_s for door, begin_s in doors if door is not None and door.visit_id == visit.visit_id)
        terms = more_by_term(self.terms_of(line), without)
        return Choice(worker_id, line.worker.area_id, line.price - fsum(without.values()), begin_s, terms)

    def as_other(self, visit: Visit, found: Found) -> Choice:
        """What the visit would add to another route."""
        worker = found.seat.worker
        # A visit for two begins when the other worker is there, one in a gap when it may.
        awaited = {visit.visit_id: found.begin_s}
        stops = route_of(visit, found).stops
        line = self.index.line(worker.worker_id)
        after = tried_terms(self.index.problem, worker, stops, lambda one: max(awaited.get(one, -inf), self.index.floor(one)), line)
        terms = more_by_term(after, self.terms_of(line))
        return Choice(worker.worker_id, worker.area_id, found.price, found.begin_s, terms)

    def terms_of(self, line: Timeline) -> dict[str, float]:
        """Of a route as it stands."""
        worker_id = line.worker.worker_id
        if worker_id not in self.terms:
            self.terms[worker_id] = line_terms(self.index.problem, line)
        return self.terms[worker_id]


def _counted(obstacles: list[tuple[str, Rule]]) -> tuple[tuple[Rule, int], ...]:
    counted = Counter(rule for _, rule in obstacles)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _is_settled(route: Route, visit: Visit) -> bool:
    """Locked, or in the box."""
    taken_up = Stop(visit.visit_id, "pickup") in route.stops
    return any(stop.visit_id == visit.visit_id for stop in route.stops[: route.locked_count]) or (
        visit.pickup is not None and not taken_up
    )
