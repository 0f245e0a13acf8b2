"""Typed refusals of input that makes no sense: everything wrong with a problem and a plan, not only the first thing.

What is refused here is not planned at all (`BadProblem`). A visit that merely nobody can serve is not refused: the others
are planned, and `routing.unservable` says why it is left out. Workers that a visit names (pinned, preferred, familiar,
excluded) may be unknown: they are off today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from math import isfinite, isnan

import numpy as np

from routing.model import Break, Gap, Place, Plan, Problem, Route, Visit, Worker
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
    found: list[Refused] = []
    if problem.visits and not problem.workers:
        found.append(Refused(Code.NO_WORKER, "", "workers"))
    for key, worker in problem.workers.items():
        if worker.worker_id != key:
            found.append(Refused(Code.WRONG_ID, key, "worker_id"))
        found.extend(_told(worker.worker_id, _worker(problem, worker)))
    for key, visit in problem.visits.items():
        if visit.visit_id != key:
            found.append(Refused(Code.WRONG_ID, key, "visit_id"))
        found.extend(_told(visit.visit_id, _visit(visit)))
    for gap in problem.gaps:
        found.extend(_gap(problem, gap))
    if not any(refused.code in (Code.PLACE_NOT_FINITE, Code.UNKNOWN_MODE) for refused in found):
        found.extend(_travel(problem))
    found.extend(
        Refused(Code.NOT_A_NUMBER if isnan(value) else Code.NEGATIVE_NUMBER, "", f"prices.{name}")
        for name, value in ((field.name, getattr(problem.prices, field.name)) for field in fields(problem.prices))
        if isnan(value) or value < 0
    )
    for worker_id, route in (plan.routes if plan is not None else {}).items():
        found.extend(_route(problem, worker_id, route))
    return found


def _told(subject: str, checks: Iterable[tuple[Code, str, bool]]) -> Iterator[Refused]:
    return (Refused(code, subject, name) for code, name, wrong in checks if wrong)


def _worker(problem: Problem, worker: Worker) -> Iterator[tuple[Code, str, bool]]:
    yield Code.UNKNOWN_KIND, "kind", worker.kind not in ("rider", "carer")
    yield Code.UNKNOWN_MODE, "mode", not _knows_mode(problem, worker.mode)
    yield Code.PLACE_NOT_FINITE, "place", not _finite(worker.place)
    yield Code.PLACE_NOT_FINITE, "end", worker.end is not None and not _finite(worker.end)
    yield Code.NOT_A_NUMBER, "free_s", not isfinite(worker.free_s)
    yield Code.NOT_A_NUMBER, "shift_end_s", isnan(worker.shift_end_s)
    yield Code.NEGATIVE_BOXES, "capacity_boxes", worker.capacity_boxes < 0
    yield Code.NEGATIVE_DURATION, "max_active_s", not worker.max_active_s >= 0
    yield Code.NEGATIVE_NUMBER, "max_distance_m", not worker.max_distance_m >= 0
    yield Code.NEGATIVE_DURATION, "fair_active_s", worker.fair_active_s is not None and not worker.fair_active_s >= 0
    yield Code.TIME_INVERTED, "breaks", any(not one.earliest_s <= one.latest_s for one in worker.breaks)
    yield Code.NEGATIVE_DURATION, "breaks", any(not _break_lasts(one) for one in worker.breaks)
    credentials = worker.credentials.values()
    yield Code.NOT_A_NUMBER, "credentials", any(isnan(one.issued_s) or isnan(one.valid_until_s) for one in credentials)


def _visit(visit: Visit) -> Iterator[tuple[Code, str, bool]]:
    pickup = visit.pickup
    yield Code.UNKNOWN_KIND, "kind", visit.kind not in ("meal", "care", "errand", "parcel")
    yield Code.NOT_A_NUMBER, "earliest_s", not isfinite(visit.earliest_s)
    yield Code.NOT_A_NUMBER, "due_s", isnan(visit.due_s)
    yield Code.NOT_A_NUMBER, "latest_s", isnan(visit.latest_s)
    yield Code.TIME_INVERTED, "latest_s", visit.latest_s < visit.earliest_s
    yield Code.TIME_INVERTED, "due_s", visit.due_s < visit.earliest_s
    yield Code.PLACE_NOT_FINITE, "place", not _finite(visit.place)
    yield Code.NEGATIVE_DURATION, "service_duration_s", not _is_length(visit.service_duration_s)
    yield Code.NEGATIVE_DURATION, "access_duration_s", not _is_length(visit.access_duration_s)
    yield Code.NEGATIVE_DURATION, "freshness_s", not visit.freshness_s >= 0
    yield Code.NEGATIVE_BOXES, "boxes", visit.boxes < 0
    yield Code.NEGATIVE_BOXES, "boxes_back", visit.boxes_back < 0
    ages = visit.required_credentials.values()
    yield Code.NEGATIVE_DURATION, "required_credentials", any(not age >= 0 for age in ages)
    for name in ("leave_out_price", "late_per_min"):
        value = getattr(visit, name)
        yield Code.NEGATIVE_NUMBER, name, value is not None and not value >= 0
    yield Code.NOT_A_NUMBER, "promised_s", visit.promised_s is not None and isnan(visit.promised_s)
    yield Code.NEGATIVE_NUMBER, "allowed_area_prices", any(not one >= 0 for one in visit.allowed_area_prices.values())
    # A meal whose rider is fixed may be onboard, wherever it came from.
    yield Code.MEAL_WITHOUT_KITCHEN, "pickup", visit.kind == "meal" and pickup is None and not visit.pinned_worker_ids
    # One worker takes it up, so one worker brings it.
    one_only = visit.kind == "meal" or pickup is not None
    yield Code.WRONG_WORKER_COUNT, "worker_count", visit.worker_count not in ((1,) if one_only else (1, 2))
    if pickup is not None:
        yield Code.PLACE_NOT_FINITE, "pickup", not _finite(pickup.place)
        yield Code.NOT_A_NUMBER, "pickup", not isfinite(pickup.ready_s) or isnan(pickup.latest_s)
        yield Code.NEGATIVE_DURATION, "pickup", not _is_length(pickup.service_duration_s)


def _gap(problem: Problem, gap: Gap) -> Iterator[Refused]:
    for visit_id in (gap.first_visit_id, gap.then_visit_id):
        if visit_id not in problem.visits:
            yield Refused(Code.UNKNOWN_VISIT, visit_id, "gaps")
    checks = [
        (Code.WRONG_GAP, "then_visit_id", gap.first_visit_id == gap.then_visit_id),
        (Code.NOT_A_NUMBER, "gaps", isnan(gap.min_s) or isnan(gap.max_s)),
        (Code.NEGATIVE_DURATION, "gaps", gap.min_s < 0),
        (Code.TIME_INVERTED, "gaps", gap.max_s < gap.min_s),
    ]
    yield from _told(gap.first_visit_id, checks)


def _route(problem: Problem, worker_id: str, route: Route) -> Iterator[Refused]:
    if worker_id not in problem.workers or route.worker_id != worker_id:
        yield Refused(Code.UNKNOWN_WORKER, worker_id, "routes")
    for stop in route.stops:
        if stop.visit_id not in problem.visits:
            yield Refused(Code.UNKNOWN_VISIT, stop.visit_id, "stops")
    if not 0 <= route.locked_count <= len(route.stops):
        yield Refused(Code.WRONG_LOCK, worker_id, "locked_count")
    if any(isnan(since_s) for since_s in route.onboard_since_s.values()):
        yield Refused(Code.NOT_A_NUMBER, worker_id, "onboard_since_s")


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
        table = np.asarray(problem.travel.matrix_s(mode, probe), dtype=float)
        if table.shape != (len(probe), len(probe)) or not bool((table >= 0).all()):
            yield Refused(Code.WRONG_MATRIX, mode, "travel")


def _knows_place(problem: Problem, mode: str, place: Place) -> bool:
    try:
        return problem.travel.duration_s(mode, place, place) >= 0
    except (KeyError, IndexError, TypeError):
        return False


def _knows_mode(problem: Problem, mode: str) -> bool:
    try:
        pace = problem.travel.pace(mode)
    except KeyError:
        return False
    return isfinite(pace.s_per_m) and pace.s_per_m > 0 and pace.access_s >= 0


def _finite(place: Place) -> bool:
    """A missing place is none."""
    return isinstance(place, Place) and isfinite(place.x_m) and isfinite(place.y_m)


def _is_length(duration_s: float) -> bool:
    return isfinite(duration_s) and duration_s >= 0


def _break_lasts(one: Break) -> bool:
    return _is_length(one.duration_s) and isfinite(one.earliest_s)
