"""Tasks, boxes, and phones whose clock is off: kept, shown, and the same whatever the order of the reports."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from streams.contracts import codec
from streams.contracts.decisions import VisitChanged, VisitState
from streams.contracts.district import Service
from streams.contracts.inputs import ReportKind, WorkerReported
from streams.contracts.notes import VisitNoted
from streams.core.ledger import ledger
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at
from tests.unit.core.test_reports import accepted_lunches


def care(world: CoreWorld, **fields: Any) -> VisitRecord:
    """A visit that carer-2 has said yes to."""
    visit = world.file(
        "care", service=Service.TEMPORARY_HOME_CARE, window_start_at=at("13:00"), window_end_at=at("14:00"), due_at=at("14:00"),
        service_duration_s=3600, excluded_workers=("carer-1", "carer-3"), **fields,
    )  # fmt: skip
    world.until("11:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    assert visit.accepted_ids == ["carer-2"]
    return visit


def test_a_carer_says_at_the_end_which_tasks_were_done() -> None:
    world = CoreWorld()
    visit = care(world, tasks=("meal_help", "bathing", "medication"))
    world.until("13:00")
    world.report("carer-2", "arrived", visit)
    world.report("carer-2", "started", visit)
    assert visit.tasks_done == []
    world.until("14:00")
    world.report("carer-2", "done", visit, tasks=("bathing", "meal_help", "company", "bathing"))
    (noted,) = [x for x in world.decisions if isinstance(x, VisitNoted)]
    assert (noted.tasks_done, noted.tasks_left) == (("bathing", "meal_help", "company"), ("medication",))
    assert (visit.state, visit.tasks_done) == (VisitState.DONE, ["bathing", "meal_help", "company"])
    world.report("carer-2", "done", visit, tasks=("medication",))  # a repeat says nothing new
    assert visit.tasks_done == ["bathing", "meal_help", "company"]


def test_tasks_of_which_nothing_is_said_were_not_done() -> None:
    world = CoreWorld()
    visit = care(world, tasks=("laundry",))
    world.until("13:30")
    world.report("carer-2", "arrived", visit)
    world.report("carer-2", "done", visit)
    (noted,) = [x for x in world.decisions if isinstance(x, VisitNoted)]
    assert (noted.tasks_done, noted.tasks_left) == ((), ("laundry",))


def test_boxes_that_come_back_are_counted_once() -> None:
    world = CoreWorld()
    lunches = accepted_lunches(world, 2)
    world.until("11:20")
    world.report("rider-1", "picked_up", *lunches)
    world.report("rider-1", "done", *lunches, boxes_returned=3)
    world.report("rider-1", "done", *lunches, boxes_returned=3)
    assert [lunch.boxes_returned for lunch in lunches] == [3, 0]


@pytest.mark.parametrize("kind", ["no_answer", "failed"])
def test_the_same_report_again_counts_once(kind: str) -> None:
    """The answer got lost, the API was killed: the log may hold a report twice."""
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.until("11:30")
    world.report("rider-1", "picked_up", lunch)
    report = WorkerReported(
        report_id="once", kind=ReportKind(kind), worker_id="rider-1", visit_ids=(lunch.spec.visit_id,), reason="wrong_address"
    )
    world.send(report, organisation=COOP, id="envelope-of-once")
    state, changes = lunch.state, lunch.changes
    assert world.send(report, organisation=COOP, id="envelope-of-once") == []
    assert (lunch.state, lunch.changes) == (state, changes)
    if kind == "no_answer":
        world.send(report, organisation=COOP, id="another-envelope")
        assert lunch.no_answers == 2


@pytest.mark.parametrize(("off_min", "shown_s"), [(-1, 0), (-5, 0), (-90, -5400), (4, 0), (12, 720)])
def test_a_phone_whose_clock_is_off_is_tolerated_and_shown(off_min: int, shown_s: int) -> None:
    world = CoreWorld()
    (lunch,) = accepted_lunches(world, 1)
    world.until("11:25")
    told = world.report("rider-1", "picked_up", lunch, occurred_at=world.now_at + timedelta(minutes=off_min))
    (change,) = [x for x in told if isinstance(x, VisitChanged)]
    assert lunch.state is VisitState.PICKED_UP
    assert change.off_s == shown_s
    assert change.at <= world.now_at


@pytest.mark.parametrize("heard", ["14:05", "17:30"])
def test_reports_in_any_order_and_twice_settle_to_the_same_state(heard: str) -> None:
    """Also hours late, when the visit was in a person's hands by then: the ledger says when it was done."""
    steps = {"arrived": "13:02", "started": "13:04", "done": "14:01"}
    ended = set()
    for order in itertools.permutations(steps):
        world = CoreWorld()
        visit = care(world, tasks=("cooking",))
        world.until(heard)
        for kind in (*order, *order):
            world.report("carer-2", kind, visit, occurred_at=at(steps[kind]), **({"tasks": ("cooking",)} if kind == "done" else {}))
        assert visit.done_at == at("14:01"), order
        books = ledger(world.state)
        ended.add((visit.state, visit.done_at, tuple(visit.tasks_done), codec.encode(books)))
    assert len(ended) == 1
