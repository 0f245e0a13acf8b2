"""A worker's rests as the page and the API tell them: where they are planned, and when they were had."""

from __future__ import annotations

from streams.contracts.board import RestRow
from streams.contracts.work import LEGAL_REST, WorkerRested, WorkTerms
from streams.core.board import touched, worker_row
from tests.core_world import WINDOW, CoreWorld, at
from tests.unit.core.test_work_terms import NOON, accepted, care, town


def rests(world: CoreWorld) -> list[tuple[str, str, bool]]:
    """From, until, taken; in the core world's own clock."""
    found: list[tuple[str, str, bool]] = []
    for one in worker_row(world.state, "carer-1").rests:
        assert isinstance(one, RestRow)
        found.append((hhmm(one.begin_at), hhmm(one.until_at), one.taken))
    return found


def hhmm(instant: object) -> str:
    return next(f"{h:02d}:{m:02d}" for h in range(24) for m in range(60) if at(f"{h:02d}:{m:02d}") == instant)


def test_a_rest_is_planned_where_the_route_leaves_room_for_it_and_then_was_had() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    world.report("carer-1", "shift_on")
    assert rests(world) == [("12:00", "12:30", False)]
    after = care(world, "after", "12:00", "14:00")
    world.until("12:35")
    accepted(world)
    world.report("carer-1", "en_route", after)
    world.now_at = at("12:40")
    made = world.report("carer-1", "arrived", after)
    assert rests(world) == [("12:00", "12:30", True)]
    (rested,) = [one for one in made if isinstance(one, WorkerRested)]
    assert touched([rested]).workers == {"carer-1"}


def test_who_is_at_a_door_at_noon_is_shown_to_rest_after_that_visit() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    care(world, "long", "11:45", "11:50")
    ((begin, until, taken),) = rests(world)
    assert ("12:15" <= begin <= "12:30", begin < until, taken) == (True, True, False)


def test_the_two_rests_of_the_law_follow_each_other_in_the_shift() -> None:
    world = CoreWorld(town(of_providers={WINDOW: WorkTerms(rest_rules=LEGAL_REST)}))
    assert len(rests(world)) == 2
    (_, first_until, _), (second, _, _) = rests(world)
    assert first_until <= second


def test_a_row_drawn_later_from_the_same_state_is_the_same_row() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    care(world, "before", "11:00", "11:30")
    before = rests(world)
    world.state.now_at = at("12:10")
    assert rests(world) == before
