"""What the world's process tells its supervisor."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import httpx
import pytest

from services.sample_day import pulse as pulse_module
from services.sample_day.api_doors import ApiDoors, SystemAway
from services.sample_day.coop_server import Mailbox
from services.sample_day.pulse import Pulse


def told(path: Path) -> dict[str, float]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_it_is_told_where_the_main_thread_is_and_by_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "EVERY_S", 0.0)
    path = tmp_path / "progress" / "world.json"
    pulse = Pulse(path)
    pulse()
    other = threading.Thread(target=pulse)
    other.start()
    other.join()
    assert (told(path)["position"], told(path)["end"]) == (1, 1)
    pulse()
    assert told(path)["position"] == 2
    assert [file.name for file in path.parent.iterdir()] == ["world.json"]


def test_it_is_told_once_a_second_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "EVERY_S", 3600.0)
    pulse = Pulse(tmp_path / "world.json")
    for _ in range(100):
        pulse()
    assert told(tmp_path / "world.json")["position"] == 1


def test_waiting_for_a_system_that_is_away_is_progress() -> None:
    beats: list[int] = []
    away = httpx.MockTransport(lambda request: httpx.Response(503))
    doors = ApiDoors("http://api", "token", "11440", Mailbox(), patience_s=0.3, transport=away, pulse=lambda: beats.append(1))
    with pytest.raises(SystemAway):
        doors.wait_until_ready()
    assert len(beats) == doors.repeated_calls > 1
