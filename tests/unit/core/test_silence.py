"""Nobody hears of a worker: asked, called, relieved; a carer alone is looked after sooner; the meal comes all the same."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from streams.contracts.decisions import AccessOpened, RouteSet, VisitChanged, VisitEvent, VisitState
from streams.contracts.disruptions import MealRescued, WorkerAsked, WorkerHeard
from streams.contracts.district import DistrictConfig, Place, Service
from streams.contracts.inputs import PositionHeard
from streams.core.apply import apply
from streams.core.as_routing import leg_s
from streams.core.ledger import ledger
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at, config


def on_the_road(world: CoreWorld, count: int = 1, **fields: Any) -> list[VisitRecord]:
    """Lunches in the box of rider-1, who has left the kitchen at 11:20."""
    visits = [world.file(f"lunch-{n}", **fields) for n in range(count)]
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("11:20")
    world.report("rider-1", "picked_up", *visits)
    return visits


def asked(world: CoreWorld) -> list[WorkerAsked]:
    return [decision for decision in world.log if isinstance(decision, WorkerAsked)]


def with_kitchen(spare_meals: int = 0, cook_again_s: int = 2700, **policy: Any) -> DistrictConfig:
    base = config(**policy)
    kitchen = msgspec.structs.replace(base.kitchens[0], spare_meals=spare_meals, cook_again_s=cook_again_s)
    return msgspec.structs.replace(base, kitchens=(kitchen,))


def check_in(world: CoreWorld) -> VisitRecord:
    """carer-1 (own staff) is in somebody's home from 13:00, for a quarter of an hour."""
    visit = world.file(
        "care", service=Service.CHECK_IN, window_start_at=at("13:00"), window_end_at=at("14:00"), due_at=at("14:00"),
        service_duration_s=900, place=Place(0.0, 600.0),
    )  # fmt: skip
    world.until("13:00")
    world.report("carer-1", "started", visit)
    return visit


def test_a_silent_rider_is_asked_then_called_then_relieved() -> None:
    world = CoreWorld(worker_silence_s=600)
    (lunch,) = on_the_road(world)
    world.until("11:41")
    assert [(x.worker_id, x.why, x.visit_ids) for x in asked(world)] == [("rider-1", "silent", (lunch.spec.visit_id,))]
    assert "worker_silent" not in world.open_exceptions()
    assert lunch.worker_ids == ["rider-1"]
    world.until("11:46")  # nobody answered: the coordinator calls
    call = world.state.exceptions[world.open_exceptions()["worker_silent"]]
    assert call.owner == "coordinator"
    world.until("11:56")  # nobody was reached
    assert call.outcome == "unattended"
    assert lunch.worker_ids == ["rider-2"]
    assert world.state.workers["rider-1"].status == "lost"
    missing = world.state.exceptions[world.open_exceptions()["worker_missing"]]
    assert missing.raised.owner == "responsible_enterprise:window"
    world.until("15:00")
    assert missing.owner == "operator"  # it climbs until somebody has found them


def test_an_answer_to_the_question_leaves_the_visit_with_the_worker() -> None:
    world = CoreWorld(worker_silence_s=600)
    (lunch,) = on_the_road(world)
    world.until("11:42")
    world.report("rider-1", "here")
    assert any(isinstance(decision, WorkerHeard) for decision in world.decisions)
    world.until("11:51")
    assert "worker_silent" not in world.open_exceptions()
    world.until("11:53")  # still nothing happened at the door: asked again
    assert len(asked(world)) == 2
    assert lunch.worker_ids == ["rider-1"]


def test_the_call_that_reaches_the_worker_ends_it() -> None:
    world = CoreWorld(worker_silence_s=600)
    (lunch,) = on_the_road(world)
    world.until("11:46")
    world.settle("worker_silent", "reached")
    world.until("11:56")
    assert lunch.worker_ids == ["rider-1"]
    world.report("rider-1", "done", lunch)
    world.until("14:00")
    assert (lunch.state, world.open_exceptions()) == (VisitState.DONE, {})


def test_a_position_after_the_question_is_an_answer_and_one_from_before_is_not() -> None:
    world = CoreWorld(worker_silence_s=600)
    (lunch,) = on_the_road(world)
    world.until("11:42")
    world.send(PositionHeard(worker_id="rider-1", at=at("11:30")), organisation=COOP)
    assert world.state.workers["rider-1"].asked_at is not None
    world.send(PositionHeard(worker_id="rider-1", at=at("11:42")), organisation="centre")  # not theirs to say
    assert world.state.workers["rider-1"].asked_at is not None
    world.send(PositionHeard(worker_id="rider-1", at=at("11:42")), organisation=COOP)
    assert world.state.workers["rider-1"].asked_at is None
    world.until("11:52")
    assert world.open_exceptions() == {}
    assert lunch.worker_ids == ["rider-1"]


