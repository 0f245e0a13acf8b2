"""What people at desks do in a random history: overrule, correct, attend, answer claims, and change who may serve whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from streams.contracts import decisions as d
from streams.contracts.calls import Wish
from streams.contracts.decisions import VisitState
from streams.contracts.eligibility import Exclusion
from streams.contracts.inputs import (
    AcknowledgeException,
    AnswerOffer,
    AssignVisit,
    CancelVisit,
    ClaimNeed,
    ConfigureDistrict,
    CorrectVisit,
    ExcludePair,
    ForbidWorker,
    LetPlanDecide,
    LiftExclusion,
    LockStop,
    PlanProposed,
    ProposedRoute,
    ProposedStop,
    RaiseFee,
    RecordCall,
    RecordCredential,
    RecordEmergencyCall,
    ReportConcern,
    SettleClaim,
    SettleException,
    SolveFailed,
    SwapVisits,
    UndoCommand,
    WithdrawCredential,
)
from streams.core.exceptions import KINDS
from streams.core.planning import build_problem, plan_to_routes
from tests.core_world import CENTRE, WINDOW
from tests.histories.machine import Machine, few, happens, who
from tests.histories.towns import TRAINED, town

NEEDED = ("claim_to_confirm", "help_asked")
visits_there = precondition(lambda self: any(side.state.visits for side in self.sides.values()))


class People(Machine):
    """Coordinators, care managers, the district office."""

    @visits_there
    @happens(number=few, stale=st.booleans())
    def cancel(self, number: int, stale: bool) -> None:
        if not self.state.visits:
            return
        visit_id = self.visit(number)
        changes = self.state.visits[visit_id].changes
        command_id = self.command_id()
        made = self.give(
            CancelVisit(command_id=command_id, visit_id=visit_id, reason="recipient_asked"), actor="coordinator:7",
            expected_version=changes - 1 if stale and changes else None,
        )  # fmt: skip
        if stale and changes:
            answers = [one for one in made if isinstance(one, d.CommandSettled) and one.command_id == command_id]
            mine = [one for one in made if isinstance(one, d.VisitChanged) and one.actor == "coordinator:7"]
            assert [one.outcome for one in answers] == ["refused"]
            assert not mine, "a command on a stale version changed something"

    @visits_there
    @happens(number=few, worker=who, waive=st.booleans())
    def assign(self, number: int, worker: int, waive: bool) -> None:
        if self.state.visits:
            rules = self.side.config.policy.breakable_rules if waive else ()
            reason = "kin_asked" if waive else ""
            self.command(AssignVisit, visit_id=self.visit(number), worker_id=self.worker(worker), waive=rules, reason=reason)

    @visits_there
    @happens(number=few, worker=who, take_back=st.booleans())
    def forbid(self, number: int, worker: int, take_back: bool) -> None:
        if not self.state.visits:
            return
        if take_back:
            self.command(LetPlanDecide, visit_id=self.visit(number))
        else:
            self.command(ForbidWorker, visit_id=self.visit(number), worker_id=self.worker(worker), reason="kin_asked")

    @visits_there
    @happens(number=few)
    def lock(self, number: int) -> None:
        if self.state.visits:
            self.command(LockStop, visit_id=self.visit(number))

    @visits_there
    @happens(number=few, other=few)
    def swap(self, number: int, other: int) -> None:
        if self.state.visits:
            self.command(SwapVisits, visit_id=self.visit(number), other_visit_id=self.visit(other))

    @happens(number=few)
    def undo(self, number: int) -> None:
        kept = list(self.state.undo)
        if kept:
            self.command(UndoCommand, undone_command_id=kept[-1 - number % len(kept)])

    @visits_there
    @happens(number=few, outcome=st.sampled_from(("open", "done", "failed")))
    def correct(self, number: int, outcome: str) -> None:
        if self.state.visits:
            self.command(CorrectVisit, visit_id=self.visit(number), outcome=outcome, reason="mis_tap")

    @visits_there
    @happens(number=few, wish=st.sampled_from(Wish), minutes=st.integers(-30, 300), dong=few)
    def ring(self, number: int, wish: Wish, minutes: int, dong: int) -> None:
        """A recipient calls about a promise."""
        if not self.state.visits:
            return
        visit_id, dongs = self.visit(number), self.side.config.dongs
        later_at = self.state.visits[visit_id].spec.due_at + timedelta(minutes=minutes) if wish is Wish.LATER else None
        moved = dongs[dong % len(dongs)] if wish is Wish.CHANGE_ADDRESS else None
        self.command(
            RecordCall, visit_id=visit_id, wish=wish, later_at=later_at, dong=moved.code if moved else "",
            place=moved.centroid if moved else None,
        )  # fmt: skip

    @visits_there
    @happens(number=few, extra=st.integers(0, 3))
    def better_paid(self, number: int, extra: int) -> None:
        if self.state.visits:
            self.command(RaiseFee, visit_id=self.visit(number), extra_krw=1000 * extra)

    @happens(number=few, choice=few, only_seen=st.booleans())
    def attend(self, number: int, choice: int, only_seen: bool) -> None:
        still = [key for key, record in self.state.exceptions.items() if not record.outcome]
        if not still:
            return
        exception_id = still[number % len(still)]
        if only_seen:
            self.command(AcknowledgeException, exception_id=exception_id)
        else:
            self._settle(exception_id, choice)

    @happens(number=few, choice=few)
    def answer_a_district(self, number: int, choice: int) -> None:
        """A claim, or another district's need."""
        still = [key for key, record in self.state.exceptions.items() if not record.outcome and record.raised.kind in NEEDED]
        if still:
            self._settle(still[number % len(still)], choice)

    def _settle(self, exception_id: str, choice: int) -> None:
        outcomes = KINDS[self.state.exceptions[exception_id].raised.kind].outcomes
        self.command(SettleException, exception_id=exception_id, outcome=outcomes[choice % len(outcomes)])

    @happens(number=few, yes=st.booleans())
    def settle_claim(self, number: int, yes: bool) -> None:
        """Also one that is settled: what another district has is taken back from it."""
        claims = list(self.state.claims)
        if claims:
            self.command(SettleClaim, claim_id=claims[-1 - number % len(claims)], outcome="confirmed" if yes else "declined")

    @visits_there
    @happens(number=few, organisation=st.sampled_from((CENTRE, WINDOW)))
    def claim_by_telephone(self, number: int, organisation: str) -> None:
        if self.state.visits:
            self.command(ClaimNeed, visit_id=self.visit(number), organisation=organisation)

    @happens(number=few, yes=st.booleans(), in_part=st.booleans())
    def answer_by_telephone(self, number: int, yes: bool, in_part: bool) -> None:
        offers = list(self.state.offers.values())
        if offers:
            made = offers[-1 - number % len(offers)].made
            self.command(
                AnswerOffer, offer_id=made.offer_id, answer="accepted" if yes else "declined",
                declined_visit_ids=made.visit_ids[:1] if in_part else (), reason="hard_door" if in_part else "",
            )  # fmt: skip

    @happens(number=few)
    def concern(self, number: int) -> None:
        self.command(
            ReportConcern, concern_id=f"n{number}", recipient_id=f"r-meal-{number}", dong=self.side.config.dongs[number % 2].code,
            observation="post_piling_up", source="neighbour",
        )  # fmt: skip

    @happens(number=few, conscious=st.booleans())
    def emergency_call(self, number: int, conscious: bool) -> None:
        self.command(
            RecordEmergencyCall, recipient_id=f"r-meal-{number}", dong=self.side.config.dongs[number % 2].code,
            answers={"conscious": conscious}, source="neighbour",
        )  # fmt: skip

    # Who may serve whom ---------------------------------------------------------------------------------------------

    @happens(worker=who, minutes=st.integers(-30, 240), code=st.sampled_from((TRAINED, "test")), withdraw=st.booleans())
    def credential(self, worker: int, minutes: int, code: str, withdraw: bool) -> None:
        if withdraw:
            self.command(WithdrawCredential, worker_id=self.worker(worker), code=code, reason="wrong")
            return
        self.command(
            RecordCredential, worker_id=self.worker(worker), code=code, issued_at=self.now_at - timedelta(minutes=60),
            valid_until_at=self.now_at + timedelta(minutes=minutes),
        )  # fmt: skip

    @visits_there
    @happens(number=few, worker=who, by=st.sampled_from(("recipient", "worker")), lift=st.booleans())
    def not_these_two(self, number: int, worker: int, by: str, lift: bool) -> None:
        if not self.state.visits:
            return
        recipient_id = self.state.visits[self.visit(number)].spec.recipient_id
        held = sorted(self.pairs(self.state.exclusions))
        if lift and held:
            recipient_id, worker_id = held[worker % len(held)]
            self.command(LiftExclusion, recipient_id=recipient_id, worker_id=worker_id)
        elif lift:
            self.command(LiftExclusion, recipient_id=recipient_id, worker_id=self.worker(worker))
        else:
            self.command(ExcludePair, recipient_id=recipient_id, worker_id=self.worker(worker), by=by, reason="quarrel")

    @happens(at_once=st.booleans(), agreed=st.booleans())
    def configure(self, at_once: bool, agreed: bool) -> None:
        """The same district with other rules of asking and helping, and a list of exclusions that has heard of no lifting."""
        few_carers = len(self.side.workers) < 8
        version = self.side.config.version + 1
        given = town(self.side.one.code, few_carers=few_carers, at_once=at_once, agreed=agreed, version=version)
        held, lifted = self.pairs(self.state.exclusions), self.pairs(self.state.lifted)
        listed = tuple(Exclusion(recipient_id=recipient, worker_id=worker) for recipient, worker in sorted(held | lifted))
        self.side.config = msgspec.structs.replace(given, exclusions=listed)
        self.command(ConfigureDistrict, config=self.side.config)
        assert self.pairs(self.state.exclusions) == held, "what was lifted is back, or what was said is gone"

    @staticmethod
    def pairs(of: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
        return {(recipient_id, worker_id) for recipient_id, workers in of.items() for worker_id in workers}

    # Plans ----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(side.state.solve_pending for side in self.sides.values()))
    @happens(moves=st.lists(st.tuples(few, who, few), max_size=3), lost=st.booleans())
    def plan(self, moves: list[tuple[int, int, int]], lost: bool) -> None:
        """A solver answers: a plan, good or mad, or not at all."""
        state = self.state
        if not state.solve_pending:
            return
        if lost:
            self.give(SolveFailed(solve_id=state.solve_pending, reason="died"))
            return
        _, current = build_problem(state)
        routes = {route.worker_id: list(route.stops) for route in plan_to_routes(current)}
        for number, worker, place in moves:
            visit_id = self.visit(number) if state.visits else ""
            stops = [stop for stops in routes.values() for stop in stops if stop.visit_id == visit_id]
            if not stops and state.visits and state.visits[visit_id].state is VisitState.WAITING:
                meal = bool(state.visits[visit_id].spec.kitchen_id)
                stops = [ProposedStop(visit_id, kind) for kind in (("pickup", "visit") if meal else ("visit",))]
            for its in routes.values():
                its[:] = [stop for stop in its if stop.visit_id != visit_id]
            into = routes.setdefault(self.worker(worker), [])
            into[place % (len(into) + 1) : 0] = list(dict.fromkeys(stops))
        self.give(
            PlanProposed(
                solve_id=state.solve_pending, based_on=0, price=0, iterations=1,
                routes=tuple(ProposedRoute(worker_id, tuple(stops)) for worker_id, stops in sorted(routes.items())),
            )
        )  # fmt: skip
