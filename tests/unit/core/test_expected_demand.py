"""The area balance from expected demand: help is called before the telephone rings, and not twice for what was filed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.sample_day.in_process import solve_inline
from streams.contracts.decisions import CommandSettled
from streams.contracts.expected import ExpectedDemand
from streams.contracts.inputs import ConfigureDistrict, PlanProposed
from streams.core.board import counters
from streams.core.expected import expected_visits
from streams.core.planning import balance_of, build_problem
from tests.core_world import CoreWorld, at, config


def lunches(visits: float, **more: Any) -> ExpectedDemand:
    line = ExpectedDemand(
        area_id="N", service="meal_support", from_at=at("11:30"), until_at=at("12:30"), visits=visits, service_duration_s=240
    )
    return structs.replace(line, **more)


def town(*lines: ExpectedDemand, **policy: Any) -> CoreWorld:
    return CoreWorld(structs.replace(config(**policy), expected=lines))


def helpers(world: CoreWorld) -> set[str]:
    problem, _ = build_problem(world.state)
    return {one.worker_id for one in balance_of(problem, expected_visits(world.state))[0]}


@pytest.mark.parametrize(("visits", "who"), [(5, set()), (20, {"rider-2"})])
def test_the_south_helps_the_north_at_noon_when_many_lunches_usually_come(visits: float, who: set[str]) -> None:
    assert helpers(town(lunches(visits))) == who


def test_what_is_filed_alone_calls_nobody() -> None:
    world = CoreWorld()
    world.file("lunch")
    assert helpers(world) == set()


def test_what_is_filed_is_expected_no_more() -> None:
    world = town(lunches(12))
    assert sum(one.service_duration_s + 420 for one in expected_visits(world.state).values()) == 12 * 660
    for number in range(10):
        world.file(f"lunch-{number}", due_at=at("12:15"))
    assert sum(one.service_duration_s + 420 for one in expected_visits(world.state).values()) == 2 * 660
    world.cancel(world.file("one-more", due_at=at("12:15")))
    assert sum(one.service_duration_s + 420 for one in expected_visits(world.state).values()) == 2 * 660
    for number in range(10, 20):
        world.file(f"lunch-{number}", due_at=at("12:15"))
    assert expected_visits(world.state) == {}


def test_what_of_the_hour_is_over_does_not_come_any_more() -> None:
    world = town(lunches(12))
    world.until("12:00")
    (half,) = expected_visits(world.state).values()
    assert half.service_duration_s + 420 == 6 * 660
    world.until("12:31")
    assert expected_visits(world.state) == {}


def test_the_board_says_so_before_the_peak_and_no_visit_is_planned_for_it() -> None:
    world = town(lunches(20), solve_iterations=4)
    visit = world.file("lunch")
    world.until("07:20")
    proposal = solve_inline(world.state, world.state.solve_pending)
    assert isinstance(proposal, PlanProposed)
    world.send(proposal, actor="solver")
    (row,) = counters(world.state).helps
    assert (row.area_id, row.worker_ids) == ("N", ("rider-2",))
    assert row.from_at >= at("11:00")
    assert set(world.state.visits) == {visit.spec.visit_id}
    assert not any(stop.visit_id not in world.state.visits for worker in world.state.workers.values() for stop in worker.stops)


def test_a_shortage_to_come_is_told() -> None:
    world = town(lunches(60, area_id="S"))
    problem, _ = build_problem(world.state)
    shorts = balance_of(problem, expected_visits(world.state))[1]
    assert {(one.area_id, one.group, one.why) for one in shorts} == {("S", "meal", "all_busy")}


def test_lines_that_make_no_sense_are_refused_by_name() -> None:
    world = CoreWorld()
    lines = (lunches(1, area_id="X"), lunches(-1), lunches(1, until_at=at("11:00")), lunches(1, service="dancing"))
    world.send(ConfigureDistrict(command_id="wrong", config=structs.replace(config(), version=2, expected=lines)))
    (settled,) = [one for one in world.decisions if isinstance(one, CommandSettled)]
    assert settled.rules == ("expected:0:X", "expected:1:visits", "expected:2:until_at", "expected:3:dancing")
