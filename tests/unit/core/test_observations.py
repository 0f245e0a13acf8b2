"""One tap at the door becomes somebody's deadline, and who tapped hears what came of it."""

from streams.contracts.decisions import CommandSettled, ExceptionRaised, ObservationAnswered, ReportRefused
from streams.contracts.inputs import ReportConcern
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at

CARE_MANAGER = "care_manager:1144000001"


def at_the_door(world: CoreWorld) -> VisitRecord:
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.until("11:32")
    world.report("rider-1", "picked_up", lunch)
    world.report("rider-1", "arrived", lunch)
    return lunch


def test_an_untouched_box_is_the_care_managers_with_the_deadline_of_its_kind() -> None:
    world = CoreWorld()
    lunch = at_the_door(world)
    world.report("rider-1", "observed", lunch, reason="box_untouched")
    raised = next(x for x in world.decisions if isinstance(x, ExceptionRaised))
    assert (raised.kind, raised.detail, raised.owner, raised.due_at) == ("observation", "box_untouched", CARE_MANAGER, at("13:32"))


def test_the_rider_hears_what_came_of_it() -> None:
    world = CoreWorld()
    lunch = at_the_door(world)
    world.report("rider-1", "observed", lunch, reason="no_sign_of_life")
    world.settle("observation", "called_119")
    answer = next(x for x in world.decisions if isinstance(x, ObservationAnswered))
    assert (answer.organisation, answer.worker_id, answer.observation, answer.outcome) == (
        COOP, "rider-1", "no_sign_of_life", "called_119",
    )  # fmt: skip


def test_two_things_seen_at_one_door_are_two_but_a_second_tap_is_one() -> None:
    world = CoreWorld()
    lunch = at_the_door(world)
    for code in ("box_untouched", "post_piling_up", "box_untouched"):
        world.report("rider-1", "observed", lunch, reason=code)
    assert sorted(x.raised.detail for x in world.state.exceptions.values()) == ["box_untouched", "post_piling_up"]


def test_what_nobody_looks_at_climbs_to_the_coordinator_the_office_and_the_operator() -> None:
    world = CoreWorld()
    lunch = at_the_door(world)
    world.report("rider-1", "observed", lunch, reason="no_sign_of_life")
    owners = []
    for hhmm in ("12:01", "12:03", "12:44", "13:25"):
        world.until(hhmm)
        owners.append(world.state.exceptions[world.open_exceptions()["observation"]].owner)
    assert owners == [CARE_MANAGER, "coordinator", "district_officer", "operator"]


def test_a_code_that_the_district_does_not_know_or_anothers_door_is_refused() -> None:
    world = CoreWorld()
    lunch = at_the_door(world)
    world.report("rider-1", "observed", lunch, reason="ghost")
    assert [x.code for x in world.decisions if isinstance(x, ReportRefused)] == ["unknown_observation"]
    world.report("rider-2", "observed", lunch, reason="looks_unwell")
    assert [x.code for x in world.decisions if isinstance(x, ReportRefused)] == ["not_your_visit"]


def concern(**fields: str) -> ReportConcern:
    base = dict(
        command_id="c1", concern_id="n1", recipient_id="r-9", dong="1144000001", observation="post_piling_up",
        source="neighbour",
    )  # fmt: skip
    return ReportConcern(**(base | fields))


def test_a_neighbours_concern_takes_the_same_way() -> None:
    world = CoreWorld()
    world.send(concern())
    record = world.state.exceptions[world.open_exceptions()["concern"]]
    assert (record.raised.subject, record.owner, record.due_at) == ("r-9", CARE_MANAGER, at("11:00"))
    world.settle("concern", "visited_well")
    assert "concern" not in world.open_exceptions()


def test_a_concern_about_an_unknown_dong_or_sight_is_refused() -> None:
    world = CoreWorld()
    for number, (field, code) in enumerate((("dong", "unknown_dong"), ("observation", "unknown_observation"))):
        world.send(concern(command_id=f"c{number}", **{field: "1144099999"}))
        assert [x.code for x in world.decisions if isinstance(x, CommandSettled)] == [code]
