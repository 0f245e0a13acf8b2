"""What the routes share: one of each per process, opened and closed with it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.api.auth import Keyring
from services.api.board import BoardReader
from services.api.callers import CALLER, limits
from services.api.clock import DoorClock
from services.api.limits import Metrics
from services.api.live import LiveHub
from services.api.outcomes import OutcomeWaiter
from services.api.persons import PeopleInScope
from services.api.problems import Problem
from services.api.rates import Policy, Rates
from services.api.roster import Roster
from services.api.seen_webhooks import SignedDoor
from services.api.sign_in import SignIn
from streams.adapters.log_writer import LogEnds, LogWriter
from streams.adapters.registry import Registry
from streams.adapters.registry_accounts import AccountStore
from streams.contracts.envelope import Envelope
from streams.contracts.refusals import Refusal
from streams.settings import Settings

REDIS_TIMEOUT_S = 2.0
BLOCKING_TIMEOUT_S = 5.0  # reads that wait do so for one second
FILED_KEPT = 10_000


@dataclass
class Doors:
    settings: Settings
    keyring: Keyring
    metrics: Metrics
    registry: Registry
    accounts: AccountStore
    sign_in: SignIn
    people: PeopleInScope
    sso: Any  # of services.api.oidc, which knows the doors
    roster: Roster
    redis: Redis
    writer: LogWriter
    ends: LogEnds
    clock: DoorClock
    board: BoardReader
    live: LiveHub
    outcomes: OutcomeWaiter
    blocking_redis: Redis  # for reads that wait: it has no short time-out
    step_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    webhook_locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _filed: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)
    _commanded: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.signed = SignedDoor(self.registry)
        self.rates = Rates(self.redis, self.registry.vault.derive("rate limits"))
        self.rate_by_key = Policy("key", self.settings.rate_by_key)

    def is_secure(self, request: Request) -> bool:
        """Whether people come over TLS: cookies then go over nothing else."""
        return request.url.scheme == "https" or self.settings.public_url.startswith("https://")

    def remember_filed(self, visit_id: str, district: str) -> None:
        """A visit that was just filed may be cancelled before the board shows it."""
        self._filed[visit_id] = (district, _caller_id())
        if len(self._filed) > FILED_KEPT:
            self._filed.popitem(last=False)

    def find_filed(self, visit_id: str) -> str | None:
        found = self._filed.get(visit_id)
        return found[0] if found else None

    def filed_by(self, visit_id: str) -> str | None:
        """The caller who just filed it here."""
        found = self._filed.get(visit_id)
        return found[1] if found else None

    def remember_command(self, command_id: str) -> None:
        """Who gave it may ask what became of it."""
        self._commanded[command_id] = _caller_id()
        if len(self._commanded) > FILED_KEPT:
            self._commanded.popitem(last=False)

    def commanded_by(self, command_id: str) -> str | None:
        return self._commanded.get(command_id)

    async def append(self, topic: str, envelope: Envelope) -> tuple[int, int]:
        """Append to the inbox of the envelope's district; returns when the broker has it."""
        self.check_district(envelope.district)
        begun = time.perf_counter()
        where = await self.writer.append(topic, envelope.district, envelope)
        self.metrics.append_seconds.observe(time.perf_counter() - begun)
        self.metrics.appended.labels(topic).inc()
        return where

    def check_district(self, district: str) -> None:
        """Raises unknown_district for one that this system does not serve, and for one out of the caller's scope."""
        caller = limits()
        if self.settings.partition_of(district) is None or (caller is not None and not caller.has_district(district)):
            raise Problem(Refusal.UNKNOWN_DISTRICT)


def _caller_id() -> str:
    caller = CALLER.get()
    return "" if caller is None else caller.id


def open_redis(url: str, timeout_s: float = REDIS_TIMEOUT_S) -> Redis:
    """A client that gives up soon: a door answers "try again" rather than hang."""
    return Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=REDIS_TIMEOUT_S, protocol=2,
        retry=Retry(NoBackoff(), 1), health_check_interval=0,
    )  # fmt: skip


async def _doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


DoorsOf = Annotated[Doors, Depends(_doors)]
