"""What a process says of its own progress, also where there is no room left to say it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streams.adapters.progress import Progress, read_progress


def test_a_full_disk_does_not_silence_who_gets_on(tmp_path: Path) -> None:
    progress = Progress(tmp_path, "api")
    progress.report(120, 120, conflicts=1)
    (tmp_path / "progress" / f"api.{os.getpid()}").symlink_to("/dev/full")
    progress.report(7, 9)
    said = read_progress(tmp_path)["api"]
    assert (said["position"], said["end"], "conflicts" in said) == (7, 9, False)


def test_without_a_report_to_write_over_the_trouble_is_told(tmp_path: Path) -> None:
    progress = Progress(tmp_path, "api")
    (tmp_path / "progress" / f"api.{os.getpid()}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        progress.report(7, 9)
