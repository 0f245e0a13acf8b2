"""Jobs for process pools in tests; importable by spawned processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def nothing() -> None:
    return


def pid() -> int:
    return os.getpid()


def double(number: int) -> int:
    return 2 * number


def die_once(mark: str, number: int) -> int:
    """Killed the first time, done the second."""
    path = Path(mark)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise ValueError("not today")


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()
