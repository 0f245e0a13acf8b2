"""What stands before every request: the limit on bodies, and the figures of each answer. Plain ASGI: SSE flows through."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import MEDIA_TYPE, problem_response
from streams.contracts.refusals import Refusal

BODY_LIMIT_BYTES = 1_000_000
BODY_LIMIT_S = 20.0
DRAIN_LIMIT_BYTES = 32_000_000  # a client that sends on is listened to a little, or it never reads our answer
DRAIN_LIMIT_S = 2.0


class Metrics:
    """The API's figures. Labels are route templates: no ids, no query strings."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dolbom_api_requests", "Answers by route, method and status", ["route", "method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "dolbom_api_seconds", "Time to the answer's first byte", ["route", "method"], registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )  # fmt: skip
        self.appended = Counter("dolbom_api_appended", "Records appended, by topic", ["topic"], registry=self.registry)
        self.append_seconds = Histogram(
            "dolbom_api_append_seconds", "Time to the broker's acknowledgement", registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )  # fmt: skip
        self.live_clients = Gauge("dolbom_api_live_clients", "Open SSE connections", registry=self.registry)
        self.live_frames = Counter("dolbom_api_live_frames", "Frames read from Redis", registry=self.registry)
        self.live_lagging = Counter(
            "dolbom_api_live_lagging", "Clients too slow for the frames, sent to a snapshot", registry=self.registry
        )
        self.notices = Gauge(
            "dolbom_notices", "Notices to recipients by how they stand, the channel that reached them, or why it failed",
            ["status", "channel", "reason"], registry=self.registry,
        )  # fmt: skip
        self.webhooks = Counter("dolbom_api_webhooks", "Webhooks by what became of them", ["outcome"], registry=self.registry)


class MeasureMiddleware:
    """Counts and times answers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self.metrics.requests.labels(route, scope["method"], str(message["status"])).inc()
                self.metrics.seconds.labels(route, scope["method"]).observe(time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, measured)


class _TooLarge(Exception):
    pass


class _TooSlow(Exception):
    pass


class BodyLimitMiddleware:
    """Answers 413 as soon as a body is (or says it is) larger than the limit, also when it comes in chunks; 408 when it has
    not come within the time."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT_BYTES, limit_s: float = BODY_LIMIT_S) -> None:
        self.app = app
        self.limit = limit
        self.limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = _content_length(scope)
        if length is not None and length > self.limit:
            await self._refuse(receive, send)
            return
        taken = 0
        answering = False
        whole = False  # from then on a wait is for the caller's going away, and lasts as long as a live line
        until = asyncio.get_running_loop().time() + self.limit_s

        async def counted() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise _TooSlow from None
            whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except _TooLarge:
            if not answering:
                await self._refuse(receive, send)
        except _TooSlow:
            if not answering:
                await problem_response(Refusal.TOO_SLOW, headers={"Connection": "close"})(scope, receive, send)

    async def _refuse(self, receive: Receive, send: Send) -> None:
        body = problem_response(Refusal.TOO_LARGE).body
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(body), "more_body": True})
        # The answer is out. Closing on a client that still sends would reset the connection before it reads it.
        drained = 0
        try:
            async with asyncio.timeout(DRAIN_LIMIT_S):
                more: Any = True
                while more and drained < DRAIN_LIMIT_BYTES:
                    message = await receive()
                    drained += len(message.get("body", b""))
                    more = message["type"] == "http.request" and message.get("more_body", False)
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None
