"""Mr Park's neighbour telephones: three questions, "call 119 now", and somebody asks afterwards what became of him."""

from streams.contracts.decisions import CommandSettled
from streams.contracts.inputs import MalformedReceived, RecordEmergencyCall
from streams.core.state import ExceptionRecord
from tests.core_world import CoreWorld, at
from tests.unit.core.test_doorstep import closed_door

CARE_MANAGER = "care_manager:1144000001"


def call(world: CoreWorld, command_id: str = "call-1", dong: str = "1144000001", **answers: bool) -> CommandSettled:
    command = RecordEmergencyCall(
        command_id=command_id, recipient_id="r-park", dong=dong, answers=answers, source="neighbour"
    )
    world.send(command, actor="coordinator")
    return next(x for x in world.decisions if isinstance(x, CommandSettled))


def open_calls(world: CoreWorld) -> list[ExceptionRecord]:
    return [one for one in world.state.exceptions.values() if one.raised.kind == "emergency_call" and not one.outcome]


def test_who_does_not_answer_is_119s_at_once_and_the_care_manager_asks_within_ten_minutes() -> None:
    world = CoreWorld()
    settled = call(world, conscious=False)
    assert (settled.outcome, settled.rules) == ("accepted", ("conscious",))
    (one,) = open_calls(world)
    assert (one.raised.subject, one.raised.detail, one.owner, one.due_at) == ("r-park", "conscious", CARE_MANAGER, at("07:10"))
    world.until("07:11")
    assert open_calls(world)[0].owner == "coordinator", "nobody asked"
    world.settle("emergency_call", "moved_to_hospital")
    assert open_calls(world) == []


def test_of_several_alarming_answers_the_gravest_is_shown_and_all_are_told() -> None:
    world = CoreWorld()
    assert call(world, bleeding=True, breathing=False, conscious=True).rules == ("breathing", "bleeding")
    assert open_calls(world)[0].raised.detail == "breathing"


def test_who_is_well_enough_for_no_119_is_called_all_the_same() -> None:
    world = CoreWorld()
    settled = call(world, conscious=True, breathing=True, bleeding=False)
    assert (settled.outcome, settled.rules) == ("accepted", ())
    (one,) = open_calls(world)
    assert (one.raised.detail, one.due_at) == ("not_urgent", at("08:00"))


def test_it_has_become_worse_and_the_same_call_twice_is_one() -> None:
    world = CoreWorld()
    call(world, "first", conscious=True)
    call(world, "second", conscious=False)
    call(world, "third", conscious=False)
    assert [one.raised.detail for one in open_calls(world)] == ["conscious"]


def test_the_questions_are_the_districts_and_an_answer_to_another_is_refused() -> None:
    world = CoreWorld()
    refused = [call(world, "a", feverish=True), call(world, "b"), call(world, "c", dong="1144099999", conscious=True)]
    assert [one.code for one in refused] == ["unknown_question", "unknown_question", "unknown_dong"]
    assert open_calls(world) == []


def test_a_welfare_check_may_end_in_a_request_for_emergency_care() -> None:
    world = CoreWorld()
    visit = closed_door(world)
    world.settle("doorstep_call", "no_reply")
    world.settle("doorstep_kin", "no_kin_reached")
    world.settle("welfare_check", "care_requested")
    assert (visit.state.value, visit.reason) == ("failed", "care_requested")


def test_data_that_could_not_be_read_is_the_operators_one_row_for_each_way() -> None:
    world = CoreWorld()
    for number, code in enumerate(("not_json", "not_json", "wrong_field")):
        world.send(MalformedReceived(dead_letter_id=f"dl-{number}", code=code), actor="desk")
    rows = [one for one in world.state.exceptions.values() if one.raised.kind == "data_rejected"]
    assert [(one.raised.detail, one.owner) for one in rows] == [("not_json", "operator"), ("wrong_field", "operator")]
