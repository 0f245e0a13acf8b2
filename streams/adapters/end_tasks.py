"""Ending the tasks that run beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

ASK_AGAIN_S = 0.05


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel until all have ended. Once is not enough: redis-py writes through `asyncio.wait_for`, and in Python 3.11
    that drops a cancellation which comes when the write is just done; a loop then goes on for ever, and so did our end."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_S)
