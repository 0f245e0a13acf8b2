"""Every answer says what a browser may do with it; nothing inline is on the page; slow and many are answered, not served."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway

from services.api.limits import BodyLimitMiddleware
from services.api.rates import Policy, RateLimitMiddleware, Rates
from services.board import PAGE
from streams.contracts.codec import to_builtins
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_doors import a_config, report, reports

HEADERS = (
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "cross-origin-opener-policy",
    "cross-origin-resource-policy", "permissions-policy", "cache-control",
)  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/v1/visits"), ("GET", "/nowhere"), ("PUT", "/v1/visits"),
        ("GET", "/static/board/main.js"), ("GET", "/openapi.json"), ("POST", "/v1/visits"), ("POST", "/v1/webhooks/coop"),
    ],
)  # fmt: skip
def test_every_page_and_answer_has_the_headers(api: Api, method: str, path: str) -> None:
    for answer in (api.client.request(method, path), api.call(method, path)):
        assert [name for name in HEADERS if name not in answer.headers] == []
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_is_too_large_is_refused_with_the_headers(api: Api) -> None:
    answer = api.call("POST", "/v1/visits", content=b" " * 1_100_000)
    assert (answer.status_code, problem_code(answer)) == (413, "too_large")
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_nothing_on_the_page_is_inline() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []


class Pipe:
    def __init__(self, redis: SharedRedis) -> None:
        self.redis = redis
        self.asked: list[tuple[str, int] | None] = []

    async def __aenter__(self) -> Pipe:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def incrby(self, name: str, by: int) -> None:
        self.asked.append((name, by))

    def expire(self, name: str, seconds: int) -> None:
        self.asked.append(None)

    async def execute(self) -> list[Any]:
        if self.redis.away:
            raise RedisAway
        return [self.redis.add(*one) if one else True for one in self.asked]


class SharedRedis:
    """What `Rates` asks of Redis, and what is in it afterwards."""

    def __init__(self) -> None:
        self.away = False
        self.held: dict[str, int] = {}

    def pipeline(self, transaction: bool) -> Pipe:
        return Pipe(self)

    def add(self, name: str, by: int) -> int:
        self.held[name] = self.held.get(name, 0) + by
        return self.held[name]


class Door:
    """An application behind the limit, asked without a server. `redis` is shared by several of them."""

    def __init__(self, redis: SharedRedis, by_key: int = 5, by_address: int = 100) -> None:
        self.now = 600.0
        self.rates = Rates(redis, b"secret", lambda: self.now)  # type: ignore[arg-type]
        self.app = RateLimitMiddleware(self._answer, self.rates, by_key, by_address)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def ask(self, token: str = "one", address: str = "192.0.2.1") -> tuple[int, dict[str, str]]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = {"type": "http", "path": "/v1/visits", "method": "GET", "client": (address, 1), "headers": headers}
        asyncio.run(self.app(scope, None, send))  # type: ignore[arg-type]
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_an_organisation_is_told_what_its_signature_leaves(api: Api) -> None:
    """Who sends signed is known only by the signature: its own quota is told all the same, not only that of its address."""
    assert api.call("PUT", "/v1/districts/11440", json=to_builtins(a_config())).status_code == 202
    assert api.call("PUT", "/v1/organisations/coop-a/endpoint", json={"url": "http://127.0.0.1:9/h"}).status_code == 200
    api.doors.rate_by_key = Policy("key", 2)
    for left in (1, 0):
        answer = api.webhook("coop-a", f"msg-{left}", reports(report(f"r-{left}")))
        assert answer.headers["ratelimit"].startswith(f'"key";r={left};t=')
        assert '"key";q=2;w=60' in answer.headers["ratelimit-policy"]
    over = api.webhook("coop-a", "msg-3", reports(report("r-3")))
    assert (over.status_code, over.headers["ratelimit"].partition(";t=")[0]) == (429, '"key";r=0')
    forged = api.webhook("coop-a", "msg-4", b"{}", secret="whsec_" + "A" * 43 + "=")
    assert (forged.status_code, '"key"' in forged.headers["ratelimit-policy"]) == (401, False)


def test_a_key_has_its_quota_and_is_told_what_is_left() -> None:
    door = Door(SharedRedis())
    statuses, left = zip(*[(status, headers["ratelimit"]) for status, headers in (door.ask() for _ in range(7))], strict=True)
    assert statuses == (200, 200, 200, 200, 200, 429, 429)
    assert left[0] == '"key";r=4;t=60'
    assert left[-1] == '"key";r=0;t=60'
    status, headers = door.ask()
    assert (status, headers["retry-after"]) == (429, "60")
    assert headers["ratelimit-policy"] == '"address";q=100;w=60, "key";q=5;w=60'
    assert door.ask("another")[0] == 200
    door.now += 60
    assert door.ask()[0] == 200


def test_an_address_has_its_quota_whatever_keys_it_shows() -> None:
    door = Door(SharedRedis(), by_address=4)
    assert [door.ask(f"key-{n}")[0] for n in range(6)] == [200, 200, 200, 200, 429, 429]
    assert door.ask("key-9", "192.0.2.2")[0] == 200


def test_processes_count_together() -> None:
    redis = SharedRedis()
    one, other = Door(redis), Door(redis)
    assert [one.ask()[0] for _ in range(4)] == [200] * 4
    asyncio.run(one.rates.sync())
    assert other.ask()[0] == 200
    asyncio.run(other.rates.sync())
    assert other.ask()[0] == 429
    assert not any("one" in name or "192" in name for name in redis.held)


def test_without_redis_each_process_limits_by_itself() -> None:
    redis = SharedRedis()
    redis.away = True
    door = Door(redis)
    for _ in range(5):
        assert door.ask()[0] == 200
        asyncio.run(door.rates.sync())
    assert door.ask()[0] == 429
    assert door.ask("another")[0] == 200
    redis.away = False
    assert door.ask("another")[0] == 200


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    async def go() -> None:
        pieces = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive() -> Any:
            return pieces.pop() if pieces else await asyncio.Event().wait()

        scope = {"type": "http", "path": "/v1/visits", "method": "POST", "headers": [], "http_version": "1.1"}
        await BodyLimitMiddleware(app, limit_s=0.02)(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run(go())
    assert sent[0]["status"] == 408


def test_what_comes_after_the_body_may_last() -> None:
    """A live line waits for its caller's going away; that is no slow body."""
    waited: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waited.append(await receive())

    async def go() -> None:
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            if len(messages) == 1:
                await asyncio.sleep(0.05)
            return messages.pop(0)

        scope = {"type": "http", "path": "/v1/live", "method": "GET", "headers": []}
        await BodyLimitMiddleware(app, limit_s=0.01)(scope, receive, app)  # type: ignore[arg-type]

    asyncio.run(go())
    assert waited == [{"type": "http.disconnect"}]
