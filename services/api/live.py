"""The live board over SSE: one Redis reader for the process, each frame encoded once, many listeners.

A client gets a snapshot, then frames; `Last-Event-ID` resumes from the Redis stream. Ids carry a mark that is new
whenever Redis was emptied: an id of another life is answered with a snapshot. A client that is too slow for its queue
loses the queue and gets a snapshot. A caller who sees a part only gets that part. No names: ids and codes only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.api.board import BoardReader, Snapshot, geo_key
from services.api.callers import Caller
from services.api.clock import ClockView, DoorClock
from services.api.limits import Metrics
from services.api.scopes import View
from streams.adapters import board_keys as keys
from streams.adapters.end_tasks import end_tasks

log = logging.getLogger(__name__)

PING_EVERY_S = 5.0
QUEUE_LIMIT = 256  # frames; at 50 changes a second a client may sleep for five seconds
RESUME_LIMIT = 1000  # more missed frames than this cost more than a snapshot
BLOCK_MS = 1000
POSITIONS_EVERY_S = 1.0
CALLERS_EVERY_S = 2.0
RETRY_S = 0.3
MARK_KEY = "dolbom:live:mark"


class Client:
    """One open page. `wants_snapshot` is set at first, when it was too slow, and when Redis was emptied. `view`: of a
    caller who sees a part of the district only."""

    def __init__(self, district: str, caller: Caller | None = None) -> None:
        self.district = district
        self.caller = caller
        self.view = View(caller) if caller is not None and not caller.scope.is_whole_districts else None
        self.refused = False  # its session or key counts no more
        self.wants_snapshot = True
        self._told = 0  # a snapshot or a resumed line may be ahead of what the reader has read
        self._queue: deque[tuple[int, bytes]] = deque()
        self._wake = asyncio.Event()

    def put(self, number: int, event: bytes) -> bool:
        """Queue an event; `number` 0 has no place in the stream. False when the client was too slow for it."""
        if number and number <= self._told:
            return True
        self._wake.set()
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.clear()
            self.wants_snapshot = True
            return False
        self._queue.append((number, event))
        return True

    def ask_snapshot(self) -> None:
        """Another life of Redis, perhaps of the log: numbers begin anew."""
        self.wants_snapshot = True
        self._told = 0
        self._queue.clear()
        self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    def skip_to(self, number: int) -> None:
        """Frames up to `number` are told already."""
        self._queue = deque(item for item in self._queue if item[0] == 0 or item[0] > number)
        self._told = number
        self.wants_snapshot = False

    def drain(self) -> bytes:
        events = [event for _, event in self._queue]
        self._queue.clear()
        if self.view is not None:
            events = [_narrowed(self.view, event) for event in events]
            if self.view.lost:
                self.wants_snapshot = True
        return b"".join(events)

    async def wait(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(timeout_s, 0.001)):
                await self._wake.wait()
        self._wake.clear()


class LiveHub:
    """Follows all districts' streams with one blocking read. `on_frames` hears that the board moved."""

    def __init__(self, redis: Redis, blocking: Redis, board: BoardReader, clock: DoorClock, metrics: Metrics) -> None:
        self._redis: Any = redis
        self._blocking: Any = blocking
        self._board = board
        self._clock = clock
        self._metrics = metrics
        self._clients: set[Client] = set()
        self._last: dict[str, bytes] = {}
        self._mark = b""
        self._geo: dict[str, dict[bytes, bytes]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.ended = False
        self.on_frames: Callable[[], None] = lambda: None
        self.find_valid: Callable[[set[str]], Awaitable[set[str]]] = _all_valid
        clock.on_change = self._clock_changed

    async def start(self) -> None:
        work = (self._follow, self._follow_positions, self._follow_callers)
        self._tasks = [asyncio.create_task(one()) for one in work]

    def end(self) -> None:
        """Let every client go; the process ends."""
        self.ended = True
        for client in self._clients:
            client.wake()

    async def stop(self) -> None:
        self.end()
        await end_tasks(self._tasks)

    # A client's side ---------------------------------------------------------------------------------------------------

    async def stream(self, district: str, last_event_id: str, caller: Caller | None = None) -> AsyncIterator[bytes]:
        """The SSE bytes of one client, until it leaves, its caller counts no more, or the process ends."""
        loop = asyncio.get_running_loop()
        client = Client(district, caller)
        self._clients.add(client)  # first listen, then look: what comes in between is in the queue
        self._metrics.live_clients.inc()
        try:
            yield b"retry: 1000\n\n" + self._ping()
            ping_at = loop.time() + PING_EVERY_S
            missed = await self._resume(client, last_event_id) if client.view is None else b""
            if missed:
                yield missed
            while not self.ended and not client.refused:
                if client.wants_snapshot and (snapshot := await self._find_snapshot(district)) is not None:
                    client.skip_to(snapshot.position)
                    if client.view is not None:
                        snapshot = _narrowed_snapshot(client.view, snapshot)
                    yield self._snapshot_event(snapshot)
                if not client.wants_snapshot and (events := client.drain()):
                    yield events
                if loop.time() >= ping_at:
                    yield self._ping()
                    ping_at = loop.time() + PING_EVERY_S
                await client.wait(min(ping_at - loop.time(), RETRY_S if client.wants_snapshot else PING_EVERY_S))
        finally:
            self._clients.discard(client)
            self._metrics.live_clients.dec()

    async def _resume(self, client: Client, last_event_id: str) -> bytes:
        """Frames after `last_event_id`, if the stream still has them all; else the client wants a snapshot."""
        stream_id, _, mark = last_event_id.partition(".")
        number = _number(stream_id.encode())
        if not number or mark.encode() != self._mark:
            return b""
        live = keys.live_key(client.district)
        with contextlib.suppress(RedisError, OSError):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xrange(live, count=1)
                pipe.xrevrange(live, count=1)
                pipe.xrange(live, min=f"({number}-0", count=RESUME_LIMIT)
                pipe.hget(keys.board_key(client.district), keys.POSITION)
                first, last, missed, position = await pipe.execute()
            if position is None or not first or _number(first[0][0]) > number or len(missed) == RESUME_LIMIT:
                return b""
            if _number(last[0][0]) < number and not self._is_position(position, number):
                return b""
            client.skip_to(_number(missed[-1][0]) if missed else number)
            return b"".join(self._frame_event(id_, fields) for id_, fields in missed)
        return b""

    @staticmethod
    def _is_position(raw: bytes, number: int) -> bool:
        # A snapshot's id is the board's position, which moves on without frames.
        return int(msgspec.json.decode(raw)["next_journal_offset"]) >= number

    async def _find_snapshot(self, district: str) -> Snapshot | None:
        try:
            return await self._board.find_snapshot(district)
        except (RedisError, OSError):
            return None

    # Events ------------------------------------------------------------------------------------------------------------

    def _frame_event(self, stream_id: bytes, fields: dict[bytes, bytes]) -> bytes:
        return b"event: board\nid: %b.%b\ndata: %b\n\n" % (stream_id, self._mark, fields.get(b"frame", b"{}"))

    def _snapshot_event(self, snapshot: Snapshot) -> bytes:
        def rows(prefix: bytes) -> bytes:
            return b"[" + b",".join(snapshot.rows(prefix)) + b"]"

        view = self._clock.view()
        parts = {
            b"now_at": msgspec.json.encode(view.now_at),
            b"id": b'"%d-0"' % snapshot.position,
            b"district": msgspec.json.encode(snapshot.district),
            b"visits": rows(b"v:"),
            b"workers": rows(b"w:"),
            b"exceptions": rows(b"x:"),
            b"offers": rows(b"o:"),
            b"unmet_needs": rows(b"n:"),
            b"counters": snapshot.field(keys.COUNTERS) or b"null",
            b"ledger": snapshot.field(keys.LEDGER) or b"null",
            b"positions": _json_object(snapshot.positions),
            b"clock": msgspec.json.encode(view),
        }
        data = b"{" + b",".join(b'"%b":%b' % part for part in parts.items()) + b"}"
        return b"event: snapshot\nid: %d-0.%b\ndata: %b\n\n" % (snapshot.position, self._mark, data)

    def _ping(self) -> bytes:
        return b": still here\nevent: ping\ndata: " + msgspec.json.encode(self._clock.view()) + b"\n\n"

    def _clock_changed(self, view: ClockView) -> None:
        self._tell(None, 0, b"event: clock\ndata: " + msgspec.json.encode(view) + b"\n\n")

    def _tell(self, district: str | None, number: int, event: bytes) -> None:
        for client in self._clients:
            if (district is None or client.district == district) and not client.put(number, event):
                self._metrics.live_lagging.inc()

    # Redis' side -------------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                if not self._mark:
                    await self._begin()
                await self._read()
            except (RedisError, OSError) as error:
                log.warning("redis is away (%s): the live board waits", type(error).__name__)
                await asyncio.sleep(RETRY_S)
            except Exception as error:  # a frame we cannot read must not end the live board for everybody
                log.error("the live reader failed: %s", type(error).__name__)
                self._mark = b""
                await asyncio.sleep(RETRY_S)

    async def _begin(self) -> None:
        """Find (or leave) the mark of this Redis life, and where the streams end; every client needs a snapshot."""
        await self._redis.set(MARK_KEY, secrets.token_hex(4), nx=True)
        mark = await self._redis.get(MARK_KEY)
        for district in self._board.districts:
            last = await self._redis.xrevrange(keys.live_key(district), count=1)
            self._last[district] = last[0][0] if last else b"0-0"
        self._mark = mark or b""
        for client in self._clients:
            client.ask_snapshot()

    async def _read(self) -> None:
        streams = {keys.live_key(district): last for district, last in self._last.items()}
        answer = await self._blocking.xread(streams, count=200, block=BLOCK_MS)
        if await self._redis.get(MARK_KEY) != self._mark:
            self._mark = b""  # Redis was emptied (or is another one): what was just read belongs to the new life
            return
        for key, entries in answer or ():
            district = key.decode().rpartition(":")[2]
            for stream_id, fields in entries:
                self._tell(district, _number(stream_id), self._frame_event(stream_id, fields))
                self._last[district] = stream_id
                self._metrics.live_frames.inc()
        if answer:
            self.on_frames()

    async def _follow_callers(self) -> None:
        """A session or key that was revoked loses its open lines too, within seconds."""
        while True:
            await asyncio.sleep(CALLERS_EVERY_S)
            proofs = {client.caller.proof for client in self._clients if client.caller is not None and client.caller.proof}
            if not proofs:
                continue
            try:
                valid = await self.find_valid(proofs)
            except Exception as error:  # the registry is away: lines that are open stay open until it says no
                log.warning("open lines were not checked (%s)", type(error).__name__)
                continue
            for client in self._clients:
                if client.caller is not None and client.caller.proof and client.caller.proof not in valid:
                    client.refused = True
                    client.wake()

    async def _follow_positions(self) -> None:
        """Many positions, one event a second with those that changed."""
        while True:
            await asyncio.sleep(POSITIONS_EVERY_S)
            for district in {client.district for client in self._clients}:
                with contextlib.suppress(RedisError, OSError):
                    now = await self._redis.hgetall(geo_key(district))
                    before = self._geo.get(district, {})
                    changed = {worker: place for worker, place in now.items() if before.get(worker) != place}
                    self._geo[district] = now
                    if changed:
                        self._tell(district, 0, b"event: positions\ndata: " + _json_object(changed) + b"\n\n")


async def _all_valid(proofs: set[str]) -> set[str]:
    return proofs


def _narrowed(view: View, event: bytes) -> bytes:
    """What of an event is in scope, b"" when nothing is."""
    kind, _, rest = event.partition(b"\n")
    if kind == b"event: board":
        id_line, _, data = rest.partition(b"\n")
        frame = view.narrow(data.removeprefix(b"data: ").rstrip())
        return b"" if frame is None else b"%b\n%b\ndata: %b\n\n" % (kind, id_line, frame)
    if kind == b"event: positions":
        found = msgspec.json.decode(rest.removeprefix(b"data: "), type=dict[str, msgspec.Raw])
        seen = {worker: place for worker, place in found.items() if view.sees_worker(worker)}
        return b"%b\ndata: %b\n\n" % (kind, msgspec.json.encode(seen)) if seen else b""
    return event if kind == b"event: clock" else b""


def _narrowed_snapshot(view: View, snapshot: Snapshot) -> Snapshot:
    fields = view.take(snapshot.fields)
    positions = {worker: place for worker, place in snapshot.positions.items() if view.sees_worker(worker.decode())}
    return replace(snapshot, fields=fields, positions=positions)


def _number(stream_id: bytes) -> int:
    """The first part of a stream id; 0 for what is none."""
    text = stream_id.partition(b"-")[0]
    return int(text) if text.isdigit() and len(text) < 19 else 0


def _json_object(raw: dict[bytes, bytes]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(k.decode()) + b":" + v for k, v in sorted(raw.items())) + b"}"
