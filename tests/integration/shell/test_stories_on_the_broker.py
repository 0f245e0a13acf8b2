"""Offers, a closed door and a kitchen that fails, as riders and coordinators would tell it: on the real broker, in two districts
on two dispatchers, one of which is killed in the middle of the story. (Help between them: test_help_across_districts.)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from streams import topics
from streams.contracts import codec
from streams.contracts.decisions import OfferSettled, ReportRefused, VisitState
from streams.contracts.disruptions import KitchenChanged, PromiseChanged
from streams.contracts.district import DistrictConfig, Kitchen, Place, Provider, ProviderKind, Service, WorkerKind
from streams.contracts.envelope import seal
from streams.contracts.inputs import (
    ConfigureDistrict,
    Payload,
    ReportKind,
    ReportProviderFailure,
    RequestVisit,
    SettleException,
    WorkerReported,
)  # fmt: skip
from streams.contracts.offering import Offering, OfferRule
from streams.core.chain import REAL_CORE, PartitionState, apply_record
from streams.core.state import DistrictState, VisitRecord
from tests.core_world import COOP, KITCHEN, WINDOW, worker
from tests.integration.shell.events import MAPO, PARTITION, SEODAEMUN
from tests.neighbours import district
from tests.stack import Stores, Tell, Worker, fold, read, send, wait_until

pytestmark = pytest.mark.broker

BOTH = (MAPO, SEODAEMUN)
OTHER_COOP = "coop-b"
COOP_OF = {"rider-1": COOP, "rider-2": COOP, "rider-3": OTHER_COOP}
CARE_MANAGER = "care_manager:1144000001"


def small(code: str, now_at: datetime) -> DistrictConfig:
    """The small district with a second kitchen and a third rider. A minute of its day is a second of this one."""
    made = district(
        code, (), no_answer_retry_s=1, doorstep_call_s=3, doorstep_kin_s=3, disruption_chunk=1,
        offering=Offering(
            rules=(OfferRule(service="meal_support", ask="nearest", nearest_n=2),),
            quiet_from="00:00", quiet_until="00:00",  # the story is told at whatever hour this runs
        ),
    )  # fmt: skip
    begin_at, end_at = now_at - timedelta(hours=1), now_at + timedelta(hours=9)
    rider = worker("rider-3", WorkerKind.RIDER, OTHER_COOP, "N", 250.0)
    return replace(
        made, service_date=now_at.date().isoformat(),
        workers=tuple(replace(one, shift_start_at=begin_at, shift_end_at=end_at) for one in (*made.workers, rider)),
        providers=(*made.providers, Provider(
            provider_id=OTHER_COOP, name_ko="둘째 조합", name_en="Second co-op", kind=ProviderKind.RIDER_COOP,
        )),
        kitchens=(*made.kitchens, Kitchen(
            kitchen_id="k2", provider_id=WINDOW, name_ko="둘째 부엌", name_en="Second kitchen", place=Place(-200.0, 400.0),
            take_over_s=60,
        )),
    )  # fmt: skip


class Town:
    """Both districts as their people see them."""

    def __init__(self, stores: Stores, dispatchers: list[Worker]) -> None:
        self.stores, self.dispatchers = stores, dispatchers
        self.bootstrap = stores.stack.bootstrap

    def says(self, code: str, *said: Payload, topic: str = topics.COMMANDS, organisation: str = "", copies: int = 1) -> None:
        """Somebody says something; with `copies`, more than once."""
        actor = f"organisation:{organisation}" if organisation else "coordinator"
        raw = [
            codec.encode(seal(
                one, id=getattr(one, "command_id", "") or getattr(one, "report_id", ""), district=code, actor=actor,
                at=datetime.now(UTC), organisation=organisation,
            ))
            for one in said
        ]  # fmt: skip
        send(self.bootstrap, topic, PARTITION[code], raw * copies)

    def rider(self, code: str, worker_id: str, kind: str, *, copies: int = 1, **fields: Any) -> None:
        name = f"{code}-{worker_id}-{kind}-{fields.pop('key', '')}"
        report = WorkerReported(report_id=name, kind=ReportKind(kind), worker_id=worker_id, **fields)
        self.says(code, report, topic=topics.REPORTS, organisation=COOP_OF[worker_id], copies=copies)

    def asks(self, code: str, *names: str, **fields: Any) -> None:
        """A care manager orders lunches."""
        now_at = datetime.now(UTC).replace(microsecond=0)
        lunch: dict[str, Any] = dict(
            dong="1144000001", place=Place(0.0, 500.0), service=Service.MEAL_SUPPORT, kitchen_id="k1", meal_kind="hot_lunch",
            ready_at=now_at - timedelta(minutes=10), freshness_s=7200, window_start_at=now_at - timedelta(minutes=5),
            window_end_at=now_at + timedelta(hours=1), due_at=now_at + timedelta(hours=1), service_duration_s=240,
        )  # fmt: skip
        lunches = (
            RequestVisit(
                command_id=f"file-{name}", visit_id=name, reference=name, body_hash=name, recipient_id=f"R-{name}",
                **(lunch | fields),
            )
            for name in names
        )  # fmt: skip
        self.says(code, *lunches, topic=topics.REQUESTS_MEAL)

    def state(self, code: str) -> DistrictState:
        found = fold(self.bootstrap, PARTITION[code], REAL_CORE)[0].districts.get(code)
        return found if isinstance(found, DistrictState) else DistrictState(district=code)

    def offers(self, code: str, visit_id: str) -> dict[str, str]:
        """Who was asked for it, and by which offer."""
        offers = self.state(code).offers
        return {one.made.worker_id: offer_id for offer_id, one in offers.items() if visit_id in one.made.visit_ids}

    def visit(self, code: str, name: str) -> VisitRecord | None:
        return self.state(code).visits.get(name)

    def decided(self, code: str, kind: type) -> list[Any]:
        """All decisions of a kind that count: a record that was on its way when its writer died builds on nothing."""
        state = PartitionState()
        records = [apply_record(state, one.value or b"") for one in read(self.bootstrap, topics.DECISIONS, PARTITION[code])]
        return [made for record in records if record is not None for made in record.decisions if isinstance(made, kind)]

    def open(self, code: str, kind: str, subject: str) -> str:
        """The open exception of that kind about that subject, or ""."""
        return self.state(code).runtime.open_exceptions.get((kind, subject, ""), "")

    def until_both(self, true: Callable[[str], bool], what: str) -> None:
        wait_until(lambda: all(true(code) for code in BOTH), what)

    def kill(self, number: int) -> Worker:
        """One of the two dispatchers is gone, and with it all that it knew of its district."""
        self.dispatchers[number].kill()
        return self.dispatchers[number]


@pytest.fixture(scope="module")
def town(session_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    stores, folder = session_stores, tmp_path_factory.mktemp("two-districts")
    stores.fresh()
    real = "streams.agents.worker"
    stores.worker("desk", folder / "desk", real)
    dispatchers = [stores.worker("dispatcher", Path(folder / name), real) for name in ("first", "second")]
    made = Town(stores, dispatchers)
    for code in BOTH:
        config = small(code, datetime.now(UTC).replace(microsecond=0))
        made.says(code, ConfigureDistrict(command_id=f"configure-{code}", config=config))
    made.until_both(lambda code: made.state(code).config is not None, "both districts are open")
    yield made
    stores.end_workers()


def test_two_riders_are_asked_both_say_yes_and_only_the_first_one_goes(town: Town) -> None:
    """Their yeses come while the machine that should hear them is dead, and the first one comes twice."""
    for code in BOTH:
        town.asks(code, "late-meal")
    town.until_both(lambda code: len(town.offers(code, "late-meal")) == 2, "the nearest two are asked")
    asked = {code: town.offers(code, "late-meal") for code in BOTH}
    dead = town.kill(0)
    for code, offers in asked.items():
        for worker_id, copies in (("rider-3", 2), ("rider-1", 1)):
            town.rider(code, worker_id, "offer_accepted", offer_id=offers[worker_id], copies=copies)
    dead.start()
    town.until_both(lambda code: any(one.code == "offer_taken" for one in town.decided(code, ReportRefused)), "the second is told")
    for code in BOTH:
        visit = town.visit(code, "late-meal")
        assert visit is not None
        assert (visit.state, visit.worker_ids, visit.accepted_ids) == (VisitState.ACCEPTED, ["rider-3"], ["rider-3"])
        outcomes = [(one.offer_id, one.outcome) for one in town.decided(code, OfferSettled)]
        yes, no = asked[code]["rider-3"], asked[code]["rider-1"]
        assert sorted(outcomes) == sorted([(yes, "accepted"), (no, "taken")]), "one goes, and nobody hears it twice"


def test_nobody_opens_nobody_calls_and_the_care_manager_looks_all_the_same(town: Town) -> None:
    """The rider rings twice; then the machine dies with the window's call still to be made."""
    for code in BOTH:
        town.asks(code, "lunch-153")
    town.until_both(lambda code: bool(town.offers(code, "lunch-153")), "riders are asked to bring it")
    riders = {code: sorted(town.offers(code, "lunch-153").items())[0] for code in BOTH}
    for code, (rider, offer_id) in riders.items():
        town.rider(code, rider, "offer_accepted", offer_id=offer_id)
        for kind in ("picked_up", "arrived", "no_answer"):
            town.rider(code, rider, kind, visit_ids=("lunch-153",))
    town.until_both(
        lambda code: (v := town.visit(code, "lunch-153")) is not None and v.state is VisitState.NO_ANSWER, "nobody opens"
    )  # fmt: skip
    for code, (rider, _) in riders.items():
        town.rider(code, rider, "no_answer", visit_ids=("lunch-153",), key="again", copies=2)
    wait_until(lambda: any(town.open(code, "doorstep_call", "lunch-153") for code in BOTH), "the window is to call")
    dead = town.kill(1)
    dead.start()
    town.until_both(lambda code: bool(town.open(code, "welfare_check", "lunch-153")), "somebody is to go and look")
    for code in BOTH:
        state = town.state(code)
        exception_id = town.open(code, "welfare_check", "lunch-153")
        record, visit = state.exceptions[exception_id], state.visits["lunch-153"]
        assert (record.owner, visit.owner) == (CARE_MANAGER, CARE_MANAGER)
        steps = Counter(one.raised.kind for one in state.exceptions.values() if one.raised.subject == "lunch-153")
        assert steps == {"doorstep_call": 1, "doorstep_kin": 1, "welfare_check": 1}, "each step is somebody's once"
        found = SettleException(command_id=f"found-{code}", exception_id=exception_id, outcome="found_well")
        town.says(code, found, copies=2)
    town.until_both(
        lambda code: (v := town.visit(code, "lunch-153")) is not None and v.state is VisitState.FAILED, "somebody has looked"
    )  # fmt: skip
    assert [town.open(code, "welfare_check", "lunch-153") for code in BOTH] == ["", ""]


