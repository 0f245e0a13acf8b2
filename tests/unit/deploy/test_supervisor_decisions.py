"""When the supervisor restarts, and how long it waits: pure, on a clock of the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local.stack import process_list, world_spec
from deploy.local.supervisor import (
    FIRST_REPORT_S,
    LONGEST_START_S,
    STUCK_S,
    WORKED_S,
    Report,
    Watch,
    backoff_s,
    cpu_s_of,
    read_report,
)


def test_the_wait_doubles_up_to_ten_seconds() -> None:
    assert [backoff_s(failures) for failures in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert backoff_s(10_000) == 10


def test_a_process_may_take_its_time_before_the_first_report() -> None:
    watch = Watch(started_at=100.0)
    assert watch.complaint(100 + FIRST_REPORT_S) is None
    assert str(watch.complaint(101 + FIRST_REPORT_S)) == "no progress report since its start"


def test_a_slow_start_is_no_stuck_one_while_the_process_works() -> None:
    watch = Watch(started_at=0.0)
    for second in range(0, 300, 10):
        watch.see_work(0.1 * second, float(second))
        assert watch.complaint(float(second)) is None
    assert watch.complaint(290 + FIRST_REPORT_S) is None
    assert str(watch.complaint(291 + FIRST_REPORT_S)) == "no progress report since its start"
    for second in range(300, 700):
        watch.see_work(0.1 * second, float(second))
    assert watch.complaint(LONGEST_START_S) is None
    assert str(watch.complaint(LONGEST_START_S + 1)) == "no progress report since its start"


def test_the_processor_time_of_a_process_is_known() -> None:
    before = cpu_s_of(os.getpid())
    while cpu_s_of(os.getpid()) < before + 2 * WORKED_S:
        sum(range(100_000))
    assert cpu_s_of(2**22 + 1) == 0.0


def test_the_file_of_an_earlier_process_does_not_count() -> None:
    left = Report(wall=1.0, position=5, end=5)
    watch = Watch(started_at=0.0, stale=left)
    watch.see(left, 50.0)
    assert str(watch.complaint(1.0 + FIRST_REPORT_S)) == "no progress report since its start"


def test_a_report_that_stops_coming_is_noticed() -> None:
    watch = Watch(started_at=0.0)
    watch.see(Report(1.0, 5, 5), 10.0)
    watch.see(Report(1.0, 5, 5), 35.0)
    assert watch.complaint(10.0 + STUCK_S) is None
    assert str(watch.complaint(11.0 + STUCK_S)) == "no progress report for 31 s"


def test_work_that_waits_while_nothing_moves_is_noticed() -> None:
    watch = Watch(started_at=0.0)
    watch.see(Report(0.0, 5, 9), 0.0)
    for second in range(1, 32):
        watch.see(Report(float(second), 5, 9), float(second))
    assert watch.complaint(30.0) is None
    assert str(watch.complaint(31.0)) == "stands at 5 of 9 for 31 s"


def test_idling_for_long_is_no_complaint_and_gives_new_work_its_full_time() -> None:
    watch = Watch(started_at=0.0)
    for second in range(0, 300):
        watch.see(Report(float(second), 5, 5), float(second))
    watch.see(Report(300.0, 5, 6), 300.0)
    assert watch.complaint(301.0) is None
    for second in range(301, 320):
        watch.see(Report(float(second), 5, 6), float(second))
    assert watch.complaint(320.0) is None


def test_time_does_not_count_while_a_store_is_away() -> None:
    watch = Watch(started_at=0.0)
    watch.see(Report(0.0, 5, 9), 0.0)
    watch.excuse(until=60.0)
    assert watch.complaint(60.0 + STUCK_S) is None
    watch.see(Report(1.0, 6, 9), 10.0)
    assert watch.complaint(60.0 + STUCK_S) is None
    assert str(watch.complaint(61.0 + STUCK_S)) == "no progress report for 31 s"


def test_slow_movement_is_movement() -> None:
    watch = Watch(started_at=0.0)
    for second in range(0, 300):
        watch.see(Report(float(second), second // 20, 1000), float(second))
        assert watch.complaint(float(second)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"wall": 1}', '{"wall": "x", "position": 1, "end": 2}', "null"])
def test_a_file_that_is_no_report_counts_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desk.json"
    assert read_report(path) is None
    path.write_text(text, encoding="utf-8")
    assert read_report(path) is None


def test_a_process_may_be_given_more_time_than_others() -> None:
    watch = Watch(started_at=0.0)
    watch.see(Report(1.0, 5, 5), 10.0)
    assert watch.complaint(11.0 + STUCK_S) is not None
    assert watch.complaint(10.0 + 3 * STUCK_S, 3 * STUCK_S) is None
    assert str(watch.complaint(11.0 + 3 * STUCK_S, 3 * STUCK_S)) == f"no progress report for {1 + 3 * STUCK_S:.0f} s"


def test_nothing_but_the_stores_is_judged_by_being_alive_alone() -> None:
    children = [*process_list(lockstep=False), world_spec(Path("state"), Path("day"), 1, Path("result"), lockstep=False)]
    assert [child.name for child in children if child.progress != child.name] == []


@pytest.mark.parametrize("lockstep", [False, True])
def test_only_in_lock_step_may_a_solve_take_more_than_half_a_minute(lockstep: bool) -> None:
    """Live, seconds end it; in lock-step its iterations do, and a busy machine takes long over them."""
    watch = Watch(started_at=0.0)
    for second in range(60):
        watch.see(Report(float(second), 5, 6), float(second))
    (pool,) = [spec for spec in process_list(lockstep) if spec.name == "solver_pool"]
    assert (watch.complaint(60.0, pool.stuck_s) is None) == lockstep
