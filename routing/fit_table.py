"""For every visit and worker at once: the price of the pair, FAR where a rule forbids it, and the credentials' end.

The same rules as `routing.fits` and `routing.pair_rules`, as whole-table operations: 600,000 pairs in some 0.1 s."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from routing.fits import SERVES
from routing.kernel.state import FAR, Floats
from routing.model import Prices, Visit, Worker

Key = TypeVar("Key", bound=Hashable)
Table = npt.NDArray[np.bool_]


def fit_table(
    visits: Sequence[Visit], workers: Sequence[Worker], prices: Prices, served_by: Mapping[str, Collection[str]]
) -> Floats:
    """[visits, workers]: help, preferences and moves (`served_by`: workers by visit in the plan that moves count
    against), FAR where the worker may not."""
    column = {worker.worker_id: number for number, worker in enumerate(workers)}
    fit = np.zeros((len(visits), len(workers)))
    forbidden = _forbidden(visits, workers)
    areas = [worker.area_id for worker in workers]
    for kind, rows in _alike(visits, lambda visit: tuple(sorted(visit.allowed_area_prices.items()))).items():
        allowed = dict(kind)
        fit[rows] += np.array([allowed.get(area, FAR) for area in areas])
    genders = np.array([worker.gender for worker in workers], dtype=object)
    for name, rows in _alike(visits, lambda visit: visit.preferred_gender).items():
        if name:
            fit[rows] += np.where(genders == name, 0.0, prices.other_gender)
    for row, visit in enumerate(visits):
        for ids, price in ((visit.preferred_worker_ids, prices.not_preferred), (visit.familiar_worker_ids, prices.unfamiliar)):
            if ids:
                _except(fit, row, ids, column, price)
        before = served_by.get(visit.visit_id, ())
        if before:
            _except(fit, row, before, column, prices.move_accepted if visit.accepted else prices.move)
        for worker_id in visit.excluded_worker_ids:
            if worker_id in column:
                forbidden[row, column[worker_id]] = True
        if visit.pinned_worker_ids:
            pinned = [column[worker_id] for worker_id in visit.pinned_worker_ids if worker_id in column]
            others = np.ones(len(workers), dtype=bool)
            others[pinned] = False
            forbidden[row] |= others
    fit[forbidden] = FAR
    return np.minimum(fit, FAR)


def until_table(visits: Sequence[Visit], workers: Sequence[Worker]) -> Floats:
    """[visits, workers]: the latest begin by the worker's credentials, FAR where none is asked for, -FAR where one is
    missing. One entry if no visit asks for any."""
    if not any(visit.required_credentials for visit in visits):
        return np.full((1, 1), FAR)
    until = np.full((len(visits), len(workers)), FAR)
    for required, rows in _alike(visits, lambda visit: tuple(sorted(visit.required_credentials.items()))).items():
        line = np.full(len(workers), FAR)
        for name, age_s in dict(required).items():
            for number, worker in enumerate(workers):
                held = worker.credentials.get(name)
                if held is None:
                    line[number] = -FAR
                else:
                    line[number] = min(line[number], held.valid_until_s, held.issued_s + age_s if age_s > 0 else FAR)
        until[rows] = line
    return until


def _except(fit: Floats, row: int, ids: Iterable[str], column: Mapping[str, int], price: float) -> None:
    """Add a price for everybody but these."""
    spared = [column[worker_id] for worker_id in ids if worker_id in column]
    kept = fit[row, spared]
    fit[row] += price
    fit[row, spared] = kept


def _forbidden(visits: Sequence[Visit], workers: Sequence[Worker]) -> Table:
    """By kind of work, skills, gender, banned areas and room in the box."""
    forbidden = np.zeros((len(visits), len(workers)), dtype=bool)
    for kind, rows in _alike(visits, lambda visit: visit.kind).items():
        forbidden[rows] |= np.array([kind not in SERVES[worker.kind] for worker in workers])
    for skills, rows in _alike(visits, lambda visit: visit.required_skills).items():
        if skills:
            forbidden[rows] |= np.array([not skills <= worker.skills for worker in workers])
    for gender, rows in _alike(visits, lambda visit: visit.gender).items():
        if gender:
            forbidden[rows] |= np.array([gender != worker.gender for worker in workers])
    if any(worker.banned_area_ids for worker in workers):
        for area, rows in _alike(visits, lambda visit: visit.area_id).items():
            forbidden[rows] |= np.array([area in worker.banned_area_ids for worker in workers])
    capacity = np.array([worker.capacity_boxes for worker in workers])
    most = np.array([max(visit.boxes, visit.boxes_back) for visit in visits])
    forbidden |= most[:, None] > capacity[None, :]
    return forbidden


def _alike(visits: Sequence[Visit], key: Callable[[Visit], Key]) -> dict[Key, list[int]]:
    """Numbers of the visits by a property."""
    found: dict[Key, list[int]] = {}
    for number, visit in enumerate(visits):
        found.setdefault(key(visit), []).append(number)
    return found
