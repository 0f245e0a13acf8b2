"""The API and the simulated world are judged by what they say of their progress: one that is stopped (alive, and doing nothing) is
found out and started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from deploy.local import supervisor as supervisor_module
from deploy.local.ports import free_ports
from deploy.local.stack import CHECKOUT, process_list, world_spec
from deploy.local.supervisor import Supervisor
from tests.live_run import short_day
from tests.stack import Stores, wait_until

pytestmark = pytest.mark.broker

SHORT_S = 5.0  # instead of half a minute, and more for the world

Make = Callable[..., Supervisor]


@pytest.fixture
def make(folder: Path) -> Iterator[Make]:
    made: list[Supervisor] = []

    def start(**env: str) -> Supervisor:
        made.append(Supervisor(folder, CHECKOUT, {**os.environ, "DOLBOM_STATE_DIR": str(folder), **env}))
        return made[0]

    yield start
    for one in made:
        one.stop()


def said(folder: Path) -> str:
    return (folder / "logs" / "supervisor.log").read_text(encoding="utf-8")


def test_a_stopped_api_is_found_out_and_answers_again(
    stores: Stores, folder: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "STUCK_S", SHORT_S)
    port = free_ports().api
    supervisor = make(**stores.environment(folder, api_port=str(port)))
    api = next(spec for spec in process_list(lockstep=False) if spec.name == "api")
    supervisor.add(api)

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(lambda: answers() and (folder / "progress" / "api.json").exists(), "the API runs and says so")
    old = supervisor.kill("api", signal.SIGSTOP)
    assert not answers()
    wait_until(lambda: supervisor.pids.get("api", old) != old, "the supervisor starts another")
    wait_until(answers, "the API answers again")
    assert "api no progress report for" in said(folder)


def test_a_stopped_world_is_found_out(folder: Path, tmp_path: Path, make: Make) -> None:
    """One that waits for a system that is not there: patience is progress, a stopped process is none."""
    ports = free_ports()
    (folder / "token").write_text("nobody asks", encoding="utf-8")
    supervisor = make(DOLBOM_API_PORT=str(ports.api), DOLBOM_WORLD_PORT=str(ports.world))
    world = world_spec(folder, short_day(tmp_path / "day"), 1, tmp_path / "result.json", lockstep=False)
    supervisor.add(replace(world, stuck_s=SHORT_S))
    log = folder / "logs" / "world.log"
    wait_until(lambda: "waiting for the system" in log.read_text(encoding="utf-8"), "the world waits")
    assert supervisor.restarts("world") == 0
    old = supervisor.kill("world", signal.SIGSTOP)
    wait_until(lambda: supervisor.pids.get("world", old) != old, "the supervisor starts another")
    assert "world no progress report for" in said(folder)
