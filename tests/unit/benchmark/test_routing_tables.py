"""`make bench-routing`: what is kept of an interrupted run, and bars met or missed from what was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmark.routing.runs import Kept, Run, jobs_of, version_of
from tests.benchmark.routing.sets import ROUTE_SETS, RouteSet
from tests.benchmark.routing.tables import section_of


def run(instance: str, solver: str, cost: float, seed: int = 1, budget_s: float = 1, unassigned: int = 0) -> Run:
    return Run(instance, solver, budget_s, seed, version_of(solver), cost, 2, unassigned, budget_s, budget_s)


LILIM = ROUTE_SETS["lilim100"]


def test_a_bar_is_met_by_the_ratio_of_the_means_over_instances_and_seeds() -> None:
    runs = [run("a", "ours", 100, 1), run("a", "ours", 104, 2), run("a", "pyvrp", 102), run("b", "ours", 50), run("b", "pyvrp", 50)]
    figure = section_of(LILIM, runs).figures[0]
    assert (figure.name, figure.bar, figure.met) == ("1 s: mean cost, ours / PyVRP 0.14", "<= 1.001x", True)
    assert figure.value == "1.0000x (76.0 / 76.0; 2 instances, seeds 2 / 1)"
    worse = section_of(LILIM, [replace(one, cost=one.cost * 1.002) if one.solver == "ours" else one for one in runs])
    assert worse.figures[0].met is False


def test_an_instance_above_a_weaker_peer_is_told() -> None:
    runs = [run("a", "ours", 100), run("a", "vroom", 120), run("b", "ours", 51), run("b", "vroom", 50)]
    figures = {figure.name: figure for figure in section_of(LILIM, runs).figures}
    assert figures["1 s: mean cost, ours / VROOM 1.15"].met is True
    above = figures["1 s: instances where ours is not above VROOM 1.15"]
    assert (above.value, above.met) == ("1 of 2", False)


def test_an_incomplete_plan_is_compared_with_nothing_and_counts_against_us() -> None:
    runs = [run("a", "ours", 100), run("a", "vroom", 10, unassigned=3), run("b", "ours", 1, unassigned=1)]
    section = section_of(LILIM, runs)
    (figure,) = section.figures
    assert (figure.value, figure.met) == ("1 of 2", False)
    assert "1 of 1 plans incomplete" not in section.notes[0]


@pytest.fixture
def one_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RouteSet:
    folder = tmp_path / "lilim"
    folder.mkdir()
    for name in ("la101", "lb101"):
        (folder / f"{name}.txt").write_text("")
    monkeypatch.setattr("tests.benchmark.routing.sets.DATA", tmp_path)
    return LILIM


def test_an_interrupted_run_goes_on_and_a_changed_solver_runs_again(one_set: RouteSet, tmp_path: Path) -> None:
    kept = Kept("some", tmp_path / "kept")
    first = jobs_of(one_set, [1, 2], (1,), ("ours", "vroom"), kept)
    assert [(Path(job.path).stem, job.seed, job.solvers) for job in first] == [
        ("la101", 1, ("ours", "vroom")),
        ("lb101", 1, ("ours", "vroom")),
        ("la101", 2, ("ours",)),
        ("lb101", 2, ("ours",)),
    ]
    old = replace(run("lb101", "vroom", 7), version="older")
    kept.add([run("la101", "ours", 5), run("la101", "vroom", 6), run("la101", "ours", 5, seed=2), old])
    left = [(Path(job.path).stem, job.seed, job.solvers) for job in jobs_of(one_set, [1, 2], (1,), ("ours", "vroom"), kept)]
    assert left == [("lb101", 1, ("ours", "vroom")), ("lb101", 2, ("ours",))]
    assert {key[:2] for key in Kept("some", tmp_path / "kept").current()} == {("la101", "ours"), ("la101", "vroom")}
