"""Home health care instances: the file as our problem, an answer in the file's ids, and the judge of an answer."""

from __future__ import annotations

import csv
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from routing import Plan, Route, Stop, check, price
from tests.benchmark.routing.instances.hhcrsp import load, verify
from tests.benchmark.routing.instances.verdict import BadFile
from tests.unit.benchmark.instances_by_hand import home_care_file

SHARED = Path(__file__).parents[4] / "shared" / "data" / "benchmarks" / "hhcrsp"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return home_care_file(tmp_path)


def plan() -> Plan:
    one = Route("c1", (Stop("p1:s1", "visit"), Stop("p2:s1", "visit")))
    return Plan({"c1": one, "c2": Route("c2", (Stop("p2:s2", "visit"),))})


def test_the_cost_is_a_third_of_distance_total_and_greatest_tardiness(path: Path) -> None:
    loaded = load(path)
    answer = loaded.answer(plan())
    # c1 begins at p1 at 3 (2 late) and at p2 at 18; c2 waits at p2 from 4 until 23 (3 late).
    assert [visit["start_s"] for visit in answer["visits"]] == [3, 18, 23]
    assert answer["routes"] == [["p1", "p2"], ["p2"]]
    verdict = verify(path, answer)
    assert verdict.faults == ()
    assert verdict.cost == pytest.approx(((3 + 5 + 4 + 4 + 4) + (2 + 3) + 3) / 3)
    assert loaded.cost_of(price(loaded.problem, plan())) == pytest.approx(verdict.cost)
    assert check(loaded.problem, plan()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda visits: visits[0].update(start_s=2.0), "c1 cannot be at p1 by 2.0"),
        (lambda visits: visits[2].update(start_s=27.0), "p2: 9.0 between the services, not 5.0 to 8.0"),
        (lambda visits: visits[2].update(worker="c1"), "c1 cannot do s2"),
        (lambda visits: visits.pop(0), "unserved are ['p1'], not []"),
        (lambda visits: visits.append(visits[0]), "p1 gets s1 twice"),
    ],
)
def test_the_judge_finds_what_is_wrong(path: Path, change: Any, fault: str) -> None:
    answer = deepcopy(load(path).answer(plan()))
    change(answer["visits"])
    assert fault in verify(path, answer).faults


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(BadFile, match="not a home health care instance"):
        load(other)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared benchmark instances here")
def test_the_published_costs_are_sums_of_their_parts() -> None:
    with (SHARED / "best_known.csv").open() as rows:
        for row in csv.DictReader(rows):
            parts = float(row["distance"]) + float(row["total_tardiness"]) + float(row["max_tardiness"])
            assert parts / 3 == pytest.approx(float(row["total_cost"]), rel=1e-5)
            assert load(SHARED / row["instance"]).problem.visits
