"""Trainings, tests and equipment: held, still valid and young enough when the visit begins."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """CREDENTIAL (amount: how many are not held) and CREDENTIAL_OLD (amount: seconds too old, the worst of them)."""
    for drive, event in day.doors():
        worker, visit = drive.worker, event.visit
        if not visit.required_credentials:
            continue
        missing, over_s = 0, 0.0
        for name, greatest_age_s in visit.required_credentials.items():
            held = worker.credentials.get(name)
            if held is None:
                missing += 1
                continue
            over_s = max(over_s, event.begin_s - held.valid_until_s)
            if greatest_age_s > 0:
                over_s = max(over_s, event.begin_s - held.issued_s - greatest_age_s)
        if missing:
            yield Violation(Rule.CREDENTIAL, visit.visit_id, worker.worker_id, missing)
        if over_s > TOLERANCE:
            yield Violation(Rule.CREDENTIAL_OLD, visit.visit_id, worker.worker_id, over_s)
