"""A day too large for one search: one problem for each living area, solved side by side, then joined over the borders.

Workers go where the area balance sends them for most of their half hours, whoever has a route stays with its visits, and
what hangs together (a visit for two, a gap) is never torn apart. Processes are the caller's: `Runner` is all we know of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from routing.area_demand import day_balance
from routing.fits import obstacle
from routing.model import Budget, Plan, Problem, Route, Visit, Worker
from routing.validate import validate

LEAST_VISITS = 600  # below, one search over everything finds as much
UNLIMITED = 2**31 - 1  # iterations: the seconds decide
BORDER_SHARE = 0.4  # of the budget: the search over the borders sees the whole day and starts from good plans
WAY_S = 420  # what a visit costs its worker besides the time at the home, on the generated days: the way and the wait


class Runner(Protocol):
    """Somebody who runs jobs, perhaps in processes: results come in the order of the jobs."""

    @property
    def at_once(self) -> int: ...

    def map(self, run: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterable[Any]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One unit's problem, and the start plan's routes of its workers. `name`: "" for the whole."""

    name: str
    problem: Problem
    start: Plan


@dataclass(frozen=True, slots=True)
class AreaJob:
    """A part with what it may spend; `plan`: where to begin, if not at the part's start. Can be pickled."""

    part: Part
    budget: Budget
    seed: int
    plan: Plan | None = None


def is_large(problem: Problem) -> bool:
    """Whether it is worth solving by living areas."""
    return len(problem.visits) >= LEAST_VISITS and len({worker.area_id for worker in problem.workers.values()}) > 1


def solve_by_area(
    problem: Problem, budget: Budget, seed: int, start: Plan, run: Runner, solve_one: Callable[[AreaJob], Plan]
) -> Plan:
    """`solve_one` by `run` for every living area, then for the whole over the borders. Deterministic if these are."""
    jobs = area_jobs(split_by_area(problem, start), budget, seed, run.at_once)
    (plan,) = run.map(solve_one, [border_job(problem, start, run.map(solve_one, jobs), budget, seed)])
    return cast(Plan, plan)


