"""Two checkouts on one machine, each with a stack of its own: both are well at once, and neither knows of the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from deploy.local.stack import CHECKOUT
from tests.live_run import LiveRun
from tests.stack import wait_until

pytestmark = [pytest.mark.broker, pytest.mark.nightly, pytest.mark.timeout(600)]

MADE_ONCE = ("venv", "kafka", "web", "numba", "machine.json")  # what set-up made is lent to the second checkout


def another_checkout(folder: Path) -> Path:
    copied = subprocess.run(
        ["git", "checkout-index", "--all", f"--prefix={folder}/"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert copied.returncode == 0, copied.stderr
    (folder / ".dolbom").mkdir()
    for name in MADE_ONCE:
        (folder / ".dolbom" / name).symlink_to((CHECKOUT / ".dolbom" / name).resolve())
    return folder


def is_ready(run: LiveRun) -> bool:
    try:
        return httpx.get(f"{run.api_url}/readyz", timeout=5.0).status_code == 200
    except httpx.HTTPError:
        return False


def verified(run: LiveRun) -> subprocess.CompletedProcess[str]:
    """`dolbom replay verify` in a checkout finds what `make run` started there."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DOLBOM_")}
    command = [sys.executable, "-m", "services.cli.main", "replay", "verify"]
    return subprocess.run(command, cwd=run.checkout, env=env, capture_output=True, text=True, check=False)


def test_two_checkouts_run_at_once(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    other_checkout = another_checkout(tmp_path / "checkout")
    with (
        LiveRun(folders[0], {"NO_WORLD": "1"}) as one,
        LiveRun(folders[1], {"NO_WORLD": "1"}, checkout=other_checkout) as other,
    ):
        addresses = [one.page_address(), other.page_address()]
        assert addresses[0] != addresses[1]
        wait_until(lambda: is_ready(one) and is_ready(other), "both are ready at once")
        token = (one.state_dir / "token").read_text(encoding="utf-8").strip()
        stranger = httpx.get(f"{other.api_url}/v1/clock", headers={"Authorization": f"Bearer {token}"}, timeout=10.0)
        assert stranger.status_code == 401
        assert [(done.returncode, done.stderr) for done in (verified(one), verified(other))] == [(0, "")] * 2
        one.interrupt()
        one.check_nothing_left()
        assert is_ready(other)
        assert verified(other).returncode == 0
        other.interrupt()
        other.check_nothing_left()
