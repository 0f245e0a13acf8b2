"""The phone: what follows from a call is told before it is done, and it is what happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from streams.contracts import decisions as d
from streams.contracts.calls import CallOption, CallPromise, TermsChanged, Wish
from streams.contracts.district import Place, Service
from streams.contracts.eligibility import CutOff
from streams.contracts.inputs import RecordCall, UndoCommand
from streams.contracts.queries import Query
from streams.contracts.refusals import REMEDIES, Refusal
from streams.core.phone import FOLLOWS
from streams.core.queries import answer
from streams.core.state import VisitRecord
from tests.core_world import DISTRICT, CoreWorld, at, config

SOUTH = Place(0.0, -500.0)


class Window(CoreWorld):
    """The window's phone rings."""

    def told(self, visit: VisitRecord, wish: Wish) -> CallOption:
        promise = next(one for one in self.promises(visit.spec.recipient_id) if one.visit_id == visit.spec.visit_id)
        return next(one for one in promise.options if one.wish == wish)

    def promises(self, *recipient_ids: str) -> tuple[CallPromise, ...]:
        query = Query(query_id="q", district=DISTRICT, kind="call", recipient_ids=recipient_ids, expires_wall_s=0.0)
        return answer(self.state, query).promises

    def call(self, visit: VisitRecord, wish: Wish, **terms: Any) -> d.CommandSettled:
        """Ask what would follow, then say it: both are the same."""
        told = self.told(visit, wish)
        command_id = f"call-{len(self.inputs)}"
        self.send(RecordCall(command_id=command_id, visit_id=visit.spec.visit_id, wish=wish, **terms), actor="coordinator")
        (settled,) = [x for x in self.decisions if isinstance(x, d.CommandSettled)]
        if settled.outcome == "accepted":
            assert settled.rules == told.follows
        elif told.code:
            assert settled.code == told.code
        return settled

    def accept(self) -> None:
        for offer_id in self.open_offers():
            self.answer(offer_id)

    def detail_of(self, kind: str) -> tuple[str, str]:
        record = self.state.exceptions[self.open_exceptions()[kind]]
        return record.owner, record.raised.detail


@pytest.fixture
def world() -> Window:
    return Window()


def on_the_road(world: Window) -> VisitRecord:
    lunch = world.file("lunch")
    world.until("10:35")
    world.accept()
    world.until("11:20")
    world.report(lunch.accepted_ids[0], "picked_up", lunch)
    return lunch


# --- whose promises ---------------------------------------------------------------------------------------------------


def test_a_caller_hears_of_todays_promises_in_their_order_and_of_nobody_elses(world: Window) -> None:
    lunch = world.file("lunch")
    care = world.file(
        "care", recipient_id="r-lunch", service=Service.CHECK_IN, service_duration_s=600, window_start_at=at("09:00"),
        window_end_at=at("10:00"), due_at=at("10:00"),
    )  # fmt: skip
    world.file("other")
    found = world.promises("r-lunch")
    assert [one.visit_id for one in found] == [care.spec.visit_id, lunch.spec.visit_id]
    assert found[1].expected_at is not None
    assert [one.wish for one in found[1].options] == ["not_today", "later", "did_not_come", "change_address"]
    assert world.promises("nobody") == ()


def test_yesterdays_promise_is_none_of_today(world: Window) -> None:
    lunch = world.file("lunch")
    world.cancel(lunch)
    world.until("30:00")
    assert world.promises("r-lunch") == ()


# --- not today --------------------------------------------------------------------------------------------------------


def test_not_today_before_anything_is_cooked(world: Window) -> None:
    lunch = world.file("lunch")
    assert world.call(lunch, Wish.NOT_TODAY).rules == ("nothing_cooked",)
    assert lunch.state == "cancelled"
    assert not world.open_exceptions()


def test_not_today_after_the_cut_off_leaves_a_meal_that_somebody_may_still_eat() -> None:
    districts = config()
    kitchen = msgspec.structs.replace(districts.kitchens[0], cut_offs=(CutOff(at=at("09:00")),))
    world = Window(msgspec.structs.replace(districts, kitchens=(kitchen,)))
    lunch = world.file("lunch")
    world.until("09:30")
    assert world.call(lunch, Wish.NOT_TODAY).rules == ("meal_is_cooked",)
    assert world.detail_of("meal_left_over")[0] == "coordinator"


def test_not_today_while_somebody_is_asked_withdraws_the_offer(world: Window) -> None:
    lunch = world.file("lunch")
    world.until("10:35")
    assert "offer_withdrawn" in world.call(lunch, Wish.NOT_TODAY).rules
    assert world.open_offers() == []


