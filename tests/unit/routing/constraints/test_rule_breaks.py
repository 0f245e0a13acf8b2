"""Where a break falls follows from the route: on leaving, on arriving, while waiting, on the way home, or not at all."""

from __future__ import annotations

import pytest

from routing import Break, Place, Rule, Visit, Worker, check, price_by_term
from tests.worlds import KITCHEN, at, care, carer, plan, route, world


def rest(earliest: str, latest: str = "18:00", duration_s: int = 1800) -> Break:
    return Break(at(earliest), at(latest), duration_s)


def begin(worker: Worker, visit: Visit) -> float:
    """When the visit begins, read off the price of its lateness (due at 09:00, one unit a second)."""
    problem = world([worker], [visit])
    assert check(problem, plan(route("carer-1", "care-1"))) == []
    return at("09:00") + price_by_term(problem, plan(route("carer-1", "care-1")))["lateness"]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (rest("08:30"), "09:40"),  # due before the start: at once
        (rest("09:00"), "09:40"),  # on leaving
        (rest("09:05"), "09:40"),  # on arriving at 09:10
        (rest("09:10"), "09:40"),
        (rest("09:11"), "09:10"),  # after the visit
    ],
)
def test_before_or_after_a_visit(one: Break, expected: str) -> None:
    assert begin(carer(breaks=(one,)), care(1, 600, due_s=at("09:00"))) == at(expected)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (rest("09:20", duration_s=600), "10:00"),  # inside the wait
        (rest("09:45"), "10:15"),  # begun in the wait, longer than it
        (rest("10:00"), "10:30"),
        (rest("10:01"), "10:00"),
    ],
)
def test_while_waiting(one: Break, expected: str) -> None:
    waits = care(1, 600, earliest_s=at("10:00"), due_s=at("10:00"))
    assert begin(carer(breaks=(one,)), waits) == at("09:00") + at(expected) - at("10:00")


def test_the_way_up_is_no_time_to_rest() -> None:
    """Who waits for 10:00 with five minutes of stairs goes up at 09:55: a break from 09:56 on comes after the visit."""
    waits = care(1, 600, earliest_s=at("10:00"), due_s=at("10:00"), access_duration_s=300)
    assert begin(carer(breaks=(rest("09:56"),)), waits) == at("09:00")
    assert begin(carer(breaks=(rest("09:55"),)), waits) == at("09:30")


def test_two_breaks_in_order() -> None:
    both = carer(breaks=(rest("09:00", duration_s=600), rest("09:15", duration_s=600)))
    assert begin(both, care(1, 600, due_s=at("09:00"))) == at("09:30")


@pytest.mark.parametrize(("latest", "expected"), [("09:10", []), ("09:09", [60])])
def test_a_break_begins_inside_its_window(latest: str, expected: list[float]) -> None:
    problem = world([carer(breaks=(rest("09:05", latest),))], [care(1, 600)])
    found = check(problem, plan(route("carer-1", "care-1")))
    assert [(one.rule, one.worker_id, one.amount) for one in found] == [(Rule.BREAK, "carer-1", over) for over in expected]


@pytest.mark.parametrize(
    ("earliest", "shift_end", "over"),
    [
        ("10:21", "10:20", []),  # home at 10:20: not needed
        ("10:20", "10:50", []),  # taken at home
        ("10:20", "10:49", [60]),
        ("10:10", "10:50", []),  # taken on leaving
    ],
)
def test_a_break_at_the_end_is_part_of_the_shift(earliest: str, shift_end: str, over: list[float]) -> None:
    worker = carer(breaks=(rest(earliest),), end=KITCHEN, shift_end_s=at(shift_end))
    found = check(world([worker], [care(1, 600)]), plan(route("carer-1", "care-1")))
    assert [(one.rule, one.amount) for one in found] == [(Rule.SHIFT, amount) for amount in over]


def test_who_has_nothing_to_do_needs_no_break() -> None:
    worker = carer(breaks=(rest("09:00", "09:00"),), shift_end_s=at("09:10"), end=Place(900, 0))
    assert check(world([worker], []), plan(route("carer-1"))) == []
