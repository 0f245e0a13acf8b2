"""A pool that outlives its workers, and leaves none behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from streams.adapters.process_pool import JobLost, ProcessPool
from streams.adapters.solver_job import set_up_process
from tests.unit.projections import jobs
from tests.unit.projections.board_contract import run_async


def with_pool(scenario: Callable[[ProcessPool], Awaitable[None]], processes: int = 1) -> None:
    async def go() -> None:
        pool = ProcessPool(processes, jobs.nothing, jobs.pid)
        pool.start()
        try:
            await scenario(pool)
        finally:
            pool.close()

    run_async(go)


def test_jobs_run_elsewhere_and_their_errors_come_back() -> None:
    async def scenario(pool: ProcessPool) -> None:
        assert await pool.run(jobs.double, 21) == 42
        with pytest.raises(ValueError, match="not today"):
            await pool.run(jobs.fail)
        assert await pool.run(jobs.double, 4) == 8

    with_pool(scenario)


def test_the_job_of_a_killed_process_runs_again(tmp_path: Path) -> None:
    async def scenario(pool: ProcessPool) -> None:
        marks = [str(tmp_path / f"mark-{n}") for n in range(2)]
        assert await asyncio.gather(*(pool.run(jobs.die_once, mark, n) for n, mark in enumerate(marks))) == [0, 1]
        assert pool.replaced >= 1

    with_pool(scenario, processes=2)


def test_a_job_that_kills_its_process_every_time_is_given_up() -> None:
    async def scenario(pool: ProcessPool) -> None:
        with pytest.raises(JobLost):
            await pool.run(jobs.die)
        assert await pool.run(jobs.double, 1) == 2

    with_pool(scenario)


def test_closing_does_not_wait_for_a_long_job() -> None:
    async def scenario(pool: ProcessPool) -> None:
        job = asyncio.create_task(pool.run(jobs.sleep, 600.0))
        while not pool.pids():
            await asyncio.sleep(0.01)
        children = [psutil.Process(pid) for pid in pool.pids()]
        job.cancel()
        pool.close()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
        assert (len(gone), alive) == (len(children), [])

    with_pool(scenario)


PARENT = """
import asyncio, sys
from streams.adapters.process_pool import ProcessPool
from streams.adapters.solver_job import set_up_process
from tests.unit.projections import jobs

async def go():
    pool = ProcessPool(2, set_up_process, jobs.pid)
    await pool.run(jobs.pid)
    print(*pool.pids(), flush=True)
    await asyncio.gather(pool.run(jobs.sleep, 600.0), pool.run(jobs.sleep, 600.0))

if __name__ == "__main__":
    asyncio.run(go())
"""


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env={"PYTHONPATH": root})
    assert parent.stdout is not None
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert children
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 30
    while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_set_up_outside_a_pool_does_no_harm() -> None:
    code = "from streams.adapters.solver_job import set_up_process; set_up_process(); print('fine')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"fine\n"
    assert callable(set_up_process)
