"""`python -m services.api`: the API on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import socket
import sys
import threading

import uvicorn

from services.api.app import make_app
from services.api.connections import GuardedProtocol
from services.api.doors import Doors
from streams.adapters.end_tasks import end_tasks
from streams.adapters.progress import Progress
from streams.settings import read_settings

END_LIMIT_S = 6.0  # the last resort; the supervisor kills at ten seconds
TELL_S = 1.0
GRACE_S = 1  # for answers under way; live lines are let go at once
GC_THRESHOLDS = (10_000, 20, 50)  # objects of requests go by their counts; cycles are rare

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Server(uvicorn.Server):
    """Lets the live lines go as soon as it is asked to end; they would hold it for the whole grace period."""

    def __init__(self, config: uvicorn.Config, doors: Doors) -> None:
        super().__init__(config)
        self._doors = doors
        self._telling: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is here now stays: the collector need not walk over it (30 ms each time) while requests wait.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        self._telling = asyncio.create_task(tell_progress(Progress(self._doors.settings.state_dir, "api")))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._doors.live.end()
        if self._telling is not None:
            await end_tasks([self._telling])
        leave_by_force_after(END_LIMIT_S)
        await super().shutdown(sockets)


async def tell_progress(progress: Progress) -> None:
    """Once a second, from the loop that answers and by a thread as the requests' own work takes: where either hangs, the
    supervisor hears nothing more. Nothing waits here for long, so there is no position to tell."""
    while True:
        with contextlib.suppress(OSError):  # a full disk: said by what needs it; the door goes on
            await asyncio.to_thread(progress.report, 0, 0)
        await asyncio.sleep(TELL_S)


def leave_by_force_after(limit_s: float) -> None:
    """End the process, whatever still holds it: all that was answered is in the log. Where it hung goes to stderr."""

    def leave() -> None:
        faulthandler.dump_traceback(all_threads=True)
        os._exit(0)

    watch = threading.Timer(limit_s, leave)
    watch.daemon = True
    watch.start()


def main() -> None:
    settings = read_settings()
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    logging.getLogger("kafka").setLevel(logging.ERROR)
    app = make_app(settings)
    config = uvicorn.Config(
        app, host=settings.api_host, port=settings.api_port, loop="uvloop", http=GuardedProtocol, ws="none",
        log_config=None,
        timeout_graceful_shutdown=GRACE_S, server_header=False, date_header=True,
    )  # fmt: skip
    # uvicorn ends gracefully and then raises the signal again: by then the end is a clean one.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    Server(config, app.state.doors).run()


if __name__ == "__main__":
    main()
