"""Routes whose times hang on one another: visits for two workers, and gaps between two visits of one recipient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf

from routing.model import Gap, Plan, Problem, Route, StopTime
from routing.schedule import FAR_S, Timeline, in_gaps, lay_out


def timetables(problem: Problem, plan: Plan) -> dict[str, list[StopTime]]:
    """A time for every stop of every route. Workers of a visit for two wait for each other, and the second visit of a
    gap waits for the first one's."""
    return {worker_id: line.stop_times() for worker_id, line in lay_out_together(problem, plan.routes).items()}


def lay_out_together(problem: Problem, routes: Mapping[str, Route]) -> dict[str, Timeline]:
    """Timelines of routes that may hang on one another: begins rise to the least common ones."""
    gapped = in_gaps(problem)
    lines = {worker_id: lay_out(problem, route, None, gapped) for worker_id, route in routes.items()}
    for group in linked_groups(problem.gaps, lines):
        lines.update(wait_for_each_other(problem, {worker_id: lines[worker_id] for worker_id in group}) or {})
    return lines


def wait_for_each_other(
    problem: Problem, alone: Mapping[str, Timeline], gapped: Mapping[str, bool] | None = None
) -> dict[str, Timeline] | None:
    """Lay out linked routes (`alone`: as if nobody waited) so that everyone waits as long as needed and no longer.
    Where the longest gaps cannot be kept, nobody waits for those. None if they wait for each other in a circle: then
    no times are true, and `check` says so."""
    gapped = in_gaps(problem) if gapped is None else gapped
    held = {visit_id for line in alone.values() for visit_id in line.linked}
    gaps = [gap for gap in problem.gaps if gap.first_visit_id in held and gap.then_visit_id in held]
    found = _raise_floors(problem, alone, gapped, gaps)
    if found is None and gaps:
        found = _raise_floors(problem, alone, gapped, [replace(gap, max_s=inf) for gap in gaps])
    return found


def _raise_floors(
    problem: Problem, alone: Mapping[str, Timeline], gapped: Mapping[str, bool], gaps: Sequence[Gap]
) -> dict[str, Timeline] | None:
    lines = dict(alone)
    floors: dict[str, float] = {}
    # Without a circle every round settles one more meeting for good; a gap may be waited for from both sides.
    for _ in range(4 + 3 * sum(len(line.linked) for line in lines.values())):
        wanted = floors_of(lines.values(), gaps)
        if all(floors.get(visit_id, -FAR_S) >= floor_s for visit_id, floor_s in wanted.items()):
            return lines
        for visit_id, floor_s in wanted.items():
            floors[visit_id] = max(floor_s, floors.get(visit_id, floor_s))
        lines = {worker_id: lay_out(problem, line.route, floors, gapped) for worker_id, line in lines.items()}
    return None


def floors_of(lines: Iterable[Timeline], gaps: Sequence[Gap]) -> dict[str, float]:
    """Before when linked visits may not begin, by the begins in these lines: for a partner, or for a gap."""
    floors: dict[str, float] = {}
    begins: dict[str, float] = {}
    for line in lines:
        if not line.linked:
            continue
        for visit, begin in zip(line.visit, line.begin, strict=True):
            if visit is None or visit.visit_id not in line.linked:
                continue
            begins[visit.visit_id] = max(begin, begins.get(visit.visit_id, begin))
            if visit.worker_count > 1:
                floors[visit.visit_id] = begins[visit.visit_id]
    for gap in gaps:
        first, then = gap.first_visit_id, gap.then_visit_id
        if first in begins and then in begins:
            for visit_id, floor_s in ((then, begins[first] + gap.min_s), (first, begins[then] - gap.max_s)):
                floors[visit_id] = max(floor_s, floors.get(visit_id, floor_s))
    return floors


def linked_groups(gaps: Sequence[Gap], lines: Mapping[str, Timeline]) -> list[list[str]]:
    """Workers whose routes hang on one another, in groups, each in order of id."""
    holders: dict[str, list[str]] = {}
    for worker_id in sorted(lines):
        for visit_id in lines[worker_id].linked:
            holders.setdefault(visit_id, []).append(worker_id)
    partners: dict[str, list[str]] = {}
    for gap in gaps:
        if gap.first_visit_id in holders and gap.then_visit_id in holders:
            partners.setdefault(gap.first_visit_id, []).append(gap.then_visit_id)
            partners.setdefault(gap.then_visit_id, []).append(gap.first_visit_id)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for first in sorted(w for w, line in lines.items() if line.linked):
        group: set[str] = set()
        todo = [first]
        while todo:
            worker_id = todo.pop()
            if worker_id not in seen:
                seen.add(worker_id)
                group.add(worker_id)
                for visit_id in lines[worker_id].linked:
                    for one in (visit_id, *partners.get(visit_id, ())):
                        todo.extend(holders[one])
        if group:
            groups.append(sorted(group))
    return groups
