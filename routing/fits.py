"""May this worker serve this visit at all? Rules that no time can heal, in the order in which they are told."""

from __future__ import annotations

from routing.model import Visit, Worker
from routing.pair_rules import credentials_until_s
from routing.refusals import Rule

SKILL_RULES = frozenset({Rule.KIND, Rule.SKILL, Rule.CREDENTIAL, Rule.CREDENTIAL_OLD, Rule.GENDER, Rule.EXCLUDED})
SERVES = {"rider": frozenset({"meal", "errand", "parcel"}), "carer": frozenset({"care", "errand"})}


def obstacle(worker: Worker, visit: Visit) -> Rule | None:
    """The first rule that forbids it, or None."""
    if visit.kind not in SERVES[worker.kind]:
        return Rule.KIND
    if not visit.required_skills <= worker.skills:
        return Rule.SKILL
    if visit.required_credentials:
        if not visit.required_credentials.keys() <= worker.credentials.keys():
            return Rule.CREDENTIAL
        if credentials_until_s(worker, visit) < visit.earliest_s:
            return Rule.CREDENTIAL_OLD
    if visit.gender and visit.gender != worker.gender:
        return Rule.GENDER
    if worker.worker_id in visit.excluded_worker_ids:
        return Rule.EXCLUDED
    if worker.banned_area_ids and visit.area_id in worker.banned_area_ids:
        return Rule.BANNED_AREA
    if worker.area_id not in visit.allowed_area_prices:
        return Rule.AREA
    if visit.pinned_worker_ids and worker.worker_id not in visit.pinned_worker_ids:
        return Rule.PINNED
    if max(visit.boxes, visit.boxes_back) > worker.capacity_boxes:
        return Rule.CAPACITY
    return None
