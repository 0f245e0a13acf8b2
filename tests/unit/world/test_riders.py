"""Riders answer offers, load at the kitchen when the boxes really are ready, and go from door to door as told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.sample_day.day import Day, Trouble
from services.sample_day.messages import instant, written
from tests.unit.world.days import START_AT, at, config, meal
from tests.unit.world.hand import Hand


def a_day(*troubles: Trouble) -> Day:
    """Three meals of one kitchen, ready at 3 h."""
    visits = [meal("M-1", 1500, 1000, 3, 4), meal("M-2", 1800, 1000, 3, 4), meal("M-3", 500, 500, 3, 4)]
    return Day(
        config=config(), visits=visits, recipients=[], workers=[], troubles=list(troubles), start_at=START_AT, end_at=at(11),
        seed=1, single_offers=False,
    )  # fmt: skip


def started(*troubles: Trouble) -> Hand:
    """rider-0 has M-1 and M-2."""
    hand = Hand(a_day(*troubles))
    hand.file_all()
    hand.until(at(1))
    hand.assign(at(1), "rider-0", "M-1", "M-2")
    return hand


def test_a_round_is_loaded_once_and_carried_in_the_order_told() -> None:
    hand = started()
    hand.until(at(10))
    assert hand.reports("rider-0") == [
        "shift_on", "picked_up M-1,M-2", "arrived M-1", "done M-1", "arrived M-2", "done M-2", "shift_off",
    ]  # fmt: skip
    assert sorted(hand.world.books.serving) == ["M-1", "M-2"]


def test_nothing_leaves_the_kitchen_before_it_is_ready() -> None:
    hand = started()
    hand.until(at(10))
    picked_up_at = next(now for now, message in hand.sent if message.body["kind"] == "picked_up")
    assert picked_up_at >= at(3) + timedelta(seconds=180)  # ready, then loaded


def test_a_late_kitchen_says_so_and_keeps_the_rider_waiting() -> None:
    hand = started(Trouble(at(2.5), "kitchen_late", "K1", 25))
    hand.until(at(10))
    word = next(message for _, message in hand.sent if message.kind == "kitchen")
    assert word.organisation == "cook"
    assert instant(word.body["ready_at"]) == at(3) + timedelta(minutes=25)
    picked_up_at = next(now for now, m in hand.sent if m.kind == "report" and m.body["kind"] == "picked_up")
    assert picked_up_at >= at(3) + timedelta(minutes=25)


def test_a_closed_door_is_tried_again_and_the_second_time_somebody_opens() -> None:
    hand = started(Trouble(at(3), "no_answer", "M-1", 1))
    hand.until(at(10))
    assert hand.reports("rider-0")[2:5] == ["arrived M-1", "no_answer M-1", "done M-1"]
    at_door = {m.body["kind"]: now for now, m in hand.sent if m.kind == "report" and m.body["visit_ids"] == ["M-1"]}
    assert at_door["done"] - at_door["no_answer"] >= timedelta(seconds=300)


def test_a_door_that_stays_closed_is_left_and_the_box_goes_back() -> None:
    hand = started(Trouble(at(3), "no_answer", "M-1", 2))
    hand.until(at(10))
    assert hand.reports("rider-0")[2:] == [
        "arrived M-1", "no_answer M-1", "no_answer M-1", "arrived M-2", "done M-2", "returned M-1", "shift_off",
    ]  # fmt: skip
    assert "M-1" not in hand.world.books.serving


def test_a_rider_who_drops_out_with_meals_delivers_nothing_more() -> None:
    hand = started(Trouble(at(1.5), "rider_drops_out", "rider-0", 1))
    hand.until(at(10))
    assert hand.reports("rider-0")[1] == "picked_up M-1,M-2"
    assert hand.reports("rider-0")[-1].startswith("dropped_out")
    assert hand.world.workers["rider-0"].onboard  # type: ignore[attr-defined]


def test_a_silent_rider_says_nothing_for_as_long_and_then_goes_on() -> None:
    hand = started(Trouble(at(2.0), "silent_worker", "rider-0", 90))
    hand.until(at(10))
    begun = min(now for now, m in hand.sent if m.lane == "rider-0" and m.body["kind"] == "picked_up" and now >= at(2))
    assert [m.body["kind"] for now, m in hand.sent if m.lane == "rider-0" and begun < now < begun + timedelta(minutes=90)] == []
    assert hand.reports("rider-0")[-2:] == ["done M-2", "shift_off"]


def test_a_cancelled_visit_is_not_driven_to_and_its_box_goes_back() -> None:
    hand = started()
    hand.until(at(3.07))
    hand.tell(at(3.07), "visit.released", "coop", {"visit_id": "M-2", "worker_id": "rider-0", "reason": "same_day"})
    hand.until(at(10))
    assert hand.reports("rider-0")[1:] == [
        "picked_up M-1,M-2", "arrived M-1", "done M-1", "returned M-2", "shift_off",
    ]  # fmt: skip


def test_a_route_that_changes_on_the_way_is_followed_from_where_the_rider_is() -> None:
    hand = started()
    hand.until(at(3.06))
    hand.assign(at(3.06), "rider-0", "M-2", "M-1")
    hand.until(at(10))
    assert hand.reports("rider-0")[1:5] == ["picked_up M-1,M-2", "arrived M-2", "done M-2", "arrived M-1"]


def test_an_older_word_that_comes_late_changes_nothing() -> None:
    hand = started()
    hand.tell(at(1), "route.changed", "coop", {"worker_id": "rider-0", "stops": []}, offset=0)
    hand.until(at(10))
    assert "done M-1" in hand.reports("rider-0")


def test_offers_are_answered_within_ninety_seconds_and_mostly_with_yes() -> None:
    hand = Hand(a_day())
    hand.until(at(1))
    for n in range(200):
        data = {"offer_id": f"o-{n}", "kind": "round", "organisation": "coop", "worker_id": f"rider-{n % 4}",
                "begin_at": written(at(3)), "expires_at": written(at(2)), "visits": []}  # fmt: skip
        hand.tell(at(1), "offer.made", "coop", data)
    answers = hand.until(at(1.2))
    assert len(answers) == 200
    assert all(timedelta(seconds=10) <= now - at(1) <= timedelta(seconds=90) for now, _ in answers)
    yes = sum(message.body["kind"] == "offer_accepted" for _, message in answers)
    assert 180 <= yes < 200
    assert all(message.body["reason"] for _, message in answers if message.body["kind"] == "offer_declined")


def test_an_offer_that_is_over_gets_no_answer() -> None:
    hand = Hand(a_day())
    hand.until(at(1))
    data = {"offer_id": "o", "kind": "single", "organisation": "coop", "worker_id": "rider-1",
            "begin_at": written(at(3)), "expires_at": written(at(2)), "visits": []}  # fmt: skip
    hand.tell(at(1), "offer.made", "coop", data)
    hand.tell(at(1), "offer.settled", "coop", {"offer_id": "o", "outcome": "withdrawn", "worker_id": "rider-1"})
    assert hand.until(at(2)) == []


def test_no_position_shows_a_door() -> None:
    """Degrees are rounded to about 100 m, on the way too."""
    from services.sample_day.driving import Leg
    from streams.contracts.district import Place

    leg = Leg((Place(126.90123, 37.55123), Place(126.92, 37.56)), at(1), at(2))
    place = leg.place_at(at(1.5))
    assert place == Place(round(place.x, 3), round(place.y, 3))


def test_what_a_worker_does_does_not_depend_on_others() -> None:
    """Chance is drawn for each entity by itself."""
    alone, together = started(), started()
    together.assign(at(1), "rider-1", "M-3")
    alone.until(at(10))
    together.until(at(10))
    assert [x for x in alone.sent if x[1].lane == "rider-0"] == [x for x in together.sent if x[1].lane == "rider-0"]


def test_another_seed_is_another_day() -> None:
    def times(seed: int) -> list[object]:
        hand = Hand(replace(a_day()), seed)
        hand.file_all()
        hand.until(at(1))
        hand.assign(at(1), "rider-0", "M-1", "M-2")
        hand.until(at(10))
        return [now for now, _ in hand.sent]

    assert times(1) == times(1) != times(2)


def test_empty_boxes_come_back_from_some_doors() -> None:
    meals = [meal(f"M-{n}", 1000 + 20 * n, 1000, 3, 6) for n in range(12)]
    hand = Hand(replace(a_day(), visits=meals))
    hand.file_all()
    hand.until(at(1))
    hand.assign(at(1), "rider-0", *(one.body["reference"] for one in meals))
    hand.until(at(10))
    told = {m.body["visit_ids"][0]: m.body.get("boxes_returned", 0) for _, m in hand.sent if m.body.get("kind") == "done"}
    assert len(told) == 12
    assert 0 < sum(told.values()) < 12
    assert hand.world.books.boxes_taken_back == {visit_id: count for visit_id, count in told.items() if count}
