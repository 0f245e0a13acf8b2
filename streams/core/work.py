"""Rests, limits and banned areas of workers: what of them is left for the rest of the day, as routing asks for it.

Nobody reports a rest. Who is free when a rest may begin is resting from then on, as the plan lays it out; when they set out
again and it had fitted, it is decided that it was taken (`WorkerRested`). Who had to go on without it has it after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

import routing
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.work import Rest, RestRule, WorkerRested, WorkTerms
from streams.core.instants import seconds

if TYPE_CHECKING:
    from streams.contracts.district import Provider, WorkerProfile
    from streams.core.state import DistrictState, VisitRecord, WorkerRecord
    from streams.core.turn import Turn

NONE = WorkTerms()
SET_OUT_SLACK = timedelta(minutes=2)
"""A way that went so much faster than planned: the rest before it was still a whole one."""

AT_THE_DOOR = (VisitState.ARRIVED, VisitState.IN_SERVICE, VisitState.NO_ANSWER)
UNDER_WAY = (VisitState.EN_ROUTE, *AT_THE_DOOR)


def terms_of(profile: WorkerProfile, provider: Provider | None) -> WorkTerms:
    """What holds for a worker: the worker's own before the provider's, banned areas of both."""
    own = profile.work or NONE
    theirs = (provider.work or NONE) if provider is not None else NONE
    if own is NONE and theirs is NONE:
        return NONE
    return WorkTerms(
        rests=own.rests, rest_rules=own.rest_rules or theirs.rest_rules, max_active_s=own.max_active_s or theirs.max_active_s,
        max_distance_m=own.max_distance_m or theirs.max_distance_m,
        banned_area_ids=tuple(sorted({*own.banned_area_ids, *theirs.banned_area_ids})),
    )  # fmt: skip


def rests_of(profile: WorkerProfile, terms: WorkTerms) -> tuple[Rest, ...]:
    """The rests of the worker's shift, first things first: those that are named, else by the rules."""
    made = terms.rests or tuple(_by_rules(profile, terms.rest_rules))
    return tuple(sorted(made, key=lambda rest: rest.earliest_at))


def _by_rules(profile: WorkerProfile, rules: tuple[RestRule, ...]) -> Iterator[Rest]:
    start_at, end_at = profile.shift_start_at, profile.shift_end_at
    for rule in rules:
        if end_at - start_at < timedelta(seconds=rule.from_shift_s):
            continue
        latest_at = min(start_at + timedelta(seconds=rule.latest_after_s), end_at - timedelta(seconds=rule.duration_s))
        earliest_at = min(start_at + timedelta(seconds=rule.earliest_after_s), latest_at)
        yield Rest(earliest_at=earliest_at, latest_at=latest_at, duration_s=rule.duration_s)


def is_on_the_way(state: DistrictState, record: WorkerRecord) -> bool:
    """Has set out for the next stop or is at it, or has meals in the box: no moment for a rest."""
    if not record.stops:
        return False
    first = record.stops[0]
    visit = state.visits[first.visit_id]
    return visit.state in UNDER_WAY or (visit.state is VisitState.PICKED_UP and first.kind == "visit")


def breaks_left(state: DistrictState, record: WorkerRecord, rests: tuple[Rest, ...]) -> tuple[routing.Break, ...]:
    """What the plan still has to leave room for: a rest that is going on counts by what is left of it."""
    now_s = seconds(state.now_at)
    busy_until_s = _busy_until_s(state, record) if is_on_the_way(state, record) else None
    idle_s = max(seconds(record.free_at), seconds(record.profile.shift_start_at))
    found: list[routing.Break] = []
    for rest in rests:
        if rest.earliest_at in record.rested:
            continue
        earliest_s, latest_s = seconds(rest.earliest_at), seconds(rest.latest_at)
        if busy_until_s is not None:  # whoever has begun finishes, and rests after that
            earliest_s = max(earliest_s, busy_until_s)
            found.append(routing.Break(earliest_s, max(latest_s, earliest_s), rest.duration_s))
            continue
        begun_s = max(idle_s, earliest_s)
        left_s = rest.duration_s - max(0, now_s - begun_s)
        idle_s = begun_s + rest.duration_s
        if left_s <= 0:
            continue
        if begun_s <= now_s:
            found.append(routing.Break(now_s, max(latest_s, now_s), left_s))
        else:
            found.append(routing.Break(earliest_s, max(latest_s, earliest_s), left_s))
    return tuple(found)


