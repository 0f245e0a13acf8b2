"""The whole product on one machine, as one object: `run.py` and the tests start, kill and end it through this."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from deploy.local import broker, redis
from deploy.local.ports import Ports, check_ports, free_ports
from deploy.local.supervisor import ChildSpec, Restart, Supervisor
from deploy.local.texts import words

CHECKOUT = Path(__file__).resolve().parents[2]

# Ended in this order; the limits add up to less than the 10 s that Ctrl-C may take.
RANK_WORLD, RANK_WORKERS, RANK_API, RANK_REDIS, RANK_BROKER = range(5)

WORLD_STUCK_S = 150.0  # one call of the world may wait 90 s for its answer
LOCKSTEP_SOLVE_STUCK_S = 150.0  # iterations alone end a solve in lock-step: a busy machine takes what it takes

SMALL_CHILDREN = {
    # One memory arena and one numeric thread a process: eight Python processes share a small machine.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    # Compiled modules are kept, and beside the state instead of all over the checkout.
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(CHECKOUT / ".dolbom" / "pycache"),
    "NUMBA_CACHE_DIR": str(CHECKOUT / ".dolbom" / "numba"),
}


class StackFailed(Exception):
    """The message is a sentence for people."""


def _python(
    name: str, *arguments: str, rank: int, stop_s: float, progress: str | None = None, stuck_s: float | None = None
) -> ChildSpec:  # fmt: skip
    command = (sys.executable, "-m", *arguments)
    return ChildSpec(name, command, progress=progress, stuck_s=stuck_s, stop_rank=rank, stop_s=stop_s)


def process_list(lockstep: bool) -> list[ChildSpec]:
    """Everything between the stores and the world."""
    workers = [
        _python(name, "streams.agents.worker", name, rank=RANK_WORKERS, stop_s=4.0, progress=name)
        for name in ("desk", "dispatcher", "board", "outbox", "messenger")
    ]
    solver = _python(
        "solver_pool", "streams.adapters.solver_pool", rank=RANK_WORKERS, stop_s=4.0, progress="solver_pool",
        stuck_s=LOCKSTEP_SOLVE_STUCK_S if lockstep else None,
    )  # fmt: skip
    api = _python("api", "services.api", rank=RANK_API, stop_s=1.5, progress="api")
    keeper = _python("clock_keeper", "streams.adapters.clock_keeper", rank=RANK_WORKERS, stop_s=4.0, progress="clock_keeper")
    # In lock-step the conductor moves the clock, so nobody keeps it.
    return [api, *workers, solver, *([] if lockstep else [keeper])]


def world_spec(state_dir: Path, day: Path, seed: int, result: Path, lockstep: bool) -> ChildSpec:
    """The simulated world. A step of the lock-step may rightly take longer than a worker may stand still."""
    arguments = ["services.sample_day.world", "--day", str(day), "--seed", str(seed), "--result", str(result)]
    arguments += ["--progress", str(state_dir / "progress" / "world.json"), *(["--lockstep"] if lockstep else [])]
    return ChildSpec(
        "world", (sys.executable, "-m", *arguments), restart=Restart.ON_FAILURE, give_up_after=5, progress="world",
        stuck_s=WORLD_STUCK_S, stop_rank=RANK_WORLD, stop_s=1.0,
    )  # fmt: skip


@dataclass
class Stack:
    """`start()`, `stop()`, or a `with` block. Everything it makes is under `state_dir`.

    `settings` are further DOLBOM_* variables; `processes` replaces the process list (tests of this class)."""

    state_dir: Path
    ports: Ports = field(default_factory=free_ports)
    lockstep: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    processes: list[ChildSpec] | None = None
    on_event: Callable[[str, str], None] | None = None
    on_step: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self.state_dir = self.state_dir.resolve()
        self._supervisor: Supervisor | None = None
        self._lock_file: IO[str] | None = None

    # --- addresses ------------------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.api}"

    @property
    def world_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.world}"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.ports.broker}"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.ports.redis}/0"

    @property
    def token(self) -> str:
        return (self.state_dir / "token").read_text(encoding="utf-8").strip()

    @property
    def page_url(self) -> str:
        return f"{self.api_url}/#key={self.token}"

    def sign_in_address(self) -> str:
        """The page's address for the first operator, who is made if there is nobody yet; with the token if accounts were
        made by hand."""
        from services.cli.accounts import first_link

        secret = first_link(self.dolbom_env)
        return self.page_url if secret is None else f"{self.api_url}/#key={secret}"

    @property
    def dolbom_env(self) -> dict[str, str]:
        """The DOLBOM_* settings of every process; pass them to `read_settings` to talk to this stack."""
        from streams.settings import RECORDER

        return {
            "DOLBOM_STATE_DIR": str(self.state_dir),
            "DOLBOM_BOOTSTRAP": self.bootstrap,
            "DOLBOM_REDIS_URL": self.redis_url,
            "DOLBOM_API_PORT": str(self.ports.api),
            "DOLBOM_WORLD_PORT": str(self.ports.world),
            "DOLBOM_LOCKSTEP": "1" if self.lockstep else "0",
            # The simulated co-operatives, and whoever tries out an endpoint of their own beside them.
            "DOLBOM_WEBHOOK_ALLOW": "127.0.0.1,localhost,::1",
            # A day in lock-step is played: nobody is to be rung up, and what follows where nobody can be reached is part of it.
            **({"DOLBOM_NOTICE_GATEWAY_URL": RECORDER} if self.lockstep else {}),
            **self.settings,
        }

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, **SMALL_CHILDREN, **self.dolbom_env}

    # --- life -----------------------------------------------------------------------------------------------------

    def start(self, api_timeout_s: float = 120.0) -> None:
        """Everything but the world, ready to serve. Raises StackFailed, PortTaken, BrokerFailed or RedisFailed, with
        nothing left running."""
        check_ports(self.ports, skip=frozenset({"world"}) if self.processes is not None else frozenset())
        self.take_state_dir()
        try:
            self._start(api_timeout_s)
        except BaseException:
            self.stop()
            raise

    def _start(self, api_timeout_s: float) -> None:
        self._supervisor = Supervisor(self.state_dir, CHECKOUT, self.env, self.on_event)
        self.start_stores()
        specs = process_list(self.lockstep) if self.processes is None else self.processes
        self._supervisor.add(*specs)
        if any(spec.name == "api" for spec in specs):
            self.wait_ready(api_timeout_s)
            self._step(words("api_ready"))

    def start_stores(self) -> None:
        redis_command, redis_binary = redis.prepare(self.state_dir, self.ports.redis)
        self.supervisor.add(
            ChildSpec("redis", tuple(redis_command), redis_binary, is_store=True, stop_rank=RANK_REDIS, stop_s=0.5),
        )
        broker_command = broker.prepare(self.state_dir, self.ports.broker, self.ports.controller)
        self.supervisor.add(ChildSpec("broker", tuple(broker_command), is_store=True, stop_rank=RANK_BROKER, stop_s=2.5))
        redis.wait_ready(self.ports.redis)
        self._step(words("redis_ready"))
        broker.wait_ready(self.ports.broker)
        self._step(words("broker_ready"))
        from streams.settings import read_settings
        from streams.topics import create_topics

        create_topics(self.bootstrap, read_settings(self.env).partitions)
        self._step(words("topics_there"))

    def start_world(self, day: Path, seed: int, result: Path) -> None:
        """The simulated people and the co-operative's server. Killed, it goes on from its diary; at the day's end it
        writes `result` and ends."""
        self.supervisor.add(world_spec(self.state_dir, day, seed, result, self.lockstep))

    def wait_ready(self, timeout_s: float = 120.0) -> None:
        """Wait for the API's /readyz. Raises StackFailed that names what keeps dying."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.is_ready():
                return
            time.sleep(0.1)
        unwell = [name for name in self.supervisor.names if self.supervisor.restarts(name) or name not in self.pids]
        logs = self.state_dir / "logs"
        if unwell:
            raise StackFailed(words("api_not_ready_for", s=timeout_s, names=", ".join(unwell), logs=logs))
        raise StackFailed(words("api_not_ready", s=timeout_s, logs=logs))

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def set_speed(self, speed: float, *, follow_wall: bool = False) -> None:
        """Ask the clock's keeper for another speed of the service clock (live only); at 1x it may follow the wall clock."""
        request = urllib.request.Request(
            f"{self.api_url}/v1/clock",
            data=json.dumps({"speed": speed, "follow_wall": follow_wall}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method="POST",
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            raise StackFailed(words("speed_wrong", speed=speed, code=error.code)) from None

    def stop(self) -> None:
        """End everything within 10 s; no process and no port is left. May be called twice."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- faults ---------------------------------------------------------------------------------------------------

    @property
    def supervisor(self) -> Supervisor:
        if self._supervisor is None:
            raise StackFailed(words("not_running"))
        return self._supervisor

    @property
    def pids(self) -> dict[str, int]:
        """name -> process id of what lives now."""
        return self.supervisor.pids

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Signal one process; the supervisor restarts what dies. Returns the process id that got it."""
        return self.supervisor.kill(name, number)

    def wait_restarted(self, name: str, old_pid: int, timeout_s: float = 30.0) -> int:
        """Wait until `name` runs as another process than `old_pid`; returns its id."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            pid = self.pids.get(name)
            if pid is not None and pid != old_pid:
                return pid
            time.sleep(0.05)
        raise StackFailed(words("not_restarted", name=name, s=timeout_s))

    # --- the state folder -----------------------------------------------------------------------------------------

    def take_state_dir(self) -> None:
        """Ours alone, and empty unless `keep`; `start` does it if nobody has. Refuses a folder that is not a state
        folder: it would be emptied."""
        if self._lock_file is not None:
            return
        marker = self.state_dir / "lock"
        if self.state_dir.exists() and any(self.state_dir.iterdir()) and not marker.exists():
            raise StackFailed(words("not_a_state_folder", folder=self.state_dir))
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # of somebody who gave us write access to it: theirs to decide
            self.state_dir.chmod(0o700)  # keys, tokens, and the day's people are in it
        lock_file = marker.open("a")
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock_file.close()
            raise StackFailed(words("running_already", folder=self.state_dir)) from None
        self._lock_file = lock_file
        if not self.keep:
            for entry in self.state_dir.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry)
                elif entry.name != "lock":
                    entry.unlink()

    def _step(self, text: str) -> None:
        if self.on_step is not None:
            self.on_step(text)


def other_hash_seed() -> str:
    """A PYTHONHASHSEED for a process that must not share ours by accident."""
    return str(1 + secrets.randbelow(4_294_967_294))
