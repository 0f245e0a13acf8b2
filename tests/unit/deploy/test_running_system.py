"""The command line finds the system that `make run` of its checkout started, and forgets it afterwards."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local import run
from services.cli import main as cli


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / ".dolbom" / "running.json"
    file.parent.mkdir()
    monkeypatch.setattr(run, "RUNNING", file)
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "services" / "cli" / "main.py"))
    for name in ("DOLBOM_BOOTSTRAP", "DOLBOM_STATE_DIR"):
        monkeypatch.setenv(name, "")  # so that what the test sets is taken back
        monkeypatch.delenv(name)
    return file


def a_stack(port: int) -> Any:
    return SimpleNamespace(dolbom_env={"DOLBOM_BOOTSTRAP": f"127.0.0.1:{port}", "DOLBOM_STATE_DIR": "/somewhere"})


def test_what_runs_is_found_and_then_forgotten(running: Path) -> None:
    run.tell_the_command_line(a_stack(1))
    cli._find_running_system()
    assert os.environ["DOLBOM_BOOTSTRAP"] == "127.0.0.1:1"
    run.forget_the_command_line(a_stack(1))
    assert not running.exists()


def test_the_environment_has_the_last_word(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.tell_the_command_line(a_stack(1))
    monkeypatch.setenv("DOLBOM_BOOTSTRAP", "elsewhere:9092")
    cli._find_running_system()
    assert os.environ["DOLBOM_BOOTSTRAP"] == "elsewhere:9092"
    assert "DOLBOM_STATE_DIR" not in os.environ


def test_a_later_run_is_not_forgotten_by_the_end_of_an_earlier_one(running: Path) -> None:
    run.tell_the_command_line(a_stack(1))
    run.tell_the_command_line(a_stack(2))
    run.forget_the_command_line(a_stack(1))
    assert json.loads(running.read_text())["DOLBOM_BOOTSTRAP"] == "127.0.0.1:2"