def test_positions_that_nobody_asked_for_change_nothing() -> None:
    world = CoreWorld()
    on_the_road(world)
    assert world.send(PositionHeard(worker_id="rider-1", at=world.now_at), organisation=COOP) == []


def test_a_carer_alone_who_does_not_check_out_is_looked_for_at_once_and_somebody_goes() -> None:
    world = CoreWorld(lone_overdue_s=900)
    visit = check_in(world)
    world.until("13:30")
    assert [(x.worker_id, x.why) for x in asked(world)] == [("carer-1", "overdue")]
    world.send(PositionHeard(worker_id="carer-1", at=at("13:31")), organisation="window")
    world.until("13:36")  # the phone sends positions; that says nothing about the carer
    alone = world.state.exceptions[world.open_exceptions()["lone_worker"]]
    assert (alone.owner, alone.raised.detail) == ("coordinator", "overdue")
    assert (alone.due_at - alone.raised.at).total_seconds() == 300
    world.until("13:42")
    assert alone.owner == "district_officer"
    assert visit.worker_ids == ["carer-2"]  # a colleague goes and looks
    world.until("13:47")
    assert alone.owner == "operator"
    world.settle("lone_worker", "called_119")
    assert "lone_worker" not in world.open_exceptions()


def test_a_check_out_ends_the_worry_about_a_carer() -> None:
    world = CoreWorld(lone_overdue_s=900)
    visit = check_in(world)
    world.until("13:36")
    world.report("carer-1", "done", visit)
    assert (visit.state, world.open_exceptions()) == (VisitState.DONE, {})


def test_two_carers_together_are_not_alone() -> None:
    world = CoreWorld(lone_overdue_s=60)
    visit = world.file(
        "bath", service=Service.CHECK_IN, window_start_at=at("13:00"), window_end_at=at("14:00"), due_at=at("14:00"),
        service_duration_s=900, worker_count=2, place=Place(0.0, 600.0),
    )  # fmt: skip
    world.until("12:00")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("13:00")
    for worker_id in visit.worker_ids:
        world.report(worker_id, "started", visit)
    world.until("13:40")
    assert asked(world) == []


def test_a_silent_alarm_is_in_somebodys_hands_within_two_minutes_and_no_report_ends_it() -> None:
    world = CoreWorld()
    visit = check_in(world)
    world.report("carer-1", "alarm")
    alarm = world.state.exceptions[world.open_exceptions()["lone_worker"]]
    assert (alarm.raised.detail, (alarm.due_at - alarm.raised.at).total_seconds()) == ("alarm", 120)
    assert not asked(world)  # nobody rings the phone that the alarm came from
    world.report("carer-1", "here")
    assert "lone_worker" in world.open_exceptions()
    world.until("13:03")
    assert alarm.owner == "district_officer"
    assert visit.worker_ids == ["carer-1"]
    world.settle("lone_worker", "called_112")
    assert "lone_worker" not in world.open_exceptions()


def test_who_was_relieved_and_comes_back_is_given_work_again() -> None:
    world = CoreWorld(worker_silence_s=600)
    on_the_road(world)
    world.until("11:57")
    world.report("rider-1", "here")
    assert world.state.workers["rider-1"].status == "on"
    assert "worker_missing" not in world.open_exceptions()
    later = world.file("dinner", window_start_at=at("17:00"), window_end_at=at("18:00"), due_at=at("18:00"), ready_at=at("16:45"))
    assert later.worker_ids == ["rider-1"]


def test_a_door_that_a_lost_rider_reached_counts_and_nobody_else_goes() -> None:
    world = CoreWorld(worker_silence_s=600)
    (lunch,) = on_the_road(world)
    world.until("11:57")
    assert lunch.worker_ids == ["rider-2"]
    world.report("rider-1", "done", lunch, occurred_at=at("11:40"))  # a dead spot, and the phone is back
    assert (lunch.state, lunch.done_at, lunch.worker_ids) == (VisitState.DONE, at("11:40"), ["rider-1"])
    assert world.state.workers["rider-2"].stops == []
    assert world.open_offers() == []
    assert ledger(world.state).on_time_share == 1.0


def clock(instant: datetime | None) -> str:
    return "" if instant is None else (instant + timedelta(hours=9)).strftime("%H:%M")


def rescued(world: CoreWorld) -> MealRescued:
    return next(decision for decision in reversed(world.log) if isinstance(decision, MealRescued))


def test_a_meal_in_the_box_is_collected_when_that_is_soonest() -> None:
    world = CoreWorld()
    (lunch,) = on_the_road(world)
    world.until("11:25")
    world.report("rider-1", "dropped_out")
    choice = rescued(world)
    doors = {option.way: option.door_at for option in choice.options}
    assert choice.way == "collect"
    assert (clock(doors["collect"]), clock(doors["cook_again"])) == ("11:30", "12:14")
    assert (lunch.pickup_worker, lunch.worker_ids) == ("rider-1", ["rider-2"])


