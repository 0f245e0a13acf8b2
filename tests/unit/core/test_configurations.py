"""Two operators configure a district: nobody overwrites what he has not seen."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from streams.contracts.calls import Wish
from streams.contracts.decisions import CommandSettled, DistrictConfigured, ReportRefused, VisitState
from streams.contracts.district import DistrictConfig, Service
from streams.contracts.envelope import seal
from streams.contracts.inputs import AssignVisit, ConfigureDistrict, CorrectVisit, Payload, RecordCall, UndoCommand
from streams.core.dispatch import decide, new_state
from streams.core.phone import SOMEBODY_LOOKS, option
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld, at, config
from tests.unit.core.test_corrections import carried, delivered
from tests.unit.core.test_requests import outcome


def in_force(world: CoreWorld) -> DistrictConfig:
    assert world.state.config is not None
    return world.state.config


def test_a_configuration_made_on_another_version_is_refused() -> None:
    world = CoreWorld()
    given = in_force(world)
    newer = replace(given, version=given.version + 1)
    world.send(ConfigureDistrict(command_id="c-1", config=newer), expected_version=given.version - 1)
    assert outcome(world) == ("refused", "version_conflict")
    assert in_force(world) == given
    world.send(ConfigureDistrict(command_id="c-2", config=newer), expected_version=given.version)
    assert outcome(world) == ("accepted", "")
    assert in_force(world).version == newer.version


def test_of_two_configurations_made_on_the_same_one_the_second_is_refused() -> None:
    world = CoreWorld()
    first, second = (replace(in_force(world), version=2, name_en=name) for name in ("One", "Two"))
    for command_id, mine in (("c-1", first), ("c-2", second)):
        world.send(ConfigureDistrict(command_id=command_id, config=mine), expected_version=1)
    assert outcome(world) == ("refused", "version_conflict")
    assert in_force(world) == first


def test_a_configuration_changes_under_no_version_that_it_had() -> None:
    """Without a word of what it was made on, too: an older core, or a log of before."""
    world = CoreWorld()
    given = in_force(world)
    for number, version in enumerate((1, 0, -1)):
        other = replace(given, version=version, name_en="Other")
        world.send(ConfigureDistrict(command_id=f"c-{number}", config=other))
        assert outcome(world) == ("refused", "version_not_newer")
    assert in_force(world) == given
    world.send(ConfigureDistrict(command_id="newer", config=replace(given, version=2, name_en="Other")))
    assert outcome(world) == ("accepted", "")


def test_the_configuration_in_force_again_changes_nothing() -> None:
    world = CoreWorld()
    given = in_force(world)
    world.send(ConfigureDistrict(command_id="again", config=given), expected_version=7)
    assert outcome(world) == ("duplicate", "")
    assert not [one for one in world.decisions if isinstance(one, DistrictConfigured)]


def test_a_first_configuration_is_made_on_none() -> None:
    world = CoreWorld()
    given = in_force(world)
    world.send(ConfigureDistrict(command_id="late", config=replace(given, version=2)), expected_version=0)
    assert outcome(world) == ("refused", "version_conflict")
    fresh = new_state(given.district)
    for expected in (1, 0):
        envelope = seal(
            ConfigureDistrict(command_id=f"c-{expected}", config=given), id=f"e-{expected}", district=given.district,
            actor="operator", at=world.now_at, expected_version=expected,
        )  # fmt: skip
        decide(fresh, envelope, world.now_at)
        assert fresh.config == (None if expected else given)


def test_each_district_has_versions_of_its_own() -> None:
    mapo, eunpyeong = CoreWorld(), CoreWorld(replace(config(), district="11410", version=5))
    mapo.send(ConfigureDistrict(command_id="c", config=replace(in_force(mapo), version=2)), expected_version=1)
    assert outcome(mapo) == ("accepted", "")
    assert in_force(eunpyeong).version == 5


def without_kitchen(given: DistrictConfig) -> DistrictConfig:
    return replace(given, kitchens=())


def without_the_north(given: DistrictConfig) -> DistrictConfig:
    return replace(given, areas=given.areas[1:], dongs=given.dongs[1:])


def without_bicycles(given: DistrictConfig) -> DistrictConfig:
    return replace(given, travel=replace(given.travel, modes={"walk": given.travel.modes["walk"]}))


@pytest.mark.parametrize(
    ("without", "missed"), [
        (without_kitchen, ["k1"]), (without_the_north, ["N", "1144000001"]), (without_bicycles, ["bicycle"]),
    ],
)  # fmt: skip
def test_what_open_visits_and_their_workers_need_is_not_left_out(
    without: Callable[[DistrictConfig], DistrictConfig], missed: list[str]
) -> None:
    """The dispatcher stopped at the next look at such a visit, and could not go on."""
    world = CoreWorld()
    lunch = world.file("lunch")
    newer = replace(without(in_force(world)), version=2)
    world.send(ConfigureDistrict(command_id="less", config=newer), expected_version=1)
    answer = next(one for one in world.decisions if isinstance(one, CommandSettled))
    assert (answer.outcome, answer.code) == ("refused", "bad_configuration")
    assert [rule.split(":")[2] for rule in answer.rules] == missed
    world.until("10:35")
    world.answer(world.open_offers()[0])
    assert lunch.state is VisitState.ACCEPTED


def test_a_kitchen_whose_meals_are_all_out_may_be_left_out() -> None:
    world = CoreWorld()
    world.cancel(world.file("lunch"))
    world.send(ConfigureDistrict(command_id="less", config=replace(without_kitchen(in_force(world)), version=2)))
    assert outcome(world) == ("accepted", "")


def with_the_north_renamed(given: DistrictConfig) -> DistrictConfig:
    """Overnight its area has another id; its people move with it."""
    north, south = given.areas
    return replace(
        given, areas=(replace(north, area_id="NN"), replace(south, helpers=())),
        workers=tuple(replace(one, area_id="NN") if one.area_id == "N" else one for one in given.workers),
    )  # fmt: skip


def cancelled(world: CoreWorld) -> VisitRecord:
    lunch = world.file("lunch")
    world.cancel(lunch)
    return lunch


def in_a_persons_hands(world: CoreWorld) -> VisitRecord:
    for rider in ("rider-1", "rider-2"):
        world.report(rider, "dropped_out", reason="ill")
    lunch = world.file("lunch")
    world.until("14:00")
    assert lunch.state is VisitState.HANDED_OVER
    return lunch


def failed(world: CoreWorld) -> VisitRecord:
    return carried(world, "failed", reason="refused")


def opened(lunch: VisitRecord) -> Payload:
    return CorrectVisit(command_id="again", visit_id=lunch.spec.visit_id, outcome="open", reason="told_by_recipient")


def given_by_hand(lunch: VisitRecord) -> Payload:
    return AssignVisit(command_id="again", visit_id=lunch.spec.visit_id, worker_id="rider-1", reason="asked")


def undone(lunch: VisitRecord) -> Payload:
    return UndoCommand(command_id="again", undone_command_id="cancel-lunch")


@pytest.mark.parametrize(("without", "missed"), [(without_kitchen, "no_kitchen:k1"), (with_the_north_renamed, "no_area:N")])
@pytest.mark.parametrize(
    ("ended", "wanted"), [
        (delivered, opened), (failed, opened), (cancelled, opened), (in_a_persons_hands, opened),
        (in_a_persons_hands, given_by_hand), (cancelled, undone),
    ],
)  # fmt: skip
def test_what_was_over_and_has_left_the_configuration_is_filed_anew(
    without: Callable[[DistrictConfig], DistrictConfig], missed: str, ended: Callable[[CoreWorld], VisitRecord],
    wanted: Callable[[VisitRecord], Payload],
) -> None:  # fmt: skip
    """The dispatcher stopped at the next look at it, and could not go on."""
    world = CoreWorld()
    lunch = ended(world)
    before = lunch.state
    world.send(ConfigureDistrict(command_id="less", config=replace(without(in_force(world)), version=2)))
    assert outcome(world) == ("accepted", "")
    world.send(wanted(lunch), actor="coordinator")
    answer = next(one for one in world.decisions if isinstance(one, CommandSettled))
    assert (answer.outcome, answer.code, answer.rules) == ("refused", "left_configuration", (missed,))
    assert lunch.state is before
    afternoon = dict(window_start_at=at("15:00"), window_end_at=at("17:00"), due_at=at("17:00"))
    assert world.file("another", service=Service.CHECK_IN, **afternoon).worker_ids
    world.until("19:30")


@pytest.mark.parametrize("without", [without_kitchen, with_the_north_renamed])
def test_a_tap_on_a_meal_that_has_left_the_configuration_is_taken_back_by_the_window(
    without: Callable[[DistrictConfig], DistrictConfig],
) -> None:
    world = CoreWorld()
    lunch = delivered(world)
    world.send(ConfigureDistrict(command_id="less", config=replace(without(in_force(world)), version=2)))
    world.report("rider-1", "reopened", lunch)
    assert [one.code for one in world.decisions if isinstance(one, ReportRefused)] == ["correction_too_late"]
    world.send(CorrectVisit(command_id="how", visit_id=lunch.spec.visit_id, outcome="failed", reason="told_by_recipient"))
    assert lunch.state is VisitState.FAILED


@pytest.mark.parametrize("without", [without_kitchen, with_the_north_renamed])
def test_who_calls_for_a_meal_that_has_left_the_configuration_is_somebodys_to_look_after(
    without: Callable[[DistrictConfig], DistrictConfig],
) -> None:
    world = CoreWorld()
    lunch = failed(world)
    world.send(ConfigureDistrict(command_id="less", config=replace(without(in_force(world)), version=2)))
    assert option(world.state, lunch, Wish.DID_NOT_COME).follows == (SOMEBODY_LOOKS,)
    world.send(RecordCall(command_id="call", visit_id=lunch.spec.visit_id, wish=Wish.DID_NOT_COME), actor="coordinator")
    assert outcome(world) == ("accepted", "")
    assert "not_received" in world.open_exceptions()
    assert lunch.state is VisitState.FAILED
