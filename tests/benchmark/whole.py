"""The whole stack as `make run` starts it: memory, processor time, and how long the second start takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.ports import free_ports
from deploy.local.stack import CHECKOUT
from tests.benchmark.figures import Section

MEMORY_BAR_GB = 1.5
START_BAR_S = 20.0
WATCH_S = 100.0
SAMPLE_S = 3.0


@dataclass
class Sample:
    """One look at all processes: PSS in bytes and processor seconds, by name."""

    at: float
    pss: dict[str, int] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.pss.values())


def measure(seed: int, folder: Path) -> Section:
    section = Section(
        "whole", "The whole stack",
        f"`make run` as it is (busy day, seed {seed}, 60x, two solver processes), set up before, watched for {WATCH_S:.0f} s."
        " Memory is the PSS of every process, broker, Redis, supervisor and simulated world included, at its highest.",
    )  # fmt: skip
    ports = free_ports()
    env = {
        **os.environ, "BROKER_PORT": str(ports.broker), "CONTROLLER_PORT": str(ports.controller),
        "REDIS_PORT": str(ports.redis), "API_PORT": str(ports.api), "WORLD_PORT": str(ports.world),
    }  # fmt: skip
    command = [sys.executable, "-m", "deploy.local.run", "--seed", str(seed), "--state", str(folder / "whole")]
    begun = time.monotonic()
    run = subprocess.Popen(
        command, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _until_page(f"http://127.0.0.1:{ports.api}/readyz", run)
        section.at_most("second start: command to page", time.monotonic() - begun, START_BAR_S, " s", 1)
        samples = []
        while time.monotonic() - begun < WATCH_S:
            time.sleep(SAMPLE_S)
            samples.append(_look(run.pid))
    finally:
        stop_begun = time.monotonic()
        run.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=20)
        run.kill()
    highest = max(samples, key=lambda sample: sample.total)
    section.at_most("memory (PSS) at its highest", highest.total / 1e9, MEMORY_BAR_GB, " GB")
    first, last = samples[0], samples[-1]
    shares = {
        name: (cpu - first.cpu_s.get(name, 0.0)) / (last.at - first.at) for name, cpu in last.cpu_s.items()
    }  # fmt: skip
    section.add("processor time of everything", f"{sum(shares.values()):.2f} cores")
    section.add("Ctrl-C to the end", f"{time.monotonic() - stop_begun:.1f} s", "<= 10 s", time.monotonic() - stop_begun <= 10)
    section.notes.append(
        "By process (MB, share of a core): "
        + ", ".join(
            f"{name} {pss / 1e6:.0f}, {shares.get(name, 0.0):.0%}"
            for name, pss in sorted(highest.pss.items(), key=lambda item: -item[1])
        )
        + "."
    )
    return section


def _until_page(url: str, run: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        if run.poll() is not None:
            raise RuntimeError(f"the run ended with {run.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    raise RuntimeError("no page in 180 s")


def _look(pid: int) -> Sample:
    sample = Sample(time.monotonic())
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.Error):
            name = _name(process) if process.pid != pid else "supervisor"
            times = process.cpu_times()
            sample.pss[name] = sample.pss.get(name, 0) + process.memory_full_info().pss
            sample.cpu_s[name] = sample.cpu_s.get(name, 0.0) + times.user + times.system
    return sample


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if "-m" in words[:-1]:
        module, rest = words[words.index("-m") + 1], words[words.index("-m") + 2 :]
        return rest[0] if module.endswith(".worker") and rest else module.rpartition(".")[2]
    if any("multiprocessing" in word for word in words):
        return "solver processes"
    return "broker" if "java" in Path(words[0]).name else Path(words[0]).name.partition(" ")[0]
