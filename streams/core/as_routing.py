"""Workers, routes and visits of the state as routing sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import routing
from streams.contracts.decisions import PlannedStop, VisitRequested, VisitState
from streams.contracts.district import Place, WorkerKind
from streams.core.disruption_record import closed_until, kept_away
from streams.core.eligibility import MEALS, excluded
from streams.core.fairness import known_faces, week_of
from streams.core.instants import seconds
from streams.core.lifecycle import COMMITTED
from streams.core.pickups import KINDS, boxes_of, closes_s, is_meal
from streams.core.plan_terms import with_terms
from streams.core.state import DistrictState, VisitRecord, WorkerRecord
from streams.core.waived import waive
from streams.core.work import NONE, breaks_left, limits_left

LOCK_AHEAD_S = 120  # a stop this close to its departure is as good as under way


@lru_cache(10_000)
def _pickup_stop(visit_id: str) -> routing.Stop:
    return routing.Stop(visit_id, "pickup")


@lru_cache(10_000)
def _visit_stop(visit_id: str) -> routing.Stop:
    return routing.Stop(visit_id, "visit")


def free_s(state: DistrictState, record: WorkerRecord) -> int:
    """From when on the worker can leave where they are."""
    at_s = max(seconds(state.now_at), seconds(record.free_at))
    return max(at_s, seconds(record.profile.shift_start_at)) if record.status == "off" else at_s


def routing_worker(state: DistrictState, record: WorkerRecord) -> routing.Worker:
    """The worker as routing sees them."""
    profile = record.profile
    worker = _plain_worker(state, record)
    terms = state.runtime.work_of(profile.worker_id)
    if terms is NONE:
        return worker
    rests = state.runtime.rests_of(profile.worker_id)
    day = state.config.service_date if state.config is not None else ""
    max_active_s, max_distance_m = limits_left(state, profile.worker_id, terms, day, week_of(day))
    return replace(
        worker, breaks=breaks_left(state, record, rests), max_active_s=max_active_s, max_distance_m=max_distance_m,
        banned_area_ids=frozenset(terms.banned_area_ids),
    )  # fmt: skip


def _plain_worker(state: DistrictState, record: WorkerRecord) -> routing.Worker:
    profile, geography, rules = record.profile, state.runtime.geography, state.runtime.rules
    return routing.Worker(
        worker_id=profile.worker_id,
        kind="rider" if profile.kind is WorkerKind.RIDER else "carer",
        organisation=profile.organisation,
        area_id=profile.area_id,
        mode=profile.mode,
        free_s=free_s(state, record),
        shift_end_s=seconds(leaves_at(record)),
        shift_begin_s=seconds(min(profile.shift_start_at, leaves_at(record))),
        place=geography.project(record.place),
        end=geography.project(profile.end) if profile.end else None,
        capacity_boxes=profile.capacity_boxes,
        skills=rules.skills(profile),
        gender=profile.gender,
        credentials={
            code: routing.Credential(seconds(held.issued_at), seconds(held.valid_until_at))
            for code, held in record.credentials.items()
        },
        fair_active_s=_fair_rest_s(state, profile.worker_id),
    )


def _fair_rest_s(state: DistrictState, worker_id: str) -> int | None:
    """What of the worker's fair share of paid work today is left for the rest of the route; None where shares have no
    price."""
    assert state.config is not None
    fair_s = state.fair_shares.get(worker_id)
    if fair_s is None or state.config.policy.fairness.over_share_per_min <= 0:
        return None
    done = state.weeks.get(week_of(state.config.service_date), {}).get(worker_id)
    today_s = done.day_active_s if done is not None and done.day == state.config.service_date else 0
    return max(0, fair_s - today_s)


def route_of(state: DistrictState, record: WorkerRecord) -> routing.Route:
    """The worker's route as routing sees it."""
    pickups = {stop.visit_id for stop in record.stops if stop.kind == "pickup"}
    onboard, stops = {}, []
    for stop in record.stops:
        visit_id = stop.visit_id
        if stop.kind == "pickup":
            stops.append(_pickup_stop(visit_id))
            continue
        stops.append(_visit_stop(visit_id))
        if visit_id not in pickups:
            visit = state.visits[visit_id]
            if visit.spec.kitchen_id:
                onboard[visit_id] = seconds(visit.picked_up_at or state.now_at)
    return routing.Route(
        worker_id=record.profile.worker_id,
        stops=tuple(stops),
        locked_count=locked_count(state, record),
        onboard_since_s=onboard,
    )  # fmt: skip


def routing_visit(state: DistrictState, record: VisitRecord) -> routing.Visit:
    """The visit as routing sees it."""
    spec = record.spec
    assert state.config is not None
    geography = state.runtime.geography
    pickup = None
    if spec.kitchen_id:
        kitchen_id, place, load_s = pickup_point(state, record)
        pickup = routing.Pickup(
            kitchen_id=kitchen_id, place=geography.project(place),
            ready_s=seconds(ready_at(state, record)), service_duration_s=load_s,
            latest_s=float("inf") if record.pickup_worker else closes_s(geography.kitchens[spec.kitchen_id]),
        )  # fmt: skip
    pinned = frozenset(record.worker_ids) if record.state in COMMITTED else frozenset[str]()
    away = kept_away(state, record) if state.disruptions else ()
    visit = routing.Visit(
        visit_id=spec.visit_id,
        kind=KINDS.get(spec.service, "meal") if pickup else "care",
        area_id=spec.area_id,
        place=geography.project(spec.place),
        earliest_s=seconds(spec.window_start_at),
        due_s=seconds(spec.due_at),
        latest_s=seconds(spec.window_end_at) + state.config.policy.late_grace_s,
        service_duration_s=spec.service_duration_s,
        allowed_area_prices=_area_prices(state, record),
        pickup=pickup,
        freshness_s=spec.freshness_s,
        boxes=boxes_of(spec) if pickup else 0,
        required_skills=_needed_skills(state, spec),
        required_credentials=state.runtime.rules.required_credentials(spec),
        excluded_worker_ids=excluded(state, record).union(away),
        gender=spec.gender,
        preferred_gender=spec.preferred_gender,
        worker_count=spec.worker_count,
        priority=spec.priority,
        familiar_worker_ids=known_faces(state, record),
        pinned_worker_ids=pinned or (frozenset({record.pinned_id}) if record.pinned_id else frozenset()),
    )  # fmt: skip
    visit = with_terms(state, record, visit)
    chosen = state.workers.get(record.pinned_id)
    return waive(visit, record.waived_rules, record.pinned_id, chosen.profile.area_id) if chosen is not None else visit


