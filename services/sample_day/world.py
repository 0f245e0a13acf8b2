"""The simulated world: riders, carers, kitchens, care managers and the co-operatives' app server, in one process of its own.

It uses public doors only. Killed at any moment, it goes on from its diary when started again with the same arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from services.sample_day.api_doors import ApiDoors
from services.sample_day.conductor import RememberingDoors, run_lockstep
from services.sample_day.coop_server import CoopServer, Mailbox
from services.sample_day.day import Day
from services.sample_day.diary import Diary
from services.sample_day.live_run import LiveRun
from services.sample_day.pulse import Pulse
from services.sample_day.simulation import Simulation
from streams.settings import Settings, read_settings

TOKEN_WAIT_S = 60.0


def run_world(
    day: Day, seed: int, settings: Settings, lockstep: bool, pulse: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """A day through the API; returns the result. Raises SystemAway when the system stays away. `pulse` is called whenever
    the main thread gets on."""
    folder = settings.state_dir / "world"
    name = f"{day.config.district}-{day.config.service_date}-{seed}-{'lockstep' if lockstep else 'live'}"
    diary = Diary(folder / f"{name}.jsonl")
    mailbox = Mailbox(diary)
    server = CoopServer(settings.world_port, mailbox)
    doors = ApiDoors(
        f"http://{settings.api_host}:{settings.api_port}", read_token(settings.state_dir), day.config.district, mailbox,
        pulse=pulse,
    )  # fmt: skip
    server.start()
    try:
        doors.wait_until_ready()
        # The clock first: what the district hears before its day would be stamped by another day's time.
        if lockstep and not diary.has_past:
            doors.step(day.start_at)
        elif not lockstep and not diary.has_past:
            doors.start_clock(day.start_at, float(os.environ.get("DOLBOM_SPEED") or 0))
        secrets = _secrets(folder / f"{name}.secrets.json", day, settings)
        server.trust({organisation: pair["secret_out"] for organisation, pair in secrets.items()})
        doors.trust({organisation: pair["secret_in"] for organisation, pair in secrets.items()})
        world = Simulation(day, seed)
        if lockstep:
            remembering = RememberingDoors(doors, diary)
            mailbox.forget(remembering.read_before)
            result = run_lockstep(world, remembering)
        else:
            live = LiveRun(world, doors, diary, pulse)
            mailbox.forget(live.read_before)
            result = live.run()
        result["webhooks"] = {"repeats": mailbox.repeats, "rejected": server.rejected, "calls_again": doors.repeated_calls}
        return result
    finally:
        server.stop()
        doors.close()
        diary.close()


def _secrets(path: Path, day: Day, settings: Settings) -> dict[str, dict[str, str]]:
    """Load the day through the API and keep the signing secrets; after a restart they are known already."""
    from services.sample_day.load import load_day

    if path.exists():
        return dict(msgspec.json.decode(path.read_bytes()))
    secrets = load_day(
        day, f"http://{settings.api_host}:{settings.api_port}", read_token(settings.state_dir),
        f"http://127.0.0.1:{settings.world_port}",
    )  # fmt: skip
    _write(path, msgspec.json.encode(secrets), 0o600)
    return secrets


def read_token(state_dir: Path) -> str:
    """The API makes it at its first start."""
    path = state_dir / "token"
    give_up_at = time.monotonic() + TOKEN_WAIT_S
    while not path.exists() and time.monotonic() < give_up_at:
        time.sleep(0.1)
    return path.read_text(encoding="utf-8").strip()


def _write(path: Path, raw: bytes, mode: int = 0o644) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", type=Path, required=True, help="folder of the day")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is left to chance")
    parser.add_argument("--lockstep", action="store_true", help="one message at a time, for equal hashes")
    parser.add_argument("--result", type=Path, required=True, help="JSON file written at the day's end")
    parser.add_argument("--progress", type=Path, help="JSON file for the supervisor, written once a second")
    chosen = parser.parse_args(arguments)
    from services.sample_day.read_day import read_day

    settings = read_settings()
    begun = time.perf_counter()
    pulse = Pulse(chosen.progress) if chosen.progress is not None else lambda: None
    pulse()
    result = run_world(read_day(chosen.day), chosen.seed, settings, chosen.lockstep or settings.lockstep, pulse)
    result["world_s"] = round(time.perf_counter() - begun, 1)
    _write(chosen.result, json.dumps(result, ensure_ascii=False, indent=1).encode())
    print(
        f"the day is over: {result['visits']} visits, {result['done']} done, {result['unaccounted']} unaccounted, "
        f"{len(result['mismatches'])} mismatches",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
