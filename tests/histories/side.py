"""One of the districts of a history: its core, what its workers believe, and what must hold after each of its inputs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from streams.contracts import codec, decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.district import DistrictConfig
from streams.contracts.inputs import (
    ClockTicked,
    ConfigureDistrict,
    KitchenReported,
    Payload,
    PlanProposed,
    ProviderReported,
    ReportProviderFailure,
    WorkerReported,
)
from streams.core.as_routing import route_of
from streams.core.lifecycle import CLOSED, TAKEN
from streams.core.state import DistrictState, VisitRecord, copy_of
from tests.histories import counted, invariants
from tests.histories.beliefs import Beliefs
from tests.histories.district import District, fold

REALITY = (WorkerReported, KitchenReported, ConfigureDistrict, ReportProviderFailure, ProviderReported)
"""What makes a plan late without anybody's decision: what workers do, when a kitchen has its meals, when a shift ends."""


class Side:
    """A district and its people. `config` is what was configured last."""

    def __init__(self, config: DistrictConfig) -> None:
        self.one = District(config.district)
        self.beliefs = Beliefs()
        self.config = config
        self.workers = tuple(profile.worker_id for profile in config.workers)
        self.organisation = {profile.worker_id: profile.organisation for profile in config.workers}
        self._plan_check = invariants.PlanCheck()
        self._balanced_at = 0  # records in the log when the ledger was last looked at
        self._ends: dict[str, str] = {}  # how offers and claims have ended so far
        self.reports = 0
        self.commands = 0
        self._broken: invariants.Broken | None = None  # what the plan breaks at this instant; None where nobody has looked

    @property
    def state(self) -> DistrictState:
        return self.one.state

    def give(self, payload: Payload, at: datetime, **more: Any) -> list[d.Decision]:
        """One input, and what must hold of the step itself."""
        state = self.one.state
        before_at = state.now_at
        under_way = {v: list(visit.accepted_ids) for v, visit in state.visits.items() if visit.state in invariants.UNDER_WAY}
        heads = self._locked_heads() if isinstance(payload, PlanProposed) else {}
        step = self.one.receive(payload, at, **more)
        counted.inputs += 1
        counted.reached.update(type(one).__name__ for one in step.decisions)
        counted.reached.update(f"{one.side} {one.state}" for one in step.decisions if isinstance(one, d.HelpMoved))
        invariants.check_steps(self._ends, step.decisions)
        self.beliefs.hear(payload, step.decisions, step.webhooks)
        moved = {one.visit_id for one in step.decisions if isinstance(one, d.VisitChanged)}
        for visit_id, workers in under_way.items():
            if visit_id not in moved:
                assert state.visits[visit_id].accepted_ids == workers, "a started visit changed hands without an event"
        relieved = {one.worker_id for one in step.decisions if isinstance(one, d.RouteSet) and one.why == "relief"}
        for worker_id in heads.keys() - relieved:  # who was due to be relieved by now is, whatever comes in
            head = heads[worker_id]
            assert self._stops(worker_id)[: len(head)] == head, f"a proposal moved a frozen stop of {worker_id}"
        assert not (isinstance(payload, PlanProposed) and moved & set(under_way)), "a proposal touched a started visit"
        self._look(payload, before_at, moved=bool(moved) or any(isinstance(one, d.RouteSet) for one in step.decisions))
        return step.decisions

    def _look(self, payload: Payload, before_at: datetime, moved: bool) -> None:
        state = self.one.state
        invariants.check_visits(state)
        invariants.check_deadlines(state)
        invariants.check_offers(state)
        invariants.check_books(state)
        invariants.check_intakes(state)
        if moved or not isinstance(payload, ClockTicked):
            self._check_plan(payload, before_at)
        else:
            self._broken = None
        for visit_id, workers in self.beliefs.theirs.items():
            visit = state.visits[visit_id]
            assert len(workers) <= visit.spec.worker_count, f"{sorted(workers)} all believe that {visit.spec.reference} is theirs"
            if visit.state in CLOSED:
                assert not workers, f"{workers} believe that {visit.spec.reference} is theirs, and it is {visit.state}"
            elif visit.state is VisitState.NO_ANSWER and not self._is_at_the_door(visit):
                # Who rang and went on may go home: they keep the visit's face, but others look for the recipient now.
                assert workers <= set(visit.accepted_ids), f"{visit.spec.reference}: {workers} {visit.accepted_ids}"
            elif visit.state in TAKEN and visit.spec.worker_count == 1:
                assert workers == set(visit.accepted_ids), f"{visit.spec.reference} {visit.state}: {workers} {visit.accepted_ids}"

    def _is_at_the_door(self, visit: VisitRecord) -> bool:
        visit_id = visit.spec.visit_id
        return any(stop.visit_id == visit_id for w in visit.accepted_ids for stop in self.one.state.workers[w].stops)

    def _check_plan(self, payload: Payload, before_at: datetime) -> None:
        """No rule is ever broken but by running late; and at one instant nobody's decision makes anything late."""
        state = self.one.state
        broken = self._plan_check.broken(state)
        never = {key for key in broken if key[0] not in invariants.BY_TIME}
        assert not never, f"the plan breaks {[(one, invariants.told(state, one[1])) for one in sorted(never)]}"
        reality = isinstance(payload, REALITY)
        if state.now_at == before_at and not reality and self._broken is not None:
            assert not broken - self._broken, f"{type(payload).__name__} broke {broken - self._broken}"
        self._broken = broken

    def _stops(self, worker_id: str) -> list[tuple[str, str]]:
        return [(stop.visit_id, stop.kind) for stop in self.one.state.workers[worker_id].stops]

    def _locked_heads(self) -> dict[str, list[tuple[str, str]]]:
        state = self.one.state
        state.runtime.catch_up()
        return {
            worker_id: self._stops(worker_id)[: route_of(state, state.workers[worker_id]).locked_count]
            for worker_id in state.runtime.problem.workers
        }

    def check_ledger(self) -> None:
        """Every visit is in one class, and the classes add up; nothing to look at while nothing was decided."""
        if len(self.one.log) > self._balanced_at:
            invariants.check_ledger(self.one.state)
            self._balanced_at = len(self.one.log)

    def crash(self) -> None:
        """Memory is lost; what is folded from the first record is what was there."""
        self.one.state = self.equals_its_log()
        self._broken = None

    def equals_its_log(self) -> DistrictState:
        """The state as folded from the first record."""
        state, again = self.one.state, fold(self.one.code, self.one.log)
        assert codec.encode(again) == codec.encode(state), "the state is not what its decisions say"
        invariants.check_index(state, copy_of(state))
        return again