def _busy_until_s(state: DistrictState, record: WorkerRecord) -> int:
    """When the stop under way is over, with all meals that are in the box already."""
    until_at = there_at = max(state.now_at, record.free_at)
    for stop in record.stops:
        visit = state.visits[stop.visit_id]
        if stop is not record.stops[0] and visit.state is not VisitState.PICKED_UP:
            break
        # who is late for the planned time is there now at the soonest
        begun_at = visit.changed_at if visit.state in AT_THE_DOOR else max(stop.begin_at, there_at)
        service_s = visit.spec.service_duration_s if stop.kind == "visit" else 0
        until_at = max(until_at, begun_at + timedelta(seconds=service_s))
    return seconds(until_at)


def limits_left(state: DistrictState, worker_id: str, terms: WorkTerms, day: str, week: str) -> tuple[int, int]:
    """(seconds of paid work, metres) that the rest of the route may still take; 0 for no limit, at least 1 where there is one."""
    if not terms.max_active_s and not terms.max_distance_m:
        return 0, 0
    done = state.weeks.get(week, {}).get(worker_id)
    active_s, distance_m = (done.day_active_s, done.day_distance_m) if done is not None and done.day == day else (0, 0)
    return (
        max(1, terms.max_active_s - active_s) if terms.max_active_s else 0,
        max(1, terms.max_distance_m - distance_m) if terms.max_distance_m else 0,
    )


def note_rests(turn: Turn, record: WorkerRecord, visit: VisitRecord, event: VisitEvent, travel_s: int, since: datetime) -> int:
    """The worker is at a stop: which rests were taken before setting out for it? Returns the seconds of those since `since`,
    which nobody is paid for."""
    rests = turn.state.runtime.rests_of(record.profile.worker_id)
    if not rests or visit.state in AT_THE_DOOR:
        return 0
    if visit.state is VisitState.EN_ROUTE:
        set_out_at = visit.changed_at
    else:
        at_home_s = visit.spec.service_duration_s if event is VisitEvent.DONE else 0
        set_out_at = turn.now_at - timedelta(seconds=travel_s + at_home_s) + SET_OUT_SLACK
    idle_at, seconds = max(record.free_at, record.profile.shift_start_at), 0
    for rest in rests:
        begun_at = max(idle_at, rest.earliest_at)
        until_at = begun_at + timedelta(seconds=rest.duration_s)
        if rest.earliest_at in record.rested or until_at > set_out_at:
            continue
        turn.emit(
            WorkerRested(
                worker_id=record.profile.worker_id, earliest_at=rest.earliest_at, begun_at=begun_at, until_at=until_at
            )
        )
        idle_at = until_at
        seconds += rest.duration_s if begun_at >= since else 0
    return seconds


def rested(state: DistrictState, decision: WorkerRested) -> None:
    """Apply: this rest is behind the worker; those of days before are forgotten."""
    record = state.workers[decision.worker_id]
    known = [one for one in record.rested if one >= record.profile.shift_start_at]
    record.rested = [*known, decision.earliest_at]
    record.rests_taken = [one for one in record.rests_taken if one.earliest_at in known] + [decision]
    state.runtime.worker_changed(decision.worker_id)


def wrong_terms(terms: WorkTerms | msgspec.UnsetType, area_ids: frozenset[str]) -> Iterator[str]:
    """What makes no sense about them: the member's name, or the area that is none."""
    if terms is msgspec.UNSET:
        return
    assert isinstance(terms, WorkTerms)
    if any(one.duration_s <= 0 or one.latest_at < one.earliest_at for one in terms.rests):
        yield "rests"
    if any(one.duration_s <= 0 or not 0 <= one.earliest_after_s <= one.latest_after_s for one in terms.rest_rules):
        yield "rest_rules"
    for name in ("max_active_s", "max_distance_m"):
        if getattr(terms, name) < 0:
            yield name
    yield from (area_id for area_id in terms.banned_area_ids if area_id not in area_ids)
