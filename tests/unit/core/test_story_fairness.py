"""Fair shares and known faces, told as days go: who comes again, who earned what, and who is to be given more tomorrow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.contracts.inputs import ConfigureDistrict, CorrectVisit
from streams.core.state import VisitRecord, WorkerWeek
from tests.core_world import CoreWorld, at, config

WEEK = "2026-W10"


def care(world: CoreWorld, reference: str, begin: str, **more: Any) -> VisitRecord:
    """An hour of care in the north, for Mrs Kim where nobody else is said."""
    fields: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at(begin), window_end_at=at(begin) + timedelta(hours=1),
        due_at=at(begin) + timedelta(hours=1), service_duration_s=3600, recipient_id="r-kim",
    )  # fmt: skip
    return world.file(reference, **(fields | more))


def serve(world: CoreWorld, visit: VisitRecord, begin: str, end: str) -> str:
    """Whoever has it says yes, comes and leaves."""
    world.until("07:35")  # a provider is asked an hour and a half before
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until(begin)
    (worker_id,) = visit.accepted_ids
    world.report(worker_id, "arrived", visit)
    world.report(worker_id, "started", visit)
    world.until(end)
    world.report(worker_id, "done", visit)
    assert visit.state is VisitState.DONE
    return worker_id


def week(world: CoreWorld, worker_id: str) -> WorkerWeek:
    return world.state.weeks.get(WEEK, {}).get(worker_id, WorkerWeek())


@pytest.mark.parametrize("first", ["carer-1", "carer-2"])
def test_whoever_was_at_mrs_kims_door_comes_again(first: str) -> None:
    world = CoreWorld()
    other = {"carer-1": "carer-2", "carer-2": "carer-1"}[first]
    morning = care(world, "morning", "09:00", excluded_workers=(other, "carer-3"))
    assert serve(world, morning, "09:05", "10:05") == first
    afternoon = care(world, "afternoon", "14:00")
    assert afternoon.worker_ids == [first]


def test_a_stranger_comes_when_the_known_face_cannot() -> None:
    world = CoreWorld()
    morning = care(world, "morning", "09:00", excluded_workers=("carer-2", "carer-3"))
    assert serve(world, morning, "09:05", "10:05") == "carer-1"
    world.report("carer-1", "dropped_out")
    assert care(world, "afternoon", "14:00").worker_ids == ["carer-2"]


def test_the_coordinator_sees_what_the_week_gave_whom() -> None:
    world = CoreWorld()
    worker_id = serve(world, care(world, "morning", "09:00"), "09:05", "10:05")
    mine = week(world, worker_id)
    assert (mine.visits, mine.income_krw) == (1, 13_000)
    assert mine.active_s >= 3600
    rest = [week(world, other).income_krw for other in ("carer-1", "carer-2", "carer-3") if other != worker_id]
    assert rest == [0, 0]


def test_what_was_not_done_after_all_is_paid_to_nobody() -> None:
    world = CoreWorld()
    visit = care(world, "morning", "09:00")
    worker_id = serve(world, visit, "09:05", "10:05")
    world.send(CorrectVisit(command_id="no", visit_id=visit.spec.visit_id, outcome="failed", reason="mis_tap"))
    assert visit.state is VisitState.FAILED
    assert (week(world, worker_id).visits, week(world, worker_id).income_krw) == (0, 0)


def test_who_worked_most_on_monday_has_the_smallest_fair_share_on_tuesday() -> None:
    world = CoreWorld()
    monday = dict(world.state.fair_shares)
    assert monday["carer-1"] == monday["carer-2"] == monday["carer-3"] > 0
    worked = serve(world, care(world, "morning", "09:00"), "09:05", "10:05")
    world.until("20:30")
    world.close()
    day = timedelta(days=1)
    workers = tuple(
        structs.replace(one, shift_start_at=one.shift_start_at + day, shift_end_at=one.shift_end_at + day)
        for one in config().workers
    )
    tuesday = structs.replace(config(), version=2, service_date="2026-03-03", workers=workers)
    world.send(ConfigureDistrict(command_id="tuesday", config=tuesday))
    shares = world.state.fair_shares
    assert min(("carer-1", "carer-2", "carer-3"), key=shares.__getitem__) == worked
    assert shares[worked] < monday[worked]
