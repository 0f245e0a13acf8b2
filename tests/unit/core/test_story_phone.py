"""A morning at the window's telephone (통합창구 전화), as the callers tell it."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.calls import Wish
from streams.contracts.district import Place, Service
from tests.core_world import at
from tests.unit.core.test_phone import Window, on_the_road


def test_i_am_at_my_sons_today() -> None:
    """\"오늘은 아들네 와 있어요." At nine nobody has cooked yet: it costs nothing, and nobody rides for nothing."""
    world = Window()
    lunch = world.file("lunch")
    world.until("09:00")
    told = world.told(lunch, Wish.NOT_TODAY)
    assert told.follows == ("nothing_cooked",)
    world.call(lunch, Wish.NOT_TODAY)
    assert lunch.state == "cancelled"
    assert all(stop.visit_id != lunch.spec.visit_id for worker in world.state.workers.values() for stop in worker.stops)


def test_i_forgot_the_hospital_and_the_box_is_already_on_its_way() -> None:
    """\"병원 온 걸 깜빡했어요." The caller hears that the meal is cooked before anything is pressed; the rider turns back with
    it, and the window finds somebody who eats it."""
    world = Window()
    lunch = on_the_road(world)
    assert world.told(lunch, Wish.NOT_TODAY).follows == ("meal_is_cooked", "box_comes_back", "worker_told")
    world.call(lunch, Wish.NOT_TODAY)
    assert [x.instruction for x in world.decisions if isinstance(x, d.DoorstepInstructed)] == ["return_to_kitchen"]
    world.settle("meal_left_over", "given_to_other")
    assert not world.open_exceptions()


def test_the_doctor_takes_longer_please_come_at_one() -> None:
    """\"한 시에 와 주세요." Lunch may wait until a quarter past one; two o'clock would be too old, and the caller hears why."""
    world = Window()
    lunch = world.file("lunch")
    assert world.call(lunch, Wish.LATER, later_at=at("14:00")).code == "meal_too_old"
    assert world.call(lunch, Wish.LATER, later_at=at("13:00")).outcome == "accepted"
    promise = world.promises("r-lunch")[0]
    assert promise.due_at == at("13:00")
    assert promise.expected_at is not None
    assert promise.expected_at <= at("13:00")


def test_you_say_it_was_delivered_but_there_is_nothing_here() -> None:
    """\"문 앞에 없어요." The log says delivered; nobody argues with the caller. The dong's care manager has it with a deadline,
    finds it at the neighbour's, and what the log says is corrected by nobody but a person."""
    world = Window()
    lunch = on_the_road(world)
    world.report(lunch.accepted_ids[0], "done", lunch, how="at_door")
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("said_delivered", "somebody_looks")
    assert world.detail_of("not_received")[0] == "care_manager:1144000001"
    world.settle("not_received", "found_there")
    assert (lunch.state, world.open_exceptions()) == ("done", {})


def test_i_was_in_the_bath_is_she_gone() -> None:
    """\"목욕하느라 못 들었어요." The carer has left the closed door and people were about to look for the caller: the carer turns
    round, and nobody is worried any more."""
    world = Window()
    care = world.file(
        "care", service=Service.CHECK_IN, service_duration_s=600, window_start_at=at("09:00"), window_end_at=at("10:00"),
        due_at=at("10:00"),
    )  # fmt: skip
    world.until("08:30")
    world.accept()
    (carer,) = care.accepted_ids
    world.until("09:10")
    for step in ("arrived", "no_answer", "no_answer"):
        world.report(carer, step, care)
    assert world.call(care, Wish.DID_NOT_COME).rules == ("worker_comes_back",)
    assert "doorstep_call" not in world.open_exceptions()
    world.report(carer, "started", care)
    world.report(carer, "done", care)
    assert care.state == "done"


def test_bring_it_to_my_daughters() -> None:
    """\"딸네 집으로 갖다 주세요." Nobody has set out: another rider, of the daughter's side, brings it. Half an hour later it
    would have been the coordinator's call to the rider."""
    world = Window()
    lunch = world.file("lunch")
    world.call(lunch, Wish.CHANGE_ADDRESS, dong="1144000002", place=Place(0.0, -500.0))
    assert (lunch.spec.area_id, lunch.worker_ids) == ("S", ["rider-2"])
    riding = Window()
    late = on_the_road(riding)
    riding.call(late, Wish.CHANGE_ADDRESS, dong="1144000002", place=Place(0.0, -500.0))
    assert riding.detail_of("address_changed") == ("coordinator", "1144000002")
