"""Home health care routing and scheduling (Mankowska, Meisel & Bierwirth 2014) as our model, and the judge of an answer.

A patient with one service is one visit. A patient with two is two visits of different caregivers: begun together, or the
second within [min, max] after the first. Windows open hard (who comes early waits) and close softly: a begin after the end is
tardy, each service by itself. All caregivers go out from the office and return. The published objective is
(distance + total tardiness + greatest tardiness) / 3, in the numbers of the file's own table (minutes).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from routing import Plan, Prices, Problem, Visit, Worker
from routing.model import Gap
from routing.travel_table import TableTravel
from tests.benchmark.routing.instances.verdict import Answer, BadFile, Loaded, Verdict

AREA = "all"
PARTS = 3  # distance, total and greatest tardiness weigh alike
LEFT_OUT = 1000.0  # times the longest way: a patient is served whenever that is possible
TOLERANCE = 1e-6  # of a minute
GAP_WORDS = {field.name for field in fields(Gap)}


def load(path: Path) -> Loaded:
    """Raises BadFile, OSError."""
    file = _read(path)
    try:
        problem = _problem(file)
    except (KeyError, TypeError, ValueError, IndexError) as wrong:
        raise BadFile(f"{path}: not a home health care instance: {wrong!r}") from None
    return Loaded(problem, lambda plan: answer_of(problem, plan), lambda price: price / PARTS)


def _problem(file: Mapping[str, Any]) -> Problem:
    patients, office = file["patients"], file["central_offices"][0]
    default = {service["id"]: float(service["default_duration"]) for service in file["services"]}
    travel = TableTravel(
        [office["location"], *(patient["location"] for patient in patients)], np.array(file["distances"], dtype=np.float64)
    )
    home = travel.places[0]
    workers = {
        carer["id"]: Worker(carer["id"], "carer", "", AREA, "road", 0.0, math.inf, home, home, skills=frozenset(carer["abilities"]))
        for carer in file["caregivers"]
    }
    visits: dict[str, Visit] = {}
    gaps: list[Gap] = []
    for row, patient in enumerate(patients, start=1):
        opens, closes = (float(time) for time in patient["time_window"])
        ids = []
        for needed in patient["required_caregivers"]:
            visit_id = f"{patient['id']}:{needed['service']}"
            if visit_id in visits:
                raise ValueError(f"{patient['id']} needs {needed['service']} twice")
            ids.append(visit_id)
            duration = float(needed.get("duration", default[needed["service"]]))
            visits[visit_id] = Visit(
                visit_id, "care", AREA, travel.places[row], opens, closes, math.inf, duration, {AREA: 0},
                required_skills=frozenset([needed["service"]]),
            )  # fmt: skip
        if len(ids) == 2:
            least, most = _gap(patient)
            apart = {"different_workers": True} if "different_workers" in GAP_WORDS else {}
            gaps.append(Gap(ids[0], ids[1], least, most, **apart))
        elif len(ids) != 1:
            raise ValueError(f"{patient['id']} needs {len(ids)} caregivers")
    longest = float(travel.table_s("road").max())
    # Lateness is priced by the minute of 60; the file's unit is priced as one.
    prices = Prices(travel_per_s=1, late_per_min=60, unserved=LEFT_OUT * longest, greatest_lateness_per_s=1)
    return Problem(workers, visits, travel, prices, gaps=tuple(gaps))


def _gap(patient: Mapping[str, Any]) -> tuple[float, float]:
    how = patient["synchronization"]
    if how["type"] == "simultaneous":
        return 0.0, 0.0
    least, most = how["distance"]
    return float(least), float(most)


def _read(path: Path) -> dict[str, Any]:
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise BadFile(f"{path}: no JSON file") from None
    if not isinstance(file, dict) or not {"patients", "services", "caregivers", "central_offices", "distances"} <= file.keys():
        raise BadFile(f"{path}: not a home health care instance (patients, services, caregivers, central_offices, distances)")
    return file


def answer_of(problem: Problem, plan: Plan) -> Answer:
    """The plan in the file's ids, every service begun as soon as its caregiver and the other service allow."""
    chains = {w: [stop.visit_id for stop in route.stops] for w, route in sorted(plan.routes.items()) if route.stops}
    begin = {visit_id: problem.visits[visit_id].earliest_s for chain in chains.values() for visit_id in chain}
    # The least begins that keep every rule, by raising them until nothing moves; a circle would go on for ever.
    for _ in range(2 * len(begin) + 2):
        before = dict(begin)
        for worker_id, chain in chains.items():
            worker = problem.workers[worker_id]
            free, place = worker.free_s, worker.place
            for visit_id in chain:
                visit = problem.visits[visit_id]
                begin[visit_id] = max(begin[visit_id], free + problem.travel.duration_s(worker.mode, place, visit.place))
                free, place = begin[visit_id] + visit.service_duration_s, visit.place
        for gap in problem.gaps:
            if gap.first_visit_id in begin and gap.then_visit_id in begin:
                one, two = begin[gap.first_visit_id], begin[gap.then_visit_id]
                begin[gap.first_visit_id] = max(one, two - gap.max_s)
                begin[gap.then_visit_id] = max(two, one + gap.min_s)
        if begin == before:
            break
    visits = [
        {"patient": visit_id.split(":")[0], "service": visit_id.split(":")[1], "worker": worker_id, "start_s": begin[visit_id]}
        for worker_id, chain in chains.items()
        for visit_id in chain
    ]
    left = sorted({visit_id.split(":")[0] for visit_id in problem.visits if visit_id not in begin})
    routes = [[visit_id.split(":")[0] for visit_id in chain] for chain in chains.values()]
    return {"routes": routes, "unassigned": left, "visits": visits}


