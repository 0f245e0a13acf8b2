"""From `POST /v1/visits` to the browser's SSE frame, against bare aiokafka chains."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import count, cycle, pairwise
from pathlib import Path
from typing import Any

import httpx
import msgspec
import redis.asyncio as redis
from aiokafka import AIOKafkaProducer

from deploy.local.stack import Stack
from services.sample_day.day import Day
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from tests.benchmark.chains import (
    BURNER_WARM_S,
    Lost,
    Seen,
    Watch,
    decisions_name,
    envelope_name,
    journal_name,
    make_topics,
    processes,
    relays,
    send_paced,
    spread_ms,
    until_seen,
    watching,
)  # fmt: skip
from tests.benchmark.districts import Filing, Size, busy_day, make_district
from tests.benchmark.figures import Section
from tests.benchmark.wire import Wire

BAR = 2.5
RATE = 50.0
TURN_S = 4.0
TURNS = 3
CONNECTIONS = 8  # kept alive; at 50 requests/s two or three are in use
HOPS = ["bench.0", "bench.1", "bench.2", "bench.3", "bench.4", "bench.5"]  # the request, four logs, the SSE line
LOGS_ONLY = "bench.3"  # where a chain of only our logs (inbox, journal, decisions, live stream) would end
MEASURED = ("API to inbox", "desk", "dispatcher", "board", "API to page")


class _Row(msgspec.Struct):
    visit_id: str


class _Frame(msgspec.Struct):
    visits: list[_Row] = []


_FRAME = msgspec.json.Decoder(_Frame)


class Page:
    """One page: reads /v1/live like a browser, and remembers when a visit was first in a frame."""

    def __init__(self) -> None:
        self.seen: Seen = {}
        self.ready = asyncio.Event()

    async def follow(self, client: httpx.AsyncClient, district: str) -> None:
        buffer = b""
        async with client.stream("GET", "/v1/live", params={"district": district}, timeout=None) as response:
            response.raise_for_status()
            async for part in response.aiter_raw():
                buffer += part
                *events, buffer = buffer.split(b"\n\n")
                now = time.perf_counter()
                for event in events:
                    kind, _, rest = event.partition(b"\n")
                    if kind == b"event: snapshot":
                        self.ready.set()
                    elif kind == b"event: board":
                        for row in _FRAME.decode(rest.partition(b"data: ")[2]).visits:
                            self.seen.setdefault(row.visit_id, now)


class Bench:
    def __init__(self, stack: Stack, day: Day, seed: int) -> None:
        self._district = day.config.district
        # a crisis programme's visits are refused until it is switched on
        self._bodies = cycle([visit.body for visit in day.visits if "programme" not in visit.body])
        self._numbers = count()
        self._filing = Filing(make_district(Size(2, 2), seed), seed)
        headers = {"Authorization": f"Bearer {stack.token}", "X-Dolbom-Actor": "operator"}
        self._http = httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=30)
        self._wire = Wire(stack.api_url, headers)
        self._redis: Any = redis.Redis.from_url(stack.redis_url)
        self.page = Page()
        self.inbox = [Watch(topic, envelope_name) for topic in sorted(topics.INBOXES) if topic.startswith("requests.")]
        self.journal, self.decisions = Watch(topics.JOURNAL, journal_name), Watch(topics.DECISIONS, decisions_name)
        self.frames: Seen = {}
        self.bare, self.logs_only = Watch(HOPS[-1], envelope_name), Watch(LOGS_ONLY, envelope_name)
        self.answers: list[float] = []
        self.parts: list[list[float]] = []
        self.totals: list[float] = []
        self.bare_s: list[float] = []
        self.logs_only_s: list[float] = []

    @property
    def watches(self) -> list[Watch]:
        return [*self.inbox, self.journal, self.decisions, self.bare, self.logs_only]

    async def begin(self, exits: AsyncExitStack) -> None:
        exits.push_async_callback(self._http.aclose)
        exits.push_async_callback(self._redis.aclose)
        exits.push_async_callback(self._wire.close)
        tasks = [
            asyncio.create_task(self.page.follow(self._http, self._district)), asyncio.create_task(self._follow_frames())
        ]  # fmt: skip
        exits.callback(lambda: [task.cancel() for task in tasks])
        async with asyncio.timeout(60):
            await self.page.ready.wait()

    async def _follow_frames(self) -> None:
        key, last = keys.live_key(self._district), b"$"
        while True:
            for _, entries in await self._redis.xread({key: last}, block=1000) or ():
                now = time.perf_counter()
                last = entries[-1][0]
                for _, fields in entries:
                    for row in _FRAME.decode(fields[b"frame"]).visits:
                        self.frames.setdefault(row.visit_id, now)

    async def file(self, seconds: float, keep: bool = True) -> None:
        """Visits at `RATE`, each its own request; then all are taken back, so that the plan stays of one size."""
        started: dict[str, tuple[float, float, str]] = {}

        async def one(request: bytes) -> None:
            begun = time.perf_counter()
            said = await self._wire.send(request)
            started[said["visit_id"]] = (begun, time.perf_counter(), said["command_id"])

        await self._wire.warm(CONNECTIONS)
        begun, tasks = time.perf_counter(), []
        for number in range(int(seconds * RATE)):
            request = self._wire.draw("/v1/visits", {**next(self._bodies), "reference": f"bench-{next(self._numbers)}"})
            await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(one(request)))
        await asyncio.gather(*tasks)
        end = time.perf_counter() + 60
        while not all(visit_id in self.page.seen and visit_id in self.frames for visit_id in started):
            if time.perf_counter() > end:
                raise Lost(f"{sum(v not in self.page.seen for v in started)} of {len(started)} visits never came to the page")
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        if keep:
            for visit_id, (began, answered, command_id) in started.items():
                inbox = min(watch.seen[command_id] for watch in self.inbox if command_id in watch.seen)
                times = [
                    began, inbox, self.journal.seen[command_id], self.decisions.seen[command_id], self.frames[visit_id],
                    self.page.seen[visit_id],
                ]  # fmt: skip
                self.parts.append([b - a for a, b in pairwise(times)])
                self.totals.append(times[-1] - began)
                self.answers.append(answered - began)
        for visit_id in started:
            await self._wire.send(self._wire.draw(f"/v1/visits/{visit_id}/cancel", {"reason": "office"}))

    async def send_bare(self, producer: AIOKafkaProducer, seconds: float, keep: bool = True) -> None:
        events = [(e.id, HOPS[0], codec.encode(e)) for e in (self._filing.visit() for _ in range(int(seconds * RATE)))]
        sent: Seen = {}
        await send_paced(producer, events, RATE, sent.__setitem__)
        names = [name for name, _, _ in events]
        await until_seen(self.bare, names)
        if keep:
            self.bare_s += [self.bare.seen[name] - sent[name] for name in names]
            self.logs_only_s += [self.logs_only.seen[name] - sent[name] for name in names]

    def clear(self) -> None:
        self.answers, self.parts, self.totals, self.bare_s, self.logs_only_s = [], [], [], [], []


def measure(seed: int, folder: Path) -> Section:
    section = Section(
        "live", "From POST /v1/visits to the page",
        f"The whole product but the simulated world, with the busy day's district and people; {RATE:.0f} visits a second filed over"
        " HTTP on kept-alive connections (each inserted into the plan), one page on /v1/live; measured from before the request"
        " until the SSE frame with the visit was read. That is six steps through five processes (the request, the inbox, the"
        " journal, the decisions, the live stream, the SSE line). The peer is a raw aiokafka chain of as many: five loops that"
        " consume and produce with acks=all, and a reader, fed in turns with ours; beside it its first part, as long as our four"
        " logs alone. Solver busy: one more process that solves without a pause.",
    )  # fmt: skip
    day = busy_day(seed)
    with Stack(folder / "live") as stack:
        from services.sample_day.load import load_day

        make_topics(stack.bootstrap, HOPS)
        headers = {"Authorization": f"Bearer {stack.token}"}
        httpx.post(f"{stack.api_url}/v1/clock", json={"start_at": day.start_at.isoformat()}, headers=headers).raise_for_status()
        time.sleep(1.0)
        load_day(day, stack.api_url, stack.token, stack.world_url)
        with processes(*relays(stack.bootstrap, HOPS)):
            asyncio.run(_run(section, stack, day, seed))
    return section


async def _run(section: Section, stack: Stack, day: Day, seed: int) -> None:
    async with AsyncExitStack() as exits:
        producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
        await producer.start()
        exits.push_async_callback(producer.stop)
        bench = Bench(stack, day, seed)
        await exits.enter_async_context(watching(stack.bootstrap, bench.watches))
        await bench.begin(exits)
        await bench.file(2.0, keep=False)
        await bench.send_bare(producer, 2.0, keep=False)
        for state in ("idle", "busy"):
            burners = [("tests.benchmark.burner",)] if state == "busy" else []
            with processes(*burners):
                await asyncio.sleep(BURNER_WARM_S if burners else 0)
                bench.clear()
                for _ in range(TURNS):
                    await bench.send_bare(producer, TURN_S)
                    await bench.file(TURN_S)
            _tell(section, bench, state)


def _tell(section: Section, bench: Bench, state: str) -> None:
    ours, bare, logs_only = spread_ms(bench.totals), spread_ms(bench.bare_s), spread_ms(bench.logs_only_s)
    for index, label in enumerate(("p50", "p95")):
        ratio = ours[index] / bare[index]
        section.add(
            f"POST to frame, solver {state}: {label}", f"{ratio:.2f}x ({ours[index]:.1f} ms / {bare[index]:.1f} ms)",
            f"<= {BAR}x" if index else "", ratio <= BAR if index else None,
        )  # fmt: skip
    section.add(
        f"against the part of our four logs alone, solver {state}: p50, p95",
        f"{ours[0] / logs_only[0]:.2f}x, {ours[1] / logs_only[1]:.2f}x (chain: {logs_only[0]:.1f}, {logs_only[1]:.1f} ms)",
    )
    answer = spread_ms(bench.answers)
    section.add(f"answer 202, solver {state}: p50, p95", f"{answer[0]:.1f}, {answer[1]:.1f} ms")
    total = sum(bench.totals)
    for number, name in enumerate(MEASURED):
        values = [parts[number] for parts in bench.parts]
        p50, p95 = spread_ms(values)
        section.add(f"share of {name}, solver {state}", f"{sum(values) / total:.0%} (p50 {p50:.1f}, p95 {p95:.1f} ms)")
