"""The whole API in this process, over HTTP, on a real Redis: the log is a list that settles commands and answers questions
by itself, each in its turn with every outcome that the core has for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import redis
import uvicorn

from services.api.app import make_app, open_doors
from services.api.doors import Doors
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import board, codec
from streams.contracts.envelope import Envelope
from streams.contracts.queries import Answer, Preview, Query, answer_key
from streams.contracts.refused_by import REFUSED_BY
from streams.settings import Settings, read_settings
from tests.integration.api.api_process import DISTRICT, visit_row
from tests.integration.projections.redis_server import free_port, running_redis
from tests.unit.api.fake_doors import ListWriter
from tests.unit.api.test_doors import T0, a_config


class AnsweringLog(ListWriter):
    """`redis` is where outcomes and answers are laid, as the board's projection and the dispatcher do it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.redis: Any = redis.Redis.from_url(settings.redis_url)
        self._turn = count()

    async def _append(self, topic: str, records: list[tuple[int, bytes, bytes]]) -> list[tuple[int, int]]:
        where = await super()._append(topic, records)
        for _, _, value in records:
            if topic == topics.QUERIES:
                self._answer(codec.decode(value, Query))
            elif topic in (topics.COMMANDS, *(topics.inbox_of(service) for service in ("meal_support", "emergency_care", ""))):
                self._settle(codec.decode(value, Envelope))
        return where

    def _settle(self, envelope: Envelope) -> None:
        codes = ("", *REFUSED_BY.get(envelope.type, ()), "again")
        code = codes[next(self._turn) % len(codes)]
        outcome = {"": "accepted", "again": "duplicate"}.get(code, "refused")
        rows = ((0, "time_in_past"),) if code == "batch_refused" else ()
        settled = board.CommandOutcome(command_id=envelope.id, outcome=outcome, code="" if code == "again" else code, rows=rows)
        self.redis.set(keys.command_key(envelope.id), codec.encode(settled))

    def _answer(self, query: Query) -> None:
        code = ("", "", "unknown_visit", "not_configured")[next(self._turn) % 4]
        if query.kind != "why" and code == "unknown_visit":
            code = ""
        refused = ((0, "unknown_dong"),) if code else ()
        preview = Preview(outcome="", code="batch_refused" if refused else "", changes=(), refused_reports=(), rows=refused)
        answer = Answer(query_id=query.query_id, now_at=T0, code=code, preview=preview if query.kind == "preview" else None)
        self.redis.rpush(answer_key(query.query_id), codec.encode(answer))


class NoEnds:
    """Where a log ends that nobody reads."""

    async def read(self, names: Any, partition: int) -> dict[str, int]:
        return dict.fromkeys(names, 0)

    async def close(self) -> None: ...


def draw(client: Any) -> None:
    """A board with a row of each kind."""
    rows: dict[str, Any] = {
        keys.visit_field("v-0001"): visit_row(1),
        keys.visit_field("v-0002"): visit_row(2, state="done", late_min=4, done_at=T0),
        keys.POSITION: {"next_journal_offset": 3, "digest": "d"},
        keys.COUNTERS: board.Counters(visits=2, by_state={"done": 1}, by_class={"open": 1}, by_area={}, open_exceptions=0),
        keys.DISTRICT: a_config(),
    }
    client.hset(keys.board_key(DISTRICT), mapping={name: codec.encode(row) for name, row in rows.items()})
    line = board.StoryLine(at=T0, event="requested", actor="operator", worker_id="", reason="", cause="RequestVisit:1", offset=1)
    client.rpush(keys.story_key("v-0001"), codec.encode(line))


@contextmanager
def served_here(folder: Path, log_type: type[AnsweringLog] = AnsweringLog) -> Iterator[tuple[str, Doors]]:
    """(base URL, doors) of a running API; Mapo is configured and drawn."""
    port = free_port()
    with running_redis(folder) as server:
        settings = read_settings(
            {
                "DOLBOM_STATE_DIR": str(folder), "DOLBOM_REDIS_URL": server.url, "DOLBOM_BOOTSTRAP": "127.0.0.1:1",
                "DOLBOM_API_PORT": str(port), "DOLBOM_DISTRICTS": f"{DISTRICT}:0",
            }
        )  # fmt: skip
        log = log_type(settings)
        draw(log.redis)
        doors = open_doors(settings, log, NoEnds())  # type: ignore[arg-type]
        config = a_config()
        doors.registry.put_roster(DISTRICT, ["coop-a"], {"rider-1": "coop-a"}, {config.kitchens[0].kitchen_id: "coop-a"})
        app = make_app(settings, doors)
        running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on"))
        thread = threading.Thread(target=running.run, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}", doors
        finally:
            running.should_exit = True
            thread.join(20)


