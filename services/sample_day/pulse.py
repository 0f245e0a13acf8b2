"""What the world's process tells the supervisor that started it: that its main thread gets on."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

EVERY_S = 1.0  # wall clock


class Pulse:
    """Call it wherever the main thread gets on. It writes {"wall", "position", "end"} (nothing waits at the world, so the two
    are one number, of calls) at most once a second. From other threads it does nothing: they go on when the main thread hangs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._calls = 0
        self._written_at = float("-inf")
        path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._calls += 1
        if time.monotonic() - self._written_at < EVERY_S:
            return
        self._written_at = time.monotonic()
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"wall": time.time(), "position": self._calls, "end": self._calls}), encoding="utf-8")
        draft.replace(self._path)