def test_a_packed_meal_from_the_kitchen_is_taken_when_it_is_there_sooner() -> None:
    world = CoreWorld(with_kitchen(spare_meals=1, worker_silence_s=600))
    first, second = on_the_road(world, 2)
    world.until("11:57")  # nobody knows where the rider is: looking for the box would take longer
    choices = [decision for decision in world.log if isinstance(decision, MealRescued)]
    assert [choice.way for choice in choices] == ["replace", "collect"]  # there was one packed meal
    refused = {option.way: option.obstacle for option in choices[1].options}
    assert refused["replace"] == "no_spare_meal"
    assert {first.pickup_worker, second.pickup_worker} == {"", "rider-1"}
    assert world.state.spare_used == {"k1": 1}


def test_a_meal_that_would_be_too_old_is_cooked_again() -> None:
    world = CoreWorld(with_kitchen(cook_again_s=600))
    (lunch,) = on_the_road(world, freshness_s=1500)
    world.until("11:44")
    world.report("rider-1", "dropped_out")
    choice = rescued(world)
    assert choice.way == "cook_again"
    assert {option.way: option.obstacle for option in choice.options}["collect"] == "stale"
    assert (lunch.pickup_worker, lunch.ready_at) == ("", at("11:54"))


def test_a_box_that_is_not_where_it_should_be_is_made_again() -> None:
    world = CoreWorld(with_kitchen(cook_again_s=600))
    (lunch,) = on_the_road(world)
    world.until("11:25")
    world.report("rider-1", "dropped_out")
    assert lunch.pickup_worker == "rider-1"
    world.until("11:26")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.report("rider-2", "failed", lunch, reason="box_not_found")
    assert rescued(world).way == "cook_again"
    assert (lunch.worker_ids, lunch.pickup_worker) == (["rider-2"], "")


def put_off(world: CoreWorld, minutes: int) -> None:
    """A new plan begins everything of rider-1 so much later."""
    stops = tuple(
        msgspec.structs.replace(stop, begin_at=stop.begin_at + timedelta(minutes=minutes))
        for stop in world.state.workers["rider-1"].stops
    )
    apply(world.state, RouteSet(worker_id="rider-1", stops=stops, why="plan"))


def test_a_plan_that_is_put_off_again_and_again_hides_nobody_who_is_silent() -> None:
    world = CoreWorld(worker_silence_s=1200)
    on_the_road(world)
    missed_at = world.state.deadlines["silence:rider-1"]
    for _ in range(3):
        put_off(world, 6)
    assert world.state.deadlines["silence:rider-1"] == missed_at


def test_who_has_nothing_to_do_for_longer_is_not_missed_meanwhile() -> None:
    world = CoreWorld(worker_silence_s=1200)
    on_the_road(world)
    missed_at = world.state.deadlines["silence:rider-1"]
    put_off(world, 60)
    assert world.state.deadlines["silence:rider-1"] == missed_at + timedelta(minutes=60)


def test_nothing_that_the_core_does_by_itself_is_a_word_of_somebody_who_is_silent() -> None:
    """Boxes that may come at any hour: the plan moves them on, a door's code is told, nobody answers what else is offered."""
    world = CoreWorld(worker_silence_s=1200)
    (visit,) = on_the_road(world)
    missed_at = world.state.deadlines["silence:rider-1"]
    more = world.file("more", excluded_workers=tuple(sorted(world.state.workers.keys() - {"rider-1"})))
    put_off(world, 6)
    now_at = world.state.now_at
    apply(world.state, AccessOpened(visit_id=visit.spec.visit_id, worker_id="rider-1", at=now_at))
    assert world.state.deadlines["silence:rider-1"] == missed_at
    apply(world.state, VisitChanged(visit_id=more.spec.visit_id, event=VisitEvent.OFFER_LAPSED, at=now_at, actor="core"))
    assert world.state.deadlines["silence:rider-1"] == missed_at


def test_who_should_have_set_out_before_they_are_missed_is_missed_then() -> None:
    """A plan made just before begins the next stop just after: nobody leaves in the past."""
    world = CoreWorld(worker_silence_s=1200)
    on_the_road(world)
    rider, missed_at = world.state.workers["rider-1"], world.state.deadlines["silence:rider-1"]
    way = timedelta(seconds=leg_s(world.state, rider, 0))
    put_off(world, int((missed_at + way - rider.stops[0].begin_at) / timedelta(minutes=1)))
    assert rider.stops[0].begin_at > missed_at
    assert world.state.deadlines["silence:rider-1"] == missed_at
