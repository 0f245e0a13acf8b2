"""What is asked for in a random history: meals and care, many at once, under a crisis programme; and postings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from streams.contracts import codec
from streams.contracts.district import Service
from streams.contracts.inputs import (
    AssignPosting,
    EndPosting,
    IssueEquipment,
    RequestPosting,
    RequestVisit,
    RequestVisits,
    SwitchOffProgramme,
    SwitchOnProgramme,
)
from tests.histories.machine import Machine, few, happens, who
from tests.histories.towns import BUDGET_KRW, CRISIS, CRISIS_FROM, CRISIS_UNTIL, IN_THREE_DAYS, TRAINED

many = st.integers(0, 30)
ahead = st.integers(0, 180)


class Requests(Machine):
    """What recipients and those who speak for them want."""

    def morning(self) -> None:
        for number, ahead_min in ((40, 50), (41, 50), (42, 100)):
            self.file(self._meal(number, number != 42, ahead_min))
        for number, service in ((43, Service.CHECK_IN), (44, Service.TEMPORARY_HOME_CARE), (45, Service.TEMPORARY_HOME_CARE)):
            self.file(self._care(number, number != 45, number, service))

    @happens(number=many, north=st.booleans(), ahead_min=ahead, other_body=st.booleans(), diet=st.sampled_from(("", "porridge")))
    def meal(self, number: int, north: bool, ahead_min: int, other_body: bool, diet: str) -> None:
        self.file(self._meal(number, north, ahead_min, other_body, diet))

    def _meal(self, number: int, north: bool, ahead_min: int, other_body: bool = False, diet: str = "") -> RequestVisit:
        opens_at = self.now_at + timedelta(minutes=ahead_min)
        return self._request(
            f"meal-{number}", north, opens_at, other_body, service=Service.MEAL_SUPPORT, kitchen_id="k2" if diet else "k1",
            meal_kind="hot_lunch", ready_at=opens_at - timedelta(minutes=15), freshness_s=3600, service_duration_s=240,
            may_leave_at_door=bool(number % 2), window_end_at=opens_at + timedelta(minutes=60), diet=diet,
            avoid_allergens=("milk",) if number == 3 else (),
        )  # fmt: skip

    @happens(number=many, north=st.booleans(), ahead_min=ahead, two=st.booleans(), urgent=st.booleans())
    def care(self, number: int, north: bool, ahead_min: int, two: bool, urgent: bool) -> None:
        self.file(self._care(number, north, ahead_min, Service.CHECK_IN, worker_count=2 if two else 1, priority=1 if urgent else 2))

    @happens(number=many, north=st.booleans(), ahead_min=st.integers(20, 180), gender=st.sampled_from(("", "", "female", "male")))
    def home_care(self, number: int, north: bool, ahead_min: int, gender: str) -> None:
        self.file(self._care(number, north, ahead_min, Service.TEMPORARY_HOME_CARE, gender=gender))

    @happens(number=many, north=st.booleans(), ahead_min=ahead, parcel=st.booleans(), urgent=st.booleans())
    def from_the_pharmacy(self, number: int, north: bool, ahead_min: int, parcel: bool, urgent: bool) -> None:
        opens_at = self.now_at + timedelta(minutes=ahead_min)
        service = Service.LOCAL_PARCEL if parcel else Service.ERRAND
        self.file(self._request(
            f"{service}-{number}", north, opens_at, service=service, kitchen_id="pharmacy", service_duration_s=120,
            window_end_at=opens_at + timedelta(minutes=120), priority=1 if urgent and not parcel else 2,
        ))  # fmt: skip

    @happens(number=many, north=st.booleans(), ahead_min=ahead)
    def crisis_visit(self, number: int, north: bool, ahead_min: int) -> None:
        self.file(self._care(number, north, ahead_min, Service.CHECK_IN, programme=CRISIS, asked_by="recipient"))

    @happens(number=many, others=st.lists(many, max_size=3), ahead_min=ahead, dry_run=st.booleans())
    def many_at_once(self, number: int, others: list[int], ahead_min: int, dry_run: bool) -> None:
        rows = tuple(
            self._meal(n, True, ahead_min) if n % 2 else self._care(n, False, ahead_min, Service.CHECK_IN)
            for n in dict.fromkeys((number, *others))
        )
        before = len(self.state.visits)
        self.give(RequestVisits(command_id=self.command_id(), requests=rows, dry_run=dry_run), organisation="dong", actor="dong:1")
        assert not dry_run or len(self.state.visits) == before, "who only asked has filed something"

    def _care(self, number: int, north: bool, ahead_min: int, service: Service, **fields: Any) -> RequestVisit:
        opens_at = self.now_at + timedelta(minutes=ahead_min)
        return self._request(
            f"{service}-{number}", north, opens_at, service=service, service_duration_s=900,
            window_end_at=opens_at + timedelta(minutes=120), **fields,
        )  # fmt: skip

    def _request(self, reference: str, north: bool, opens_at: datetime, other_body: bool = False, **fields: Any) -> RequestVisit:
        visit_id = str(uuid5(NAMESPACE_URL, reference))
        dong = self.side.config.dongs[0 if north else 1]
        known = self.state.visits.get(visit_id)
        body = known.spec.body_hash if known and not other_body else codec.digest(f"{reference}{opens_at}".encode())
        return RequestVisit(
            command_id=self.command_id(), visit_id=visit_id, reference=reference, body_hash=body,
            recipient_id=f"r-{reference[-6:]}", dong=dong.code, place=dong.centroid, window_start_at=opens_at,
            due_at=fields["window_end_at"], **fields,
        )  # fmt: skip

    def file(self, request: RequestVisit) -> None:
        self.give(request, organisation="dong", actor="care_manager:1144000001")

    # A crisis -------------------------------------------------------------------------------------------------------

    @happens(on=st.integers(0, 3), masks=st.integers(0, 12))
    def programme(self, on: int, masks: int) -> None:
        if not on:
            self.command(SwitchOffProgramme, actor="operator:1", programme_id=CRISIS, reason="over")
            return
        self.command(
            SwitchOnProgramme, actor="operator:1", programme_id=CRISIS, from_date=CRISIS_FROM, until_date=CRISIS_UNTIL,
            budget_krw=BUDGET_KRW // on, stock={"mask": masks},
        )  # fmt: skip

    @happens(number=few, ahead_min=ahead, north=st.booleans(), chosen=st.booleans(), worker=who)
    def posting(self, number: int, ahead_min: int, north: bool, chosen: bool, worker: int) -> None:
        from_at = self.now_at + timedelta(minutes=ahead_min)
        self.command(
            RequestPosting, posting_id=f"p{number}", programme_id=CRISIS, recipient_id=f"r-p{number}",
            dong=self.side.config.dongs[0 if north else 1].code, asked_by="public_health_centre", from_at=from_at,
            until_at=from_at + (IN_THREE_DAYS if number % 2 else timedelta(minutes=50)),
            worker_id=self.worker(worker) if chosen else "",
        )  # fmt: skip

    @precondition(lambda self: any(side.state.postings for side in self.sides.values()))
    @happens(number=few, worker=who, over=st.booleans())
    def posting_goes_on(self, number: int, worker: int, over: bool) -> None:
        if not self.state.postings:
            return
        posting_id = list(self.state.postings)[number % len(self.state.postings)]
        if over:
            self.command(EndPosting, posting_id=posting_id, reason="recovered")
        else:
            self.command(AssignPosting, posting_id=posting_id, worker_id=self.worker(worker))

    @happens(worker=who, minutes=st.integers(1, 300))
    def equipment(self, worker: int, minutes: int) -> None:
        self.command(
            IssueEquipment, programme_id=CRISIS, worker_id=self.worker(worker), items={"mask": 1}, credential=TRAINED,
            valid_until_at=self.now_at + timedelta(minutes=minutes),
        )  # fmt: skip
