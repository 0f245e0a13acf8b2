"""`make run`: a day from begin to end on this machine, with the live page, or headless in lock-step."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from deploy.local import ledger_table, states
from deploy.local.broker import BrokerFailed
from deploy.local.ports import SAYING_KEYS, Ports, PortTaken, check_ports, free_ports, ports_from
from deploy.local.redis import RedisFailed
from deploy.local.stack import CHECKOUT, Stack, StackFailed, other_hash_seed
from deploy.local.texts import words
from streams.terminal import Parser

STATES = CHECKOUT / ".dolbom" / "state"
RUNNING = CHECKOUT / ".dolbom" / "running.json"
GENERATED_DAYS = ("busy", "mapo")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunFailed(Exception):
    """The message is a sentence for people."""


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    day: str
    speed: float
    seed: int
    headless: bool
    state: Path | None
    world: bool
    keep: bool


class Progress:
    """Lines on stderr with the seconds since the start; stdout is for the result alone."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may have been closed
            print(words("elapsed", s=self.elapsed_s, text=text), file=sys.stderr, flush=True)

    def event(self, name: str, text: str) -> None:
        """Of the supervisor."""
        self.say(f"{name} {text}")


def parse(arguments: list[str] | None) -> Wish:
    parser = Parser(prog="python -m deploy.local.run", description=words("run_about"))
    parser.add_argument("--day", default="busy", help=words("opt_day"))
    parser.add_argument("--speed", type=float, help=words("opt_speed"))
    parser.add_argument("--seed", type=int, default=1, help=words("opt_seed"))
    parser.add_argument("--headless", action="store_true", help=words("opt_headless"))
    parser.add_argument("--state", type=Path, help=words("opt_state"))
    parser.add_argument("--keep", action="store_true", help=words("opt_keep"))
    parser.add_argument("--no-world", action="store_true", help=words("opt_no_world"))
    chosen = parser.parse_args(arguments)
    if chosen.headless and chosen.no_world:
        parser.error(words("headless_without_world"))
    speed = chosen.speed if chosen.speed is not None else 1.0 if chosen.no_world else 60.0
    return Wish(
        day=chosen.day, speed=speed, seed=chosen.seed, headless=chosen.headless, state=chosen.state,
        world=not chosen.no_world, keep=chosen.keep,
    )  # fmt: skip


def choose_ports(headless: bool, environ: dict[str, str]) -> Ports:
    said = any(environ.get(key) for key in SAYING_KEYS)
    return free_ports() if headless and not said else ports_from(environ)


def choose_state_dir(wish: Wish) -> Path:
    kind = "headless" if wish.headless else "live"
    if wish.state is not None:
        return wish.state
    newest = states.newest_state_dir(STATES, kind) if wish.keep else None
    if wish.keep and newest is None:
        raise RunFailed(words("nothing_to_keep"))
    return newest or states.new_state_dir(STATES, kind)


# --- the day ----------------------------------------------------------------------------------------------------------


def run_cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.cli.main", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def make_day(wish: Wish, target: Path) -> Path:
    """The folder of the day, checked. Raises RunFailed with every bad row when it cannot be used."""
    if wish.day in GENERATED_DAYS:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = run_cli("day", "generate", wish.day, "--seed", str(wish.seed), "--out", str(target))
        if made.returncode != 0:
            raise RunFailed(words("day_not_made", why=(made.stderr or made.stdout).strip()))
        return target
    folder = Path(wish.day).expanduser().resolve()
    if not folder.is_dir():
        raise RunFailed(words("day_unknown", day=wish.day, known=", ".join(GENERATED_DAYS)))
    checked = run_cli("day", "check", str(folder))
    if checked.returncode != 0:
        raise RunFailed(words("day_wrong", why=(checked.stdout + checked.stderr).strip()))
    return folder


def district_table(district: str) -> str:
    """DOLBOM_DISTRICTS with the day's district on partition 0 and a neighbour on 1."""
    neighbour = "11410" if district != "11410" else "11440"
    return f"{district}:0,{neighbour}:1"


def settings_of(day: Path | None) -> dict[str, str]:
    """What a played day needs besides: nobody is rung up in it, but by the gateway that somebody has set on purpose."""
    if day is None:
        return {}
    from streams.settings import RECORDER

    settings = {} if os.environ.get("DOLBOM_NOTICE_GATEWAY_URL") else {"DOLBOM_NOTICE_GATEWAY_URL": RECORDER}
    if os.environ.get("DOLBOM_DISTRICTS"):
        return settings
    from services.sample_day.read_day import read_day

    return settings | {"DOLBOM_DISTRICTS": district_table(read_day(day).config.district)}


# --- the two ways to run ----------------------------------------------------------------------------------------------


