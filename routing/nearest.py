"""What would help a visit that nobody can take: workers of another area, a later begin, or a renewed credential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Literal

from routing.fits import obstacle
from routing.insert import search
from routing.insert_field import Field, Seats
from routing.insert_search import Wanted
from routing.model import Visit
from routing.plan_index import Window

if TYPE_CHECKING:
    from routing.plan_index import PlanIndex

LATER_S = 4 * 3600  # a begin later than that is another visit


@dataclass(frozen=True, slots=True)
class Nearest:
    """`how`: "area": workers of an area that may not help so far; "later": a begin after the window; "credential": a
    credential renewed. `count` workers of `area_id` could take it then, the cheapest for `price`, from `begin_s` on."""

    how: Literal["area", "later", "credential"]
    area_id: str
    count: int
    price: float
    begin_s: float


def nearest_help(index: PlanIndex, visit: Visit, window: Window, worker_ids: Sequence[str]) -> Nearest | None:
    """The first of these that would help; `worker_ids`: those who cannot take it as it is."""
    everywhere = {worker.area_id: 0.0 for worker in index.problem.workers.values()}
    open_areas = replace(visit, allowed_area_prices={**everywhere, **visit.allowed_area_prices})
    later = replace(visit, latest_s=visit.latest_s + LATER_S)
    renewed = replace(visit, required_credentials={})
    return (
        _try(index, "area", open_areas, window, worker_ids)
        or _try(index, "later", later, Window(window.earliest_s, window.latest_s + LATER_S), worker_ids)
        or (_try(index, "credential", renewed, window, worker_ids) if visit.required_credentials else None)
    )


def _try(
    index: PlanIndex, how: Literal["area", "later", "credential"], visit: Visit, window: Window, worker_ids: Sequence[str]
) -> Nearest | None:
    workers = index.problem.workers
    able = [workers[w] for w in worker_ids if obstacle(workers[w], visit) is None]
    if how == "later":  # only who works then at all
        able = [worker for worker in able if worker.shift_end_s > window.earliest_s]
    if not able:
        return None
    wanted = Wanted(index, visit, window, len(able))
    search(wanted, Seats(Field(index, able), visit, able, window.latest_s))
    best = wanted.best()
    if not best:
        return None
    area_id = best[0].seat.worker.area_id
    count = sum(1 for found in best if found.seat.worker.area_id == area_id)
    begin_s = min(found.begin_s for found in best) if how == "later" else best[0].begin_s
    return Nearest(how, area_id, count, best[0].price if best[0].price < inf else 0, begin_s)