def test_a_kitchen_burns_and_another_cooks_for_everybody_though_the_machine_dies_over_it(town: Town, tell: Tell) -> None:
    """Fourteen lunches move one by one; each recipient whose meal changes hears of it once."""
    lunches = [f"noon-{number}" for number in range(14)]
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=45)  # a kitchen's day would end at midnight
    for code in BOTH:
        town.asks(
            code, *lunches, ready_at=later - timedelta(minutes=15), window_start_at=later, due_at=later + timedelta(hours=2),
            window_end_at=later + timedelta(hours=2),
        )  # fmt: skip
    town.until_both(lambda code: all(name in town.state(code).visits for name in lunches), "fourteen lunches are promised")
    for code in BOTH:
        fire = ReportProviderFailure(command_id=f"fire-{code}", provider_id=KITCHEN, kitchen_id="k1", span="hour", reason="fire")
        town.says(code, fire, copies=2)
    wait_until(lambda: any(town.decided(code, KitchenChanged) for code in BOTH), "the first lunches have moved")
    dead = town.kill(0)
    tell(f"killed with {[len(town.decided(code, KitchenChanged)) for code in BOTH]} lunches moved")
    dead.start()

    def moved(code: str) -> bool:
        visits = town.state(code).visits
        return all(visits[name].spec.kitchen_id == "k2" for name in lunches)

    town.until_both(moved, "the second kitchen cooks them all")
    for code in BOTH:
        changed = Counter(one.visit_id for one in town.decided(code, KitchenChanged))
        assert [name for name in lunches if changed[name] != 1] == [], "each is moved once"
        told = Counter(one.visit_id for one in town.decided(code, PromiseChanged))
        assert [name for name in lunches if told[name] != 1] == []
        states = {town.state(code).visits[name].state for name in lunches}
        assert states <= {VisitState.PLANNED, VisitState.OFFERED, VisitState.ACCEPTED}, "every lunch still has a rider"
        raised = [one for one in town.state(code).exceptions.values() if one.raised.kind == "provider_failed"]
        assert [(one.owner, one.outcome) for one in raised] == [("coordinator", "")], "one person has the fire in hand"
