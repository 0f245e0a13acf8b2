"""A day of real orders (Grubhub's 0o100t100s1p100) through the whole pipeline in lock-step, and through the core alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from deploy.local.stack import CHECKOUT
from tests.benchmark.figures import Section

DAY = "0o100t100s1p100"
WHERE = "MDRPLIB"
UNDELIVERED_BAR = 0.005
TIMEOUT_S = 1800


class Missing(Exception):
    """The data is not on this machine."""


def source() -> Path:
    """The city-day's folder. Raises Missing."""
    folder = Path(os.environ.get(WHERE) or CHECKOUT.parent / "shared" / "data" / "benchmarks" / "mdrplib")
    found = next((path for path in (folder / DAY, *folder.glob(f"**/{DAY}")) if path.is_dir()), None)
    if found is None:
        raise Missing(f"{DAY} is not there; say where mdrplib is with {WHERE}=")
    return found


def measure(seed: int, folder: Path) -> Section:
    from services.sample_day.in_process import run_in_process
    from services.sample_day.read_day import read_day

    section = Section(
        "day", f"A day of real orders ({DAY})",
        "The imported day with `make run HEADLESS=1`: one message at a time, a barrier token through every hop after each, the"
        " clock moves when nothing is in flight; a replay at the end. Beside it the same day through the same core in one"
        " process, without Kafka, Redis or HTTP.",
    )  # fmt: skip
    day_folder = folder / "day"
    made = [sys.executable, "-m", "services.cli.main", "day", "import-mdrplib", str(source()), str(day_folder)]
    subprocess.run(made, cwd=CHECKOUT, check=True, capture_output=True)
    begun = time.perf_counter()
    alone, doors = run_in_process(read_day(day_folder), seed)
    alone_s = time.perf_counter() - begun
    command = [sys.executable, "-m", "deploy.local.run", "--headless", "--day", str(day_folder), "--seed", str(seed)]
    begun = time.perf_counter()
    done = subprocess.run(
        [*command, "--state", str(folder / "state")], cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    wall_s = time.perf_counter() - begun
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise RuntimeError(f"the day ended with {done.returncode}: {done.stderr[-600:]}")
    result = json.loads(lines[-1])
    records, visits = int(result["journal_records"]), int(result["visits"])
    undelivered = (visits - int(result["done"])) / visits
    section.add("orders, journal records", f"{visits:,}, {records:,}")
    section.add("unaccounted", str(result["unaccounted"]), "0", result["unaccounted"] == 0)
    section.add("undelivered", f"{undelivered:.2%}", f"<= {UNDELIVERED_BAR:.1%}", undelivered <= UNDELIVERED_BAR)
    same = result["state_hash"] == alone.get("state_hash")
    section.add("same state hash as the core in one process", "yes" if same else "no", "yes", same)
    same = result["state_hash"] == result["replayed_state_hash"]
    section.add("same state hash as its replay", "yes" if same else "no", "yes", same)
    world_s = float(result.get("world_s") or wall_s)
    section.add("wall time: all, the day alone, in one process", f"{wall_s:.0f} s, {world_s:.0f} s, {alone_s:.0f} s")
    section.add("a journal record (two hops, every projection, a barrier)", f"{world_s / records * 1e3:.1f} ms")
    section.add("in one process", f"{alone_s / doors.offset * 1e3:.2f} ms (of which core {doors.core_s / doors.offset * 1e3:.2f})")
    section.notes.append(f"The run ended with exit code {done.returncode}.")
    return section
