"""Why a visit has no worker: for each worker the first rule that stands in the way, and the rules counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from routing.fits import obstacle
from routing.model import Plan, Problem, Unassignable
from routing.plan_index import PlanIndex
from routing.refusals import Rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """`obstacles`: (worker_id, rule) by worker; `counts`: (rule, workers), most first. A worker who could serve it is
    in neither. `able_worker_ids` are those; with enough of them the visit is only waiting to be inserted."""

    visit_id: str
    obstacles: tuple[tuple[str, Rule], ...]
    counts: tuple[tuple[Rule, int], ...]
    able_worker_ids: tuple[str, ...]


def explain(problem: Problem, plan: Plan, visit_id: str) -> Explanation:
    """Why `visit_id` is in no route of `plan`. Raises KeyError on an unknown visit."""
    return explain_in(PlanIndex(problem, plan), visit_id)


def explain_in(index: PlanIndex, visit_id: str) -> Explanation:
    """`explain` on an index that the caller keeps."""
    visit = index.problem.visits[visit_id]
    obstacles: list[tuple[str, Rule]] = []
    able: list[str] = []
    for worker_id in sorted(index.worker_ids()):
        worker = index.problem.workers[worker_id]
        rule = obstacle(worker, visit)
        if rule is None and worker.free_s + worker_leg(index, worker_id, visit_id) > min(visit.latest_s, worker.shift_end_s):
            rule = Rule.SHIFT
        if rule is None:
            alone = replace(visit, pinned_worker_ids=frozenset({worker_id}), worker_count=1)
            if isinstance(index.insert(alone), Unassignable):
                rule = Rule.NO_ROOM
        if rule is None:
            able.append(worker_id)
        else:
            obstacles.append((worker_id, rule))
    counted = Counter(rule for _, rule in obstacles)
    counts = tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    return Explanation(visit_id, tuple(obstacles), counts, tuple(able))


def worker_leg(index: PlanIndex, worker_id: str, visit_id: str) -> float:
    """Seconds from where the worker is to the visit's first stop."""
    worker, visit = index.problem.workers[worker_id], index.problem.visits[visit_id]
    there = visit.place if visit.pickup is None else visit.pickup.place
    return index.problem.travel.duration_s(worker.mode, worker.place, there)
