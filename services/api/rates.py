"""Rate limits by key and by address, over all API processes through Redis.

A request waits for nobody: it is counted here, and the counts of all processes are brought together in Redis four times a
second. While Redis is away each process limits by itself: nobody is let through without a limit, and nobody is shut out
because Redis is down. No key and no address is in Redis, only keyed hashes of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import problem_response
from streams.adapters.end_tasks import end_tasks
from streams.contracts.refusals import Refusal

log = logging.getLogger(__name__)

WINDOW_S = 60
SYNC_S = 0.25
SUBJECTS_KEPT = 100_000  # beyond that, the oldest window's go: a flood of addresses must not fill the memory
TAKEN = "dolbom.taken"  # in a request's scope: what it leaves of each policy
UNLIMITED = ("/healthz", "/readyz")


@dataclass(frozen=True)
class Policy:
    """`quota` requests in a window of a minute, for each subject."""

    name: str
    quota: int


@dataclass
class _Count:
    window: int
    elsewhere: int = 0  # with those of ours that Redis has
    ours: int = 0  # not in Redis yet

    @property
    def used(self) -> int:
        return self.elsewhere + self.ours


@dataclass(frozen=True)
class Taken:
    """What a request leaves of its policy; `reset_s` until the window is over."""

    policy: Policy
    left: int
    reset_s: int

    @property
    def allowed(self) -> bool:
        return self.left >= 0


class Rates:
    """Counts. `secret` keys the hashes; `clock` is the wall clock, for windows that all processes share."""

    def __init__(self, redis: Redis, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._secret = hashlib.sha256(secret).digest()
        self._clock = clock
        self._counts: dict[tuple[str, str], _Count] = {}
        self._task: asyncio.Task[None] | None = None
        self.away = False

    def take(self, policy: Policy, subject: str) -> Taken:
        """Count one request of `subject`."""
        now = self._clock()
        window = int(now // WINDOW_S)
        key = (policy.name, subject)
        count = self._counts.get(key)
        if count is None or count.window != window:
            if len(self._counts) >= SUBJECTS_KEPT:
                self._drop_old(window)
            count = self._counts[key] = _Count(window)
        if count.used <= policy.quota:  # beyond it there is nothing to know: a flood costs Redis nothing
            count.ours += 1
        return Taken(policy, policy.quota - count.used, max(1, math.ceil((window + 1) * WINDOW_S - now)))

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_in_step())

    async def stop(self) -> None:
        if self._task is not None:
            await end_tasks([self._task])
            self._task = None

    async def sync(self) -> None:
        """Bring our counts to Redis, and those of other processes here."""
        window = int(self._clock() // WINDOW_S)
        self._drop_old(window)
        fresh = [(key, count) for key, count in self._counts.items() if count.ours]
        if not fresh:
            return
        sent = [(count, count.ours) for _, count in fresh]
        for count, ours in sent:  # whatever becomes of it, it is counted here
            count.elsewhere += ours
            count.ours -= ours
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for ((policy, subject), count), (_, ours) in zip(fresh, sent, strict=True):
                    name = f"dolbom:rate:{policy}:{self._hash(subject)}:{count.window}"
                    pipe.incrby(name, ours)
                    pipe.expire(name, 2 * WINDOW_S)
                answers: list[Any] = await pipe.execute()
        except (RedisError, OSError) as error:
            if not self.away:
                log.warning("Redis is away (%s): rate limits are counted by this process alone", type(error).__name__)
            self.away = True
            return
        self.away = False
        for (count, _), total in zip(sent, answers[::2], strict=True):
            count.elsewhere = max(count.elsewhere, int(total))

    async def _keep_in_step(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            with contextlib.suppress(RedisError, OSError):
                await self.sync()

    def _drop_old(self, window: int) -> None:
        for key in [key for key, count in self._counts.items() if count.window != window]:
            del self._counts[key]
        while len(self._counts) >= SUBJECTS_KEPT:
            del self._counts[next(iter(self._counts))]

    def _hash(self, subject: str) -> str:
        return hashlib.blake2b(subject.encode(), key=self._secret, digest_size=16).hexdigest()


class RateLimitMiddleware:
    """Answers 429 with `Retry-After`; says in `RateLimit` and `RateLimit-Policy` how much is left (draft-ietf-httpapi-
    ratelimit-headers). A key is what a caller shows (token, session or organisation), right or wrong."""

    def __init__(self, app: ASGIApp, rates: Rates, by_key: int, by_address: int) -> None:
        self.app = app
        self.rates = rates
        self.key, self.address = Policy("key", by_key), Policy("address", by_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        taken = [self.rates.take(self.address, client[0] if client else "")]
        key = _key_of(scope)
        if key and taken[0].allowed:  # who floods under another's key uses up their own address first
            taken.append(self.rates.take(self.key, key))
        scarce = _scarce(taken)
        if not scarce.allowed:
            refused = problem_response(Refusal.RATE_LIMITED, headers=_headers(taken) | {"Retry-After": str(scarce.reset_s)})
            await refused(scope, receive, send)
            return
        scope[TAKEN] = taken

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_headers(taken))
            await send(message)

        await self.app(scope, receive, with_headers)


def take_for(rates: Rates, policy: Policy, subject: str, scope: Scope) -> Taken:
    """Count a request of somebody who is known only now (by a signature), and tell it in the answer's headers."""
    found = rates.take(policy, subject)
    scope.get(TAKEN, []).append(found)
    return found


def _scarce(taken: list[Taken]) -> Taken:
    return min(taken, key=lambda one: one.left)


def _headers(taken: list[Taken]) -> dict[str, str]:
    scarce = _scarce(taken)
    return {
        "RateLimit-Policy": ", ".join(f'"{one.policy.name}";q={one.policy.quota};w={WINDOW_S}' for one in taken),
        "RateLimit": f'"{scarce.policy.name}";r={max(0, scarce.left)};t={scarce.reset_s}',
    }


def _key_of(scope: Scope) -> str:
    """Whose requests these are. Of an organisation's webhooks only the signed ones count as its own: anybody can write
    an organisation's name into an address, so there the address is what counts."""
    headers = Headers(scope=scope)
    given = headers.get("authorization", "")
    if given:
        return given
    return headers.get("cookie", "")