def test_not_today_with_the_box_on_the_road_tells_the_rider_to_bring_it_back(world: Window) -> None:
    lunch = on_the_road(world)
    rider = lunch.accepted_ids[0]
    assert world.call(lunch, Wish.NOT_TODAY).rules == ("meal_is_cooked", "box_comes_back", "worker_told")
    (told,) = [x for x in world.decisions if isinstance(x, d.DoorstepInstructed)]
    assert (told.worker_id, told.instruction) == (rider, "return_to_kitchen")
    assert "meal_left_over" in world.open_exceptions()


def test_not_today_can_be_undone_and_the_left_over_meal_is_nobodys_any_more(world: Window) -> None:
    lunch = world.file("lunch")
    world.until("11:16")
    settled = world.call(lunch, Wish.NOT_TODAY)
    assert "meal_left_over" in world.open_exceptions()
    world.send(UndoCommand(command_id="undo", undone_command_id=settled.command_id))
    assert lunch.state != "cancelled"
    assert "meal_left_over" not in world.open_exceptions()


def test_said_twice_it_is_done_once_and_after_the_door_it_is_too_late(world: Window) -> None:
    lunch, other = world.file("lunch"), on_the_road(world)
    del other
    world.call(lunch, Wish.NOT_TODAY)
    world.send(RecordCall(command_id="again", visit_id=lunch.spec.visit_id, wish=Wish.NOT_TODAY))
    assert world.state.commands["again"].outcome == "duplicate"


def test_a_delivered_meal_cannot_be_called_off(world: Window) -> None:
    lunch = on_the_road(world)
    world.report(lunch.accepted_ids[0], "done", lunch)
    assert world.call(lunch, Wish.NOT_TODAY).code == "already_closed"


# --- later ------------------------------------------------------------------------------------------------------------


def test_later_moves_the_whole_window_and_the_meal_is_planned_anew(world: Window) -> None:
    lunch = world.file("lunch")
    settled = world.call(lunch, Wish.LATER, later_at=at("13:00"))
    assert settled.rules == ("planned_anew",)
    assert (lunch.spec.window_start_at, lunch.spec.window_end_at, lunch.spec.due_at) == (at("12:00"), at("13:00"), at("13:00"))
    (stop,) = [s for s in world.state.workers[lunch.worker_ids[0]].stops if s.kind == "visit"]
    assert at("12:00") <= stop.begin_at <= at("13:00")


def test_later_takes_it_back_from_who_had_said_yes_and_asks_anew(world: Window) -> None:
    lunch = world.file("lunch")
    world.until("10:35")
    world.accept()
    assert "worker_told" in world.call(lunch, Wish.LATER, later_at=at("13:00")).rules
    assert lunch.accepted_ids == []
    (asked,) = [world.state.offers[o].made for o in world.open_offers()]
    assert (asked.visit_ids, asked.begin_at) == ((lunch.spec.visit_id,), lunch_begin(world, lunch))


def test_a_hot_meal_waits_no_longer_than_it_keeps(world: Window) -> None:
    lunch = world.file("lunch")  # ready at 11:15
    assert world.told(lunch, Wish.LATER).latest_at == at("13:15")
    refused = world.call(lunch, Wish.LATER, later_at=at("13:16"))
    assert (refused.outcome, refused.code) == ("refused", "meal_too_old")
    assert lunch.spec.due_at == at("12:30")


def test_care_may_be_later_while_anybody_is_on_duty(world: Window) -> None:
    care = world.file(
        "care", service=Service.CHECK_IN, service_duration_s=600, window_start_at=at("09:00"), window_end_at=at("10:00"),
        due_at=at("10:00"),
    )  # fmt: skip
    assert world.call(care, Wish.LATER, later_at=at("21:00")).code == "after_hours"
    assert world.call(care, Wish.LATER, later_at=at("18:00")).outcome == "accepted"


@pytest.mark.parametrize("later_at", [None, at("12:30"), at("11:00")])
def test_later_is_later(world: Window, later_at: datetime | None) -> None:
    lunch = world.file("lunch")
    assert world.call(lunch, Wish.LATER, later_at=later_at).code == "time_in_past"


def test_with_the_rider_riding_it_is_too_late_for_later(world: Window) -> None:
    lunch = on_the_road(world)
    assert world.call(lunch, Wish.LATER, later_at=at("13:00")).code == "started_stays"


def lunch_begin(world: Window, lunch: VisitRecord) -> datetime:
    return world.state.workers[lunch.worker_ids[0]].stops[0].begin_at


# --- it did not come --------------------------------------------------------------------------------------------------


def test_before_its_time_the_caller_is_told_when_it_comes_and_nothing_else_happens(world: Window) -> None:
    lunch = world.file("lunch")
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("not_due_yet",)
    assert not world.open_exceptions()


def test_overdue_the_dongs_care_manager_looks_until_it_has_come(world: Window) -> None:
    lunch = on_the_road(world)
    world.until("12:31")
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("somebody_looks",)
    assert world.detail_of("not_received") == ("care_manager:1144000001", "")
    world.report(lunch.past_worker_ids[0], "done", lunch)
    assert "not_received" not in world.open_exceptions()


