"""Keeps a set of processes alive: restarts what dies or stands still, and ends all of them in order.

One thread starts, watches and restarts every child (children die with the thread that started them, see children.py).
"""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from subprocess import Popen

from deploy.local.children import group_is_gone, how_it_ended, signal_group, signal_one, spawn
from deploy.local.texts import Said

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 10.0
HEALTHY_S = 30.0  # up for so long: the next death starts at the first backoff again
STORE_BACK_S = 30.0  # after a store's restart its readers may need so long to reach it again; they are not judged then
STUCK_S = 30.0  # no progress report, or work waiting and none done, for so long: restart
FIRST_REPORT_S = 90.0  # a process that has just started may import and recover for so long before it reports
LONGEST_START_S = 600.0  # and so long while it works: on a busy machine a restart would only make its start longer
WORKED_S = 0.02  # of processor time since the last look
TICK_S = 0.1
AS_IT_SHOULD = ("child_started", "child_ended")  # events that nobody needs to be told


class Restart(StrEnum):
    ALWAYS = "always"
    ON_FAILURE = "on_failure"  # not after exit code 0
    NEVER = "never"


@dataclass(frozen=True)
class ChildSpec:
    """What to run. `progress` is the name of its progress file (None: judged by being alive only). `stop_rank`: lower
    ranks are ended first; `stop_s`: how long it may take to end cleanly before it is killed. `give_up_after` so many
    deaths in a row it is left dead (None: never). `is_store`: the others cannot get on while it is away. `stuck_s`: how
    long it may say nothing of its progress, or get nowhere (None: STUCK_S)."""

    name: str
    command: tuple[str, ...]
    executable: str | None = None
    restart: Restart = Restart.ALWAYS
    give_up_after: int | None = None
    is_store: bool = False
    progress: str | None = None
    stuck_s: float | None = None
    stop_rank: int = 0
    stop_s: float = 2.0
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A progress file's content."""

    wall: float
    position: int
    end: int


@dataclass
class Watch:
    """What the supervisor has seen of one process's progress, on its own monotonic clock: a wall clock that jumps, or
    a laptop that slept, makes nothing look stuck."""

    started_at: float
    stale: Report | None = None  # what an earlier process left in the file
    cpu_s: float = 0.0
    worked_at: float = 0.0
    report: Report | None = None
    report_changed_at: float = 0.0
    moved_at: float = 0.0

    def excuse(self, until: float) -> None:
        """Nobody gets on while a store is away: time counts from `until` only."""
        self.started_at = max(self.started_at, until)
        self.report_changed_at = max(self.report_changed_at, until)
        self.moved_at = max(self.moved_at, until)

    def see_work(self, cpu_s: float, now: float) -> None:
        """Before its first report the processor time that it takes is all that is known of a process."""
        if cpu_s - self.cpu_s >= WORKED_S:
            self.cpu_s, self.worked_at = cpu_s, now

    def see(self, report: Report | None, now: float) -> None:
        if report is None or report == self.stale or report == self.report:
            return
        idle = report.position >= report.end
        if self.report is None or report.position != self.report.position or idle:
            self.moved_at = max(self.moved_at, now)
        self.report, self.report_changed_at = report, max(self.report_changed_at, now)

    def complaint(self, now: float, stuck_s: float | None = None) -> Said | None:
        """Why this process should be restarted, or None."""
        limit_s = STUCK_S if stuck_s is None else stuck_s
        if self.report is None:
            late = now - max(self.started_at, self.worked_at) > FIRST_REPORT_S or now - self.started_at > LONGEST_START_S
            return Said("never_reported") if late else None
        if now - self.report_changed_at > limit_s:
            return Said("not_reporting", s=now - self.report_changed_at)
        if self.report.end > self.report.position and now - self.moved_at > limit_s:
            return Said("standing", position=self.report.position, end=self.report.end, s=now - self.moved_at)
        return None


def backoff_s(failures: int) -> float:
    """The wait before the next start, after so many failures in a row before this one."""
    return float(min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(failures, 10)))


