"""Signed reports at the API's door, against a bare FastAPI route that only produces to Kafka."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import uvloop

from deploy.local.ports import free_ports
from deploy.local.stack import Stack, process_list
from services.api.signatures import sign
from streams.adapters.registry import open_registry
from streams.contracts import codec
from tests.benchmark.chains import make_topics, processes, spread_ms
from tests.benchmark.figures import Section
from tests.benchmark.wire import Wire

DISTRICT, ORGANISATION = "11440", "coop-a"
TOPIC = "bench.bare"
RATE_BAR, RATIO_BAR = 800, 1.5
PACES = {200: 4.0, 800: 4.0}  # webhooks/s: seconds of one turn
TURNS = 3
CONNECTIONS = 64
FLOOD_S = 8.0
WARM_S = 3.0


class Side:
    """A door and what is sent to it; every request is drawn (and signed) before the clock runs."""

    def __init__(self, name: str, url: str, path: str, secret: str) -> None:
        self.name, self._path, self._secret = name, path, secret
        self._wire = Wire(url, {})
        self._url = url
        self._numbers = itertools.count()
        self.took: list[float] = []

    def draw(self, count: int) -> list[bytes]:
        now, drawn = int(time.time()), []
        for number in itertools.islice(self._numbers, count):
            report = {
                "report_id": f"{self.name}-{number}", "kind": "arrived", "occurred_at": "2026-11-03T02:00:00Z",
                "worker_id": f"rider-{number % 200}", "visit_ids": [f"v-{number:06}"],
            }  # fmt: skip
            raw = codec.encode({"type": "reports", "data": {"reports": [report]}})
            webhook_id = f"msg-{number}"
            head = (
                f"POST {self._path} HTTP/1.1\r\nHost: {self._url.partition('//')[2]}\r\nContent-Type: application/json\r\n"
                f"webhook-id: {webhook_id}\r\nwebhook-timestamp: {now}\r\n"
                f"webhook-signature: {sign(self._secret, webhook_id, now, raw)}\r\nContent-Length: {len(raw)}\r\n\r\n"
            )
            drawn.append(head.encode() + raw)
        return drawn

    async def paced(self, rate: int, duration_s: float) -> None:
        """Evenly, whatever the answers do; takes down how long each took from when it was due."""
        requests = self.draw(int(rate * duration_s))
        await self._wire.warm(CONNECTIONS)
        begun = time.perf_counter()
        tasks = []
        for number, request in enumerate(requests):
            due = begun + number / rate
            if (wait_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            tasks.append(asyncio.create_task(self._one(request, due)))
        await asyncio.gather(*tasks)

    async def flood(self, duration_s: float) -> float:
        """As fast as CONNECTIONS senders get answers; answers a second."""
        requests = iter(self.draw(int(8_000 * duration_s)))
        await self._wire.warm(CONNECTIONS)
        begun, done = time.perf_counter(), 0

        async def sender() -> None:
            nonlocal done
            while time.perf_counter() - begun < duration_s:
                await self._wire.send(next(requests))
                done += 1

        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))
        return done / (time.perf_counter() - begun)

    async def _one(self, request: bytes, due: float) -> None:
        await self._wire.send(request)
        self.took.append(time.perf_counter() - due)

    async def close(self) -> None:
        await self._wire.close()


def measure(seed: int, folder: Path) -> Section:
    section = Section(
        "intake", "Signed reports against a bare route",
        "One API process of the product (rate limits, signature, webhook-id looked up and remembered in the registry (SQLite),"
        " report read and typed, its district found, record in Kafka with acks=all, then 202), one report in each webhook; and a"
        " FastAPI route that does nothing but produce its body to Kafka with acks=all, served in the same way. One client on the"
        " same cores sends to both in turns, requests signed beforehand. Latency counts from when a request was due.",
    )  # fmt: skip
    specs = [spec for spec in process_list(lockstep=False) if spec.name == "api"]
    limits = {"DOLBOM_RATE_BY_KEY": "100000000", "DOLBOM_RATE_BY_ADDRESS": "100000000"}
    state = folder / "intake"
    port = free_ports().world
    with Stack(state, processes=specs, settings=limits) as stack:
        registry = open_registry("", state)
        secret = registry.set_endpoint(ORGANISATION, "http://127.0.0.1:9/hooks").secret_in
        registry.put_roster(DISTRICT, [ORGANISATION], {f"rider-{number}": ORGANISATION for number in range(200)}, {})
        registry.close()
        make_topics(stack.bootstrap, [TOPIC])
        with processes(("tests.benchmark.bare_route", stack.bootstrap, TOPIC, str(port))):
            uvloop.run(_run(section, stack.api_url, f"http://127.0.0.1:{port}", secret))
    return section


async def _run(section: Section, ours_url: str, bare_url: str, secret: str) -> None:
    ours = Side("ours", ours_url, f"/v1/webhooks/{ORGANISATION}", secret)
    bare = Side("bare", bare_url, "/reports", secret)
    sides = (bare, ours)
    await _until_up(bare_url)
    for side in sides:
        await side.paced(200, WARM_S)
    for rate, turn_s in PACES.items():
        for side in sides:
            side.took.clear()
        for _ in range(TURNS):
            for side in sides:
                await side.paced(rate, turn_s)
        for index, label in enumerate(("p50", "p95")):
            mine, theirs = spread_ms(ours.took)[index], spread_ms(bare.took)[index]
            barred: Any = (f"<= {RATIO_BAR}x", mine / theirs <= RATIO_BAR) if label == "p95" else ("", None)
            section.add(f"{rate} webhooks/s: {label}", f"{mine / theirs:.2f}x ({mine:.1f} ms / {theirs:.1f} ms)", *barred)
    rates = {side.name: await side.flood(FLOOD_S) for side in sides}
    section.at_least(f"signed reports, {CONNECTIONS} senders at once", rates["ours"], RATE_BAR, "/s")
    section.add("the bare route, as many senders", f"{rates['bare']:,.0f}/s")
    for side in sides:
        await side.close()


async def _until_up(url: str) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(600):
            with suppress(httpx.HTTPError):
                await http.get(f"{url}/openapi.json")
                return
            await asyncio.sleep(0.05)