def test_said_delivered_and_not_there_somebody_looks_within_half_an_hour(world: Window) -> None:
    lunch = on_the_road(world)
    world.report(lunch.accepted_ids[0], "done", lunch)
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("said_delivered", "somebody_looks")
    record = world.state.exceptions[world.open_exceptions()["not_received"]]
    assert (record.owner, record.raised.detail) == ("care_manager:1144000001", "said_delivered")
    assert record.due_at - record.raised.at == timedelta(minutes=30)
    assert lunch.state == "done"  # who is right is for a person to find out
    world.until("11:55")
    assert world.state.exceptions[record.raised.exception_id].owner == "coordinator"  # nobody looked: it climbs


def test_who_rings_while_the_rider_stands_at_the_door_has_them_back(world: Window) -> None:
    lunch = on_the_road(world)
    rider = lunch.accepted_ids[0]
    world.report(rider, "arrived", lunch)
    world.report(rider, "no_answer", lunch)
    world.report(rider, "no_answer", lunch)
    assert "doorstep_call" in world.open_exceptions()
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("worker_comes_back",)
    assert lunch.state == "arrived"
    assert "doorstep_call" not in world.open_exceptions()
    assert world.state.workers[rider].stops[0].visit_id == lunch.spec.visit_id


def test_what_was_given_up_is_brought_again(world: Window) -> None:
    lunch = on_the_road(world)
    world.report(lunch.accepted_ids[0], "failed", lunch, reason="recipient_absent")
    assert lunch.state == "failed"
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("comes_again",)
    assert lunch.state in ("planned", "waiting", "offered")
    assert "visit_failed" not in world.open_exceptions()


def test_what_was_cancelled_without_the_callers_knowing_is_looked_into(world: Window) -> None:
    lunch = world.file("lunch")
    world.cancel(lunch, reason="office")
    assert world.call(lunch, Wish.DID_NOT_COME).rules == ("was_cancelled", "somebody_looks")
    assert world.detail_of("not_received") == ("care_manager:1144000001", "was_cancelled")


# --- change the address -----------------------------------------------------------------------------------------------


def test_the_stop_moves_while_nobody_rides(world: Window) -> None:
    lunch = world.file("lunch")
    settled = world.call(lunch, Wish.CHANGE_ADDRESS, dong="1144000002", place=SOUTH)
    assert settled.rules == ("planned_anew",)
    assert (lunch.spec.dong, lunch.spec.area_id, lunch.spec.place) == ("1144000002", "S", SOUTH)
    assert lunch.worker_ids == ["rider-2"]  # who has the south
    (changed,) = [x for x in world.decisions if isinstance(x, TermsChanged)]
    assert (changed.wish, changed.by, changed.due_at) == ("change_address", "coordinator", at("12:30"))


def test_with_the_rider_riding_the_coordinator_decides(world: Window) -> None:
    lunch = on_the_road(world)
    before = lunch.spec.place
    settled = world.call(lunch, Wish.CHANGE_ADDRESS, dong="1144000002", place=SOUTH)
    assert settled.rules == ("coordinator_decides",)
    assert world.detail_of("address_changed") == ("coordinator", "1144000002")
    assert lunch.spec.place == before


@pytest.mark.parametrize(
    ("dong", "place", "code"),
    [("1144099999", SOUTH, "unknown_dong"), ("1144000002", None, "wrong_field"),
     ("1144000002", Place(1e6, 1e6), "outside_district")],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(world: Window, dong: str, place: Place | None, code: str) -> None:
    lunch = world.file("lunch")
    assert world.call(lunch, Wish.CHANGE_ADDRESS, dong=dong, place=place).code == code
    assert lunch.spec.place != SOUTH


# --- all of them ------------------------------------------------------------------------------------------------------


def test_a_stale_version_and_an_unknown_visit_change_nothing(world: Window) -> None:
    lunch = world.file("lunch")
    world.send(
        RecordCall(command_id="old", visit_id=lunch.spec.visit_id, wish=Wish.NOT_TODAY), expected_version=lunch.changes + 1
    )
    world.send(RecordCall(command_id="who", visit_id="nobody", wish=Wish.NOT_TODAY))
    assert [world.state.commands[one].code for one in ("old", "who")] == ["version_conflict", "unknown_visit"]
    assert lunch.state == "planned"


def test_every_consequence_has_words_on_the_page() -> None:
    from pathlib import Path

    texts = (Path(__file__).parents[3] / "services/board/static/phone_texts.js").read_text(encoding="utf-8")
    assert [code for code in FOLLOWS if f"{code}:" not in texts] == []
    assert all(REMEDIES[code].ko for code in (Refusal.MEAL_TOO_OLD, Refusal.AFTER_HOURS))
