"""`python -m streams.agents.worker NAME`: one agent in one process. NAME: desk, dispatcher, board, outbox, messenger.

It says once a second how far it is. It ends with 1 on any trouble (broker away at the start, an exception of ours, a
consumer that stands still before the end of its log), and the supervisor starts it again; everything it needs is in the
logs. SIGTERM ends it with 0.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from typing import Any

import uvloop

from streams.adapters.barrier import Barrier
from streams.adapters.end_tasks import end_tasks
from streams.adapters.kafka_log import start_producer
from streams.adapters.progress import Progress
from streams.adapters.service_clock import ServiceClock
from streams.agents.app import Agent, Loop, build_loop, make_app
from streams.agents.desk import Desk
from streams.agents.dispatcher import Dispatcher
from streams.agents.faults import where
from streams.agents.projection_agent import ProjectionAgent
from streams.agents.query_answers import QueryAnswers
from streams.core.chain import REAL_CORE, Core
from streams.dead_letters import BytesVault
from streams.settings import Settings, read_settings

log = logging.getLogger("dolbom.worker")

NAMES = ("desk", "dispatcher", "board", "outbox", "messenger")
ASK_THE_TIME = ("desk", "dispatcher")
REPORT_S = 1.0
STALL_S = 20.0  # behind the end and unmoved for so long: the consumer is dead though the process lives
UNASSIGNED_S = 60.0  # never got an assignment: the group is in trouble
STOP_S = 4.0  # a clean end takes no longer; what is cut off is found again in the logs
GC_THRESHOLDS = (20_000, 50, 100)  # the state is many small objects that stay: looking at them all often costs a sixth


class Stalled(Exception):
    """The worker lives but does not get on."""


class _RegistryVault:
    def __init__(self, registry: Any) -> None:
        self._registry = registry

    def store(self, dead_letter_id: str, raw: bytes) -> None:
        self._registry.store_dead_letter(dead_letter_id, raw)

    def load(self, dead_letter_id: str) -> bytes:
        raw: bytes = self._registry.load_dead_letter(dead_letter_id)
        return raw


def open_bytes_vault(settings: Settings) -> BytesVault:
    """Dead letters' bytes, sealed in the registry."""
    from streams.adapters.registry import open_registry

    return _RegistryVault(open_registry(settings.registry_url, settings.state_dir))


def _projection(name: str, settings: Settings) -> Any:
    if name == "board":
        from streams.adapters.redis_board import RedisBoard

        return RedisBoard(settings)
    if name == "outbox":
        from streams.adapters.outbox import Outbox

        return Outbox(settings)
    from streams.adapters.messenger import Messenger

    return Messenger(settings)


async def build_agent(
    name: str, settings: Settings, clock: ServiceClock, core: Core = REAL_CORE, vault: BytesVault | None = None
) -> Agent:
    """The agent of a name, with everything it needs."""
    barrier = Barrier(settings.redis_url)
    if name in ASK_THE_TIME:
        producer = await start_producer(settings.bootstrap, f"dolbom-{name}")
        kept_by = open_bytes_vault(settings) if vault is None else vault
        desk = Desk(settings, producer, clock.now, kept_by, clock.now_as_set)
        if name == "desk":
            return desk
        dispatcher = Dispatcher(settings, producer, clock, barrier, desk, kept_by, core)
        if core is REAL_CORE:
            dispatcher.questions = QueryAnswers(settings, dispatcher.leads)
            dispatcher.questions.start()
        return dispatcher
    return ProjectionAgent(_projection(name, settings), settings, barrier, core)


async def _watch(loop: Loop, progress: Progress) -> None:
    """Report, and raise `Stalled` when nothing moves though there is more."""
    from faust.types import TP

    started = moved_at = time.monotonic()
    last = -1
    while True:
        contiguous = loop.contiguous
        parts, end = [TP(*part) for part in loop.inflow.parts], 0
        if parts:
            async with asyncio.timeout(STALL_S):
                end = sum((await loop.app.consumer.highwaters(*parts)).values())
        position = sum(contiguous.expected.get((tp.topic, tp.partition), 0) for tp in parts)
        if loop.opening:
            position = min(loop.agent.opened_to(), end)
        now = time.monotonic()
        if position != last or position >= end:
            last, moved_at = position, now
        elif now - moved_at > STALL_S:
            raise Stalled(f"at {position} of {end} for {STALL_S:.0f} s")
        if loop.inflow.generation == 0 and now - started > UNASSIGNED_S:
            raise Stalled(f"no assignment in {UNASSIGNED_S:.0f} s")
        await asyncio.to_thread(  # a busy disk makes a rename take milliseconds
            progress.report, position, end, holes_filled=contiguous.holes_filled,
            repeats_skipped=contiguous.repeats_skipped, conflicts=getattr(loop.agent, "conflicts", 0),
            generation=loop.inflow.generation,
        )  # fmt: skip
        await asyncio.sleep(REPORT_S)


def _end(stopped: asyncio.Event) -> None:
    stopped.set()
    asyncio.get_running_loop().call_later(STOP_S, os._exit, 0)


async def run(
    name: str, settings: Settings, core: Core = REAL_CORE, vault: BytesVault | None = None,
    stop: asyncio.Event | None = None,
) -> None:  # fmt: skip
    """Until SIGTERM (or `stop`); raises what went wrong."""
    stopped = asyncio.Event() if stop is None else stop
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, _end, stopped)
    clock = ServiceClock(settings.redis_url, settings.lockstep)
    await clock.first_answer()
    following = asyncio.create_task(clock.follow(), name="clock") if name in ASK_THE_TIME else None
    agent = await build_agent(name, settings, clock, core, vault)
    app = make_app(name, settings)
    loop = build_loop(app, agent, settings)
    await app.start()
    log.info("%s started", name)
    tasks = {
        asyncio.create_task(loop.run(), name="loop"),
        asyncio.create_task(_watch(loop, Progress(settings.state_dir, name)), name="watch"),
        asyncio.create_task(app._crashed.wait(), name="faust"),
        asyncio.create_task(stopped.wait(), name="stop"),
    }
    done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    try:
        for task in done:
            task.result()
        if not stopped.is_set():
            raise Stalled(f"Faust ended: {type(app.crash_reason).__name__}")
    finally:
        await end_tasks(running if following is None else {*running, following})
        await agent.close()
        await app.stop()


def _set_up_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("faust", "mode", "aiokafka", "kafka"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def main(arguments: list[str] | None = None, core: Core = REAL_CORE) -> int:
    """The command. Tests put a small core in."""
    names = sys.argv[1:] if arguments is None else arguments
    if len(names) != 1 or names[0] not in NAMES:
        print(f"usage: python -m streams.agents.worker {'|'.join(NAMES)}", file=sys.stderr)
        return 2
    _set_up_logging()
    gc.set_threshold(*GC_THRESHOLDS)

    async def run_and_leave() -> None:
        code = 0
        try:
            await run(names[0], read_settings(), core)
        except BaseException as error:
            log.error("%s ends: %s at %s", names[0], type(error).__name__, where(error))
            code = 1
        logging.shutdown()
        os._exit(code)  # Faust's threads do not always end; everything of ours is in the logs

    uvloop.run(run_and_leave())
    return 0


if __name__ == "__main__":
    sys.exit(main())
