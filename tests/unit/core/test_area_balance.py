"""The area balance of a plan: on the board until the next plan's, gone with the day's close; advice, never an assignment."""

from __future__ import annotations

import pytest

from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.decisions import AreasBalanced
from streams.contracts.inputs import PlanProposed
from streams.core.board import counters
from streams.core.planning import balance_of, build_problem
from tests.core_world import CoreWorld, at

SHORT = Shortage(area_id="S", group="meal", from_at=at("11:00"), workers=1.5, why="all_busy")


def wanted(worker_id: str, begin: str, end: str) -> HelpWanted:
    return HelpWanted(worker_id=worker_id, home_area_id="N", area_id="S", from_at=at(begin), until_at=at(end))


@pytest.fixture
def world() -> CoreWorld:
    made = CoreWorld(solve_iterations=4)
    for number in range(6):
        made.file(f"lunch-{number}")
    made.until("07:20")
    return made


def answer(world: CoreWorld, *helps: HelpWanted, shorts: tuple[Shortage, ...] = ()) -> list[object]:
    """The pool's answer to the solve that is asked for; what is decided about the balance."""
    asked = world.state.solve_pending
    assert asked
    proposal = PlanProposed(solve_id=asked, based_on=0, routes=(), price=0, iterations=4, helps=helps, shorts=shorts)
    return [one for one in world.send(proposal, actor="solver") if isinstance(one, AreasBalanced)]


def test_the_board_shows_who_is_wanted_where_together(world: CoreWorld) -> None:
    answer(world, wanted("rider-1", "11:00", "12:00"), wanted("carer-1", "11:00", "12:00"), shorts=(SHORT,))
    (row,) = counters(world.state).helps
    assert (row.home_area_id, row.area_id, row.worker_ids) == ("N", "S", ("rider-1", "carer-1"))
    assert counters(world.state).shorts == (SHORT,)


def test_nobody_is_assigned_by_it(world: CoreWorld) -> None:
    before = {visit_id: list(visit.worker_ids) for visit_id, visit in world.state.visits.items()}
    answer(world, wanted("rider-1", "11:00", "12:00"))
    assert {visit_id: list(visit.worker_ids) for visit_id, visit in world.state.visits.items()} == before


def test_the_same_balance_again_is_no_decision(world: CoreWorld) -> None:
    assert len(answer(world, wanted("rider-1", "11:00", "12:00"))) == 1
    world.file("later")
    world.until("07:50")
    assert answer(world, wanted("rider-1", "11:00", "12:00")) == []


def test_a_plan_without_help_clears_the_board(world: CoreWorld) -> None:
    answer(world, wanted("rider-1", "11:00", "12:00"))
    world.file("later")
    world.until("07:50")
    answer(world)
    assert counters(world.state).helps == ()


def test_the_days_close_clears_the_board(world: CoreWorld) -> None:
    answer(world, wanted("rider-1", "11:00", "12:00"), shorts=(SHORT,))
    world.close()
    assert (counters(world.state).helps, counters(world.state).shorts) == ((), ())


def test_a_quiet_day_wants_no_help(world: CoreWorld) -> None:
    problem, _ = build_problem(world.state)
    assert balance_of(problem)[0] == ()
