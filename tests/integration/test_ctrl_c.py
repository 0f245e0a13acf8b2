"""Ctrl-C on `make run`: it ends by itself, and no process and no port is left. How long it took is told, not judged."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.live_run import VISITS, LiveRun, short_day
from tests.stack import Tell, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]


def end(run: LiveRun, tell: Tell) -> None:
    ended_s = run.interrupt()
    tell(f"ended in {ended_s:.1f} s")
    assert "all processes ended" in run.said()
    run.check_nothing_left()


def filed(run: LiveRun) -> int:
    with suppress(httpx.HTTPStatusError):  # 503: the board has not been drawn for the first time yet
        return len(run.get("/v1/visits", district="11440")["items"])
    return 0


def test_in_the_middle_of_a_day(tmp_path: Path, tell: Tell) -> None:
    with LiveRun(tmp_path, {"DAY": str(short_day(tmp_path / "day")), "SPEED": "60"}) as run:
        run.page_address()
        wait_until(lambda: filed(run) == VISITS, "all visits are filed")
        assert len(run.members()) > 10
        end(run, tell)
    log = (run.state_dir / "logs" / "supervisor.log").read_text(encoding="utf-8")
    started = {line.split()[1] for line in log.splitlines() if " started (" in line}
    assert started >= {"broker", "redis", "api", "dispatcher", "world"}
    last = {line.split()[1]: line for line in log.splitlines()}
    assert [line for line in last.values() if " ended (" not in line and "did not end in time: killed" not in line] == []


def test_while_it_is_still_starting(tmp_path: Path, tell: Tell) -> None:
    with LiveRun(tmp_path, {"NO_WORLD": "1"}) as run:
        wait_until(lambda: "Redis ready" in run.said(), "the first of it runs")
        end(run, tell)
