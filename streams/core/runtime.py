"""The planning index beside the state: derived from it, never encoded, rebuilt whenever dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import routing
from streams.contracts.decisions import ExceptionRaised, OfferMade, VisitRequested
from streams.contracts.work import Rest, WorkTerms
from streams.core.as_routing import free_s, locked_count, plannable, route_of, routing_visit, routing_worker
from streams.core.deadlines import DeadlineQueue
from streams.core.disruption_record import DisruptionRecord
from streams.core.eligibility import Rules
from streams.core.geography import Geography
from streams.core.instants import seconds
from streams.core.lifecycle import CLOSED
from streams.core.offer_index import OfferIndex
from streams.core.plan_terms import gaps_of, prices_of, terms_of as plan_terms_of
from streams.core.state import DistrictState, VisitRecord, WorkerRecord
from streams.core.tallies import Tallies
from streams.core.work import rests_of, terms_of


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
        self.tallies = Tallies(state)
        self.visits_of: dict[str, list[str]] = {}  # recipient -> visits, as filed
        for visit_id, visit in state.visits.items():
            self._note_gap(visit.spec)
            self.visits_of.setdefault(visit.spec.recipient_id, []).append(visit_id)

    def _note_gap(self, spec: VisitRequested) -> None:
        first_id = plan_terms_of(spec).after_visit_id
        if first_id:
            self._gap_ends[spec.visit_id] = None
            self._thens.setdefault(first_id, []).append(spec.visit_id)
            self._gaps_moved = True

    # what changed, told by apply
    def visit_requested(self, spec: VisitRequested) -> None:
        self._note_gap(spec)
        self.visits_of.setdefault(spec.recipient_id, []).append(spec.visit_id)
        self._dirty_visits.add(spec.visit_id)
        self.tallies.visit_changed(spec.visit_id)

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
        self.tallies.visit_changed(visit_id)

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
        self.tallies = Tallies(self._state)
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
            elif (visit := routing_visit(state, record)) != visits.get(visit_id):
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
        worker, route = routing_worker(self._state, record), route_of(self._state, record)
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
        return known.free_s != free_s(self._state, record) or (
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
