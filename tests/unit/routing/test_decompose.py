"""One problem for each living area: nothing is lost, nothing is torn apart, and the whole is put together again."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from routing import Budget, Place, Plan, Problem, Worker, check, decompose, price, solve, validate
from routing.area_demand import day_balance, demand_of
from routing.decompose import AreaJob, area_jobs, border_job, join_areas, solve_by_area, split_by_area
from routing.model import Gap
from tests.worlds import at, care, carer, plan, planned, random_world, rider, route, world

BOTH = {"A": 0, "B": 300}
BOTH_B = {"A": 300, "B": 0}


class InTurn:
    """A runner without processes."""

    at_once = 1

    def map(self, run: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterable[Any]:
        return map(run, jobs)


def two_areas(**changes: object) -> Problem:
    return world(
        [carer(1), carer(2), carer(3, area_id="B", place=Place(9_000, 0)), carer(4, area_id="B", place=Place(9_000, 0))],
        [
            care(1, 100, allowed_area_prices=BOTH), care(2, 200, allowed_area_prices=BOTH),
            care(3, 9_100, area_id="B", allowed_area_prices=BOTH_B), care(4, 9_200, area_id="B", allowed_area_prices=BOTH_B),
        ],
        **changes,
    )  # fmt: skip


def units(problem: Problem, start: Plan | None = None) -> dict[str, tuple[list[str], list[str]]]:
    parts = split_by_area(problem, start or Plan({}))
    return {part.name: (sorted(part.problem.workers), sorted(part.problem.visits)) for part in parts}


class TestSplit:
    def test_each_area_its_own(self) -> None:
        assert units(two_areas()) == {
            "A": (["carer-1", "carer-2"], ["care-1", "care-2"]),
            "B": (["carer-3", "carer-4"], ["care-3", "care-4"]),
        }

    def test_whoever_is_out_stays_with_the_visits_of_the_route(self) -> None:
        start = plan(route("carer-1", "care-3"), route("carer-3", "care-4"))
        found = units(two_areas(), start)
        assert found["B"] == (["carer-1", "carer-3", "carer-4"], ["care-3", "care-4"])
        assert {part.name: sorted(part.start.routes) for part in split_by_area(two_areas(), start)}["B"] == ["carer-1", "carer-3"]

    def test_a_visit_for_two_keeps_its_workers_together(self) -> None:
        problem = two_areas()
        visits = dict(problem.visits) | {"care-3": replace(problem.visits["care-3"], worker_count=2)}
        start = plan(route("carer-1", "care-1", "care-3"), route("carer-3", "care-3", "care-4"))
        found = units(replace(problem, visits=visits), start)
        assert any({"carer-1", "carer-3"} <= set(workers) and "care-3" in mine for workers, mine in found.values())

    def test_a_gap_keeps_both_its_visits_together(self) -> None:
        problem = two_areas(gaps=(Gap("care-1", "care-3", 0, at("09:00")),))
        found = split_by_area(problem, plan(route("carer-3", "care-3")))
        assert [part.name for part in found if {"care-1", "care-3"} <= part.problem.visits.keys() and part.problem.gaps] == ["B"]

    def test_a_visit_that_nobody_there_can_serve_waits_for_the_borders(self) -> None:
        problem = two_areas()
        workers = dict(problem.workers) | {"carer-3": replace(problem.workers["carer-3"], skills=frozenset({"nursing"}))}
        visits = dict(problem.visits) | {"care-1": replace(problem.visits["care-1"], required_skills=frozenset({"nursing"}))}
        problem = replace(problem, workers=workers, visits=visits)
        start = plan(route("carer-3", "care-4"))
        assert all("care-1" not in mine for _, mine in units(problem, start).values())

    def test_help_is_sent_where_an_area_is_short(self) -> None:
        """Six visits in B at noon and one carer there; A has four and nothing to do."""
        noon = {"earliest_s": at("12:00"), "due_s": at("12:10"), "latest_s": at("13:00"), "service_duration_s": 1_200}
        workers = [carer(n) for n in range(4)] + [carer(9, area_id="B", place=Place(2_000, 0))]
        problem = world(workers, [care(n, 2_000, n, area_id="B", allowed_area_prices=BOTH_B, **noon) for n in range(5)])
        assert {help_.area_id for help_ in day_balance(problem).helps} == {"B"}
        assert len(units(problem)["B"][0]) > 2

    def test_help_is_sent_for_what_is_expected_and_not_filed_yet(self) -> None:
        noon = {"earliest_s": at("12:00"), "due_s": at("12:10"), "latest_s": at("13:00"), "service_duration_s": 1_200}
        workers = [carer(n) for n in range(4)] + [carer(9, area_id="B", place=Place(2_000, 0))]
        filed = [care(n, 2_000, n, area_id="B", allowed_area_prices=BOTH_B, **noon) for n in range(5)]
        problem = world(workers, filed[:1])
        expected = {visit.visit_id: visit for visit in filed[1:]}
        assert units(problem)["B"] == (["carer-9"], ["care-0"])
        (part,) = (part for part in split_by_area(problem, Plan({}), expected) if part.name == "B")
        assert len(part.problem.workers) > 2
        assert list(part.problem.visits) == ["care-0"]

    @pytest.mark.parametrize("seed", range(6))
    def test_no_worker_and_no_visit_is_in_two_parts(self, seed: int) -> None:
        problem = random_world(seed, riders=4, carers=6, meals=14, cares=12)
        start = planned(problem).plan()
        parts = split_by_area(problem, start)
        workers = [w for part in parts for w in part.problem.workers]
        visits = [v for part in parts for v in part.problem.visits]
        assert sorted(workers) == sorted(problem.workers)
        assert len(visits) == len(set(visits))
        assert {stop.visit_id for one in start.routes.values() for stop in one.stops} <= set(visits)
        assert join_areas(problem, start, [part.start for part in parts]) == Plan(dict(sorted(start.routes.items())))


class TestSolveByArea:
    def test_every_area_gets_its_share_of_the_budget_and_the_borders_the_rest(self) -> None:
        problem, seen = two_areas(), []

        def solve_one(job: AreaJob) -> Plan:
            seen.append((job.part.name, job.budget.iterations, job.seed))
            return job.plan or planned(job.part.problem).plan()

        found = solve_by_area(problem, Budget(1_000), 7, Plan({}), InTurn(), solve_one)
        assert seen == [("A", 300, 7_000), ("B", 300, 7_001), ("", 400, 7)]
        assert {stop.visit_id for one in found.routes.values() for stop in one.stops} == set(problem.visits)

    def test_seconds_are_shared_by_turns(self) -> None:
        parts = split_by_area(two_areas(), Plan({}))
        assert [job.budget.seconds for job in area_jobs(parts, Budget(1, 10.0), 1, at_once=1)] == [3.0, 3.0]
        assert [job.budget.seconds for job in area_jobs(parts, Budget(1, 10.0), 1, at_once=2)] == [6.0, 6.0]


def test_where_the_seconds_decide_they_decide_in_every_part() -> None:
    without_end = Budget(2**31 - 1, 10.0)
    problem, start = two_areas(), Plan({})
    jobs = area_jobs(split_by_area(problem, start), without_end, 1, at_once=2)
    assert {job.budget.iterations for job in [*jobs, border_job(problem, start, [], without_end, 1)]} == {2**31 - 1}


class Apart(InTurn):
    """A runner whose jobs go out and come back as bytes, as between processes."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def map(self, run: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterable[Any]:
        self.jobs += jobs
        return [pickle.loads(pickle.dumps(run(pickle.loads(pickle.dumps(job))))) for job in jobs]


