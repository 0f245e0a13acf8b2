"""`make bench-solve`: one JSON line that others can rely on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.routing import solve_one
from tests.unit.benchmark.instances_by_hand import (
    HOMBERGER_BEST,
    HOME_CARE_BEST,
    LILIM_BEST,
    homberger_file,
    home_care_file,
    lilim_file,
)

ROOT = Path(__file__).parents[3]


def solved(capsys: pytest.CaptureFixture[str], family: str, path: Path) -> dict[str, Any]:
    code = solve_one.main(["--format", family, "--file", str(path), "--budget-s", "0.2", "--seed", "7"])
    said = capsys.readouterr()
    assert code == 0, said.err
    (line,) = said.out.splitlines()
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_a_pickup_and_delivery_file_is_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = solved(capsys, "lilim", lilim_file(tmp_path))
    assert answer.keys() == {"routes", "cost", "vehicles", "unassigned", "seconds", "checked"}
    assert answer["cost"] == pytest.approx(LILIM_BEST)
    assert answer["routes"] in ([[1, 2, 3, 4]], [[3, 4, 1, 2]])
    assert answer["vehicles"] == 1
    assert (answer["unassigned"], answer["checked"]) == ([], True)


def test_a_routing_file_is_solved_in_its_own_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = solved(capsys, "homberger", homberger_file(tmp_path))
    assert answer["cost"] == pytest.approx(HOMBERGER_BEST)
    assert sorted(sorted(route) for route in answer["routes"]) == [[1], [2, 3]]
    assert answer["checked"] is True


def test_a_home_care_file_is_solved_with_each_visits_start_and_worker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = solved(capsys, "hhcrsp", home_care_file(tmp_path))
    assert answer["unassigned"] == []
    assert answer["checked"] is True
    assert answer["cost"] == pytest.approx(HOME_CARE_BEST)
    served = {(visit["patient"], visit["service"]): (visit["worker"], visit["start_s"]) for visit in answer["visits"]}
    assert served.keys() == {("p1", "s1"), ("p2", "s1"), ("p2", "s2")}
    assert served["p2", "s2"][0] == "c2"
    assert 5 <= served["p2", "s2"][1] - served["p2", "s1"][1] <= 8


@pytest.mark.parametrize("name", ["lilim", "homberger", "hhcrsp"])
def test_make_passes_everything_on(name: str) -> None:
    asked = ["bench-solve", f"FORMAT={name}", "FILE=some where.txt", "BUDGET_S=3", "SEED=9"]
    command = ["make", "-n", "--no-print-directory", "-C", str(ROOT), *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = f'--format "{name}" --file "some where.txt" --budget-s "3" --seed "9"'
    assert told in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "tsp", "--file", "x"], "FORMAT=tsp: one of lilim, homberger, hhcrsp is needed"),
        (["--format", "lilim", "--file", ""], "FILE=path of an instance is needed"),
        (["--format", "lilim", "--file", "/nowhere/at/all"], "FILE=/nowhere/at/all: No such file or directory"),
        (["--format", "lilim", "--file", "x", "--budget-s", "nan"], "BUDGET_S=nan: seconds above 0 are needed"),
        (["--format", "lilim", "--file", "x", "--seed", "one"], "SEED=one: a whole number is needed"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        solve_one.main(arguments)
    output = capsys.readouterr()
    assert ended.value.code == 2
    assert output.out == ""
    assert output.err == f"bench-solve: {said}\n"


def test_a_file_of_another_family_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        solve_one.main(["--format", "homberger", "--file", str(lilim_file(tmp_path))])
    assert ended.value.code == 2
    assert "not a file of Gehring and Homberger" in capsys.readouterr().err
