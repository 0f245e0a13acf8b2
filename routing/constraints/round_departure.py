"""The meals of a round that a worker takes up leave the kitchen together."""

from __future__ import annotations

from collections.abc import Iterator

from routing.constraints.day import Day
from routing.model import Violation
from routing.refusals import Rule


def broken(day: Day) -> Iterator[Violation]:
    """ROUND_DEPARTURE at every pickup after the round's first stop; amount: stops before it."""
    for drive in day.drives.values():
        departures: dict[str, list[int]] = {}
        for event in drive.events:
            name = event.visit.round_id
            if event.at_door or not name:
                continue
            groups = departures.setdefault(name, [])
            if event.group not in groups:
                groups.append(event.group)
            if len(groups) > 1:
                yield Violation(Rule.ROUND_DEPARTURE, event.visit.visit_id, drive.worker.worker_id, len(groups) - 1)
