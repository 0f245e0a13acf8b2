"""Riders carry (meals, errands, parcels), carers care and run errands."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule

SERVES = {"rider": ("meal", "errand", "parcel"), "carer": ("care", "errand")}


def broken(day: Day) -> Iterator[Violation]:
    """KIND."""
    for worker, visit in day.served:
        if visit.kind not in SERVES[worker.kind]:
            yield Violation(Rule.KIND, visit.visit_id, worker.worker_id)
