"""The planning index beside the state: derived from it, never encoded, rebuilt whenever dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import routing
from streams.contracts.decisions import ExceptionRaised, OfferMade, PlannedStop, VisitRequested, VisitState
from streams.contracts.district import DistrictConfig, Place, RungName, WorkerKind
from streams.contracts.work import Rest, WorkTerms
from streams.core.deadlines import DeadlineQueue
from streams.core.disruption_record import DisruptionRecord, closed_until, kept_away
from streams.core.eligibility import MEALS, Rules, excluded
from streams.core.fairness import known_faces, week_of
from streams.core.lifecycle import CLOSED, COMMITTED
from streams.core.offer_index import OfferIndex
from streams.core.pickups import KINDS, boxes_of, closes_s, is_meal
from streams.core.plan_terms import gaps_of, prices_of, terms_of as plan_terms_of, with_terms
from streams.core.state import DistrictState, VisitRecord, WorkerRecord
from streams.core.waived import waive
from streams.core.work import NONE, breaks_left, limits_left, rests_of, terms_of

LOCK_AHEAD_S = 120  # a stop this close to its departure is as good as under way


def seconds(at: datetime) -> int:
    """Unix seconds of an instant: the time axis of routing."""
    return int(at.timestamp())


@lru_cache(10_000)
def _pickup_stop(visit_id: str) -> routing.Stop:
    return routing.Stop(visit_id, "pickup")


@lru_cache(10_000)
def _visit_stop(visit_id: str) -> routing.Stop:
    return routing.Stop(visit_id, "visit")


def instant(at_s: int) -> datetime:
    """The instant of Unix seconds."""
    return datetime.fromtimestamp(at_s, UTC)


def about(raised: ExceptionRaised) -> tuple[str, str, str]:
    """What an exception is about: kind, subject, detail. No two of them are open at a time."""
    return raised.kind, raised.subject, raised.detail


class Runtime:
    """Caches for one state: the deadline queue, and once configured the routing problem and its plan index."""

    def __init__(self, state: DistrictState) -> None:
        self._state = state
        self.queue = DeadlineQueue(state.deadlines)
        self._geography: Geography | None = None
        self._rules: Rules | None = None
        self._index: routing.PlanIndex | None = None
        self._problem: routing.Problem | None = None
        self._dirty_workers: set[str] = set()
        self._relaid: set[str] = set()  # workers whose visits are other than they were; only while the index is refreshed
        self._dirty_visits: set[str] = set()
        self._caught_up_s = -1
        self._stopped: dict[str, frozenset[str]] = {}
        self._work: dict[str, tuple[WorkTerms, tuple[Rest, ...]]] = {}
        self._offers: OfferIndex | None = None
        self.open_exceptions = {
            about(record.raised): exception_id for exception_id, record in state.exceptions.items() if not record.outcome
        }

        self._gap_ends: dict[str, None] = {}  # visits that come after another one, as filed
        self._thens: dict[str, list[str]] = {}  # and the same by that one
        self._gaps_moved = False
        self.done_lines: dict[str, Any] = {}  # visit -> its part of the ledger's figures, while it stays as it is
        self.visits_of: dict[str, list[str]] = {}  # recipient -> visits, as filed
        for visit_id, visit in state.visits.items():
            self._note_gap(visit.spec)
            self.visits_of.setdefault(visit.spec.recipient_id, []).append(visit_id)

    # what changed, told by apply
    def _note_gap(self, spec: VisitRequested) -> None:
        first_id = plan_terms_of(spec).after_visit_id
        if first_id:
            self._gap_ends[spec.visit_id] = None
            self._thens.setdefault(first_id, []).append(spec.visit_id)
            self._gaps_moved = True

    def visit_requested(self, spec: VisitRequested) -> None:
        self._note_gap(spec)
        self.visits_of.setdefault(spec.recipient_id, []).append(spec.visit_id)
        self._dirty_visits.add(spec.visit_id)

    def recipient_told(self, visit: VisitRecord) -> None:
        """Whose need another district's visit is."""
        visit_id, recipient_id = visit.spec.visit_id, visit.spec.recipient_id
        self.visits_of = {one: [v for v in visits if v != visit_id] for one, visits in self.visits_of.items()}
        self.visits_of[recipient_id] = [v for v, one in self._state.visits.items() if one.spec.recipient_id == recipient_id]
        self._dirty_visits.add(visit_id)

    def recipient_changed(self, recipient_id: str) -> None:
        self._dirty_visits.update(self.visits_of.get(recipient_id, ()))

    def exception_raised(self, raised: ExceptionRaised) -> None:
        self.open_exceptions[about(raised)] = raised.exception_id

    def exception_settled(self, raised: ExceptionRaised) -> None:
        self.open_exceptions.pop(about(raised), None)

    def worker_changed(self, worker_id: str) -> None:
        self._dirty_workers.add(worker_id)

    def visit_changed(self, visit_id: str) -> None:
        self._dirty_visits.add(visit_id)
        if self._gap_ends and (visit_id in self._gap_ends or visit_id in self._thens):
            self._gaps_moved = True
            self._dirty_visits.update(self._thens.get(visit_id, ()))
        self.done_lines.pop(visit_id, None)

    @property
    def offers(self) -> OfferIndex:
        """Open offers by whom and what they are about."""
        if self._offers is None:
            self._offers = OfferIndex(self._state)
        return self._offers

    def offer_made(self, made: OfferMade) -> None:
        if self._offers is not None:
            self._offers.add(made)

    def offer_settled(self, made: OfferMade) -> None:
        if self._offers is not None:
            self._offers.remove(made)

    def configured(self) -> None:
        self._geography = None
        self._rules = None
        self._stopped.clear()
        self._work.clear()
        self.done_lines.clear()
        self._caught_up_s = -1
        self._index = None
        self._problem = None

    def workers_of(self, disruption: DisruptionRecord) -> frozenset[str]:
        """The workers whom a disruption stops."""
        found = self._stopped.get(disruption.disruption_id)
        if found is None:
            found = frozenset(w for w, worker in self._state.workers.items() if disruption.stops(worker))
            self._stopped[disruption.disruption_id] = found
        return found

    def work_of(self, worker_id: str) -> WorkTerms:
        """Limits and banned areas that hold for a worker."""
        return self._work_of(worker_id)[0]

    def rests_of(self, worker_id: str) -> tuple[Rest, ...]:
        """The rests of a worker's shift."""
        return self._work_of(worker_id)[1]

    def _work_of(self, worker_id: str) -> tuple[WorkTerms, tuple[Rest, ...]]:
        found = self._work.get(worker_id)
        if found is None:
            profile = self._state.workers[worker_id].profile
            terms = terms_of(profile, self.geography.providers.get(profile.organisation))
            found = self._work[worker_id] = terms, rests_of(profile, terms)
        return found

    @property
    def geography(self) -> Geography:
        if self._geography is None:
            assert self._state.config is not None
            self._geography = Geography(self._state.config)
        return self._geography

    @property
    def rules(self) -> Rules:
        if self._rules is None:
            assert self._state.config is not None
            self._rules = Rules(self._state.config)
        return self._rules

    @property
    def problem(self) -> routing.Problem:
        self._refresh()
        assert self._problem is not None
        return self._problem

    @property
    def index(self) -> routing.PlanIndex:
        self._refresh()
        assert self._index is not None
        return self._index

    def _refresh(self) -> None:
        state = self._state
        assert state.config is not None
        if self._index is None:
            policy = state.config.policy
            self._problem = routing.Problem(
                workers={}, visits={}, travel=self.geography.travel,
                prices=prices_of(policy), max_meals_per_round=policy.max_meals_per_round,
                gaps=gaps_of(state, self._gap_ends),
            )  # fmt: skip
            self._index = routing.PlanIndex(self._problem)
            self._dirty_visits = set(state.visits)
            self._dirty_workers = set(state.workers)
        if self._gaps_moved:
            self._keep_gaps()
        assert self._problem is not None
        visits = self._problem.visits
        assert isinstance(visits, dict)
        for visit_id in self._dirty_visits:
            record = state.visits[visit_id]
            if record.state in CLOSED or record.held_by:
                visits.pop(visit_id, None)
            elif (visit := self.routing_visit(record)) != visits.get(visit_id):
                visits[visit_id] = visit
                self._relaid.update(record.worker_ids)
        self._dirty_visits.clear()
        for worker_id in sorted(self._dirty_workers | self._relaid):
            self._sync_worker(worker_id)
        self._dirty_workers.clear()
        self._relaid.clear()

    def _keep_gaps(self) -> None:
        """The index knows its gaps from the beginning: other gaps, another index over the same routes."""
        assert self._problem is not None
        assert self._index is not None
        self._gaps_moved = False
        gaps = gaps_of(self._state, self._gap_ends)
        if gaps != self._problem.gaps:
            self._problem = replace(self._problem, gaps=gaps)
            routes = self._index.plan().routes
            current = {w: r for w, r in routes.items() if all(stop.visit_id in self._problem.visits for stop in r.stops)}
            self._index = routing.PlanIndex(self._problem, routing.Plan(current))
            self._dirty_workers.update(routes.keys() - current.keys())

    def _sync_worker(self, worker_id: str) -> None:
        assert self._index is not None
        assert self._problem is not None
        record = self._state.workers[worker_id]
        workers = self._problem.workers
        assert isinstance(workers, dict)
        if not plannable(record, self._state.now_at):
            workers.pop(worker_id, None)
            self._index.remove(worker_id)
            return
        worker, route = self._routing_worker(record), self.route_of(record)
        if worker_id in self._relaid or workers.get(worker_id) != worker or not self._index.has(route):
            workers[worker_id] = worker
            self._index.set_route(route)

    def catch_up(self) -> None:
        """Bring what depends on the time alone up to now, exactly: nobody leaves in the past, stops about to start are
        locked, shifts end. Exactly, because a decision may depend on the state but never on when the index was built."""
        now_at = self._state.now_at
        problem, now_s = self.problem, seconds(now_at)
        if self._caught_up_s == now_s:
            return
        for worker_id, record in self._state.workers.items():
            known = problem.workers.get(worker_id)
            if known is None or not plannable(record, now_at):
                if (known is None) == plannable(record, now_at):
                    self._sync_worker(worker_id)
                continue
            if self._is_stale(known, record):
                self._sync_worker(worker_id)
        self._caught_up_s = now_s

    def _is_stale(self, known: routing.Worker, record: WorkerRecord) -> bool:
        """Not what it is now: brought up to another second, or a stop is about to start."""
        assert self._index is not None
        return known.free_s != self._free_s(record) or (
            bool(record.stops) and self._index.route(known.worker_id).locked_count != locked_count(self._state, record)
        )

    def prepare(self, at: datetime) -> None:
        """Most of what `catch_up` will do at `at`, ahead of time: by whoever has nothing else to do, so that the first input
        of that second does not wait for it. No decision depends on it: `catch_up` takes nothing for true that is not so
        at its own second. Left alone is what is read without it: who is in the index, and who has changed since."""
        state = self._state
        if self._index is None or self._problem is None or at <= state.now_at:
            return
        changed = self._dirty_workers | {w for v in self._dirty_visits for w in state.visits[v].worker_ids}
        now_at, state.now_at = state.now_at, at
        try:
            for worker_id, known in list(self._problem.workers.items()):
                record = state.workers[worker_id]
                if worker_id not in changed and plannable(record, at) and self._is_stale(known, record):
                    self._sync_worker(worker_id)
        finally:
            state.now_at = now_at
            self._caught_up_s = -1

    def _free_s(self, record: WorkerRecord) -> int:
        free_s = max(seconds(self._state.now_at), seconds(record.free_at))
        return max(free_s, seconds(record.profile.shift_start_at)) if record.status == "off" else free_s

    def _routing_worker(self, record: WorkerRecord) -> routing.Worker:
        profile = record.profile
        worker = self._plain_worker(record)
        terms, rests = self._work_of(profile.worker_id)
        if terms is NONE:
            return worker
        day = self._state.config.service_date if self._state.config is not None else ""
        max_active_s, max_distance_m = limits_left(self._state, profile.worker_id, terms, day, week_of(day))
        return replace(
            worker, breaks=breaks_left(self._state, record, rests), max_active_s=max_active_s, max_distance_m=max_distance_m,
            banned_area_ids=frozenset(terms.banned_area_ids),
        )  # fmt: skip

    def _plain_worker(self, record: WorkerRecord) -> routing.Worker:
        profile = record.profile
        return routing.Worker(
            worker_id=profile.worker_id,
            kind="rider" if profile.kind is WorkerKind.RIDER else "carer",
            organisation=profile.organisation,
            area_id=profile.area_id,
            mode=profile.mode,
            free_s=self._free_s(record),
            shift_end_s=seconds(leaves_at(record)),
            shift_begin_s=seconds(min(profile.shift_start_at, leaves_at(record))),
            place=self.geography.project(record.place),
            end=self.geography.project(profile.end) if profile.end else None,
            capacity_boxes=profile.capacity_boxes,
            skills=self.rules.skills(profile),
            gender=profile.gender,
            credentials={
                code: routing.Credential(seconds(held.issued_at), seconds(held.valid_until_at))
                for code, held in record.credentials.items()
            },
            fair_active_s=self._fair_rest_s(profile.worker_id),
        )

    def _fair_rest_s(self, worker_id: str) -> int | None:
        """What of the worker's fair share of paid work today is left for the rest of the route; None where shares have no
        price."""
        state = self._state
        assert state.config is not None
        fair_s = state.fair_shares.get(worker_id)
        if fair_s is None or state.config.policy.fairness.over_share_per_min <= 0:
            return None
        done = state.weeks.get(week_of(state.config.service_date), {}).get(worker_id)
        today_s = done.day_active_s if done is not None and done.day == state.config.service_date else 0
        return max(0, fair_s - today_s)

    def route_of(self, record: WorkerRecord) -> routing.Route:
        """The worker's route as routing sees it."""
        state = self._state
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

    def routing_visit(self, record: VisitRecord) -> routing.Visit:
        """The visit as routing sees it."""
        state, spec = self._state, record.spec
        assert state.config is not None
        geography = self.geography
        pickup = None
        if spec.kitchen_id:
            kitchen_id, place, load_s = self.pickup_point(record)
            pickup = routing.Pickup(
                kitchen_id=kitchen_id, place=geography.project(place),
                ready_s=seconds(self.ready_at(record)), service_duration_s=load_s,
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
            allowed_area_prices=self._area_prices(record),
            pickup=pickup,
            freshness_s=spec.freshness_s,
            boxes=boxes_of(spec) if pickup else 0,
            required_skills=self._needed_skills(spec),
            required_credentials=self.rules.required_credentials(spec),
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

    def _needed_skills(self, spec: VisitRequested) -> frozenset[str]:
        if not is_meal(spec):
            return frozenset((*spec.required_skills, spec.service.value))
        # only where some rider's organisation may not supply meals is it worth asking
        return frozenset((*spec.required_skills, *((MEALS,) if self.rules.meals_walled else ())))

    def _area_prices(self, record: VisitRecord) -> dict[str, int]:
        prices = self.geography.area_prices(record.spec.area_id, record.rung)
        if record.state not in COMMITTED:
            return prices
        # a provider may have named a worker whose home area is another: that is theirs to decide
        areas = (self._state.workers[worker_id].profile.area_id for worker_id in record.worker_ids)
        return prices | {area_id: 0 for area_id in areas if area_id not in prices}

    def leg_s(self, worker: WorkerRecord, position: int) -> int:
        """Seconds on the way to a stop of the worker's route from the one before, or from where the worker is."""
        here = self._place_of(worker.stops[position - 1]) if position else worker.place
        there = self._place_of(worker.stops[position])
        travel, project = self.geography.travel, self.geography.project
        return int(travel.duration_s(worker.profile.mode, project(here), project(there)))

    def _place_of(self, stop: PlannedStop) -> Place:
        record = self._state.visits[stop.visit_id]
        return self.pickup_point(record)[1] if stop.kind == "pickup" else record.spec.place

    def ready_at(self, record: VisitRecord) -> datetime:
        """When a meal can be had: not before its kitchen, if that has failed, is expected back."""
        ready_at = record.ready_at or record.spec.window_start_at
        if not self._state.disruptions or record.pickup_worker or record.picked_up_at is not None:
            return ready_at
        return max(ready_at, closed_until(self._state, record.spec.kitchen_id) or ready_at)

    def pickup_point(self, record: VisitRecord) -> tuple[str, Place, int]:
        """Where a meal is taken up: (id, place, loading seconds): its kitchen, or a worker who cannot go on."""
        if record.pickup_worker:
            stranded = self._state.workers[record.pickup_worker]
            return f"worker:{record.pickup_worker}", stranded.place, 180
        kitchen = self.geography.kitchens[record.spec.kitchen_id]
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
    """How many stops at the head of a route are under way or about to be, and stay where they are."""
    if not record.stops:
        return 0
    first = record.stops[0]
    visit = state.visits[first.visit_id]
    if visit.state not in COMMITTED or visit.state is VisitState.OFFERED:
        return 0
    if visit.state in (VisitState.ARRIVED, VisitState.IN_SERVICE, VisitState.NO_ANSWER):
        return 1
    geography = state.runtime.geography
    at = state.runtime.pickup_point(visit)[1] if first.kind == "pickup" else visit.spec.place
    travel_s = geography.travel.duration_s(record.profile.mode, geography.project(record.place), geography.project(at))
    if first.kind == "visit" and visit.state is VisitState.PICKED_UP:
        return 1
    if seconds(first.begin_at) - travel_s > seconds(state.now_at) + LOCK_AHEAD_S:
        return 0
    if first.kind != "pickup":
        return 1
    here = state.runtime.pickup_point(visit)[0]
    count = 0
    for stop in record.stops:  # the whole loading stop is locked
        other = state.visits[stop.visit_id]
        if stop.kind != "pickup" or other.state is not visit.state or state.runtime.pickup_point(other)[0] != here:
            break
        count += 1
    return count


class Geography:
    """The district's places on one plane: projection, travel, dongs, areas and who may help whom."""

    def __init__(self, config: DistrictConfig) -> None:
        self._plane = config.travel.coordinates == "plane_m"
        centroids = [dong.centroid for dong in config.dongs]
        self._origin = Place(
            sum(c.x for c in centroids) / len(centroids), sum(c.y for c in centroids) / len(centroids)
        ) if centroids else Place(0.0, 0.0)  # fmt: skip
        self._projected: dict[Place, routing.Place] = {}
        travel = config.travel
        self.travel = routing.TravelModel(
            modes={name: routing.Mode(mode.detour, mode.speed_m_per_s * travel.speed_factor, mode.access_s)
                   for name, mode in travel.modes.items()},
            river=tuple(self.project(place) for place in travel.river),
            bridges=tuple((self.project(a), self.project(b)) for a, b in travel.bridges),
        )  # fmt: skip
        self.kitchens = {kitchen.kitchen_id: kitchen for kitchen in config.kitchens}
        self.providers = {provider.provider_id: provider for provider in config.providers}
        self.areas = {area.area_id: area for area in config.areas}
        self.area_of_dong = {code: area.area_id for area in config.areas for code in area.dong_codes}
        self.dongs = {dong.code: dong for dong in config.dongs}
        self.river = tuple(self.project(place) for place in travel.river)
        self._ladder = config.policy.ladder
        self._prices: dict[tuple[str, int], dict[str, int]] = {}

        cells = {dong.code: [self.project(p) for p in dong.cell] for dong in config.dongs if len(dong.cell) >= 3}
        self._map = routing.AreaMap(
            cells=cells, areas={area.area_id: area.dong_codes for area in config.areas}, river=self.river
        ) if cells else None  # fmt: skip
        self._located: dict[Place, routing.Outside | None] = {}

    def find_outside(self, place: Place) -> routing.Outside | None:
        """Why a place is in no dong; None when it is in one, or the district has no cells."""
        if self._map is None:
            return None
        if place not in self._located:
            found = self._map.locate(self.project(place))
            self._located[place] = found if isinstance(found, routing.Outside) else None
        return self._located[place]

    def project(self, place: Place) -> routing.Place:
        """A place on the plane, in metres."""
        found = self._projected.get(place)
        if found is None:
            found = (
                routing.Place(place.x, place.y)
                if self._plane
                else routing.project(place.x, place.y, self._origin.x, self._origin.y)
            )
            if len(self._projected) > 50_000:
                self._projected.clear()
            self._projected[place] = found
        return found

    def area_prices(self, area_id: str, rung: int) -> dict[str, int]:
        """Areas whose workers may serve a visit of `area_id` on this rung, each with its price."""
        key = (area_id, rung)
        if key not in self._prices:
            prices = {area_id: 0}
            helpers = self.areas[area_id].helpers
            name = self._ladder[min(rung, len(self._ladder) - 1)].name
            if name is not RungName.DONG:
                prices |= {helper.area_id: helper.price for helper in helpers}
            if name not in (RungName.DONG, RungName.LIVING_AREA):
                dearest = max((helper.price for helper in helpers), default=600)
                prices |= {other: 2 * dearest for other in self.areas if other not in prices}
            self._prices[key] = prices
        return self._prices[key]


def planned_stops(
    route: routing.Route, times: list[routing.StopTime]
) -> tuple[PlannedStop, ...]:
    """A route with the times that its timetable gives."""
    return tuple(
        PlannedStop(stop.visit_id, stop.kind, instant(int(time.begin_s))) for stop, time in zip(route.stops, times, strict=True)
    )
