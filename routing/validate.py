"""Typed refusals of bad input: everything wrong with a problem and a plan, not only the first thing."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from routing.model import Place, Plan, Problem, Visit, Worker
from routing.refusals import Code


@dataclass(frozen=True, slots=True)
class Refused:
    """`subject` is the id of the visit or worker; `field` what is wrong with it."""

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
    for key, worker in problem.workers.items():
        if worker.worker_id != key:
            found.append(Refused(Code.WRONG_ID, key, "worker_id"))
        found.extend(_worker(problem, worker))
    for key, visit in problem.visits.items():
        if visit.visit_id != key:
            found.append(Refused(Code.WRONG_ID, key, "visit_id"))
        found.extend(_visit(visit))
    for worker_id, route in (plan.routes if plan is not None else {}).items():
        if worker_id not in problem.workers or route.worker_id != worker_id:
            found.append(Refused(Code.UNKNOWN_WORKER, worker_id, "routes"))
        found.extend(
            Refused(Code.UNKNOWN_VISIT, stop.visit_id, "stops")
            for stop in route.stops
            if stop.visit_id not in problem.visits
        )
    return found


def _worker(problem: Problem, worker: Worker) -> list[Refused]:
    checks = [
        (Code.UNKNOWN_MODE, "mode", not _knows_mode(problem, worker.mode)),
        (Code.PLACE_NOT_FINITE, "place", not _finite(worker.place)),
        (Code.PLACE_NOT_FINITE, "end", worker.end is not None and not _finite(worker.end)),
        (Code.NEGATIVE_BOXES, "capacity_boxes", worker.capacity_boxes < 0),
    ]
    return [Refused(code, worker.worker_id, name) for code, name, wrong in checks if wrong]


def _visit(visit: Visit) -> list[Refused]:
    pickup = visit.pickup
    checks = [
        (Code.TIME_INVERTED, "latest_s", visit.latest_s < visit.earliest_s),
        (Code.TIME_INVERTED, "due_s", visit.due_s < visit.earliest_s),
        (Code.PLACE_NOT_FINITE, "place", not _finite(visit.place)),
        (Code.PLACE_NOT_FINITE, "pickup", pickup is not None and not _finite(pickup.place)),
        (Code.NEGATIVE_DURATION, "service_duration_s", visit.service_duration_s < 0),
        (Code.NEGATIVE_DURATION, "pickup", pickup is not None and pickup.service_duration_s < 0),
        (Code.NEGATIVE_DURATION, "freshness_s", visit.freshness_s < 0),
        (Code.NEGATIVE_BOXES, "boxes", visit.boxes < 0),
        # A meal whose rider is fixed may be onboard, wherever it came from.
        (Code.MEAL_WITHOUT_KITCHEN, "pickup", visit.kind == "meal" and pickup is None and not visit.pinned_worker_ids),
        (Code.WRONG_WORKER_COUNT, "worker_count", visit.worker_count not in (1, 2)),
        (Code.WRONG_WORKER_COUNT, "worker_count", visit.kind == "meal" and visit.worker_count != 1),
    ]
    return [Refused(code, visit.visit_id, name) for code, name, wrong in checks if wrong]


def _knows_mode(problem: Problem, mode: str) -> bool:
    try:
        pace = problem.travel.pace(mode)
    except KeyError:
        return False
    return isfinite(pace.s_per_m) and pace.s_per_m > 0 and pace.access_s >= 0


def _finite(place: Place) -> bool:
    return isfinite(place.x_m) and isfinite(place.y_m)
