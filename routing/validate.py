"""Typed refusals of input that makes no sense: everything wrong with a problem and a plan, not only the first thing.

What is refused here is not planned at all (`BadProblem`). A visit that merely nobody can serve is not refused: the others
are planned, and `routing.unservable` says why it is left out. Workers that a visit names (pinned, preferred, familiar,
excluded) may be unknown: they are off today. What a field may hold is in `routing.input_rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from routing import input_rules as rules
from routing.model import Gap, Plan, Prices, Problem, Route, Visit, Worker
from routing.place import Place
from routing.refusals import Code

PROBED_PLACES = 3  # of the table that stands behind a mode


@dataclass(frozen=True, slots=True)
class Refused:
    """`subject` is the id of the visit or worker ("" for the problem as a whole); `field` what is wrong with it."""

    code: Code
    subject: str
    field: str


class BadProblem(ValueError):
    """A problem that cannot be planned. `refusals` lists everything found."""

    def __init__(self, refusals: list[Refused]) -> None:
        super().__init__("; ".join(f"{r.code}: {r.subject} {r.field}" for r in refusals[:10]))
        self.refusals = refusals


def validate(problem: Problem, plan: Plan | None = None) -> list[Refused]:
    """What is wrong with the input; an empty list if nothing is."""
    shapes = [("workers", Mapping), ("visits", Mapping), ("prices", Prices), ("gaps", tuple)]
    found = [Refused(Code.WRONG_TYPE, "", name) for name, kind in shapes if not isinstance(getattr(problem, name), kind)]
    if not all(callable(getattr(problem.travel, name, None)) for name in ("duration_s", "distance_m", "pace", "matrix_s")):
        found.append(Refused(Code.WRONG_TYPE, "", "travel"))
    if plan is not None and not isinstance(getattr(plan, "routes", None), Mapping):
        found.append(Refused(Code.WRONG_TYPE, "", "routes"))
    if found:
        return found
    if problem.visits and not problem.workers:
        found.append(Refused(Code.NO_WORKER, "", "workers"))
    found.extend(_members(problem.workers, Worker, "worker_id", rules.WORKER, rules.worker_relations))
    found.extend(_members(problem.visits, Visit, "visit_id", rules.VISIT, rules.visit_relations))
    whole = not found
    found.extend(_modes(problem))
    found.extend(_gaps(problem, whole))
    if not any(one.code in (Code.PLACE_NOT_FINITE, Code.UNKNOWN_MODE, Code.WRONG_TYPE) for one in found):
        found.extend(_travel(problem))
    found.extend(_told("", ((code, f"prices.{name}") for code, name in rules.wrong_fields(problem.prices, rules.PRICES))))
    code = rules.MEALS_PER_ROUND(problem.max_meals_per_round)
    if code is not None:
        found.append(Refused(code, "", "max_meals_per_round"))
    routes = plan.routes if plan is not None else {}
    for worker_id, route in routes.items():
        found.extend(_route(problem, worker_id, route))
    return found or list(_too_often(problem, routes))


def _told(subject: object, found: Iterable[tuple[Code, str]]) -> Iterator[Refused]:
    return (Refused(code, str(subject), name) for code, name in found)


def _members(
    items: Mapping[Any, Any], kind: type, id_name: str, fields: Mapping[str, rules.Rule],
    relations: Callable[[Any, set[str]], Iterator[tuple[Code, str]]],
) -> Iterator[Refused]:  # fmt: skip
    """Workers or visits, each under the key it stands at: its own id may be what is wrong."""
    for key, item in items.items():
        if not isinstance(item, kind):
            yield Refused(Code.WRONG_TYPE, str(key), id_name.removesuffix("_id"))
            continue
        if getattr(item, id_name) != key:
            yield Refused(Code.WRONG_ID, str(key), id_name)
        wrong = list(rules.wrong_fields(item, fields))
        yield from _told(key, wrong)
        yield from _told(key, relations(item, {name for _, name in wrong}))


def _modes(problem: Problem) -> Iterator[Refused]:
    known: dict[str, bool] = {}
    for key, worker in problem.workers.items():
        mode = getattr(worker, "mode", None)
        if isinstance(mode, str):
            if mode not in known:
                known[mode] = _knows_mode(problem, mode)
            if not known[mode]:
                yield Refused(Code.UNKNOWN_MODE, str(key), "mode")


def _gaps(problem: Problem, whole: bool) -> Iterator[Refused]:
    """`whole`: the visits make sense, so that gaps can be held against their windows. In a day under way one of two visits
    may have become too late for the other: then the rest is planned, without one of them."""
    refused = False
    for gap in problem.gaps:
        for one in _gap(problem, gap):
            refused = True
            yield one
    if whole and not refused and all(worker.shift_begin_s is None for worker in problem.workers.values()):
        lost = rules.impossible_gap(problem.gaps, problem.visits)
        if lost is not None:
            yield from (Refused(Code.IMPOSSIBLE_GAP, one, "gaps") for one in (lost.first_visit_id, lost.then_visit_id))


def _gap(problem: Problem, gap: Gap) -> Iterator[Refused]:
    if not isinstance(gap, Gap):
        yield Refused(Code.WRONG_TYPE, "", "gaps")
        return
    wrong = list(rules.wrong_fields(gap, rules.GAP))
    names = [name for name in (gap.first_visit_id, gap.then_visit_id) if isinstance(name, str)]
    subject = names[0] if names else ""
    yield from _told(subject, ((code, "gaps") for code, _ in wrong))
    yield from (Refused(Code.UNKNOWN_VISIT, name, "gaps") for name in names if name not in problem.visits)
    if gap.first_visit_id == gap.then_visit_id:
        yield Refused(Code.WRONG_GAP, subject, "then_visit_id")
    if not {name for _, name in wrong} & {"min_s", "max_s"} and gap.max_s < gap.min_s:
        yield Refused(Code.TIME_INVERTED, subject, "gaps")


def _route(problem: Problem, worker_id: str, route: Route) -> Iterator[Refused]:
    if not isinstance(route, Route):
        yield Refused(Code.WRONG_TYPE, str(worker_id), "routes")
        return
    if worker_id not in problem.workers or route.worker_id != worker_id:
        yield Refused(Code.UNKNOWN_WORKER, str(worker_id), "routes")
    wrong = list(rules.wrong_fields(route, rules.ROUTE))
    yield from _told(worker_id, wrong)
    names = {name for _, name in wrong}
    if "stops" in names or rules.strange_stops(route):
        yield from [] if "stops" in names else [Refused(Code.WRONG_TYPE, str(worker_id), "stops")]
        return
    for stop in route.stops:
        if stop.visit_id not in problem.visits:
            yield Refused(Code.UNKNOWN_VISIT, stop.visit_id, "stops")
    if "locked_count" not in names and route.locked_count > len(route.stops):
        yield Refused(Code.WRONG_LOCK, str(worker_id), "locked_count")


def _too_often(problem: Problem, routes: Mapping[str, Route]) -> Iterator[Refused]:
    """Fewer doors than workers is a day under way; more is two plans in one."""
    doors = Counter(stop.visit_id for route in routes.values() for stop in route.stops if stop.kind == "visit")
    for visit_id, count in doors.items():
        if count > problem.visits[visit_id].worker_count:
            yield Refused(Code.PLANNED_TOO_OFTEN, visit_id, "routes")


def _travel(problem: Problem) -> Iterator[Refused]:
    """Does the travel port know every place, and is what it calls a table one?"""
    modes = sorted({worker.mode for worker in problem.workers.values()})
    named = [(worker.worker_id, name, place) for worker in problem.workers.values()
             for name, place in (("place", worker.place), ("end", worker.end)) if place is not None]  # fmt: skip
    named += [(visit.visit_id, "place", visit.place) for visit in problem.visits.values()]
    named += [(visit.visit_id, "pickup", visit.pickup.place) for visit in problem.visits.values() if visit.pickup is not None]
    strangers = [(subject, name) for subject, name, place in named if modes and not _knows_place(problem, modes[0], place)]
    if strangers:
        yield from (Refused(Code.UNKNOWN_PLACE, subject, name) for subject, name in strangers)
        return
    probe = [place for _, _, place in named[:: max(1, len(named) // PROBED_PLACES)]][:PROBED_PLACES]
    for mode in modes:
        if not _is_table(problem.travel.matrix_s, mode, probe):
            yield Refused(Code.WRONG_MATRIX, mode, "travel")
    matrix_m = getattr(problem.travel, "matrix_m", None)  # not every port has it
    if matrix_m is not None and not _is_table(matrix_m, probe):
        yield Refused(Code.WRONG_MATRIX, "", "travel")


def _is_table(matrix: Callable[..., Any], *question: Any) -> bool:
    """One number of zero or more for every pair; a ragged table is none."""
    try:
        table = np.asarray(matrix(*question), dtype=float)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
    places = len(question[-1])
    return table.shape == (places, places) and bool((np.isfinite(table) & (table >= 0)).all())


def _knows_place(problem: Problem, mode: str, place: Place) -> bool:
    try:
        return bool(problem.travel.duration_s(mode, place, place) >= 0)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def _knows_mode(problem: Problem, mode: str) -> bool:
    try:
        pace = problem.travel.pace(mode)
        return isfinite(pace.s_per_m) and pace.s_per_m > 0 and pace.access_s >= 0
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
