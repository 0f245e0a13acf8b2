"""The state machine: what people, workers, kitchens, solvers, clocks and crashes may do to a district, in any order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.contracts import codec
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.contracts.inputs import (
    AcknowledgeException,
    AssignVisit,
    CancelVisit,
    ClockTicked,
    CloseDay,
    ConfigureDistrict,
    CorrectVisit,
    ForbidWorker,
    KitchenReported,
    LetPlanDecide,
    Payload,
    PlanProposed,
    ProposedRoute,
    ProposedStop,
    ReportConcern,
    ReportKind,
    RequestVisit,
    SettleException,
    SolveFailed,
    SwapVisits,
    UndoCommand,
    WorkerReported,
)  # fmt: skip
from streams.core.exceptions import KINDS
from streams.core.lifecycle import CLOSED, TAKEN
from streams.core.planning import build_problem, plan_to_routes
from tests.core_world import KITCHEN, at, config
from tests.histories import counted, invariants
from tests.histories.beliefs import Beliefs
from tests.histories.district import District, fold
from tests.histories.first_writer import as_first_written

START_AT = at("09:00")
CONFIG = config(rung_wait_s=600, solve_iterations=10, replan_interval_s=600)
WORKERS = tuple(profile.worker_id for profile in CONFIG.workers)
ORGANISATION = {profile.worker_id: profile.organisation for profile in CONFIG.workers}
WORK = {"pickup": ReportKind.PICKED_UP, "visit": ReportKind.DONE}
ODD = (
    "shift_on", "picked_up", "arrived", "started", "done", "no_answer", "failed", "en_route", "returned", "reopened",
    "shift_off", "dropped_out",
)  # fmt: skip

few = st.integers(0, 7)
who = st.sampled_from(WORKERS)


class Histories(RuleBasedStateMachine):
    """One district. Each rule is one thing that happens; what must hold is looked at after every input."""

    def __init__(self) -> None:
        super().__init__()
        self.one = District(CONFIG.district)
        self.beliefs = Beliefs()
        self.now_at = START_AT
        self._broken = invariants.broken_rules(self.one.state)
        self._reports = 0
        self._commands: list[str] = []

    # How anything comes in ------------------------------------------------------------------------------------------

    def give(self, payload: Payload, **more: Any) -> list[d.Decision]:
        """One input, and what must hold of the step itself."""
        state = self.one.state
        before_at = state.now_at
        under_way = {v: list(visit.accepted_ids) for v, visit in state.visits.items() if visit.state in invariants.UNDER_WAY}
        heads = self._locked_heads() if isinstance(payload, PlanProposed) else {}
        step = self.one.receive(payload, self.now_at, **more)
        counted.inputs += 1
        self.beliefs.hear(payload, step.decisions, step.webhooks)
        moved = {one.visit_id for one in step.decisions if isinstance(one, d.VisitChanged)}
        for visit_id, workers in under_way.items():
            if visit_id not in moved:
                assert state.visits[visit_id].accepted_ids == workers, "a started visit changed hands without an event"
        for worker_id, head in heads.items():
            assert self._stops(worker_id)[: len(head)] == head, f"a proposal moved a frozen stop of {worker_id}"
        assert not (isinstance(payload, PlanProposed) and moved & set(under_way)), "a proposal touched a started visit"
        self._look(payload, before_at)
        return step.decisions

    def _look(self, payload: Payload, before_at: datetime) -> None:
        state = self.one.state
        invariants.check_visits(state)
        invariants.check_deadlines(state)
        self._check_plan(payload, before_at)
        for visit_id, workers in self.beliefs.theirs.items():
            visit = state.visits[visit_id]
            assert len(workers) <= visit.spec.worker_count, f"{sorted(workers)} all believe that {visit.spec.reference} is theirs"
            if visit.state in CLOSED:
                assert not workers, f"{workers} believe that {visit.spec.reference} is theirs, and it is {visit.state}"
            elif visit.state in TAKEN and visit.spec.worker_count == 1:
                assert workers == set(visit.accepted_ids), f"{visit.spec.reference} {visit.state}: {workers} {visit.accepted_ids}"

    def _check_plan(self, payload: Payload, before_at: datetime) -> None:
        """No rule is ever broken but by running late; and at one instant nobody's decision makes anything late."""
        state = self.one.state
        broken = invariants.broken_rules(state)
        never = {key for key in broken if key[0] not in invariants.BY_TIME}
        assert not never, f"the plan breaks {[(one, invariants.told(state, one[1])) for one in sorted(never)]}"
        reality = isinstance(payload, WorkerReported | KitchenReported | ConfigureDistrict)
        if state.now_at == before_at and not reality:
            assert not broken - self._broken, f"{type(payload).__name__} broke {broken - self._broken}"
        self._broken = broken

    def _stops(self, worker_id: str) -> list[tuple[str, str]]:
        return [(stop.visit_id, stop.kind) for stop in self.one.state.workers[worker_id].stops]

    def _locked_heads(self) -> dict[str, list[tuple[str, str]]]:
        state = self.one.state
        state.runtime.catch_up()
        return {
            worker_id: self._stops(worker_id)[: state.runtime.route_of(state.workers[worker_id]).locked_count]
            for worker_id in state.runtime.problem.workers
        }

    def _command(self, kind: type[Payload], **fields: Any) -> list[d.Decision]:
        command_id = f"c{len(self._commands)}"
        self._commands.append(command_id)
        return self.give(kind(command_id=command_id, **fields), actor="coordinator:7")

    def _report(self, worker_id: str, kind: ReportKind, visit_ids: tuple[str, ...] = (), **more: Any) -> list[d.Decision]:
        self._reports += 1
        fields = {name: more.pop(name) for name in ("offer_id", "reason") if name in more}
        return self.give(
            WorkerReported(report_id=f"r{self._reports}", kind=kind, worker_id=worker_id, visit_ids=visit_ids, **fields),
            **({"organisation": ORGANISATION[worker_id]} | more), actor=f"organisation:{ORGANISATION[worker_id]}",
        )  # fmt: skip

    def _visit(self, number: int) -> str:
        """One of the visits there are; the newest most often, for they are open."""
        visits = list(self.one.state.visits)
        return visits[-1 - number % len(visits)]

    # Requests -------------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.give(ConfigureDistrict(command_id="configure", config=CONFIG))

    @rule(number=st.integers(0, 30), north=st.booleans(), ahead_min=st.integers(0, 180), other_body=st.booleans())
    def meal(self, number: int, north: bool, ahead_min: int, other_body: bool) -> None:
        opens_at = self.now_at + timedelta(minutes=ahead_min)
        self._file(
            f"meal-{number}", north, opens_at, other_body, service=Service.MEAL_SUPPORT, kitchen_id="k1", meal_kind="hot_lunch",
            ready_at=opens_at - timedelta(minutes=15), freshness_s=3600, service_duration_s=240, may_leave_at_door=bool(number % 2),
            window_end_at=opens_at + timedelta(minutes=60),
        )  # fmt: skip

    @rule(number=st.integers(0, 30), north=st.booleans(), ahead_min=st.integers(0, 180), two=st.booleans(), urgent=st.booleans())
    def care(self, number: int, north: bool, ahead_min: int, two: bool, urgent: bool) -> None:
        opens_at = self.now_at + timedelta(minutes=ahead_min)
        self._file(
            f"care-{number}", north, opens_at, False, service=Service.CHECK_IN, worker_count=2 if two else 1,
            priority=1 if urgent else 2, service_duration_s=900, window_end_at=opens_at + timedelta(minutes=120),
        )  # fmt: skip

    def _file(self, reference: str, north: bool, opens_at: datetime, other_body: bool, **fields: Any) -> None:
        visit_id = str(uuid5(NAMESPACE_URL, reference))
        place = CONFIG.dongs[0 if north else 1].centroid
        known = self.one.state.visits.get(visit_id)
        body = known.spec.body_hash if known and not other_body else codec.digest(f"{reference}{opens_at}".encode())
        self.give(
            RequestVisit(
                command_id=f"file-{reference}-{len(self._commands)}", visit_id=visit_id, reference=reference, body_hash=body,
                recipient_id=f"r-{reference}", dong=CONFIG.dongs[0 if north else 1].code, place=place,
                window_start_at=opens_at, due_at=fields["window_end_at"], **fields,
            ),
            organisation="dong", actor="care_manager:1144000001",
        )  # fmt: skip
        self._commands.append("")

    # Workers --------------------------------------------------------------------------------------------------------

    @rule(number=few, accept=st.booleans(), named=st.sampled_from(("", *WORKERS)))
    def answer(self, number: int, accept: bool, named: str) -> None:
        offers = [key for key, offer in self.one.state.offers.items() if not offer.outcome]
        if not offers:
            return
        made = self.one.state.offers[offers[number % len(offers)]].made
        kind = ReportKind.OFFER_ACCEPTED if accept else ReportKind.OFFER_DECLINED
        worker_id = named if ORGANISATION.get(named) == made.organisation else made.worker_id
        self._report(worker_id, kind, offer_id=made.offer_id)

    @rule(number=few)
    def late_answer(self, number: int) -> None:
        offers = list(self.one.state.offers.values())
        if offers:
            made = offers[-1 - number % len(offers)].made
            self._report(made.worker_id, ReportKind.OFFER_ACCEPTED, offer_id=made.offer_id)

    @rule(worker_id=who, reach_min=st.integers(0, 20))
    def go_on(self, worker_id: str, reach_min: int) -> None:
        """A worker does what comes next, as good days go."""
        state = self.one.state
        stops = [s for s in state.workers[worker_id].stops if worker_id in state.visits[s.visit_id].accepted_ids]
        if not stops:
            return
        self._wait(reach_min)
        if stops[0].kind == "pickup":
            batch = tuple(s.visit_id for s in stops if s.kind == "pickup")
            self._report(worker_id, ReportKind.PICKED_UP, batch)
            return
        self._report(worker_id, ReportKind.ARRIVED, (stops[0].visit_id,))
        self._report(worker_id, ReportKind.DONE, (stops[0].visit_id,))

    @rule(worker_id=who, kind=st.sampled_from(ODD), number=few, ago_min=st.integers(0, 60))
    def report(self, worker_id: str, kind: str, number: int, ago_min: int) -> None:
        """Any report about any visit, in any order."""
        visit_ids = (self._visit(number),) if self.one.state.visits and not kind.startswith(("shift", "dropped")) else ()
        self._report(worker_id, ReportKind(kind), visit_ids, occurred_at=self.now_at - timedelta(minutes=ago_min))

    @rule(number=few, kind=st.sampled_from(("no_answer", "failed", "arrived", "en_route", "started", "reopened")))
    def at_the_door(self, number: int, kind: str) -> None:
        """Whoever has a visit says something about it."""
        state = self.one.state
        held = [v for v, visit in state.visits.items() if visit.accepted_ids]
        if held:
            visit_id = held[-1 - number % len(held)]
            self._report(state.visits[visit_id].accepted_ids[0], ReportKind(kind), (visit_id,))

    @rule(number=few, code=st.sampled_from(("no_sign_of_life", "box_untouched", "nonsense")))
    def observe(self, number: int, code: str) -> None:
        state = self.one.state
        known = [(v, w) for v, visit in state.visits.items() for w in visit.past_worker_ids]
        if known:
            visit_id, worker_id = known[number % len(known)]
            self._report(worker_id, ReportKind.OBSERVED, (visit_id,), reason=code)

    @rule(late_min=st.integers(-20, 60))
    def kitchen(self, late_min: int) -> None:
        self._reports += 1
        ready_at = self.now_at + timedelta(minutes=late_min)
        self.give(KitchenReported(report_id=f"r{self._reports}", kitchen_id="k1", ready_at=ready_at), organisation=KITCHEN)

    # People ---------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.one.state.visits)
    @rule(number=few, stale=st.booleans())
    def cancel(self, number: int, stale: bool) -> None:
        visit_id = self._visit(number)
        changes = self.one.state.visits[visit_id].changes
        command_id = f"c{len(self._commands)}"
        self._commands.append(command_id)
        made = self.give(
            CancelVisit(command_id=command_id, visit_id=visit_id, reason="recipient_asked"), actor="coordinator:7",
            expected_version=changes - 1 if stale and changes else None,
        )  # fmt: skip
        if stale and changes:
            answers = [one for one in made if isinstance(one, d.CommandSettled) and one.command_id == command_id]
            mine = [one for one in made if isinstance(one, d.VisitChanged) and one.actor == "coordinator:7"]
            assert [one.outcome for one in answers] == ["refused"]
            assert not mine, "a command on a stale version changed something"

    @precondition(lambda self: self.one.state.visits)
    @rule(number=few, worker_id=who, waive=st.booleans())
    def assign(self, number: int, worker_id: str, waive: bool) -> None:
        rules = CONFIG.policy.breakable_rules if waive else ()
        reason = "kin_asked" if waive else ""
        self._command(AssignVisit, visit_id=self._visit(number), worker_id=worker_id, waive=rules, reason=reason)

    @precondition(lambda self: self.one.state.visits)
    @rule(number=few, worker_id=who, take_back=st.booleans())
    def forbid(self, number: int, worker_id: str, take_back: bool) -> None:
        if take_back:
            self._command(LetPlanDecide, visit_id=self._visit(number))
        else:
            self._command(ForbidWorker, visit_id=self._visit(number), worker_id=worker_id, reason="kin_asked")

    @precondition(lambda self: len(self.one.state.visits) > 1)
    @rule(number=few, other=few)
    def swap(self, number: int, other: int) -> None:
        self._command(SwapVisits, visit_id=self._visit(number), other_visit_id=self._visit(other))

    @rule(number=few)
    def undo(self, number: int) -> None:
        kept = list(self.one.state.undo)
        if kept:
            self._command(UndoCommand, undone_command_id=kept[-1 - number % len(kept)])

    @precondition(lambda self: self.one.state.visits)
    @rule(number=few, outcome=st.sampled_from(("open", "done", "failed")))
    def correct(self, number: int, outcome: str) -> None:
        self._command(CorrectVisit, visit_id=self._visit(number), outcome=outcome, reason="mis_tap")

    @rule(number=few, choice=few, only_seen=st.booleans())
    def attend(self, number: int, choice: int, only_seen: bool) -> None:
        still = [key for key, record in self.one.state.exceptions.items() if not record.outcome]
        if not still:
            return
        exception_id = still[number % len(still)]
        if only_seen:
            self._command(AcknowledgeException, exception_id=exception_id)
            return
        outcomes = KINDS[self.one.state.exceptions[exception_id].raised.kind].outcomes
        self._command(SettleException, exception_id=exception_id, outcome=outcomes[choice % len(outcomes)])

    @rule(number=few)
    def concern(self, number: int) -> None:
        self._command(ReportConcern, concern_id=f"n{number}", recipient_id=f"r-meal-{number}", dong=CONFIG.dongs[number % 2].code,
                      observation="post_piling_up", source="neighbour")  # fmt: skip

    # Plans ----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.one.state.solve_pending)
    @rule(moves=st.lists(st.tuples(few, who, few), max_size=3), lost=st.booleans())
    def plan(self, moves: list[tuple[int, str, int]], lost: bool) -> None:
        """A solver answers: a plan, good or mad, or not at all."""
        state = self.one.state
        if lost:
            self.give(SolveFailed(solve_id=state.solve_pending, reason="died"))
            return
        _, current = build_problem(state)
        routes = {route.worker_id: list(route.stops) for route in plan_to_routes(current)}
        for number, worker_id, place in moves:
            visit_id = self._visit(number) if state.visits else ""
            stops = [stop for stops in routes.values() for stop in stops if stop.visit_id == visit_id]
            if not stops and state.visits and state.visits[visit_id].state is VisitState.WAITING:
                meal = bool(state.visits[visit_id].spec.kitchen_id)
                stops = [ProposedStop(visit_id, kind) for kind in (("pickup", "visit") if meal else ("visit",))]
            for its in routes.values():
                its[:] = [stop for stop in its if stop.visit_id != visit_id]
            into = routes.setdefault(worker_id, [])
            into[place % (len(into) + 1) : 0] = list(dict.fromkeys(stops))
        self.give(
            PlanProposed(
                solve_id=state.solve_pending, based_on=0, price=0, iterations=1,
                routes=tuple(ProposedRoute(worker_id, tuple(stops)) for worker_id, stops in sorted(routes.items())),
            )
        )  # fmt: skip

    # Time, repeats, crashes -----------------------------------------------------------------------------------------

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self._wait(minutes)

    def _wait(self, minutes: int) -> None:
        """Time passes; the core is woken at each of its deadlines."""
        until = self.now_at + timedelta(minutes=minutes)
        while (due := self.one.due_at()) is not None and due <= until:
            self.now_at = max(self.now_at, due)
            self.give(ClockTicked(due_at=due))
        self.now_at = until

    @rule(minutes=st.integers(-30, 90))
    def jump(self, minutes: int) -> None:
        """The clock jumps, also back, and nobody was woken on the way: the next input brings the time."""
        self.now_at += timedelta(minutes=minutes)

    @rule(number=st.integers(1, 60))
    def again(self, number: int) -> None:
        """An input comes a second time, word for word, as after a kill."""
        raw, _ = self.one.journal[-(number % len(self.one.journal)) or -1]
        envelope = codec.decode(raw, type(self.one).ENVELOPE)
        payload = envelope.read_payload()
        before = {key: visit.state for key, visit in self.one.state.visits.items()}
        made = self.give(
            payload, organisation=envelope.organisation, actor=envelope.actor, occurred_at=envelope.occurred_at,
            expected_version=envelope.expected_version,
        )  # fmt: skip
        if getattr(payload, "command_id", ""):
            mine = [one for one in made if isinstance(one, d.CommandSettled) and one.command_id == payload.command_id]  # type: ignore[attr-defined]
            assert not mine, f"a command was answered twice; visits before: {before}"

    @rule()
    def crash(self) -> None:
        self._equals_its_log()
        self.one.crash()

    def _equals_its_log(self) -> None:
        state = self.one.state
        kept = codec.encode(state)
        assert codec.encode(fold(self.one.code, self.one.log)) == kept, "the state is not what its decisions say"
        self._broken = invariants.broken_rules(state)

    @invariant()
    def the_ledger_balances(self) -> None:
        invariants.check_ledger(self.one.state)
        counted.steps += 1

    def teardown(self) -> None:
        """The day ends: everybody is in one class and none is open; old versions of every event fold to the same."""
        counted.histories += 1
        if not self.one.journal:
            return
        self.give(CloseDay(command_id="close", service_date="2026-03-02"))
        state = self.one.state
        assert all(visit.state in CLOSED for visit in state.visits.values())
        self._equals_its_log()
        old = [as_first_written(raw) for raw in self.one.log]
        assert codec.encode(fold(self.one.code, old)) == codec.encode(state), "an older event means something else now"