def test_the_caller_of_a_large_day_searches_nothing_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The areas and then the borders are jobs; the plan is whole, and the same for a seed."""
    monkeypatch.setattr(decompose, "LEAST_VISITS", 1)
    problem = random_world(3, pairs=False)
    runners = Apart(), Apart()
    found = [solve(problem, Budget(40), 1, run=runner) for runner in runners]
    assert found[0] == found[1]
    assert check(problem, found[0]) == []
    assert price(problem, found[0]) <= price(problem, solve(problem, Budget(0), 1))
    assert [job.plan is not None for job in runners[0].jobs] == [False, False, True]


def test_parcels_are_no_demand() -> None:
    problem = two_areas()
    parcel = replace(care(9, 10), kind="parcel", visit_id="parcel-1")
    with_parcel = replace(problem, visits=dict(problem.visits) | {"parcel-1": parcel})
    assert demand_of(with_parcel) == demand_of(problem)


def test_everybody_in_one_area_is_one_part() -> None:
    helpers: list[Worker] = [rider(1), rider(2)]
    assert len(split_by_area(world(helpers, []), Plan({}))) == 1


def test_no_part_is_refused_and_named_workers_lose_no_visit() -> None:
    """Names of workers in other parts fall away; what is left of the visit is planned in its part."""
    away = frozenset({"carer-1", "carer-2"})
    named = {"familiar_worker_ids": away, "excluded_worker_ids": frozenset({"carer-9"})}
    visits = [care(n, 300 * n, area_id="AB"[n % 2], allowed_area_prices={"AB"[n % 2]: 0}, **named) for n in range(6)]
    problem = world([carer(1), carer(2, area_id="B")], visits)
    parts = split_by_area(problem, Plan({}))
    assert [validate(part.problem, part.start) for part in parts] == [[], []]
    assert {visit_id for part in parts for visit_id in part.problem.visits} == set(problem.visits)
