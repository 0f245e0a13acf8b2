"""Filing: placed at once, repeats are repeats, conflicts and nonsense are refused with a code from the closed list."""

import pytest

from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import Place, Service
from tests.core_world import CoreWorld, at


def outcome(world: CoreWorld) -> tuple[str, str]:
    settled = [decision for decision in world.decisions if isinstance(decision, CommandSettled)]
    return settled[-1].outcome, settled[-1].code


def test_a_request_is_accepted_and_has_a_worker_of_its_area_at_once() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1")
    assert outcome(world) == ("accepted", "")
    assert visit.state is VisitState.PLANNED
    assert visit.worker_ids == ["rider-1"]
    assert [stop.kind for stop in world.state.workers["rider-1"].stops] == ["pickup", "visit"]


def test_the_same_request_again_changes_nothing() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    world.file("lunch-1")
    assert world.decisions == []
    world.file("lunch-1", command_id="another-command")
    assert outcome(world) == ("duplicate", "")
    assert len(world.state.visits) == 1


def test_the_same_key_with_another_body_is_refused() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    world.file("lunch-1", command_id="c2", body_hash="other")
    assert outcome(world) == ("refused", "key_reused")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dong": "1144099999"}, "unknown_dong"),
        ({"window_start_at": at("13:00")}, "time_inverted"),
        ({"due_at": at("13:00")}, "time_inverted"),
        ({"window_start_at": at("06:00"), "window_end_at": at("06:30"), "due_at": at("06:30")}, "time_in_past"),
        ({"kitchen_id": ""}, "meal_without_kitchen"),
        ({"kitchen_id": "k9"}, "unknown_kitchen"),
        ({"place": Place(0.0, 9000.0)}, "outside_district"),
        ({"worker_count": 7}, "wrong_field"),
    ],
)
def test_nonsense_is_refused_with_its_code(fields: dict[str, object], code: str) -> None:
    world = CoreWorld()
    with pytest.raises(KeyError):
        world.file("odd", **fields)
    assert outcome(world) == ("refused", code)
    assert world.state.visits == {}


def test_a_cancelled_visit_leaves_every_route_and_its_offer_is_withdrawn() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1")
    world.until("10:35")
    assert world.open_offers()
    world.cancel(visit)
    assert outcome(world) == ("accepted", "")
    assert visit.state is VisitState.CANCELLED
    assert world.state.workers["rider-1"].stops == []
    assert world.open_offers() == []
    world.cancel(visit)
    assert world.decisions == []


def test_two_workers_begin_a_visit_together_and_it_is_done_when_both_are_out() -> None:
    world = CoreWorld()
    visit = world.file(
        "lift", service=Service.TEMPORARY_HOME_CARE, worker_count=2, window_start_at=at("10:00"), window_end_at=at("11:00"),
        due_at=at("11:00"), service_duration_s=1800,
    )  # fmt: skip
    assert len(visit.worker_ids) == 2
    begins = {stop.begin_at for w in visit.worker_ids for stop in world.state.workers[w].stops}
    assert len(begins) == 1
    world.until("08:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    assert visit.state is VisitState.ACCEPTED
    first, second = visit.worker_ids
    for worker_id in (first, second):
        world.report(worker_id, "arrived", visit)
        world.report(worker_id, "started", visit)
    world.report(first, "done", visit)
    assert visit.state is VisitState.IN_SERVICE
    world.report(second, "done", visit)
    assert visit.state is VisitState.DONE


def test_at_the_close_of_the_day_nobody_is_left_without_an_owner() -> None:
    world = CoreWorld()
    waiting = world.file("lunch-1", dong="1144000001", gender="f", required_skills=("nobody-has-this",))
    planned = world.file("lunch-2")
    world.close()
    assert {waiting.state, planned.state} == {VisitState.HANDED_OVER}
    assert waiting.owner == planned.owner == "coordinator"