def read_result(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def wait_for_world(stack: Stack, result: Path) -> dict[str, Any]:
    """The world writes its result and ends by itself."""
    while not stack.supervisor.ended("world"):
        time.sleep(0.2)
    found = read_result(result)
    if found is None or stack.supervisor.last_exit("world") != 0:
        code = stack.supervisor.last_exit("world")
        raise RunFailed(words("world_ended", code=code, log=stack.state_dir / "logs" / "world.log"))
    return found


def verify(stack: Stack) -> tuple[dict[str, Any], str | None]:
    """Replay the logs from offset 0 in a separate process with another hash seed: (its JSON, what it complains of)."""
    command = [sys.executable, "-m", "streams.replay.verify", "--state-dir", str(stack.state_dir), "--json"]
    env = {**stack.env, "PYTHONHASHSEED": other_hash_seed()}
    done = subprocess.run(command, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    (stack.state_dir / "logs" / "replay.log").write_text(done.stderr, encoding="utf-8")
    lines = done.stdout.strip().splitlines()
    try:
        found = dict(json.loads(lines[-1])) if lines else {}
    except ValueError:
        found = {}
    if done.returncode == 0:
        return found, None
    return found, words("replay_failed", code=done.returncode, why=done.stderr.strip()[-800:])


def live_state_hash(stack: Stack) -> str:
    """The state as the running system has it: the dispatcher's own last snapshot, and what was decided since."""
    from streams.replay.live import live_state_hash as read_hash
    from streams.settings import read_settings

    return asyncio.run(read_hash(read_settings(stack.env)))


def run_headless(stack: Stack, day: Path, wish: Wish, progress: Progress) -> int:
    result_path = stack.state_dir / "result.json"
    stack.start_world(day, wish.seed, result_path)
    progress.say(words("lockstep_runs"))
    world = wait_for_world(stack, result_path)
    progress.say(words("replaying"))
    world["state_hash"] = live_state_hash(stack)
    replay, complaint = verify(stack)
    result = ledger_table.merged(world, replay, progress.elapsed_s)
    print(ledger_table.table(result), file=sys.stderr, flush=True)
    wrong = ledger_table.what_is_wrong(result) + ([complaint] if complaint else [])
    for sentence in wrong:
        progress.say(sentence)
    stack.stop()
    print(json.dumps(result, ensure_ascii=False), flush=True)
    return 1 if wrong else 0


def run_live(stack: Stack, day: Path | None, wish: Wish, progress: Progress) -> int:
    result_path = stack.state_dir / "result.json"
    stack.set_speed(wish.speed, follow_wall=not wish.world and wish.speed == 1.0)
    if day is not None:
        result_path.unlink(missing_ok=True)
        stack.start_world(day, wish.seed, result_path)
    progress.say(words("open_page"))
    print(f"\n    {stack.sign_in_address()}\n", flush=True)
    progress.say(words("how_to_end"))
    printed = False
    while True:
        time.sleep(0.5)
        if not printed and (found := read_result(result_path)) is not None:
            printed = True
            print(f"\n{ledger_table.table(found)}\n", flush=True)
            progress.say(words("day_over"))


def tell_the_command_line(stack: Stack) -> None:
    """`dolbom replay` and `dolbom dead-letters` find the running system without being told where it is."""
    RUNNING.write_text(json.dumps(stack.dolbom_env), encoding="utf-8")


def forget_the_command_line(stack: Stack) -> None:
    """Unless another run of this checkout has written itself there meanwhile."""
    with contextlib.suppress(OSError, ValueError):
        if json.loads(RUNNING.read_text(encoding="utf-8")) == stack.dolbom_env:
            RUNNING.unlink()


def run(wish: Wish, progress: Progress) -> int:
    state_dir = choose_state_dir(wish).expanduser().resolve()
    ports = choose_ports(wish.headless, dict(os.environ))
    check_ports(ports)
    states.remove_old_runs(STATES, "headless" if wish.headless else "live")
    stack = Stack(
        state_dir, ports, lockstep=wish.headless, keep=wish.keep, on_event=progress.event, on_step=progress.say
    )
    stack.take_state_dir()
    try:
        day = None
        if wish.world:
            kept = state_dir / "day"
            day = kept if wish.keep and kept.is_dir() else make_day(wish, kept)
            progress.say(words("day_in", folder=day))
        stack.settings = settings_of(day)
        stack.start()
        tell_the_command_line(stack)
        if wish.headless and day is not None:
            return run_headless(stack, day, wish, progress)
        return run_live(stack, day, wish, progress)
    finally:
        with calm():
            stack.stop()
            forget_the_command_line(stack)
        progress.say(words("all_ended"))


@contextlib.contextmanager
def calm() -> Any:
    """A second Ctrl-C while everything ends must not leave half of it running."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    with contextlib.suppress(OSError):
        os.write(sys.stderr.fileno(), f"\n{words('ending')}\n".encode())
    raise Interrupted


def main(arguments: list[str] | None = None) -> int:
    wish = parse(arguments)
    progress = Progress()
    for number in ENDING:
        signal.signal(number, _interrupt)
    try:
        return run(wish, progress)
    except Interrupted:
        return 130 if wish.headless else 0
    except (RunFailed, StackFailed, PortTaken, BrokerFailed, RedisFailed) as error:
        progress.say(str(error))
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