def area_jobs(parts: Sequence[Part], budget: Budget, seed: int, at_once: int) -> list[AreaJob]:
    """The parts' shares of the budget: by their visits in iterations; in seconds so that all are through in time when
    `at_once` of them run side by side. The largest first."""
    ordered = sorted(parts, key=lambda part: (-len(part.problem.visits), part.name))
    total = max(1, sum(len(part.problem.visits) for part in parts))
    turns = -(-len(parts) // max(1, at_once))
    seconds = budget.seconds * (1 - BORDER_SHARE) / max(1, turns)
    jobs: list[AreaJob] = []
    for number, part in enumerate(ordered):
        iterations = _part_of(budget.iterations, (1 - BORDER_SHARE) * len(part.problem.visits) / total)
        jobs.append(AreaJob(part, Budget(iterations, seconds), seed * 1_000 + number))
    return jobs


def border_job(problem: Problem, start: Plan, plans: Iterable[Plan], budget: Budget, seed: int) -> AreaJob:
    """The whole over the borders, from the areas' `plans` joined, with the rest of the budget."""
    share = Budget(_part_of(budget.iterations, BORDER_SHARE), budget.seconds * BORDER_SHARE)
    return AreaJob(Part("", problem, start), share, seed, join_areas(problem, start, plans))


def _part_of(iterations: int, share: float) -> int:
    """As many as the seconds allow stay as many as that."""
    return iterations if iterations >= UNLIMITED else int(iterations * share)


def split_by_area(problem: Problem, start: Plan, expected: Mapping[str, Visit] | None = None) -> list[Part]:
    """Parts that share no worker and no visit. A visit that nobody of its part can serve is in no part: it waits for the
    search over the borders. Fewer than two areas with workers: one part. `expected`: visits that are in no part, and for
    which workers are sent to an area all the same."""
    unit_of_worker = _units_of_workers(problem, start, expected)
    unit_of_visit = _units_of_visits(problem, start, unit_of_worker)
    parts: list[Part] = []
    for name in sorted(set(unit_of_worker.values())):
        workers = {w: worker for w, worker in problem.workers.items() if unit_of_worker[w] == name}
        visits = {v: visit for v, visit in problem.visits.items() if unit_of_visit.get(v) == name}
        routes = {w: route for w, route in start.routes.items() if w in workers}
        parts.append(Part(name, _part_problem(problem, workers, visits, routes), Plan(routes)))
    return parts


def join_areas(problem: Problem, start: Plan, plans: Iterable[Plan]) -> Plan:
    """The parts' plans as one plan; a worker of no part keeps the start's route."""
    routes = dict(start.routes)
    for plan in plans:
        routes.update(plan.routes)
    return Plan({worker_id: routes[worker_id] for worker_id in sorted(routes)})


def _units_of_workers(problem: Problem, start: Plan, expected: Mapping[str, Visit] | None) -> dict[str, str]:
    sent = _areas_of_most_work(problem, expected)
    units = {w: sent.get(w, worker.area_id) for w, worker in problem.workers.items()}
    for worker_id, route in start.routes.items():
        if route.stops and worker_id in units:
            home = problem.workers[worker_id].area_id
            counts = Counter(problem.visits[stop.visit_id].area_id for stop in route.stops)
            units[worker_id] = max(sorted(counts), key=lambda area: (counts[area], area == home))
    for group in _tied(problem, start):
        counts = Counter(units[worker_id] for worker_id in group)
        together = max(sorted(counts), key=lambda area: counts[area])
        units.update(dict.fromkeys(group, together))
    return units


def _areas_of_most_work(problem: Problem, expected: Mapping[str, Visit] | None) -> dict[str, str]:
    """Where each worker is needed for most of their half hours at work, home first."""
    work = day_balance(problem, expected=expected).work
    found: dict[str, str] = {}
    for worker_id, slots in work.items():
        home = problem.workers[worker_id].area_id
        counts = Counter(area for area, _ in slots.values())
        found[worker_id] = max(sorted(counts), key=lambda area: (counts[area], area == home))
    return found


def _tied(problem: Problem, start: Plan) -> list[list[str]]:
    """Workers whose routes hang on each other by a visit for two or a gap."""
    holders: dict[str, list[str]] = {}
    for worker_id in sorted(start.routes):
        for stop in start.routes[worker_id].stops:
            if stop.kind == "visit":
                holders.setdefault(stop.visit_id, []).append(worker_id)
    links = [held for held in holders.values() if len(held) > 1]
    links += [holders.get(gap.first_visit_id, []) + holders.get(gap.then_visit_id, []) for gap in problem.gaps]
    leader: dict[str, str] = {}

    def lead(worker_id: str) -> str:
        while leader.get(worker_id, worker_id) != worker_id:
            worker_id = leader[worker_id]
        return worker_id

    for link in links:
        for worker_id in link[1:]:
            leader[lead(worker_id)] = lead(link[0])
    groups: dict[str, list[str]] = {}
    for worker_id in sorted(leader):
        groups.setdefault(lead(worker_id), []).append(worker_id)
    return [sorted({first, *others}) for first, others in groups.items()]


def _units_of_visits(problem: Problem, start: Plan, unit_of_worker: Mapping[str, str]) -> dict[str, str]:
    units: dict[str, str] = {}
    for worker_id, route in start.routes.items():
        units.update({stop.visit_id: unit_of_worker[worker_id] for stop in route.stops if worker_id in unit_of_worker})
    partner = {gap.then_visit_id: gap.first_visit_id for gap in problem.gaps}
    partner |= {gap.first_visit_id: gap.then_visit_id for gap in problem.gaps if gap.then_visit_id in units}
    names = set(unit_of_worker.values())
    for visit_id, visit in sorted(problem.visits.items()):
        if visit_id not in units:
            with_partner = units.get(partner.get(visit_id, ""))
            pinned = sorted(unit_of_worker[w] for w in visit.pinned_worker_ids if w in unit_of_worker)
            wanted = [*([with_partner] if with_partner else []), *pinned, visit.area_id]
            near = sorted(visit.allowed_area_prices, key=lambda area: (visit.allowed_area_prices[area], area))
            units[visit_id] = next((name for name in [*wanted, *near] if name in names), min(names, default=""))
    return units


def _part_problem(problem: Problem, workers: dict[str, Worker], visits: dict[str, Visit], routes: Mapping[str, Route]) -> Problem:
    held = {stop.visit_id for route in routes.values() for stop in route.stops}
    mine = {
        v: visit if _names_only(visit, workers) else _only_known(visit, workers)
        for v, visit in visits.items()
        if v in held or _enough_fit(visit, workers.values())
    }
    gaps = tuple(gap for gap in problem.gaps if gap.first_visit_id in mine and gap.then_visit_id in mine)
    halves = {v for gap in problem.gaps if gap not in gaps for v in (gap.first_visit_id, gap.then_visit_id)}
    mine = {v: visit for v, visit in mine.items() if v in held or v not in halves}
    part = replace(problem, workers=workers, visits=mine, gaps=gaps)
    refused = {one.subject for one in validate(part, Plan(dict(routes)))} - held
    if refused & mine.keys():
        kept = {v: visit for v, visit in mine.items() if v not in refused}
        part = replace(part, visits=kept, gaps=tuple(g for g in gaps if g.first_visit_id in kept and g.then_visit_id in kept))
    return part


def _enough_fit(visit: Visit, workers: Iterable[Worker]) -> bool:
    wanted = visit.worker_count
    for worker in workers:
        if obstacle(worker, visit) is None:
            wanted -= 1
            if wanted == 0:
                return True
    return False


def _names_only(visit: Visit, workers: Mapping[str, Worker]) -> bool:
    named = visit.excluded_worker_ids | visit.pinned_worker_ids | visit.preferred_worker_ids | visit.familiar_worker_ids
    return named <= workers.keys()


def _only_known(visit: Visit, workers: Mapping[str, Worker]) -> Visit:
    """Without names from other parts. Where no preferred or known face is left, all workers cost the same."""
    known = workers.keys()
    return replace(
        visit,
        excluded_worker_ids=visit.excluded_worker_ids.intersection(known),
        pinned_worker_ids=visit.pinned_worker_ids.intersection(known),
        preferred_worker_ids=visit.preferred_worker_ids.intersection(known),
        familiar_worker_ids=visit.familiar_worker_ids.intersection(known),
    )
