"""The API as a process of its own on the real broker and Redis, and a listener to its live line."""

from __future__ import annotations

import json
import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis

from deploy.local.ports import free_ports
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import Counters, VisitRow
from streams.contracts.district import Place
from tests.stack import Stores, Worker, wait_until
from tests.unit.api.test_doors import T0

DISTRICT = "11440"


@dataclass
class ApiProcess:
    """`http` has the token. `redis` is for tests that play the board's projection."""

    stores: Stores
    folder: Path
    worker: Worker
    http: httpx.Client
    redis: redis.Redis

    def listen(self, last_event_id: str = "", district: str = DISTRICT) -> Listener:
        return Listener(self.http, district, last_event_id)

    def metric(self, name: str) -> float:
        for line in self.http.get("/metrics").text.splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return 0.0

    def draw(self, position: int, *rows: VisitRow, frame: bool = True) -> None:
        """What the board's projection writes in one transaction."""
        fields: dict[str, bytes] = {keys.visit_field(row.visit_id): codec.encode(row) for row in rows}
        fields[keys.POSITION] = json.dumps({"next_journal_offset": position, "digest": "d"}).encode()
        counters = Counters(visits=len(rows), by_state={}, by_class={}, by_area={}, open_exceptions=0)
        fields[keys.COUNTERS] = codec.encode(counters)
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(keys.board_key(DISTRICT), mapping=fields)  # type: ignore[arg-type]
            if frame:
                raw = codec.encode({"id": f"{position}-0", "visits": rows})
                pipe.xadd(keys.live_key(DISTRICT), {"frame": raw}, id=f"{position}-0")
            pipe.execute()

    def end(self) -> None:
        self.http.close()
        self.worker.end()


def start_api(stores: Stores, folder: Path, module: str = "services.api", **changes: str) -> ApiProcess:
    port = free_ports().api
    worker = stores.worker("api", folder, module=module, api_port=str(port), **{"webhook_allow": "127.0.0.1", **changes})
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(url), "the API answers")
    token = (folder / "token").read_text().strip()
    client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return ApiProcess(stores, folder, worker, client, redis.Redis.from_url(stores.stack.redis_url))


def is_up(process: ApiProcess) -> bool:
    return _answers(str(process.http.base_url))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url.rstrip('/')}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Event:
    name: str
    id: str
    data: Any


class Listener:
    """An SSE client in a thread; `next(...)` gives events in the order they came, pings and clocks left out."""

    def __init__(self, http: httpx.Client, district: str, last_event_id: str) -> None:
        self._http = http
        self._events: queue.Queue[Event] = queue.Queue()
        self._ended = threading.Event()
        self._district = district
        self._last = last_event_id
        self.pings = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def next(self, name: str, timeout_s: float = 30.0) -> Event:
        """The next event, which must be of this name."""
        event = self._events.get(timeout=timeout_s)
        assert event.name == name, f"{event.name} came instead of {name}"
        return event

    def is_silent(self) -> bool:
        return self._events.empty()

    def leave(self) -> None:
        """Go at the next line, at a ping at the latest."""
        self._ended.set()

    def stop(self) -> None:
        self.leave()
        self._thread.join(15)

    def _run(self) -> None:
        headers = {"Last-Event-ID": self._last} if self._last else {}
        path = f"/v1/live?district={self._district}"
        try:
            with self._http.stream("GET", path, headers=headers, timeout=httpx.Timeout(5, read=30)) as response:
                assert "content-encoding" not in response.headers
                event = Event("", "", None)
                for line in response.iter_lines():
                    if self._ended.is_set():
                        return
                    name, _, value = line.partition(": ")
                    if name == "event":
                        event.name = value
                    elif name == "id":
                        event.id = value
                    elif name == "data":
                        event.data = json.loads(value)
                    elif line == "" and event.name:
                        self._take(event)
                        event = Event("", "", None)
        except httpx.TransportError:
            return

    def _take(self, event: Event) -> None:
        if event.name == "ping":
            self.pings += 1
        elif event.name != "clock":
            self._events.put(event)


def visit_row(number: int, **changes: Any) -> VisitRow:
    """Visit v-<number>, due `number` minutes after the day's start."""
    at = T0.replace(hour=number // 60 % 24, minute=number % 60)
    values: dict[str, Any] = {
        "visit_id": f"v-{number:04}", "reference": f"ref-{number}", "recipient_id": f"R-{number}", "service": "check_in",
        "meal_kind": "", "dong": "1144066000", "area_id": "MP-A", "place": Place(126.9, 37.5), "state": "waiting",
        "ledger_class": "open", "priority": 2, "window_start_at": at, "window_end_at": at, "due_at": at,
        "expected_at": None, "done_at": None, "late_min": 0, "worker_ids": (), "organisation": "", "requested_by": "operator",
        "kitchen_id": "", "rung": 0, "helped_from": "", "reason": "", "owner": "", "pinned_id": "", "version": 1,
        "changed_at": at,
    }  # fmt: skip
    return VisitRow(**(values | changes))


def until(deadline_s: float = 30.0) -> Any:
    """Iterate until the time is over, a little apart."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
