"""민간기피: whom private providers refuse again and again is not left to the next refusal."""

from datetime import timedelta
from typing import Any

import msgspec

from streams.contracts.decisions import CommandSettled
from streams.contracts.district import DistrictConfig, Provider, ProviderKind, Service, WorkerKind
from streams.contracts.eligibility import Avoidance
from streams.contracts.inputs import ReportKind, WorkerReported
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld, at, config, worker

AFTERNOON: dict[str, Any] = dict(
    service=Service.TEMPORARY_HOME_CARE, window_start_at=at("13:00"), window_end_at=at("17:00"), due_at=at("17:00"),
    service_duration_s=3600, recipient_id="r-9",
)  # fmt: skip


def private_and_public(refusals: int = 2) -> DistrictConfig:
    """Two private centres and a public one, one carer each, all in the north."""
    given = config(avoidance=Avoidance(refusals=refusals))
    names = (("private-1", False), ("private-2", False), ("public", True))
    providers = tuple(
        Provider(provider_id=name, name_ko=name, name_en=name, kind=ProviderKind.HOME_CARE_CENTRE, public=public)
        for name, public in names
    )
    carers = tuple(worker(f"carer-of-{name}", WorkerKind.CARER, name, "N", 500.0 + n) for n, (name, _) in enumerate(names))
    riders = tuple(one for one in given.workers if one.kind is WorkerKind.RIDER)
    return msgspec.structs.replace(given, providers=(*given.providers, *providers), workers=(*riders, *carers))


def decline_all(world: CoreWorld, visit: VisitRecord, reason: str = "") -> list[str]:
    """Every private provider that is asked for the visit says no; who was asked, in order."""
    asked = []
    while True:
        open_ = [world.state.offers[o] for o in world.open_offers() if visit.spec.visit_id in world.state.offers[o].made.visit_ids]
        if not open_ or open_[0].made.organisation == "public":
            return asked + [offer.made.organisation for offer in open_]
        asked.append(open_[0].made.organisation)
        world.send(
            WorkerReported(
                report_id=f"no-{open_[0].made.offer_id}", kind=ReportKind.OFFER_DECLINED, offer_id=open_[0].made.offer_id,
                reason=reason,
            ),
            organisation=open_[0].made.organisation,
        )  # fmt: skip


def test_after_two_refusals_by_two_providers_a_public_one_is_asked_and_a_case_conference_is_called() -> None:
    world = CoreWorld(private_and_public())
    visit = world.file("home", **AFTERNOON)
    world.until("11:31")
    asked = decline_all(world, visit, "difficult_case")
    assert sorted(asked[:2]) == ["private-1", "private-2"]
    assert asked[2:] == ["public"] or visit.worker_ids == ["carer-of-public"]
    raised = world.state.exceptions[world.open_exceptions()["case_conference"]].raised
    assert (raised.subject, raised.owner) == ("r-9", "care_manager:1144000001")
    assert raised.due_at - raised.at == timedelta(days=1)


def test_the_next_visit_of_the_same_recipient_goes_to_the_public_provider_at_once() -> None:
    world = CoreWorld(private_and_public())
    first = world.file("home", **AFTERNOON)
    world.until("11:31")
    decline_all(world, first, "unsafe_home")
    assert world.file("next", **AFTERNOON).worker_ids == ["carer-of-public"]
    assert world.file("somebody-else", **AFTERNOON | {"recipient_id": "r-10", "window_end_at": at("19:00")}).worker_ids != []


def test_what_was_planned_for_them_with_a_private_provider_moves_when_the_count_is_full() -> None:
    world = CoreWorld(private_and_public(refusals=1))
    first = world.file("home", **AFTERNOON)
    evening = AFTERNOON | {"window_start_at": at("18:00"), "window_end_at": at("19:30"), "due_at": at("19:30")}
    later = world.file("later", **evening)
    if later.worker_ids == ["carer-of-public"]:  # somebody else's evening fills the public carer's plan otherwise
        later = world.file("later-2", **evening)
    world.until("11:31")
    decline_all(world, first, "difficult_case")
    assert not {"carer-of-private-1", "carer-of-private-2"} & set(later.worker_ids)


def test_being_busy_is_no_refusal_of_a_person() -> None:
    world = CoreWorld(private_and_public())
    visit = world.file("home", **AFTERNOON)
    world.until("11:31")
    decline_all(world, visit, "busy")
    assert "case_conference" not in world.open_exceptions()
    assert world.state.refusals == {}


def test_the_conference_may_let_private_providers_be_asked_again() -> None:
    world = CoreWorld(private_and_public(refusals=1))
    visit = world.file("home", **AFTERNOON)
    world.until("11:31")
    decline_all(world, visit, "difficult_case")
    world.settle("case_conference", "private_again")
    assert next(x for x in world.decisions if isinstance(x, CommandSettled)).outcome == "accepted"
    assert world.state.refusals == {}
