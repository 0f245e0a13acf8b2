"""Who may serve whom: services by date, credentials that lapse, exclusions on both sides, and why is told."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import DistrictConfig, Service
from streams.contracts.eligibility import CentreType, Credential, DatedService, Exclusion, OnLapse, Programme, Requirement
from streams.contracts.inputs import (
    AssignVisit,
    ConfigureDistrict,
    ExcludePair,
    LiftExclusion,
    RecordCredential,
    WithdrawCredential,
)
from streams.contracts.queries import Query
from streams.core.queries import answer
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, WINDOW, CoreWorld, at, config

HOME_CARE = dict(
    service=Service.TEMPORARY_HOME_CARE, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"),
    service_duration_s=3600,
)  # fmt: skip


def replace(given: DistrictConfig, **fields: Any) -> DistrictConfig:
    return msgspec.structs.replace(given, **fields)


def provider(given: DistrictConfig, provider_id: str, **fields: Any) -> DistrictConfig:
    """The district with one provider changed."""
    return replace(given, providers=tuple(
        msgspec.structs.replace(one, **fields) if one.provider_id == provider_id else one for one in given.providers
    ))  # fmt: skip


def training(until: str, code: str = "infection_training", **more: str) -> Credential:
    return Credential(code=code, issued_at=at(more.get("issued", "06:00")), valid_until_at=at(until))


def trained(credentials: dict[str, Credential], *requires: Requirement) -> DistrictConfig:
    """A district where temporary home care asks for something, and these workers hold it."""
    given = config()
    workers = tuple(
        msgspec.structs.replace(one, credentials=(credentials[one.worker_id],)) if one.worker_id in credentials else one
        for one in given.workers
    )
    programme = Programme(
        programme_id="home", name_ko="일시재가", name_en="Home care", services=("temporary_home_care",),
        requires=requires or (Requirement(code="infection_training"),),
    )  # fmt: skip
    return replace(given, workers=workers, programmes=(programme,))


def why(world: CoreWorld, visit: VisitRecord) -> dict[tuple[str, str], int]:
    given = answer(
        world.state, Query(query_id="q", district="11440", kind="why", visit_id=visit.spec.visit_id, expires_wall_s=0)
    )
    return {(one.rule, one.about): one.worker_count for one in given.forbidden}


def settled(world: CoreWorld) -> tuple[str, str, tuple[str, ...]]:
    told = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return told.outcome, told.code, told.rules


# --- services by date


@pytest.mark.parametrize(
    ("until", "served_by"), [("", ["carer-2"]), ("2026-03-01", ["carer-1"])], ids=["still agreed", "agreement ended yesterday"]
)
def test_a_centre_serves_what_its_dated_list_has_on_the_day(until: str, served_by: list[str]) -> None:
    listed = (DatedService(service="temporary_home_care", from_date="2026-01-01", until_date=until, source="agreement"),)
    given = provider(config(), CENTRE, dated_services=listed)
    world = CoreWorld(provider(given, WINDOW, services=(Service.CHECK_IN,) if not until else ()))
    assert world.file("home", **HOME_CARE).worker_ids == served_by


def test_a_new_centre_begins_with_the_list_of_its_type_and_the_reason_names_the_service() -> None:
    given = provider(config(), CENTRE, centre_type=CentreType.BASIC)  # visiting care and emergency care only
    world = CoreWorld(provider(given, WINDOW, services=(Service.CHECK_IN,)))
    visit = world.file("home", **HOME_CARE)
    assert visit.state is VisitState.WAITING
    assert why(world, visit) == {("service_not_supplied", "temporary_home_care"): 3}
    assert world.file("urgent", **HOME_CARE | {"service": Service.EMERGENCY_CARE}).state is VisitState.PLANNED


def test_a_riders_cooperative_without_meals_on_its_list_carries_none() -> None:
    world = CoreWorld(provider(config(), "coop", services=(Service.CHECK_IN,)))
    lunch = world.file("lunch")
    assert (lunch.state, why(world, lunch)) == (VisitState.WAITING, {("service_not_supplied", "meal_support"): 2})


def test_a_kitchen_whose_agreement_has_ended_takes_no_meal() -> None:
    ended = DatedService(service="meal_support", until_date="2026-03-01")
    world = CoreWorld(provider(config(), "kitchen-firm", dated_services=(ended,)))
    with pytest.raises(KeyError):
        world.file("lunch")
    assert settled(world)[:2] == ("refused", "service_not_supplied")


# --- credentials


def test_only_who_holds_a_valid_training_is_sent() -> None:
    world = CoreWorld(trained({"carer-1": training("12:00"), "carer-3": training("20:00")}))
    visit = world.file("home", **HOME_CARE)
    assert visit.worker_ids == []  # the only one trained is of the other area
    assert why(world, visit) == {("credential_lapsed", "infection_training"): 1, ("credential_missing", "infection_training"): 1}
    world.until("07:20")
    assert visit.worker_ids == ["carer-3"]


def test_an_infection_test_may_be_too_old_though_it_is_valid() -> None:
    fresh = Requirement(code="infection_test", max_age_s=6 * 3600)
    tests = {
        "carer-1": training("23:00", "infection_test", issued="06:00"),
        "carer-2": training("23:00", "infection_test", issued="09:00"),
    }
    world = CoreWorld(trained(tests, fresh))
    visit = world.file("home", **HOME_CARE)
    assert visit.worker_ids == ["carer-2"]
    assert why(world, visit)[("credential_too_old", "infection_test")] == 1


def test_what_is_withdrawn_takes_the_planned_visit_to_somebody_else_and_the_enterprise_hears() -> None:
    world = CoreWorld(trained({"carer-1": training("20:00"), "carer-2": training("20:00")}))
    visit = world.file("home", **HOME_CARE)
    first = visit.worker_ids[0]
    world.send(WithdrawCredential(command_id="w", worker_id=first, code="infection_training", reason="revoked"))
    assert visit.worker_ids == [{"carer-1": "carer-2", "carer-2": "carer-1"}[first]]
    raised = world.state.exceptions[world.open_exceptions()["no_longer_eligible"]].raised
    assert (raised.subject, raised.detail, raised.owner) == (first, "infection_training", "responsible_enterprise:window")
    world.send(WithdrawCredential(command_id="w2", worker_id=first, code="infection_training", reason="revoked"))
    assert settled(world)[0] == "duplicate"


def test_a_credential_that_lapses_where_the_programme_only_warns_stays_and_is_told_when_it_lapses() -> None:
    warn = Requirement(code="infection_training", on_lapse=OnLapse.WARN)
    world = CoreWorld(trained({f"carer-{n}": training("11:00") for n in (1, 2, 3)}, warn))
    visit = world.file("home", **HOME_CARE)
    had = list(visit.worker_ids)
    world.until("10:59")
    assert "no_longer_eligible" not in world.open_exceptions()
    world.until("11:01")
    assert (visit.worker_ids, visit.state is VisitState.WAITING) == (had, False)
    assert world.state.exceptions[world.open_exceptions()["no_longer_eligible"]].raised.at == at("11:00") + timedelta(seconds=1)
    world.send(
        RecordCredential(
            command_id="renew", worker_id=had[0], code="infection_training", issued_at=at("11:00"), valid_until_at=at("20:00")
        )
    )
    assert "no_longer_eligible" not in world.open_exceptions()


def test_a_delayed_visit_is_taken_at_the_moment_the_training_lapses() -> None:
    """Planned for 13:00 with a training until 13:30; nobody has started by then."""
    world = CoreWorld(trained({"carer-1": training("13:30"), "carer-2": training("20:00")}), worker_silence_s=36_000)
    visit = world.file("home", **HOME_CARE)
    if visit.worker_ids != ["carer-1"]:
        world.send(AssignVisit(command_id="give", visit_id=visit.spec.visit_id, worker_id="carer-1"))
    assert visit.worker_ids == ["carer-1"]
    world.until("13:35")
    assert visit.worker_ids == ["carer-2"]


def test_a_training_passed_today_lets_the_waiting_visit_be_placed() -> None:
    world = CoreWorld(trained({}))
    visit = world.file("home", **HOME_CARE)
    assert visit.state is VisitState.WAITING
    world.send(
        RecordCredential(
            command_id="pass", worker_id="carer-1", code="infection_training", issued_at=at("07:00"), valid_until_at=at("20:00")
        )
    )
    world.until("07:20")
    assert visit.worker_ids == ["carer-1"]


def held_until(world: CoreWorld, code: str = "infection_training") -> datetime:
    return world.state.workers["carer-1"].credentials[code].valid_until_at


def configured(world: CoreWorld, version: int, *credentials: Credential) -> None:
    """The district is configured anew, with this list of the worker's credentials."""
    given = trained({})
    workers = tuple(
        msgspec.structs.replace(one, credentials=credentials) if one.worker_id == "carer-1" else one for one in given.workers
    )
    world.send(ConfigureDistrict(command_id=f"anew-{version}", config=replace(given, version=version, workers=workers)))
    assert settled(world)[0] == "accepted"


