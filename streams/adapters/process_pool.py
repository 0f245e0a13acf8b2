"""A pool of processes that outlives its workers: one that is killed is replaced and its job runs again."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

logger = logging.getLogger(__name__)

ATTEMPTS = 4  # a job whose process dies so often kills it itself


class JobLost(Exception):
    """The process died under this job again and again."""


class ProcessPool:
    """Spawned processes (a fork would copy the event loop's threads and sockets half alive)."""

    def __init__(self, processes: int, set_up: Callable[[], None], warm: Callable[[], int]) -> None:
        self._processes = processes
        self._set_up = set_up
        self._warm = warm
        self._pool: ProcessPoolExecutor | None = None
        self.replaced = 0

    def start(self) -> None:
        """Start the processes and let them import; does not wait for them."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=multiprocessing.get_context("spawn"), initializer=self._set_up
            )
            for _ in range(self._processes):
                self._pool.submit(self._warm)

    async def run(self, job: Callable[..., Any], *args: Any) -> Any:
        """The job's result. Raises what the job raises, or JobLost."""
        for _ in range(ATTEMPTS):
            self.start()
            pool = self._pool
            assert pool is not None
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, job, *args)
            except BrokenProcessPool:
                if self._pool is pool:  # the first of several jobs to notice replaces it
                    logger.warning("a solver process died: the pool is replaced, its jobs run again")
                    self.replaced += 1
                    self._pool = None
                    pool.shutdown(wait=False)
        raise JobLost

    def pids(self) -> list[int]:
        return [process.pid for process in multiprocessing.active_children() if process.pid is not None]

    def close(self) -> None:
        """End at once: a solve that is under way is not waited for."""
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in multiprocessing.active_children():
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)
