"""May this worker serve this visit at all? Rules that no time can heal, in the order in which they are told."""

from __future__ import annotations

from routing.model import Visit, Worker
from routing.refusals import Rule

SKILL_RULES = frozenset({Rule.KIND, Rule.SKILL, Rule.GENDER, Rule.EXCLUDED})


def obstacle(worker: Worker, visit: Visit) -> Rule | None:
    """The first rule that forbids it, or None."""
    if (worker.kind == "rider") != (visit.kind == "meal"):
        return Rule.KIND
    if not visit.required_skills <= worker.skills:
        return Rule.SKILL
    if visit.gender and visit.gender != worker.gender:
        return Rule.GENDER
    if worker.worker_id in visit.excluded_worker_ids:
        return Rule.EXCLUDED
    if worker.area_id not in visit.allowed_area_prices:
        return Rule.AREA
    if visit.pinned_worker_ids and worker.worker_id not in visit.pinned_worker_ids:
        return Rule.PINNED
    if visit.boxes > worker.capacity_boxes and visit.kind == "meal":
        return Rule.CAPACITY
    return None
