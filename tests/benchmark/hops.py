"""The desk and the dispatcher, complete, against two raw aiokafka loops in the same places."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from aiokafka import AIOKafkaProducer

from deploy.local.stack import Stack, process_list
from streams import topics
from streams.adapters.service_clock import ClockSetting, ServiceClock
from streams.contracts import codec
from streams.contracts.envelope import Envelope
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
from tests.benchmark.districts import MORNING, Filing, Size, make_district
from tests.benchmark.figures import Section

BAR = 1.5
RATES = {20: 5.0, 200: 3.0}  # events/s: seconds of one turn
TURNS = 3
SUSTAINED, SUSTAINED_S = 1_000, 10.0
FLOOD = 6_000
VISITS = 120
RAW = ["bench.in", "bench.middle", "bench.out"]

_INBOX = {"RequestVisit": topics.REQUESTS_MEAL, "WorkerReported": topics.REPORTS}


class Side:
    """One chain of two hops: `first` and `last` are its logs."""

    def __init__(self, name: str, first: Watch, last: Watch, sent: Seen) -> None:
        self.name, self.first, self.last, self.sent = name, first, last, sent
        self.hops: tuple[list[float], list[float]] = ([], [])

    def clear(self) -> None:
        self.hops = ([], [])

    def take(self, names: list[str]) -> None:
        for name in names:
            self.hops[0].append(self.first.seen[name] - self.sent[name])
            self.hops[1].append(self.last.seen[name] - self.first.seen[name])


class Bench:
    """The processes and the load. The service clock runs from the district's morning at 1x: no deadline comes due."""

    def __init__(self, stack: Stack, producer: AIOKafkaProducer, seed: int) -> None:
        self._stack = stack
        self._producer = producer
        self._filing = Filing(make_district(Size(riders=25, carers=15), seed), seed)
        self._events = self._filing.steady()
        self._number = count()
        self._sent: Seen = {}
        self.ours = Side("ours", Watch(topics.JOURNAL, journal_name), Watch(topics.DECISIONS, decisions_name), self._sent)
        self.raw = Side("raw", Watch(RAW[1], envelope_name), Watch(RAW[2], envelope_name), self._sent)

    async def begin(self) -> None:
        """Both chains are warm, the district is configured, its plan has `VISITS` visits."""
        await self.send(self.ours, [self._filing.configure()], 1000, OUT_OF_START_S)
        await self.send(self.ours, list(self._filing.shifts()), 200)
        await self.send(self.ours, [self._filing.visit() for _ in range(VISITS)], 200)
        await self.send(self.raw, self.take(200), 200)
        await self.send(self.ours, self.take(400), 200)

    def take(self, number: int) -> list[Envelope]:
        return [next(self._events) for _ in range(number)]

    async def send(self, side: Side, envelopes: list[Envelope], rate: float, timeout_s: float = 60.0) -> float:
        """Send, wait until all came out, return events/s from the first sent to the last seen."""
        ours = side is self.ours
        events = [(e.id, _INBOX.get(e.type, topics.COMMANDS) if ours else RAW[0], codec.encode(e)) for e in envelopes]
        names = [name for name, _, _ in events]
        await send_paced(self._producer, events, rate, self._sent.__setitem__)
        await until_seen(side.last, names, timeout_s)
        await until_seen(side.first, names, timeout_s)
        side.take(names)
        return len(names) / (max(side.last.seen[name] for name in names) - self._sent[names[0]])


OUT_OF_START_S = 90.0


def measure(seed: int, folder: Path) -> Section:
    section = Section(
        "hops", "Desk and dispatcher against raw loops",
        "Two chains on one broker, fed in turns by one process that also watches both ends of each hop: the inboxes → desk →"
        " journal → dispatcher → decisions, as they are in the product, and a topic → raw aiokafka loop → topic → raw loop → topic"
        " (consume, produce with acks=all, nothing else, on asyncio's own loop)."
        " One event in ten files a visit (the dispatcher inserts it into the"
        f" running plan of about {VISITS} visits at once), one cancels one, eight are reports. A hop is from one log to the next."
        " Solver busy: one process of the pool's kind that solves without a pause, on the same cores.",
    )  # fmt: skip
    specs = [spec for spec in process_list(lockstep=False) if spec.name in ("desk", "dispatcher")]
    with Stack(folder / "hops", processes=specs) as stack:
        make_topics(stack.bootstrap, RAW)
        clock = ServiceClock(stack.redis_url)
        clock.set(ClockSetting(datetime.now(UTC).timestamp(), MORNING, 1.0))
        clock.close()
        with processes(*relays(stack.bootstrap, RAW)):
            asyncio.run(_run(section, stack, seed))
    return section


async def _run(section: Section, stack: Stack, seed: int) -> None:
    async with AsyncExitStack() as exits:
        producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
        await producer.start()
        exits.push_async_callback(producer.stop)
        bench = Bench(stack, producer, seed)
        sides = (bench.raw, bench.ours)
        await exits.enter_async_context(watching(stack.bootstrap, [w for side in sides for w in (side.first, side.last)]))
        await bench.begin()
        for state in ("idle", "busy"):
            burners = [("tests.benchmark.burner",)] if state == "busy" else []
            with processes(*burners):
                await asyncio.sleep(BURNER_WARM_S if burners else 0)
                for rate, turn_s in RATES.items():
                    await _latency(section, bench, state, rate, turn_s)
                await _throughput(section, bench, state)


async def _latency(section: Section, bench: Bench, state: str, rate: int, turn_s: float) -> None:
    for side in (bench.raw, bench.ours):
        side.clear()
    for _ in range(TURNS):
        for side in (bench.raw, bench.ours):
            await bench.send(side, bench.take(int(rate * turn_s)), rate)
    for hop, name in enumerate(("desk", "dispatcher")):
        ours, raw = spread_ms(bench.ours.hops[hop]), spread_ms(bench.raw.hops[hop])
        for index, label in enumerate(("p50", "p95")):
            ratio = ours[index] / raw[index]
            section.add(
                f"{name}, {rate} events/s, solver {state}: {label}",
                f"{ratio:.2f}x ({ours[index]:.1f} ms / {raw[index]:.1f} ms)", f"<= {BAR}x", ratio <= BAR,
            )  # fmt: skip


async def _throughput(section: Section, bench: Bench, state: str) -> None:
    for side in (bench.raw, bench.ours):
        side.clear()
        number = int(SUSTAINED * SUSTAINED_S)
        try:
            rate = await bench.send(side, bench.take(number), SUSTAINED)
        except Lost as lost:
            section.add(f"{side.name}: {SUSTAINED} events/s, solver {state}", str(lost), f">= {0.95 * SUSTAINED:g}/s", False)
            continue
        p50, p95 = spread_ms([a + b for a, b in zip(*side.hops, strict=True)])
        ours = side is bench.ours
        section.add(
            f"{'desk and dispatcher' if ours else 'raw loops'}: {SUSTAINED:,} events/s for {SUSTAINED_S:.0f} s, solver {state}",
            f"{rate:,.0f}/s, both hops p50 {p50:.0f} ms, p95 {p95:.0f} ms",
            f">= {0.95 * SUSTAINED:g}/s" if ours else "", rate >= 0.95 * SUSTAINED if ours else None,
        )  # fmt: skip
    if state == "idle":
        rates = [await bench.send(side, bench.take(FLOOD), 1e9) for side in (bench.raw, bench.ours)]
        section.add(f"{FLOOD:,} events at once: desk and dispatcher / raw loops", f"{rates[1]:,.0f}/s / {rates[0]:,.0f}/s")
