"""What the visits of a day ask of each living area, half hour by half hour, and who could do it: input of the balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from routing.balance import SLOT_S, Balance, Demand, HelpPrices, Supply, balance
from routing.model import Problem, Visit, Worker

WAY_S = 420  # what a visit costs its worker besides the time at the home, on the generated days: the way and the wait


def day_balance(problem: Problem, slot_s: int = SLOT_S, expected: Mapping[str, Visit] | None = None) -> Balance:
    """The area balance for the visits of a problem, as if each were the expected demand of its hour, and for those that are
    `expected` beside them."""
    if expected:
        problem = replace(problem, visits={**problem.visits, **expected})
    return balance(supply_of(problem), demand_of(problem, slot_s), help_prices_of(problem), slot_s)


def demand_of(problem: Problem, slot_s: int = SLOT_S) -> list[Demand]:
    """Workers needed by area, half hour and group (see `group_of`): each visit's work, from its due time back."""
    seconds: dict[tuple[str, int, str], float] = {}
    for visit in problem.visits.values():
        if visit.kind == "parcel":
            continue  # spare capacity only
        left = (visit.service_duration_s + visit.access_duration_s + WAY_S) * visit.worker_count
        # As early as it may begin, spread over the time until it is due: people work ahead of a peak.
        first, last = int(visit.earliest_s // slot_s), int(max(visit.earliest_s, visit.due_s) // slot_s)
        for slot in range(first, last + 1):
            key = (visit.area_id, slot * slot_s, group_of(visit))
            seconds[key] = seconds.get(key, 0.0) + left / (last - first + 1)
    return [Demand(area, slot, group, work / slot_s) for (area, slot, group), work in sorted(seconds.items())]


def supply_of(problem: Problem) -> list[Supply]:
    """Every worker with the groups of the visits they could serve; the fair share of the day as half hours."""
    samples: dict[str, Visit] = {}
    for visit_id in sorted(problem.visits):
        samples.setdefault(group_of(problem.visits[visit_id]), problem.visits[visit_id])
    found: list[Supply] = []
    for worker in problem.workers.values():
        groups = frozenset(group for group, visit in samples.items() if _could(worker, visit))
        fair = None if worker.fair_active_s is None else int(worker.fair_active_s // SLOT_S)
        found.append(
            Supply(worker.worker_id, worker.area_id, groups, worker.free_s, worker.shift_end_s, worker.banned_area_ids, fair)
        )
    return found


def group_of(visit: Visit) -> str:
    """Who can do it: "meal", "care" or "errand", with the skills it needs."""
    return "+".join((visit.kind, *sorted(visit.required_skills)))


def _could(worker: Worker, visit: Visit) -> bool:
    kinds = ("meal", "errand", "parcel") if worker.kind == "rider" else ("care", "errand")
    return visit.kind in kinds and visit.required_skills <= worker.skills


def help_prices_of(problem: Problem) -> HelpPrices:
    """The graded prices that the visits themselves name: the least for each pair of areas."""
    table: dict[str, dict[str, float]] = {worker.area_id: {} for worker in problem.workers.values()}
    for visit in problem.visits.values():
        for home, price in visit.allowed_area_prices.items():
            row = table.setdefault(home, {})
            row[visit.area_id] = min(row.get(visit.area_id, price), price)
    return HelpPrices(table)
