"""What a process says of its own progress, once a second, for the supervisor and the clock keeper."""

from __future__ import annotations

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
        """Never half a file: written beside and renamed."""
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"wall": time.time(), "position": position, "end": end, **counters}))
        draft.replace(self._path)


def read_progress(state_dir: Path) -> dict[str, dict[str, Any]]:
    """Name -> what it last reported. A file that cannot be read is left out."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((state_dir / "progress").glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
    return found
