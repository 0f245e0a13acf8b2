"""What a day may suffer: kill -9 of anything, a worker that sleeps past its session, an emptied Redis; and the traffic that
makes sure something is in flight when it happens."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psutil
import redis

from deploy.local.stack import CHECKOUT, Stack
from services.sample_day.day import Day
from services.sample_day.people_outside import filed_body
from streams import topics
from streams.adapters.kafka_log import end_offsets
from tests.stack import Tell, wait_until

PROCESSES = (
    "broker", "redis", "desk", "dispatcher", "board", "outbox", "messenger", "solver_pool", "api", "world",
)  # fmt: skip
FAULTS = (*PROCESSES, "clock_keeper", "solver process", "zombie dispatcher", "zombie desk", "emptied redis")

SENDERS = 6
LONG_S = 240.0  # how long the machine may take for anything


@dataclass
class Mischief:
    """Does one fault after the other to a running day."""

    stack: Stack
    day: Day
    dice: random.Random
    tell: Tell
    partition: int = 0

    def do(self, fault: str) -> None:
        """One fault, with requests on their way; returns when who was hurt runs again."""
        with self.repeats():
            time.sleep(self.dice.uniform(0.05, 0.3))
            self._note(fault)
            after = self._strike(fault)
        after()

    def strike_alone(self, fault: str) -> None:
        """One fault with nothing on its way but what the day itself sends."""
        self._note(fault)
        self._strike(fault)()

    def _strike(self, fault: str) -> Callable[[], object]:
        """Hurt it; returns what has to be waited for when the traffic is over."""
        stack = self.stack
        if fault == "emptied redis":
            redis.Redis.from_url(stack.redis_url).flushall()
            return lambda: None
        if fault == "solver process":
            children = psutil.Process(stack.pids["solver_pool"]).children()
            busiest = max(children, key=lambda child: sum(child.cpu_times()[:2]))
            busiest.kill()
            return lambda: None
        if fault.startswith("zombie "):
            self._zombie(fault.removeprefix("zombie "))
            return lambda: None
        wait_until(lambda: fault in stack.pids or stack.supervisor.ended(fault), f"{fault} runs", LONG_S)
        old = stack.kill(fault)
        return lambda: stack.wait_restarted(fault, old, LONG_S)

    def _zombie(self, name: str) -> None:
        """Stopped until an heir has its partitions and works; then it goes on as if nothing had been."""
        target = topics.DECISIONS if name == "dispatcher" else topics.JOURNAL
        old = self.stack.kill(name, signal.SIGSTOP)
        log = self.stack.state_dir / "logs" / f"{name}-heir.log"
        with log.open("ab") as out:
            heir = subprocess.Popen(
                [sys.executable, "-m", "streams.agents.worker", name], cwd=CHECKOUT, env=self.stack.env, stdout=out, stderr=out
            )
        try:
            frozen_at = self.end_of(target)
            wait_until(lambda: self.end_of(target) > frozen_at + 5, f"the heir of {name} works", LONG_S)
            self.say(f"  the heir of {name} is at {target} {self.end_of(target)} (stopped at {frozen_at})")
            with suppress(psutil.NoSuchProcess):  # a sleeper may be found out and replaced meanwhile
                psutil.Process(old).send_signal(signal.SIGCONT)
            woken_at = self.end_of(target)
            wait_until(lambda: self.end_of(target) > woken_at + 5, f"{name} and its heir work", LONG_S)
        finally:
            heir.kill()
            heir.wait()

    # --- traffic ---

    @contextmanager
    def repeats(self) -> Iterator[None]:
        """While it is open, every visit filed so far is filed again, the same words by the same people: known to the
        system, so nothing may come of it, and enough to have something on its way at every hop."""
        enough = threading.Event()
        forms = self._filed_so_far()
        threads = [
            threading.Thread(target=self._send, args=(forms[number::SENDERS], enough), daemon=True)
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            enough.set()
            for thread in threads:
                thread.join(timeout=LONG_S)

    def _filed_so_far(self) -> list[dict[str, Any]]:
        known: set[str] = set()

        def look() -> bool:
            with suppress(httpx.HTTPError, KeyError), self._http() as http:
                items = http.get("/v1/visits", params={"district": self.day.config.district, "limit": 500}).json()["items"]
                known.update(item["reference"] for item in items)
            return bool(known)

        wait_until(look, "a visit on the board", LONG_S)
        return [filed_body(visit) for visit in self.day.visits if visit.body["reference"] in known]

    def _send(self, forms: list[dict[str, Any]], enough: threading.Event) -> None:
        pause_s = 0.02
        with self._http() as http:
            while forms and not enough.is_set():
                for form in forms:
                    if enough.is_set():
                        break
                    with suppress(httpx.HTTPError):
                        actor = {"X-Dolbom-Actor": f"care_manager:{form['dong']}", "Idempotency-Key": form["reference"]}
                        http.post("/v1/visits", json=form, headers=actor)
                    time.sleep(pause_s)
                pause_s = min(0.3, 2 * pause_s)  # a fault that takes long needs no flood

    def _http(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.stack.api_url, headers={"Authorization": f"Bearer {self.stack.token}"}, timeout=10.0
        )

    # --- where things stand ---

    def now(self) -> datetime | None:
        """The service clock; None when nobody tells it."""
        try:
            with self._http() as http:
                return datetime.fromisoformat(http.get("/v1/clock").json()["now_at"])
        except (httpx.HTTPError, KeyError, ValueError):
            return None

    def wait_for(self, at: datetime) -> None:
        """Until the service clock shows `at`, or the day is over."""
        wait_until(
            lambda: self.stack.supervisor.ended("world") or ((now := self.now()) is not None and now >= at),
            f"{at} by the service clock", 900.0,
        )  # fmt: skip

    def make_room(self, until: datetime, needed_s: float, fastest: float) -> None:
        """The clock as fast as it may be with `needed_s` real seconds still to come before `until`: a busy machine takes longer
        over its faults."""

        def said() -> bool:
            if (now := self.now()) is None:
                return False
            room_s = (until - now).total_seconds()
            speed = fastest if room_s >= fastest * needed_s or not needed_s else max(1.0, room_s / needed_s)
            return self._tell_clock(speed=speed)

        wait_until(said, "the clock is told its speed", LONG_S)

    def stop_clock(self) -> None:
        """No deadline falls due any more."""
        wait_until(lambda: self._tell_clock(paused=True), "the clock stands", LONG_S)

    def _tell_clock(self, **wish: object) -> bool:
        with suppress(httpx.HTTPError), self._http() as http:
            return http.post("/v1/clock", json=wish).is_success
        return False

    def end_of(self, topic: str) -> int:
        return asyncio.run(end_offsets(self.stack.bootstrap, [(topic, self.partition)]))[topic, self.partition]

    def _note(self, fault: str) -> None:
        parts = [(topic, self.partition) for topic in (*topics.INBOXES, topics.JOURNAL, topics.DECISIONS)]
        ends = {topic: end for (topic, _), end in asyncio.run(end_offsets(self.stack.bootstrap, parts)).items()}
        inboxes = sum(ends[topic] for topic in topics.INBOXES)
        self.say(
            f"{fault}: inboxes {inboxes}, journal {ends[topics.JOURNAL]}, decisions {ends[topics.DECISIONS]} "
            f"({', '.join(f'{topic} {ends[topic]}' for topic in topics.INBOXES if ends[topic])})"
        )

    def say(self, text: str) -> None:
        print(text, flush=True)
        self.tell(text)