def _needed_skills(state: DistrictState, spec: VisitRequested) -> frozenset[str]:
    if not is_meal(spec):
        return frozenset((*spec.required_skills, spec.service.value))
    # only where some rider's organisation may not supply meals is it worth asking
    return frozenset((*spec.required_skills, *((MEALS,) if state.runtime.rules.meals_walled else ())))


def _area_prices(state: DistrictState, record: VisitRecord) -> dict[str, int]:
    prices = state.runtime.geography.area_prices(record.spec.area_id, record.rung)
    if record.state not in COMMITTED:
        return prices
    # a provider may have named a worker whose home area is another: that is theirs to decide
    areas = (state.workers[worker_id].profile.area_id for worker_id in record.worker_ids)
    return prices | {area_id: 0 for area_id in areas if area_id not in prices}


def leg_s(state: DistrictState, worker: WorkerRecord, position: int) -> int:
    """Seconds on the way to a stop of the worker's route from the one before, or from where the worker is."""
    here = _place_of(state, worker.stops[position - 1]) if position else worker.place
    there = _place_of(state, worker.stops[position])
    geography = state.runtime.geography
    travel, project = geography.travel, geography.project
    return int(travel.duration_s(worker.profile.mode, project(here), project(there)))


def _place_of(state: DistrictState, stop: PlannedStop) -> Place:
    record = state.visits[stop.visit_id]
    return pickup_point(state, record)[1] if stop.kind == "pickup" else record.spec.place


def ready_at(state: DistrictState, record: VisitRecord, over: str = "") -> datetime:
    """When a meal can be had: not before its kitchen, if that has failed, is expected back. `over`: a disruption that is not
    waited for any more."""
    planned_at = record.ready_at or record.spec.window_start_at
    if not state.disruptions or record.pickup_worker or record.picked_up_at is not None:
        return planned_at
    return max(planned_at, closed_until(state, record.spec.kitchen_id, over) or planned_at)


def pickup_point(state: DistrictState, record: VisitRecord) -> tuple[str, Place, int]:
    """Where a meal is taken up: (id, place, loading seconds): its kitchen, or a worker who cannot go on."""
    if record.pickup_worker:
        stranded = state.workers[record.pickup_worker]
        return f"worker:{record.pickup_worker}", stranded.place, 180
    kitchen = state.runtime.geography.kitchens[record.spec.kitchen_id]
    return kitchen.kitchen_id, kitchen.place, kitchen.load_duration_s


def plannable(record: WorkerRecord, now_at: datetime) -> bool:
    """May get work: on shift, or the shift is still to come. The substitute pool stands by until somebody is called in."""
    if record.profile.substitute and not record.called_in_for:
        return False
    return record.status in ("on", "off") and (now_at < leaves_at(record) or bool(record.stops))


def leaves_at(record: WorkerRecord) -> datetime:
    """When the worker stops serving visits: the shift's end, or the begin of a posting."""
    end_at = record.profile.shift_end_at
    return end_at if record.posted_from_at is None else min(end_at, record.posted_from_at)


def locked_count(state: DistrictState, record: WorkerRecord) -> int:
    """How many stops at the head of a route stay where they are: under way or about to be, or up to one that a person locked."""
    count = _under_way_count(state, record)
    if state.locked:
        count = max([count, *(at for at, stop in enumerate(record.stops, 1) if stop.visit_id in state.locked)])
    return count


def _under_way_count(state: DistrictState, record: WorkerRecord) -> int:
    if not record.stops:
        return 0
    first = record.stops[0]
    visit = state.visits[first.visit_id]
    if visit.state not in COMMITTED or visit.state is VisitState.OFFERED:
        return 0
    if visit.state in (VisitState.ARRIVED, VisitState.IN_SERVICE, VisitState.NO_ANSWER):
        return 1
    geography = state.runtime.geography
    at = pickup_point(state, visit)[1] if first.kind == "pickup" else visit.spec.place
    travel_s = geography.travel.duration_s(record.profile.mode, geography.project(record.place), geography.project(at))
    if first.kind == "visit" and visit.state is VisitState.PICKED_UP:
        return 1
    if seconds(first.begin_at) - travel_s > seconds(state.now_at) + LOCK_AHEAD_S:
        return 0
    if first.kind != "pickup":
        return 1
    here = pickup_point(state, visit)[0]
    count = 0
    for stop in record.stops:  # the whole loading stop is locked
        other = state.visits[stop.visit_id]
        if stop.kind != "pickup" or other.state is not visit.state or pickup_point(state, other)[0] != here:
            break
        count += 1
    return count