def read_report(path: Path) -> Report | None:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Report(float(raw["wall"]), int(raw["position"]), int(raw["end"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def cpu_s_of(pid: int) -> float:
    """Processor time that a process has taken, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


@dataclass
class Child:
    spec: ChildSpec
    process: Popen[bytes] | None = None
    watch: Watch | None = None
    failures: int = 0
    restarts: int = 0
    started_at: float = 0.0
    start_due_at: float | None = None
    last_exit: int | None = None
    is_over: bool = False  # ended, and not started again


Errand = tuple[Callable[[], None], threading.Event, list[BaseException]]


class Supervisor:
    """`add` children, `stop` them all. Events go to `logs/supervisor.log`, in English, and
    what a person should know to `on_event(name, text)`, in their language."""

    def __init__(
        self,
        state_dir: Path,
        cwd: Path,
        env: Mapping[str, str],
        on_event: Callable[[str, str], None] | None = None,
    ) -> None:
        self.state_dir, self.cwd, self.env = state_dir, cwd, dict(env)
        self._on_event = on_event
        self._children: dict[str, Child] = {}
        self._lock = threading.RLock()
        self._work: queue.SimpleQueue[Errand] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._stopped = False
        (state_dir / "logs").mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    # --- what others call -----------------------------------------------------------------------------------------

    def add(self, *specs: ChildSpec) -> None:
        """Start the children; returns when they are started (not when they are ready)."""
        if self._stopping.is_set():
            raise RuntimeError("the supervisor has ended its children; it starts no more")

        def start() -> None:
            for spec in specs:
                with self._lock:
                    child = self._children[spec.name] = Child(spec)
                self._start(child)

        self._in_thread(start)

    def stop(self, total_s: float = 9.5) -> None:
        """End all, lower ranks first: asked to end, then killed with everything in their groups."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._work.put((lambda: self._stop_all(total_s), threading.Event(), []))
        self._thread.join(timeout=total_s + 5)

    @property
    def pids(self) -> dict[str, int]:
        """The processes that live now."""
        with self._lock:
            return {
                name: child.process.pid
                for name, child in self._children.items()
                if child.process is not None and child.process.poll() is None
            }

    @property
    def names(self) -> list[str]:
        with self._lock:
            return list(self._children)

    def restarts(self, name: str) -> int:
        with self._lock:
            return self._children[name].restarts

    def last_exit(self, name: str) -> int | None:
        """The exit code of the last process of this name that ended (negative: the signal)."""
        with self._lock:
            return self._children[name].last_exit

    def ended(self, name: str) -> bool:
        """True when it ended and will not be started again."""
        with self._lock:
            return self._children[name].is_over

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to the child itself (not to its group); returns the process id. LookupError when it is down."""
        with self._lock:
            process = self._children[name].process
            if process is None or process.poll() is not None:
                raise LookupError(f"{name} is not running")
            os.kill(process.pid, number)
            return process.pid

    # --- the thread -----------------------------------------------------------------------------------------------

    def _in_thread(self, work: Callable[[], None]) -> None:
        done, errors = threading.Event(), list[BaseException]()
        self._work.put((work, done, errors))
        done.wait()
        if errors:
            raise errors[0]

    def _run(self) -> None:
        while True:
            try:
                work, done, errors = self._work.get(timeout=TICK_S)
            except queue.Empty:
                if not self._stopping.is_set():
                    self._watch_all()
                continue
            try:
                work()
            except BaseException as error:  # handed to the caller
                errors.append(error)
            done.set()
            if self._stopped:
                return

    def _watch_all(self) -> None:
        now = time.monotonic()
        with self._lock:
            children = list(self._children.values())
        for child in children:
            try:
                self._watch_one(child, now)
            except OSError as error:  # no process or file to be had now: the next tick tries again
                self._say(child, Said("child_unwatched", why=error.strerror))
                child.start_due_at = now + LONGEST_BACKOFF_S

    def _watch_one(self, child: Child, now: float) -> None:
        if child.process is not None and child.process.poll() is not None:
            self._note_end(child, child.process, now)
        if child.process is None:
            if child.start_due_at is not None and now >= child.start_due_at:
                child.restarts += 1
                self._start(child)
            return
        if child.failures and now - child.started_at > HEALTHY_S:
            child.failures = 0
        if child.watch is not None and child.spec.progress is not None:
            child.watch.see(read_report(self._progress_file(child.spec.progress)), now)
            if child.watch.report is None and now - child.started_at > FIRST_REPORT_S / 2:
                child.watch.see_work(cpu_s_of(child.process.pid), now)
            complaint = child.watch.complaint(now, child.spec.stuck_s)
            if complaint:
                self._say(child, Said("child_stuck", why=complaint))
                child.watch = None  # said once; its end is noted in one of the next ticks
                signal_group(child.process, signal.SIGKILL)

    def _note_end(self, child: Child, process: Popen[bytes], now: float) -> None:
        signal_group(process, signal.SIGKILL)  # what it left behind
        with self._lock:
            child.process, child.last_exit = None, process.returncode
        how = how_it_ended(process.returncode)
        again = child.spec.restart is Restart.ALWAYS or (
            child.spec.restart is Restart.ON_FAILURE and process.returncode != 0
        )
        if not again:
            self._say(child, Said("child_ended", how=how))
            child.is_over = True
            return
        if now - child.started_at > HEALTHY_S:
            child.failures = 0
        if child.spec.give_up_after is not None and child.failures + 1 >= child.spec.give_up_after:
            self._say(child, Said("child_given_up", how=how))
            child.is_over = True
            return
        wait_s = backoff_s(child.failures)
        child.failures += 1
        child.start_due_at = now + wait_s
        self._say(child, Said("child_died", how=how, s=wait_s))

    def _start(self, child: Child) -> None:
        now = time.monotonic()
        spec = child.spec
        child.start_due_at = None
        stale = read_report(self._progress_file(spec.progress)) if spec.progress else None
        process = spawn(
            spec.command,
            cwd=self.cwd,
            env={**self.env, **spec.env},
            log=self.state_dir / "logs" / f"{spec.name}.log",
            executable=spec.executable,
        )
        with self._lock:
            child.process, child.started_at = process, now
            child.watch = Watch(started_at=now, stale=stale)
        if spec.is_store and child.restarts:
            for other in self._children.values():
                if other.watch is not None:
                    other.watch.excuse(now + STORE_BACK_S)
        self._say(child, Said("child_started", pid=process.pid))

    def _stop_all(self, total_s: float) -> None:
        self._stopped = True
        end = time.monotonic() + total_s
        with self._lock:
            children = list(self._children.values())
        for child in children:
            child.start_due_at = None
        for rank in sorted({child.spec.stop_rank for child in children}):
            group = [child for child in children if child.spec.stop_rank == rank and child.process is not None]
            for child in group:
                if child.process is not None:
                    signal_one(child.process, signal.SIGTERM)
                    signal_one(child.process, signal.SIGCONT)  # one that a test had stopped could not end
            rank_end = min(end, time.monotonic() + max((child.spec.stop_s for child in group), default=0.0))
            while time.monotonic() < rank_end and any(c.process and c.process.poll() is None for c in group):
                time.sleep(0.02)
            for child in group:
                self._finish(child)

    def _finish(self, child: Child) -> None:
        process = child.process
        if process is None:
            return
        in_time = process.poll() is not None
        signal_group(process, signal.SIGKILL)
        process.wait()
        for _ in range(100):  # what was left in the group is reaped by init
            if group_is_gone(process):
                break
            time.sleep(0.01)
        with self._lock:
            child.process, child.last_exit = None, process.returncode
        self._say(child, Said("child_ended", how=how_it_ended(process.returncode)) if in_time else Said("child_late"))

    def _progress_file(self, name: str) -> Path:
        return self.state_dir / "progress" / f"{name}.json"

    def _say(self, child: Child, said: Said) -> None:
        line = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {child.spec.name} {said.in_language('en')}\n"
        with (self.state_dir / "logs" / "supervisor.log").open("a", encoding="utf-8") as log:
            log.write(line)
        if self._on_event is not None and said.key not in AS_IT_SHOULD:
            self._on_event(child.spec.name, str(said))
