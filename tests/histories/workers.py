"""What workers, providers and kitchens do in a random history: answer, serve, claim, fall silent, fail."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from streams.contracts.decisions import VisitState as S
from streams.contracts.inputs import (
    EndDisruption,
    EndpointReported,
    KitchenReported,
    PauseMode,
    PositionHeard,
    ProviderReported,
    ReportKind,
    ReportProviderFailure,
    WorkerReported,
)
from streams.core.lifecycle import TAKEN
from tests.core_world import CENTRE, COOP, KITCHEN, WINDOW
from tests.histories.machine import Machine, few, happens, who

ODD = (
    "shift_on", "picked_up", "arrived", "started", "done", "no_answer", "failed", "en_route", "returned", "reopened",
    "shift_off", "dropped_out", "here", "alarm",
)  # fmt: skip
ABOUT_THEMSELVES = ("shift", "dropped", "here", "alarm")
PROVIDERS = (KITCHEN, CENTRE, COOP, WINDOW)
REASONS = ("", "too_far", "hard_door", "no_worker", "nonsense")


class Workers(Machine):
    """Those who go."""

    @happens(number=few, accept=st.booleans(), named=st.one_of(st.none(), who), reason=st.sampled_from(REASONS))
    def answer(self, number: int, accept: bool, named: int | None, reason: str) -> None:
        offers = [key for key, offer in self.state.offers.items() if not offer.outcome]
        if not offers:
            return
        made = self.state.offers[offers[number % len(offers)]].made
        kind = ReportKind.OFFER_ACCEPTED if accept else ReportKind.OFFER_DECLINED
        worker_id = self.worker(named) if named is not None else made.worker_id
        if self.side.organisation[worker_id] != made.organisation:
            worker_id = made.worker_id
        self.report(worker_id, kind, offer_id=made.offer_id, reason="" if accept else reason)

    @happens(number=few, doors=few)
    def answer_in_part(self, number: int, doors: int) -> None:
        """A round, but not those doors."""
        rounds = [offer.made for offer in self.state.offers.values() if not offer.outcome and len(offer.made.visit_ids) > 1]
        if rounds:
            made = rounds[number % len(rounds)]
            cannot = made.visit_ids[: 1 + doors % len(made.visit_ids)]
            fields = {"offer_id": made.offer_id, "declined_visit_ids": cannot, "reason": "hard_door"}
            self.report(made.worker_id, ReportKind.OFFER_ACCEPTED, **fields)

    @happens(number=few)
    def late_answer(self, number: int) -> None:
        offers = list(self.state.offers.values())
        if offers:
            made = offers[-1 - number % len(offers)].made
            self.report(made.worker_id, ReportKind.OFFER_ACCEPTED, offer_id=made.offer_id)

    @happens(number=few, minutes=st.integers(0, 45), more=few)
    def a_good_while(self, number: int, minutes: int, more: int) -> None:
        """Time passes, every open offer is accepted, and workers go on: most days are mostly good."""
        self.pass_time(minutes)
        for offer_id in [key for key, offer in self.state.offers.items() if not offer.outcome]:
            if not self.state.offers[offer_id].outcome:
                self.report(self.state.offers[offer_id].made.worker_id, ReportKind.OFFER_ACCEPTED, offer_id=offer_id)
        for one in range(more % 4):
            self._next_stop(number + one)

    @happens(number=few, reach_min=st.integers(0, 20))
    def go_on(self, number: int, reach_min: int) -> None:
        """Whoever has something to do does what comes next, as good days go."""
        self.pass_time(reach_min)
        self._next_stop(number)

    def _next_stop(self, number: int) -> None:
        state = self.state
        busy = {
            worker_id: own for worker_id, worker in state.workers.items()
            if (own := [s for s in worker.stops if worker_id in state.visits[s.visit_id].accepted_ids])
        }  # fmt: skip
        if not busy:
            return
        worker_id = list(busy)[number % len(busy)]
        stops = busy[worker_id]
        if stops[0].kind == "pickup":
            batch = tuple(s.visit_id for s in stops if s.kind == "pickup")
            self.report(worker_id, ReportKind.PICKED_UP, batch)
            return
        self.report(worker_id, ReportKind.ARRIVED, (stops[0].visit_id,))
        self.report(worker_id, ReportKind.DONE, (stops[0].visit_id,))

    @happens(worker=who, kind=st.sampled_from(ODD), number=few, ago_min=st.integers(0, 60))
    def anything(self, worker: int, kind: str, number: int, ago_min: int) -> None:
        """Any report about any visit, in any order."""
        about = bool(self.state.visits) and not kind.startswith(ABOUT_THEMSELVES)
        visit_ids = (self.visit(number),) if about else ()
        self.report(self.worker(worker), ReportKind(kind), visit_ids, occurred_at=self.now_at - timedelta(minutes=ago_min))

    @happens(number=few, kind=st.sampled_from(("no_answer", "failed", "arrived", "en_route", "started", "reopened", "done")))
    def at_the_door(self, number: int, kind: str) -> None:
        """Whoever has a visit says something about it."""
        held = [v for v, visit in self.state.visits.items() if visit.accepted_ids and (visit.state in TAKEN or kind == "reopened")]
        if held:
            visit_id = held[-1 - number % len(held)]
            self.report(self.state.visits[visit_id].accepted_ids[0], ReportKind(kind), (visit_id,))

    @happens(number=few, code=st.sampled_from(("no_sign_of_life", "box_untouched", "nonsense")))
    def observe(self, number: int, code: str) -> None:
        known = [(v, w) for v, visit in self.state.visits.items() for w in visit.past_worker_ids]
        if known:
            visit_id, worker_id = known[number % len(known)]
            self.report(worker_id, ReportKind.OBSERVED, (visit_id,), reason=code)

    @happens(number=few, by=who)
    def substitute(self, number: int, by: int) -> None:
        """Somebody else of the organisation comes."""
        held = [v for v, visit in self.state.visits.items() if visit.accepted_ids and visit.state in (S.ACCEPTED, S.EN_ROUTE)]
        if held:
            visit_id = held[-1 - number % len(held)]
            organisation = self.side.organisation[self.state.visits[visit_id].accepted_ids[0]]
            theirs = [w for w in self.side.workers if self.side.organisation[w] == organisation]
            self.report(theirs[by % len(theirs)], ReportKind.SUBSTITUTED, (visit_id,))

    @happens(number=few)
    def sick_call(self, number: int) -> None:
        """Before the shift, or in the middle of it; whoever has something to do."""
        busy = [w for w, worker in self.state.workers.items() if worker.stops and worker.status in ("off", "on")]
        if busy:
            self.report(busy[number % len(busy)], ReportKind.DROPPED_OUT)

    @happens(number=few, worker=who, named=st.booleans(), back=st.booleans())
    def claim(self, number: int, worker: int, named: bool, back: bool) -> None:
        """A provider takes a need that it sees upon itself, or takes that back."""
        guests = [g for g, guest in self.state.guests.items() if guest.open_to]
        seen = [v for v, visit in self.state.visits.items() if visit.open_to or visit.claim_id] + guests
        if seen:
            kind = ReportKind.CLAIM_WITHDRAWN if back else ReportKind.CLAIMED
            worker_id, visit_id = self.worker(worker), seen[-1 - number % len(seen)]
            organisation = self.side.organisation[worker_id]
            self.side.reports += 1
            said = WorkerReported(
                report_id=f"r{self.side.reports}", kind=kind, worker_id=worker_id if named else "", visit_ids=(visit_id,)
            )
            self.give(said, organisation=organisation, actor=f"organisation:{organisation}")

    # What breaks ----------------------------------------------------------------------------------------------------

    @happens(late_min=st.integers(-20, 60))
    def kitchen_late(self, late_min: int) -> None:
        self.side.reports += 1
        ready_at = self.now_at + timedelta(minutes=late_min)
        self.give(KitchenReported(report_id=f"r{self.side.reports}", kitchen_id="k1", ready_at=ready_at), organisation=KITCHEN)

    @happens(provider=st.sampled_from(PROVIDERS), span=st.sampled_from(("hour", "meal_window", "day")), told=few)
    def provider_fails(self, provider: str, span: str, told: int) -> None:
        self.side.reports += 1
        if told % 3 == 0:
            self.command(ReportProviderFailure, provider_id=provider, span=span, reason="gas")
            return
        kind = "failed" if told % 3 == 1 else "back"
        report = ProviderReported(report_id=f"r{self.side.reports}", kind=kind, span=span, reason="gas")
        self.give(report, organisation=provider, actor=f"organisation:{provider}")

    @happens(mode=st.sampled_from(("bicycle", "walk")), area=st.sampled_from(("", "N", "S")), minutes=st.integers(5, 120))
    def weather(self, mode: str, area: str, minutes: int) -> None:
        self.command(PauseMode, mode=mode, area_id=area, until_at=self.now_at + timedelta(minutes=minutes), reason="snow")

    @precondition(lambda self: any(side.state.disruptions for side in self.sides.values()))
    @happens(number=few)
    def it_is_over(self, number: int) -> None:
        known = list(self.state.disruptions)
        if known:
            self.command(EndDisruption, disruption_id=known[-1 - number % len(known)])

    @happens(worker=who, ago_min=st.integers(0, 30))
    def position(self, worker: int, ago_min: int) -> None:
        worker_id = self.worker(worker)
        heard = PositionHeard(worker_id=worker_id, at=self.now_at - timedelta(minutes=ago_min))
        self.give(heard, organisation=self.side.organisation[worker_id])

    @happens(organisation=st.sampled_from((COOP, CENTRE)), status=st.sampled_from(("down", "up", "disabled")))
    def app_server(self, organisation: str, status: str) -> None:
        self.give(EndpointReported(organisation=organisation, endpoint="main", status=status, reason="no_answer"), actor="outbox")
