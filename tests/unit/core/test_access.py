"""How to get in is told near the door, once, to the one who has the visit."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.district import Service
from tests.core_world import CoreWorld, at


def opened(world: CoreWorld) -> list[tuple[str, str]]:
    """(worker, Seoul time) of each time that somebody was told."""
    told = [one for one in world.log if isinstance(one, d.AccessOpened)]
    return [(one.worker_id, f"{(one.at.hour + 9) % 24:02}:{one.at.minute:02}") for one in told]


def test_a_carer_is_told_half_an_hour_before_the_visit() -> None:
    world = CoreWorld()
    care = world.file(
        "care", service=Service.TEMPORARY_HOME_CARE, window_start_at=at("14:00"), window_end_at=at("15:00"), due_at=at("15:00"),
        service_duration_s=1800,
    )  # fmt: skip
    world.until("13:00")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    begin_at = next(stop.begin_at for w in care.worker_ids for stop in world.state.workers[w].stops)
    assert begin_at == at("14:00")
    world.until("13:29")
    assert opened(world) == []
    world.until("13:31")
    assert opened(world) == [(care.worker_ids[0], "13:30")]
    world.until("13:59")
    world.report(care.worker_ids[0], "arrived", care)
    assert len(opened(world)) == 1


def test_who_sets_out_early_is_told_then() -> None:
    world = CoreWorld(door_code_lead_s=60)
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    assert opened(world) == []
    world.report("rider-1", "en_route", lunch)
    assert opened(world) == [("rider-1", "10:35")]


def test_who_takes_it_over_is_told_anew_and_nobody_before_saying_yes() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    assert opened(world) == []
    world.answer(world.open_offers()[0])
    world.report("rider-1", "en_route", lunch)
    world.report("rider-1", "dropped_out")
    world.until("10:55")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    assert lunch.accepted_ids == ["rider-2"]
    assert [worker for worker, _ in opened(world)] == ["rider-1"]
    world.report("rider-2", "en_route", lunch)
    assert [worker for worker, _ in opened(world)] == ["rider-1", "rider-2"]
