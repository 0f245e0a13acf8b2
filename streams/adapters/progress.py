"""What a process says of its own progress, once a second, for the supervisor and the clock keeper."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any


class Progress:
    """Writes state_dir/progress/NAME.json: {"wall", "position", "end", ...counters}. Positions are sums over partitions."""

    def __init__(self, state_dir: Path, name: str) -> None:
        self._path = state_dir / "progress" / f"{name}.json"
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def report(self, position: int, end: int, **counters: int) -> None:
        """Never half a file: written beside and renamed. On a full disk written over the last report: who gets on but has no
        room to say so is not to be ended for it."""
        said = json.dumps({"wall": time.time(), "position": position, "end": end, **counters})
        draft = self._path.with_suffix(f".{os.getpid()}")
        try:
            draft.write_text(said)
            draft.replace(self._path)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._path.exists():
                raise
            with self._path.open("r+b", buffering=0) as last:
                last.write(said.encode().ljust(self._path.stat().st_size))


def read_progress(state_dir: Path) -> dict[str, dict[str, Any]]:
    """Name -> what it last reported. A file that cannot be read is left out."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((state_dir / "progress").glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
    return found
