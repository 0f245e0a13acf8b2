"""A background task ends although the first cancellation is dropped, as redis-py on Python 3.11 does now and then."""

from __future__ import annotations

import asyncio

from streams.adapters.end_tasks import end_tasks


async def _follows(dropped: int) -> str:
    """A loop that reads through `wait_for`: the write is done when the cancellation comes."""
    for number in range(10_000):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if number == dropped:
                raise
    return "never"


def test_a_task_ends_although_its_cancellation_was_dropped_twice() -> None:
    async def go() -> list[bool]:
        tasks = [asyncio.create_task(_follows(dropped)) for dropped in (0, 1, 2)]
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await end_tasks(tasks)
        return [task.cancelled() for task in tasks]

    assert asyncio.run(go()) == [True, True, True]


def test_a_task_that_ended_by_itself_is_left_alone() -> None:
    async def go() -> int:
        task = asyncio.create_task(asyncio.sleep(0, 7))
        await asyncio.sleep(0.01)
        await end_tasks([task])
        return task.result()

    assert asyncio.run(go()) == 7
