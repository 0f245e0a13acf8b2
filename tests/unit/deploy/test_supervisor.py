"""The supervisor with toy processes: what dies comes back, what stands still too, and the end leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import supervisor as supervisor_module
from deploy.local.supervisor import ChildSpec, Restart, Supervisor

SLEEPS = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
REPORTS_THEN_STOPS = """
import json, os, pathlib, time
path = pathlib.Path("progress/toy.json")
path.parent.mkdir(exist_ok=True)
for position in range(3):
    path.write_text(json.dumps({"wall": time.time(), "position": position, "end": 9}))
    time.sleep(0.05)
while True:
    path.write_text(json.dumps({"wall": time.time(), "position": 2, "end": 9}))
    time.sleep(0.05)
"""
HAS_A_CHILD = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("grandchild").write_text(str(child.pid))
time.sleep(600)
"""


def toy(name: str, code: str, **more: object) -> ChildSpec:
    return ChildSpec(name, (sys.executable, "-c", code), **more)  # type: ignore[arg-type]


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """False for a zombie as well."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, tmp_path, os.environ)
    yield made
    made.stop()


def log_of(tmp_path: Path) -> str:
    return (tmp_path / "logs" / "supervisor.log").read_text(encoding="utf-8")


def test_what_is_killed_comes_back(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("one", SLEEPS))
    old = supervisor.kill("one")
    until(lambda: supervisor.pids.get("one", old) != old)
    assert supervisor.restarts("one") == 1
    assert supervisor.last_exit("one") == -signal.SIGKILL
    assert "one died (SIGKILL); starts again in 0.5 s" in log_of(tmp_path)


def test_what_keeps_dying_is_started_less_and_less_often(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("one", "raise SystemExit(3)"))
    until(lambda: "died (exit 3); starts again in 2.0 s" in log_of(tmp_path))
    said = log_of(tmp_path)
    assert [f"in {s:.1f} s" in said for s in (0.5, 1, 2)] == [True, True, True]


def test_a_clean_end_is_final_where_the_process_is_meant_to_end(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("once", "raise SystemExit(0)", restart=Restart.ON_FAILURE), toy("never", "1/0", restart=Restart.NEVER))
    until(lambda: supervisor.ended("once") and supervisor.ended("never"))
    assert (supervisor.restarts("once"), supervisor.last_exit("once")) == (0, 0)
    assert (supervisor.restarts("never"), supervisor.last_exit("never")) == (0, 1)


def test_what_dies_every_time_is_given_up_where_that_is_wanted(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("one", "raise SystemExit(3)", restart=Restart.ON_FAILURE, give_up_after=2))
    until(lambda: supervisor.ended("one"))
    assert supervisor.restarts("one") == 1
    assert "died (exit 3), as every time before: not started again" in log_of(tmp_path)


def test_a_process_that_lives_and_does_nothing_is_restarted(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "STUCK_S", 0.5)
    supervisor.add(toy("toy", REPORTS_THEN_STOPS, progress="toy"))
    old = supervisor.pids["toy"]
    until(lambda: supervisor.pids.get("toy", old) != old)
    assert "toy stands at 2 of 9 for" in log_of(tmp_path)


def test_a_stopped_process_is_taken_for_stuck(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.add(toy("toy", REPORTS_THEN_STOPS, progress="toy"))
    until((tmp_path / "progress" / "toy.json").exists)
    time.sleep(0.3)
    monkeypatch.setattr(supervisor_module, "STUCK_S", 0.5)
    old = supervisor.kill("toy", signal.SIGSTOP)
    until(lambda: supervisor.pids.get("toy", old) != old)


def test_the_end_is_in_order_and_kills_what_does_not_listen(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("store", SLEEPS, stop_rank=2), toy("worker", STUBBORN, stop_rank=1, stop_s=0.3), toy("world", SLEEPS))
    until(lambda: b"deaf" in (tmp_path / "logs" / "worker.log").read_bytes())
    pids = supervisor.pids
    supervisor.stop()
    assert not any(lives(pid) for pid in pids.values())
    ends = [line.split()[1] for line in log_of(tmp_path).splitlines() if "started" not in line]
    assert ends == ["world", "worker", "store"]
    assert "worker did not end in time: killed" in log_of(tmp_path)
    assert supervisor.pids == {}


def test_what_a_child_started_ends_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(toy("parent", HAS_A_CHILD, restart=Restart.NEVER))
    until(lambda: (tmp_path / "grandchild").exists() and bool((tmp_path / "grandchild").read_text()))
    grandchild = int((tmp_path / "grandchild").read_text())
    assert lives(grandchild)
    supervisor.kill("parent")
    until(lambda: not lives(grandchild))


def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys, time\n"
        "from deploy.local.supervisor import ChildSpec, Supervisor\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "s = Supervisor(here, here, os.environ)\n"
        "s.add(ChildSpec('one', (sys.executable, '-c', 'import time; time.sleep(600)')))\n"
        "print(s.pids['one'], flush=True)\n"
        "time.sleep(600)\n"
    )
    checkout = Path(__file__).resolve().parents[3]
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=checkout) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert lives(child)
        process.kill()
    until(lambda: not lives(child))


def test_a_supervisor_that_has_ended_starts_nothing_more(supervisor: Supervisor) -> None:
    supervisor.stop()
    supervisor.stop()
    with pytest.raises(RuntimeError):
        supervisor.add(toy("late", SLEEPS))
