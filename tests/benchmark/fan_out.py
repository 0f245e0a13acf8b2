"""Webhooks to 50 endpoints of which five never answer."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from contextlib import suppress
from pathlib import Path

import httpx
import uvloop

from deploy.local.ports import free_ports
from streams.adapters.deliveries import DeliveryStore
from streams.adapters.positions import Position
from streams.adapters.registry import open_registry
from streams.adapters.targets import Targets
from streams.adapters.webhook_bodies import Outgoing
from streams.adapters.webhook_sender import WebhookSender
from streams.agents.worker import GC_THRESHOLDS
from streams.contracts import codec
from tests.benchmark.chains import processes, spread_ms
from tests.benchmark.figures import Section

WELL, HANGING = 45, 5
RATE = 1_000  # deliveries/s to those that answer; those that hang get their share on top
TURN_S, TURNS = 6.0, 3
TICK_S = 0.02
SLOWER_BAR = 1.1  # what runs differ by anyway
PATIENCE_S = 30.0


class FanOut:
    """The outbox's sender and its rows, as the product has them. Turns with and without those that hang."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        self._registry = open_registry("", folder)
        self._store = DeliveryStore(self._registry.engine)
        self._offsets = itertools.count()
        self._position: Position | None = None
        names = [*(f"well-{number}" for number in range(WELL)), *(f"hang-{number}" for number in range(HANGING))]
        for name in names:
            self._registry.set_endpoint(name, f"{url}/{'hook' if name.startswith('well') else 'hang'}/{name}")
        self.well, self.hanging = names[:WELL], names[WELL:]

    async def turn(self, with_hanging: bool) -> tuple[list[float], float]:
        """(seconds from being made to reaching its endpoint, of each delivery to those that answer; deliveries/s)."""
        sender = WebhookSender(self._registry, self._store, targets=Targets(("127.0.0.1",)))
        share = RATE // WELL
        made: dict[str, float] = {}
        begun, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) - begun < TURN_S:
            count = int((now - begun) * RATE) - sent
            whose = [self.well[(sent + number) % WELL] for number in range(count)]
            if with_hanging:
                whose += [self.hanging[number % HANGING] for number in range(count * HANGING * share // RATE)]
            sent += count
            webhooks = [self._one(organisation) for organisation in whose]
            made |= {one.effect_id: now for one in webhooks if one.organisation.startswith("well")}
            sender.add(await asyncio.to_thread(self._keep, webhooks))
            await asyncio.sleep(max(0.0, TICK_S - (time.perf_counter() - now)))
        seen = await self._until_seen(made)
        took = [seen[name] - at for name, at in made.items()]
        rate = len(made) / (max(seen[name] for name in made) - begun)
        await sender.close()
        return took, rate

    def _one(self, organisation: str) -> Outgoing:
        offset = next(self._offsets)
        visit_id = f"visit-{offset:08}"
        body = codec.encode(
            {
                "type": "visit.released", "timestamp": "2026-11-03T02:00:00Z",
                "data": {"visit_id": visit_id, "worker_id": "R01", "reason": "recipient_asked"},
            }
        )  # fmt: skip
        return Outgoing(
            effect_id=f"bench-{offset}-0", journal_offset=offset, index=0, district="11440", organisation=organisation,
            type="visit.released", body=body, keys=(visit_id,), visit_id=visit_id,
        )  # fmt: skip

    def _keep(self, webhooks: list[Outgoing]) -> list:  # type: ignore[type-arg]
        position = Position(webhooks[-1].journal_offset + 1 if webhooks else 0, "d")
        before, self._position = self._position, position if webhooks else self._position
        return self._store.store(0, before, position, webhooks, (), {}) if webhooks else []

    async def _until_seen(self, made: dict[str, float]) -> dict[str, float]:
        end = time.monotonic() + PATIENCE_S
        async with httpx.AsyncClient() as http:
            while True:
                seen: dict[str, float] = (await http.get(f"{self._url}/seen")).json()
                if made.keys() <= seen.keys():
                    return seen
                if time.monotonic() > end:
                    raise TimeoutError(f"{len(made.keys() - seen.keys())} of {len(made)} deliveries did not come")
                await asyncio.sleep(0.2)


def measure(seed: int, folder: Path) -> Section:
    section = Section(
        "fan_out", "Webhooks to many endpoints, some of which hang",
        f"The outbox's sender with its rows in the registry (SQLite): {RATE:,} webhooks/s evenly to {WELL} endpoints of one local"
        " sink, each signed, with a row before it goes and its attempt written down after. In every other turn"
        f" {HANGING} more endpoints get as much each and never answer. Time counts from when a webhook was made until its endpoint"
        " has it.",
    )  # fmt: skip
    port = free_ports().world
    url = f"http://127.0.0.1:{port}"
    with processes(("tests.benchmark.sink", str(port))):
        uvloop.run(_run(section, folder / "fan_out", url))
    return section


async def _run(section: Section, folder: Path, url: str) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(600):
            with suppress(httpx.HTTPError):
                await http.get(f"{url}/seen")
                break
            await asyncio.sleep(0.05)
    gc.set_threshold(*GC_THRESHOLDS)
    folder.mkdir()
    fan_out = FanOut(folder, url)
    took: dict[bool, list[float]] = {False: [], True: []}
    rates: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * TURNS):
        hanging = turn % 2 == 1
        some, rate = await fan_out.turn(hanging)
        took[hanging] += some
        rates[hanging].append(rate)
    rate = sorted(rates[True])[TURNS // 2]
    section.add(
        f"delivered to {WELL} endpoints while {HANGING} hang", f"{rate:,.0f}/s (offered {RATE:,}/s)", f">= {RATE:,}/s, less 2 %",
        rate >= 0.98 * RATE,
    )  # fmt: skip
    for index, label in enumerate(("p50", "p95")):
        with_, without = spread_ms(took[True])[index], spread_ms(took[False])[index]
        section.add(
            f"until the endpoint has it, {label}: with / without those that hang",
            f"{with_ / without:.2f}x ({with_:.1f} ms / {without:.1f} ms)", f"<= {SLOWER_BAR}x", with_ / without <= SLOWER_BAR,
        )  # fmt: skip
