"""Public instances: read as they are meant, judged without our solver's code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmark.routing.instances.route_rules import judge
from tests.benchmark.routing.instances.task_file import NotTasks, read_homberger, read_lilim
from tests.unit.benchmark.instances_by_hand import HOMBERGER, HOMBERGER_BEST, LILIM, LILIM_APART, homberger_file, lilim_file


def test_li_and_lim_distances_are_doubles(tmp_path: Path) -> None:
    file = read_lilim(lilim_file(tmp_path))
    assert (file.vehicles, file.capacity, len(file.tasks)) == (2, 10, 5)
    assert file.table[1][3] == pytest.approx(18**0.5, abs=0)
    assert judge(file, [[1, 2], [3, 4]]).cost == LILIM_APART


def test_homberger_distances_are_cut_to_one_decimal(tmp_path: Path) -> None:
    file = read_homberger(homberger_file(tmp_path))
    assert [file.table[0][1], file.table[0][2], file.table[2][3]] == [14, 28, 72]
    assert judge(file, [[1], [2, 3]]).cost == pytest.approx(HOMBERGER_BEST, abs=1e-12)


@pytest.mark.parametrize(
    ("routes", "left_out", "fault"),
    [
        ([[1, 2]], [], "task 3 is in no route and not said to be left out"),
        ([[1, 2], [3, 4, 3]], [], "task 3 is served 2 times"),
        ([[1, 2], [3, 4]], [4], "task 4 is served and said to be left out"),
        ([[1, 2], [3, 4], [9]], [], "task 9 is not in the file"),
        ([[2, 1], [3, 4]], [], "task 1 is not followed by its delivery 2"),
        ([[1, 4], [3, 2]], [], "task 1 is not followed by its delivery 2"),
        ([[1, 3, 2, 4]], [], "a load of 11, capacity 10"),
        ([[1], [2], [3, 4]], [], "3 vehicles of 2"),
    ],
)
def test_broken_rules_of_pairs_are_named(tmp_path: Path, routes: list[list[int]], left_out: list[int], fault: str) -> None:
    assert any(fault in said for said in judge(read_lilim(lilim_file(tmp_path)), routes, left_out).faults)


def test_what_is_left_out_and_said_is_no_fault(tmp_path: Path) -> None:
    verdict = judge(read_lilim(lilim_file(tmp_path)), [[1, 2]], [3, 4])
    assert (verdict.cost, verdict.vehicles, verdict.faults) == (8.0, 1, ())


def test_broken_windows_and_loads_are_named(tmp_path: Path) -> None:
    late = tmp_path / "late.txt"
    late.write_text(HOMBERGER.replace("4          0         50", "4          0          4"))
    faults = judge(read_homberger(late), [[1, 2], [3]]).faults
    assert faults == ("route 1: a load of 12, capacity 10", "route 2: task 3 begins at 5.000000, latest 4")
    short_day = tmp_path / "short.txt"
    short_day.write_text(HOMBERGER.replace("0        100", "0          9"))
    assert judge(read_homberger(short_day), [[1], [2], [3]]).faults[0] == "route 3: back at 11.000000, latest 9"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 lines are no instance"),
        (LILIM.replace("1\t3\t0", "1\tNaN\t0"), "9 numbers expected"),
        (LILIM.replace("3\t0\t-3", "7\t0\t-3"), "tasks are not numbered"),
        (LILIM.replace("1\t1\t0\n", "1\t0\t0\n"), "tasks 1 and 2 are not pickup and delivery"),
        (LILIM.replace("-6", "-7"), "are not pickup and delivery of one load"),
        (HOMBERGER, "3 numbers expected"),
    ],
)
def test_a_file_of_another_kind_says_why(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "file.txt"
    path.write_text(text)
    with pytest.raises(NotTasks, match=why) as said:
        read_lilim(path)
    assert "\n" not in str(said.value)