def verify(path: Path, answer: Answer) -> Verdict:
    """Judge an answer by the raw file alone. The begins are taken as they stand, each route in the order of `visits`."""
    file = _read(path)
    rows = {patient["id"]: row for row, patient in enumerate(file["patients"], start=1)}
    patients = {patient["id"]: patient for patient in file["patients"]}
    carers = {carer["id"]: set(carer["abilities"]) for carer in file["caregivers"]}
    default = {service["id"]: service["default_duration"] for service in file["services"]}
    table = file["distances"]
    faults: list[str] = []
    tardy: list[float] = [0.0]
    begun: dict[tuple[str, str], tuple[float, str]] = {}
    routes: dict[str, list[tuple[str, str, float]]] = {}
    for one in answer["visits"]:
        patient_id, service, carer, start = one["patient"], one["service"], one["worker"], one["start_s"]
        if patient_id not in patients or carer not in carers:
            faults.append(f"nobody called {patient_id} or {carer}")
            continue
        if (patient_id, service) in begun:
            faults.append(f"{patient_id} gets {service} twice")
        begun[patient_id, service] = (start, carer)
        if service not in carers[carer]:
            faults.append(f"{carer} cannot do {service}")
        opens, closes = patients[patient_id]["time_window"]
        if start < opens - TOLERANCE:
            faults.append(f"{patient_id} {service} begins {opens - start} early")
        tardy.append(max(0.0, start - closes))
        routes.setdefault(carer, []).append((patient_id, service, start))
    missing = set()
    for patient in file["patients"]:
        needed = [item["service"] for item in patient["required_caregivers"]]
        if any((patient["id"], service) not in begun for service in needed):
            missing.add(patient["id"])
            continue
        if len(needed) == 2:
            (first, carer), (then, other) = (begun[patient["id"], service] for service in needed)
            least, most = _gap(patient)
            if not least - TOLERANCE <= then - first <= most + TOLERANCE:
                faults.append(f"{patient['id']}: {then - first} between the services, not {least} to {most}")
            if carer == other:
                faults.append(f"{patient['id']}: both services by {carer}")
    distance = 0.0
    for carer, chain in routes.items():
        here, free = 0, 0.0
        for patient_id, service, start in chain:
            there = rows[patient_id]
            distance += table[here][there]
            if start < free + table[here][there] - TOLERANCE:
                faults.append(f"{carer} cannot be at {patient_id} by {start}")
            item = next((item for item in patients[patient_id]["required_caregivers"] if item["service"] == service), None)
            if item is None:
                faults.append(f"{patient_id} does not need {service}")
                continue
            free = start + item.get("duration", default[service])
            here = there
        distance += table[here][0]
    if missing != set(answer["unassigned"]):
        faults.append(f"unserved are {sorted(missing)}, not {sorted(answer['unassigned'])}")
    cost = (distance + math.fsum(tardy) + max(tardy)) / PARTS
    return Verdict(cost, len(routes), tuple(faults))
