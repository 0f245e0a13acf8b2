"""What the simulated world has heard, in a file: killed at any moment, it starts again and knows where it was.

The model is deterministic, so what came in is enough: a new process lets the model hear it all again, sends nothing that
was answered before, and goes on. Written before a webhook is answered; kept by the operating system after `kill -9`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class Diary:
    """Append-only lines of JSON. A half-written last line (killed while writing) is cut off when opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) != len(raw):
            with path.open("r+b") as file:
                file.truncate(len(whole))
        self._past = [msgspec.json.decode(line) for line in whole.splitlines()]
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def past(self) -> Iterator[dict[str, Any]]:
        """What stood in it when it was opened, in order."""
        yield from self._past

    @property
    def has_past(self) -> bool:
        return bool(self._past)

    def write(self, entry: dict[str, Any]) -> None:
        """One line, one system call: all of it or (after a kill) a cut-off tail."""
        os.write(self._file, msgspec.json.encode(entry) + b"\n")

    def close(self) -> None:
        os.close(self._file)
