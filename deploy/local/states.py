"""The folders that hold the runs' state: a new one for each run, the newest to continue, old ones removed."""

from __future__ import annotations

import fcntl
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

KEPT_RUNS = 3  # of each kind; a day's logs and broker data take some 100 MB


def new_state_dir(states: Path, kind: str) -> Path:
    return states / f"{kind}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"


def newest_state_dir(states: Path, kind: str) -> Path | None:
    found = sorted(states.glob(f"{kind}-*"))
    return found[-1] if found else None


def remove_old_runs(states: Path, kind: str, kept: int = KEPT_RUNS) -> list[Path]:
    """All but the newest, and none that is in use."""
    removed = []
    for folder in sorted(states.glob(f"{kind}-*"))[: -kept or None]:
        if not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def in_use(state_dir: Path) -> bool:
    """A stack holds the lock file of its state folder as long as it runs."""
    try:
        lock = (state_dir / "lock").open("a")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
