"""Two visits of one recipient begin at least and at most so long after each other, if both are in the plan."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.constraints.drive import TOLERANCE
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """GAP at the second visit; amount: seconds outside, 0 where the two wait in a circle."""
    for gap in day.problem.gaps:
        first_s, then_s = day.begins.get(gap.first_visit_id), day.begins.get(gap.then_visit_id)
        if first_s is None or then_s is None:
            continue
        outside_s = max(then_s - first_s - gap.max_s, gap.min_s - (then_s - first_s))
        if {gap.first_visit_id, gap.then_visit_id} & day.circle:
            yield Violation(Rule.GAP, gap.then_visit_id, "")
        elif outside_s > 2 * TOLERANCE:  # two begins, each settled within the tolerance
            yield Violation(Rule.GAP, gap.then_visit_id, "", outside_s)
