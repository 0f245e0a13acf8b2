"""The workers of a visit for two are two, and begin together: they wait for each other, but never in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """TOGETHER, with the worker who is there twice or, in a circle, with none."""
    for visit_id, workers in day.holders.items():
        if len(set(workers)) < len(workers):
            yield Violation(Rule.TOGETHER, visit_id, workers[0])
    for visit_id in sorted(day.circle):
        if len(day.holders[visit_id]) > 1:
            yield Violation(Rule.TOGETHER, visit_id, "")
