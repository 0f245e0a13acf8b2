"""Two districts over a link that loses, doubles, reorders and delays, with crashes on either side: never two suppliers, and once
everything that is said arrives never none."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import event, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.contracts.decisions import VisitState
from streams.contracts.inputs import SettleClaim
from streams.core.between_districts import HELD, AskState
from streams.core.lifecycle import CLOSED
from streams.core.state import VisitRecord, state_hash
from tests.core_world import at
from tests.neighbours import HOME_CARE, MAPO, SEODAEMUN, Neighbour, Neighbours, mapo_and_seodaemun, suppliers

NEXT = {
    VisitState.ACCEPTED: "arrived", VisitState.EN_ROUTE: "arrived", VisitState.ARRIVED: "started", VisitState.IN_SERVICE: "done",
}  # fmt: skip


class Talk(RuleBasedStateMachine):
    """Mapo asks, Seodaemun helps; what people do and what the link does comes in any order."""

    @initialize(at_once=st.booleans(), agreed=st.booleans(), one_home=st.booleans())
    def begin(self, at_once: bool, agreed: bool, one_home: bool) -> None:
        self.world: Neighbours = mapo_and_seodaemun(
            offer_at_once=at_once, pre_approved=agreed, rung_wait_s=120, help_retry_s=60, help_confirm_s=600
        )
        self.clock_min = 0
        self.world.wait("11:00")
        self.wait(0)
        self.visits: list[VisitRecord] = [self.home.file("care", **HOME_CARE)]
        if one_home:
            self.visits.append(self.home.file("other", **HOME_CARE))
        self.wait(7)

    @property
    def home(self) -> Neighbour:
        return self.world.districts[MAPO]

    @property
    def there(self) -> Neighbour:
        return self.world.districts[SEODAEMUN]

    @rule(minutes=st.integers(1, 15))
    def wait(self, minutes: int) -> None:
        """Time passes on both sides; what is said stays under way."""
        self.clock_min += minutes
        hours, rest = divmod(11 * 60 + self.clock_min, 60)
        self.world.wait(f"{hours}:{rest:02d}", talking=False)
        self.world.collect()

    @precondition(lambda self: self.world.under_way)
    @rule(data=st.data(), keep=st.booleans())
    def arrives(self, data: Any, keep: bool) -> None:
        """Any message that is under way arrives, perhaps not for the last time."""
        self.world.deliver(data.draw(st.integers(0, len(self.world.under_way) - 1)), keep=keep)

    @precondition(lambda self: self.world.under_way)
    @rule(data=st.data())
    def gets_lost(self, data: Any) -> None:
        self.world.under_way.pop(data.draw(st.integers(0, len(self.world.under_way) - 1)))

    @precondition(lambda self: self.world.under_way)
    @rule()
    def all_arrives(self) -> None:
        self.world.talk()

    @rule(code=st.sampled_from((MAPO, SEODAEMUN)))
    def crashes(self, code: str) -> None:
        """What is rebuilt from the decisions is what was there."""
        one = self.world.districts[code]
        before = state_hash(one.state)
        one.crash()
        assert state_hash(one.state) == before
        self.visits = [self.home.state.visits[visit.spec.visit_id] for visit in self.visits]

    @rule(code=st.sampled_from((MAPO, SEODAEMUN)), pick=st.integers(0, 20), yes=st.booleans())
    def a_person_answers(self, code: str, pick: int, yes: bool) -> None:
        """Coordinators answer claims and other districts' needs, as they like."""
        one = self.world.districts[code]
        wanted = {"claim_to_confirm": ("declined", "confirmed"), "help_asked": ("help_declined", "help_offered")}
        found = [kind for kind in one.open_exceptions() if kind in wanted]
        if found:
            one.settle(found[pick % len(found)], wanted[found[pick % len(found)]][yes])
            self.world.collect()

    @rule(picks=st.lists(st.integers(0, 20), min_size=1, max_size=5))
    def somebody_works(self, picks: list[int]) -> None:
        """In Seodaemun offers are answered, or carers report their next steps."""
        for pick in picks:
            offers = self.there.open_offers()
            busy = [visit for visit in self.there.state.visits.values() if visit.state in NEXT and visit.accepted_ids]
            if offers:
                self.there.answer(offers[pick % len(offers)], "offer_declined" if pick == 1 else "offer_accepted")
            elif busy:
                visit = busy[pick % len(busy)]
                self.there.report(visit.accepted_ids[0], "failed" if pick == 2 else NEXT[visit.state], visit)
        self.world.collect()

    @rule(number=st.integers(1, 12))
    def somebody_drops_out(self, number: int) -> None:
        if number <= 3:
            self.there.report(f"carer-{number}", "dropped_out")
        self.world.collect()

    @rule(pick=st.integers(0, 9), cancel=st.booleans())
    def mapo_thinks_otherwise(self, pick: int, cancel: bool) -> None:
        """The visit is cancelled, or taken back from the other district."""
        visit = self.visits[pick % len(self.visits)]
        if cancel and pick == 1:
            self.home.cancel(visit)
        elif visit.claim_id and pick < 3:
            command = SettleClaim(command_id=f"back-{len(self.home.inputs)}", claim_id=visit.claim_id, outcome="declined")
            self.home.send(command, actor="coordinator")
        self.world.collect()

    @invariant()
    def never_two_suppliers(self) -> None:
        for visit in getattr(self, "visits", ()):
            assert len(suppliers(self.world, visit)) <= 1

    @invariant()
    def a_held_visit_is_in_no_route_of_its_own_district(self) -> None:
        for visit in getattr(self, "visits", ()):
            held = any(self.home.state.asks[ask_id].state in HELD for ask_id in visit.ask_ids)
            assert not (held and visit.worker_ids)

    def teardown(self) -> None:
        """Everything arrives from now on: nobody is left with nobody."""
        if not hasattr(self, "visits"):
            return
        for _ in range(3):
            self.world.talk()
            self.wait(61)
        self.world.talk()
        for visit in self.visits:
            supplying = suppliers(self.world, visit)
            states = [self.home.state.asks[ask_id].state for ask_id in visit.ask_ids]
            event(f"ends {visit.state.value}")
            assert len(supplying) <= 1
            assert AskState.ACCEPTED not in states
            if visit.state in CLOSED:
                continue
            if AskState.CONFIRMED in states or AskState.RELEASING in states:
                assert supplying == [SEODAEMUN]
            else:  # open, with a deadline, and a person has it
                assert visit.state is VisitState.WAITING
                assert f"give_up:{visit.spec.visit_id}" in self.home.state.deadlines
                assert visit.held_by == "" or self.home.state.claims[visit.held_by].outcome == ""


Talk.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestTalk = Talk.TestCase


def test_the_clock_of_the_machine_begins_when_the_small_district_works() -> None:
    """The machine's hours must be within the shifts, or nobody could ever help."""
    assert at("08:00") < at("11:00") < at("20:00")
