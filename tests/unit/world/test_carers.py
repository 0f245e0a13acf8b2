"""Employers look into their own book and name a worker; carers travel, check in, serve, check out."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from services.sample_day.day import Day
from services.sample_day.messages import Message
from tests.unit.world.days import START_AT, at, care, config
from tests.unit.world.hand import Hand, slot


def a_day() -> Day:
    visits = [care("C-1", 1500, 1000, 2), care("C-2", 1200, 1000, 2), care("C-3", 1000, 800, 2.5, worker_count=2)]
    return Day(
        config=config(), visits=visits, recipients=[], workers=[], troubles=[], start_at=START_AT, end_at=at(11), seed=1,
        single_offers=False,
    )  # fmt: skip


def asked(hand: Hand, offer_id: str, worker_id: str, reference: str, begin: float) -> Message:
    hand.tell(at(1), "offer.made", "centre", slot(offer_id, worker_id, reference, at(begin)))
    return next(message for _, message in hand.until(at(1.3)) if message.body.get("offer_id") == offer_id)


def test_an_employer_names_one_of_its_own() -> None:
    hand = Hand(a_day())
    hand.until(at(1))
    answer = asked(hand, "o-1", "carer-0", "C-1", 2)
    assert answer.body["kind"] == "offer_accepted"
    assert answer.body["worker_id"] in ("carer-0", "carer-2")  # the centre's; 1 and 3 are the firm's


def test_an_employer_names_another_when_the_proposed_one_is_taken_and_nobody_when_all_are() -> None:
    hand = Hand(a_day())
    hand.until(at(1))
    named = [asked(hand, f"o-{n}", "carer-0", f"C-{n}", 2).body for n in (1, 2, 3)]
    assert {body["worker_id"] for body in named[:2]} == {"carer-0", "carer-2"}
    assert (named[2]["kind"], named[2]["reason"]) == ("offer_declined", "no_worker")


def test_a_withdrawn_offer_frees_the_book() -> None:
    hand = Hand(a_day())
    hand.until(at(1))
    asked(hand, "o-1", "carer-0", "C-1", 2)
    asked(hand, "o-2", "carer-2", "C-2", 2)
    hand.tell(at(1.3), "offer.settled", "centre", {"offer_id": "o-1", "outcome": "withdrawn", "worker_id": "carer-0"})
    assert asked(hand, "o-3", "carer-0", "C-3", 2).body["kind"] == "offer_accepted"


def test_a_carer_travels_checks_in_and_out() -> None:
    hand = Hand(a_day())
    hand.file_all()
    hand.until(at(1))
    hand.assign(at(1), "carer-0", "C-1", organisation="centre")
    hand.until(at(10))
    assert hand.reports("carer-0") == ["shift_on", "en_route C-1", "arrived C-1", "started C-1", "done C-1", "shift_off"]
    when = {message.body["kind"]: now for now, message in hand.sent if message.body["worker_id"] == "carer-0"}
    assert when["started"] >= at(2)  # not before the time window opens
    assert timedelta(minutes=35) < when["done"] - when["started"] < timedelta(minutes=95)


def test_two_who_are_needed_together_begin_together() -> None:
    hand = Hand(a_day())
    hand.file_all()
    hand.until(at(1))
    hand.assign(at(1), "carer-0", "C-3", organisation="centre")
    hand.assign(at(1), "carer-1", "C-3", organisation="firm")
    hand.until(at(10))
    arrived = {m.body["worker_id"]: now for now, m in hand.sent if m.body["kind"] == "arrived"}
    began = {m.body["worker_id"]: now for now, m in hand.sent if m.body["kind"] == "started"}
    assert all(now >= max(arrived.values()) for now in began.values())
    assert abs(began["carer-0"] - began["carer-1"]) <= timedelta(seconds=60)


def test_a_carer_says_which_tasks_were_done() -> None:
    day = a_day()
    visits = {f"C-{n}": care(f"C-{n}", 1500, 1000, 2) for n in range(30)}
    for one in visits.values():
        one.body["tasks"] = ["meal_help", "cleaning"]
    hand = Hand(dataclasses.replace(day, visits=list(visits.values())))
    hand.file_all()
    hand.until(at(1))
    hand.assign(at(1), "carer-0", *visits, organisation="centre")
    hand.until(at(10))
    told = [message.body for _, message in hand.sent if message.body.get("kind") == "done"]
    assert told
    books = hand.world.books
    for body in told:
        (visit_id,) = body["visit_ids"]
        assert set(body.get("tasks", ())) == books.tasks_done.get(visit_id, set()) <= {"meal_help", "cleaning"}
        assert "boxes_returned" not in body
    assert books.figures()["tasks_done"] == sum(len(body.get("tasks", ())) for body in told) > 0
