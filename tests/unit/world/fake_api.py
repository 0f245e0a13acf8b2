"""The documented HTTP doors over the pure core in this process, for tests of the world process as it really runs.

It can lose calls: `lose` names the share of calls that are answered 503, half of them after having been obeyed.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import uvicorn
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sample_day.day import Day
from services.sample_day.in_process import InProcessDoors
from services.sample_day.messages import Message, instant, written
from tests.unit.world.ports import free_port

TOKEN = "test-token"


class FakeApi:
    """`doors` is the system behind it; `webhook_ids` what came in, `calls` every call obeyed."""

    def __init__(self, day: Day, lose: float = 0.0) -> None:
        self.day = day
        self.doors = InProcessDoors(day)
        self.port = free_port()
        self.secrets: dict[str, dict[str, str]] = {}
        self.endpoints: dict[str, str] = {}
        self.seen: dict[str, dict[str, Any]] = {}
        self.undelivered: list[Any] = []
        self.lose = lose
        self.chance = random.Random(1)
        self.lock = threading.Lock()
        self.http = httpx.Client()
        routes = [
            ("/readyz", self.ready, "GET"),
            ("/v1/lockstep/step", self.step, "POST"),
            ("/v1/visits", self.file, "POST"),
            ("/v1/visits", self.visits, "GET"),
            ("/v1/visits/{id}/cancel", self.cancel, "POST"),
            ("/v1/exceptions", self.exceptions, "GET"),
            ("/v1/exceptions/{id}/settle", self.settle, "POST"),
            ("/v1/exceptions/{id}/acknowledge", self.acknowledge, "POST"),
            ("/v1/webhooks/{organisation}", self.webhook, "POST"),
            ("/v1/day/close", self.close, "POST"),
            ("/v1/ledger", self.ledger, "GET"),
            ("/v1/commands/{id}", self.command, "GET"),
            ("/v1/recipients:batch", self.ready, "POST"),
            ("/v1/workers:batch", self.ready, "POST"),
            ("/v1/districts/{code}", self.ready, "PUT"),
            ("/v1/organisations/{organisation}/endpoint", self.endpoint, "PUT"),
        ]
        app = Starlette(routes=[Route(path, self._guard(call), methods=[method]) for path, call, method in routes])
        self.server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, access_log=False, lifespan="off")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> None:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)
        self.http.close()

    def _guard(self, call: Any) -> Any:
        async def guarded(request: Request) -> Response:
            if request.url.path != "/readyz" and request.headers.get("authorization") != f"Bearer {TOKEN}":
                return JSONResponse({"code": "token_wrong"}, 401)
            lost = self.chance.random() < self.lose
            if lost and self.chance.random() < 0.5:
                return JSONResponse({"code": "log_unavailable"}, 503)
            raw = await request.body()
            # In a thread: what it sends to the world must not wait for the world's next call.
            from starlette.concurrency import run_in_threadpool

            answer: Response = await run_in_threadpool(call, request, raw)
            return JSONResponse({"code": "log_unavailable"}, 503) if lost else answer

        return guarded

    def ready(self, request: Request, raw: bytes) -> Response:
        return JSONResponse({})

    def endpoint(self, request: Request, raw: bytes) -> Response:
        organisation = request.path_params["organisation"]
        self.endpoints[organisation] = msgspec.json.decode(raw)["url"]
        tail = organisation.encode().ljust(24, b"=").hex()[:32]
        pair = {"secret_out": f"whsec_{tail}", "secret_in": f"whsec_{tail[::-1]}"}
        self.secrets[organisation] = pair
        return JSONResponse(pair)

    def step(self, request: Request, raw: bytes) -> Response:
        to_at = msgspec.json.decode(raw)["to_at"]
        with self.lock:
            step = self.doors.step(instant(to_at) if to_at else None)
            self.undelivered += reversed(step.heard)  # the world puts them in order again
            for received in self.undelivered:
                body = msgspec.json.encode({"type": received.type, "timestamp": "", "data": received.data}).decode()
                at = datetime.now(UTC)
                signature = Webhook(self.secrets[received.organisation]["secret_out"]).sign(received.webhook_id, at, body)
                headers = {"webhook-id": received.webhook_id, "webhook-timestamp": str(int(at.timestamp())),
                           "webhook-signature": signature}  # fmt: skip
                assert self.http.post(self.endpoints[received.organisation], content=body, headers=headers).is_success
            self.undelivered = []
        deadline = step.next_deadline_at
        return JSONResponse(
            {"now_at": written(step.now_at), "next_deadline_at": written(deadline) if deadline else None, "journal_offset": 0}
        )

    def webhook(self, request: Request, raw: bytes) -> Response:
        organisation = request.path_params["organisation"]
        Webhook(self.secrets[organisation]["secret_in"]).verify(raw, dict(request.headers), json_parse=False)
        webhook_id = request.headers["webhook-id"]
        with self.lock:
            if webhook_id in self.seen:
                return JSONResponse({"recorded": 1, "repeated": True}, 202)
            body = msgspec.json.decode(raw)
            self.seen[webhook_id] = body
            for report in body["data"].get("reports", [body["data"]]):
                kind = "report" if body["type"] == "reports" else body["type"]
                self.doors.send(Message(kind, webhook_id, "", report, organisation=organisation))
        return JSONResponse({"recorded": 1}, 202)

    def _send(self, request: Request, kind: str, raw: bytes, subject: str) -> Response:
        actor = request.headers["x-dolbom-actor"]
        with self.lock:
            answer = self.doors.send(Message(kind, "", "", msgspec.json.decode(raw), actor=actor, subject=subject))
        return JSONResponse(answer.body, answer.status)

    def file(self, request: Request, raw: bytes) -> Response:
        return self._send(request, "file", raw, request.headers["idempotency-key"])

    def cancel(self, request: Request, raw: bytes) -> Response:
        return self._send(request, "cancel", raw, request.path_params["id"])

    def settle(self, request: Request, raw: bytes) -> Response:
        return self._send(request, "settle", raw, request.path_params["id"])

    def acknowledge(self, request: Request, raw: bytes) -> Response:
        return self._send(request, "acknowledge", raw, request.path_params["id"])

    def exceptions(self, request: Request, raw: bytes) -> Response:
        return JSONResponse({"items": self.doors.exceptions(), "next_cursor": None})

    def visits(self, request: Request, raw: bytes) -> Response:
        rows, at, limit = self.doors.visits(), int(request.query_params.get("cursor", 0)), 10
        following = str(at + limit) if at + limit < len(rows) else None
        return JSONResponse({"items": rows[at : at + limit], "next_cursor": following})

    def close(self, request: Request, raw: bytes) -> Response:
        with self.lock:
            self.doors.close_day(self.day)
        return JSONResponse({}, 202)

    def ledger(self, request: Request, raw: bytes) -> Response:
        return JSONResponse(self.doors.ledger())

    def command(self, request: Request, raw: bytes) -> Response:
        return JSONResponse(self.doors.command(request.path_params["id"]))
