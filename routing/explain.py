"""Why a visit has its worker, or none: for each worker the first rule in the way, or what it would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from routing.fits import obstacle
from routing.insert import route_of, search, seat_of
from routing.insert_search import Found, Seat, Wanted
from routing.model import Plan, Problem, Route, Stop, Visit
from routing.nearest import Nearest, nearest_help
from routing.obstacles import alone_obstacle
from routing.plan_index import PlanIndex, Window
from routing.refusals import Rule
from routing.terms import line_terms, more_by_term

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
    return _explain(index, index.problem.visits[visit_id], sorted(holders))


def explain_plan(problem: Problem, plan: Plan, visit_ids: Iterable[str] | None = None) -> dict[str, Explanation]:
    """`explain` for every visit of the problem (or these), in order of id."""
    index = PlanIndex(problem, plan)
    holders: dict[str, list[str]] = {}
    for worker_id in sorted(index.worker_ids()):
        for stop in index.route(worker_id).stops:
            if stop.kind == "visit":
                holders.setdefault(stop.visit_id, []).append(worker_id)
    wanted = problem.visits if visit_ids is None else visit_ids
    return {v: _explain(index, problem.visits[v], holders.get(v, [])) for v in sorted(wanted)}


def _explain(index: PlanIndex, visit: Visit, holders: list[str]) -> Explanation:
    return _assigned(index, visit, holders) if holders else _left_out(index, visit)


def _assigned(index: PlanIndex, visit: Visit, holders: list[str]) -> Explanation:
    """The chosen worker, and what the next two would cost instead, as if nobody were pinned to it yet."""
    chosen = tuple(_as_chosen(index, visit, worker_id) for worker_id in holders)
    free = replace(visit, worker_count=1, pinned_worker_ids=frozenset())
    window = index.window(free)
    if len(holders) > 1:  # somebody else would have to be there with the other one
        window = Window(chosen[0].begin_s, chosen[0].begin_s)
    seats, obstacles = _seats(index, free, window, holders)
    areas = tuple(sorted(visit.allowed_area_prices))
    counts = _counted(obstacles)
    if any(_is_settled(index.route(worker_id), visit) for worker_id in holders):
        return Explanation(visit, chosen, (), tuple(obstacles), counts, settled=True, asked_areas=areas)
    wanted = Wanted(index, free, window, OTHERS)
    search(wanted, seats)
    others = tuple(_as_other(index, free, found) for found in wanted.best())
    return Explanation(visit, chosen, others, tuple(obstacles), counts, asked_areas=areas)


def _left_out(index: PlanIndex, visit: Visit) -> Explanation:
    alone = replace(visit, worker_count=1)
    window = index.window(alone)
    seats, obstacles = _seats(index, alone, window, [])
    wanted = Wanted(index, alone, window, max(1, len(seats)))
    search(wanted, seats)
    able = wanted.found
    for seat in seats:
        worker_id = seat.worker.worker_id
        if worker_id not in able:
            obstacles.append((worker_id, alone_obstacle(index, alone, seat, window)))
    obstacles.sort()
    others = tuple(_as_other(index, alone, found) for found in wanted.best())
    nearest = None
    if len(others) < visit.worker_count:
        nearest = nearest_help(index, alone, window, [worker_id for worker_id, _ in obstacles])
    areas = tuple(sorted(visit.allowed_area_prices))
    return Explanation(visit, (), others, tuple(obstacles), _counted(obstacles), nearest, asked_areas=areas)


def _seats(
    index: PlanIndex, visit: Visit, window: Window, without: list[str]
) -> tuple[list[Seat], list[tuple[str, Rule]]]:
    """Who may serve it, and the first rule of everybody else."""
    seats: list[Seat] = []
    obstacles: list[tuple[str, Rule]] = []
    workers, apart = index.problem.workers, index.holders_apart(visit)
    for worker_id in sorted(index.worker_ids()):
        if worker_id in without:
            continue
        rule = obstacle(workers[worker_id], visit)
        if rule is None and worker_id in apart:
            rule = Rule.DIFFERENT_WORKERS
        if rule is None:
            seats.append(seat_of(index, visit, workers[worker_id], window.latest_s))
        else:
            obstacles.append((worker_id, rule))
    return seats, obstacles


def _counted(obstacles: list[tuple[str, Rule]]) -> tuple[tuple[Rule, int], ...]:
    counted = Counter(rule for _, rule in obstacles)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _is_settled(route: Route, visit: Visit) -> bool:
    """Locked, or in the box."""
    taken_up = Stop(visit.visit_id, "pickup") in route.stops
    return any(stop.visit_id == visit.visit_id for stop in route.stops[: route.locked_count]) or (
        visit.pickup is not None and not taken_up
    )


def _as_chosen(index: PlanIndex, visit: Visit, worker_id: str) -> Choice:
    line = index.line(worker_id)
    kept = tuple(stop for stop in line.route.stops if stop.visit_id != visit.visit_id)
    without = index.try_route(replace(line.route, stops=kept, locked_count=0))
    begin_s = next(b for v, b in zip(line.visit, line.begin, strict=True) if v is not None and v.visit_id == visit.visit_id)
    problem = index.problem
    terms = more_by_term(line_terms(problem, line), line_terms(problem, without))
    return Choice(worker_id, line.worker.area_id, line.price - without.price, begin_s, terms)


def _as_other(index: PlanIndex, visit: Visit, found: Found) -> Choice:
    worker, problem = found.seat.worker, index.problem
    # A visit for two begins when the other worker is there, one in a gap when it may.
    after = index.try_route(route_of(visit, found), {visit.visit_id: found.begin_s})
    terms = more_by_term(line_terms(problem, after), line_terms(problem, found.seat.line))
    return Choice(worker.worker_id, worker.area_id, found.price, found.begin_s, terms)