def test_what_was_withdrawn_or_recorded_is_not_undone_by_an_older_list() -> None:
    """Another kitchen, another shift: the district is configured anew, and the list of trainings comes along as it was."""
    listed = training("20:00")
    world = CoreWorld(trained({"carer-1": listed}))
    world.send(WithdrawCredential(command_id="w", worker_id="carer-1", code="infection_training", reason="mistake"))
    ended = held_until(world)
    configured(world, 2, listed)
    assert held_until(world) == ended < at("07:00")
    fields = {"worker_id": "carer-1", "code": "infection_training", "issued_at": at("06:00")}
    world.send(RecordCredential(command_id="r", valid_until_at=at("12:00"), **fields))
    configured(world, 3, listed)
    assert held_until(world) == at("12:00")
    configured(world, 4, training("21:00", issued="06:30"))  # drawn up after it
    assert held_until(world) == at("21:00")
    configured(world, 5, training("22:00", issued="06:30"))  # the list corrects itself
    assert held_until(world) == at("22:00")


def test_a_hand_assignment_names_the_missing_training() -> None:
    world = CoreWorld(trained({"carer-1": training("20:00")}))
    visit = world.file("home", **HOME_CARE)
    world.send(AssignVisit(command_id="give", visit_id=visit.spec.visit_id, worker_id="carer-2"))
    assert settled(world) == ("refused", "worker_not_able", ("credential",))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RecordCredential(command_id="c", worker_id="nobody", code="x", issued_at=at("07:00"), valid_until_at=at("08:00")),
         "unknown_worker"),
        (RecordCredential(command_id="c", worker_id="carer-1", code="x", issued_at=at("09:00"), valid_until_at=at("08:00")),
         "time_inverted"),
        (WithdrawCredential(command_id="c", worker_id="carer-1", code="x", reason="r"), "unknown_credential"),
        (ExcludePair(command_id="c", recipient_id="r-1", worker_id="nobody", by="worker", reason="r"), "unknown_worker"),
        (ExcludePair(command_id="c", recipient_id="r-1", worker_id="carer-1", by="somebody", reason="r"), "wrong_field"),
        (LiftExclusion(command_id="c", recipient_id="r-1", worker_id="carer-1"), "nothing_to_lift"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_refused_by_its_name(command: Any, code: str) -> None:
    world = CoreWorld()
    world.send(command)
    assert settled(world)[:2] == ("refused", code)


# --- exclusions


@pytest.mark.parametrize("by", ["recipient", "worker"])
def test_an_exclusion_of_either_side_moves_what_is_planned_and_is_named(by: str) -> None:
    world = CoreWorld()
    visit = world.file("home", **HOME_CARE)
    first = visit.worker_ids[0]
    world.send(ExcludePair(command_id="x", recipient_id="r-home", worker_id=first, by=by, reason="asked"))
    assert visit.worker_ids
    assert visit.worker_ids != [first]
    assert why(world, visit)[(f"excluded_by_{by}", "")] == 1
    again = world.file("again", **HOME_CARE | {"recipient_id": "r-home"})
    assert first not in again.worker_ids


def test_an_exclusion_that_is_lifted_is_over() -> None:
    given = replace(config(), exclusions=tuple(Exclusion(recipient_id="r-home", worker_id=f"carer-{n}") for n in (1, 2, 3)))
    world = CoreWorld(given)
    visit = world.file("home", **HOME_CARE)
    assert visit.state is VisitState.WAITING
    world.send(LiftExclusion(command_id="l", recipient_id="r-home", worker_id="carer-1"))
    world.until("07:20")
    assert visit.worker_ids == ["carer-1"]


# --- the configuration itself


def test_a_configuration_that_names_an_unknown_service_is_refused_and_says_where() -> None:
    world = CoreWorld()
    mistyped = provider(config(), CENTRE, dated_services=(DatedService(service="nursng"),))
    world.send(ConfigureDistrict(command_id="c2", config=mistyped))
    assert settled(world) == ("refused", "bad_configuration", ("provider:centre:nursng",))


def test_a_service_that_leaves_the_list_today_frees_what_was_planned() -> None:
    world = CoreWorld()
    visit = world.file("home", **HOME_CARE)
    if visit.worker_ids != ["carer-2"]:
        world.send(AssignVisit(command_id="give", visit_id=visit.spec.visit_id, worker_id="carer-2"))
    less = replace(provider(config(), CENTRE, services=(Service.CHECK_IN,)), version=2)
    world.send(ConfigureDistrict(command_id="c2", config=less))
    assert visit.worker_ids == ["carer-1"]
    assert world.state.exceptions[world.open_exceptions()["no_longer_eligible"]].raised.detail == "temporary_home_care"


def test_who_is_on_the_way_to_somebody_they_are_not_to_meet_any_more_is_somebodys_to_call() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    (rider,) = lunch.accepted_ids
    world.until("11:20")
    world.report(rider, "picked_up", lunch)
    world.send(ExcludePair(command_id="ex", recipient_id="r-lunch", worker_id=rider, by="recipient", reason="quarrel"))
    assert lunch.accepted_ids == [rider], "the box is in the rider's hands"
    assert "no_longer_eligible" in world.open_exceptions()
