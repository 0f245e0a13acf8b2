"""The API as one ASGI application. It loads neither Faust nor a solver: it appends to the log and reads the board."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI

from services.api import (
    access_log,
    accounts,
    batches,
    calls,
    claims,
    clock,
    commands,
    contact,
    crisis,
    disruptions,
    districts,
    eligibility,
    emergency_calls,
    endpoints,
    finding,
    health,
    intake,
    lockstep,
    me,
    notices,
    offers,
    oidc,
    on_record,
    openapi,
    overrule,
    people,
    previews,
    problems,
    queries,
    repeats,
    sessions,
    static,
    visits,
    webhooks,
)  # fmt: skip
from services.api.auth import Keyring, load_token, read_caller, valid_proofs
from services.api.board import BoardReader
from services.api.clock import DoorClock
from services.api.doors import BLOCKING_TIMEOUT_S, Doors, open_redis
from services.api.limits import BodyLimitMiddleware, MeasureMiddleware, Metrics
from services.api.live import LiveHub
from services.api.outcomes import OutcomeWaiter
from services.api.persons import PeopleInScope
from services.api.problems import FaultMiddleware
from services.api.rates import RateLimitMiddleware
from services.api.roster import Roster
from services.api.security_headers import SecurityHeadersMiddleware
from services.api.sign_in import SignIn
from streams import topics
from streams.adapters.end_tasks import end_tasks
from streams.adapters.log_writer import LogEnds, LogUnavailable, LogWriter
from streams.adapters.registry import open_registry
from streams.adapters.registry_accounts import AccountStore
from streams.settings import Settings

log = logging.getLogger(__name__)

VERSION = "0.1.0"
DESCRIPTION = """Dispatch of meals and care visits. Commands are answered 202 once they are in the log; `/v1/commands/{id}`
(or `Prefer: wait=2`) tells what became of them. Every error is a problem document (RFC 9457) with a code and a remedy in
Korean and English."""

_OPEN_ROUTERS = (webhooks.router, sessions.router, oidc.router, health.router, static.router)
_CLOSED_ROUTERS = (
    sessions.closed, me.router, accounts.router, access_log.router,
    visits.router, batches.router, overrule.router, eligibility.router, intake.router, crisis.router, disruptions.router,
    claims.router, on_record.router,
    commands.router, emergency_calls.router, districts.router, people.router, endpoints.router, clock.router, lockstep.router,
    queries.router, previews.router, offers.router, notices.router, calls.router, contact.router, finding.router,
)  # fmt: skip
"""With the token (or a session) only."""


def open_doors(settings: Settings, writer: LogWriter | None = None, ends: LogEnds | None = None) -> Doors:
    """All that the routes share. `writer` and `ends` are given by tests without a broker."""
    metrics = Metrics()
    registry = open_registry(settings.registry_url, settings.state_dir)
    redis, blocking = open_redis(settings.redis_url), open_redis(settings.redis_url, BLOCKING_TIMEOUT_S)
    board = BoardReader(redis, settings.districts)
    door_clock = DoorClock(redis, settings.lockstep, kept=settings.state_dir / "lockstep_clock.json")
    live = LiveHub(redis, blocking, board, door_clock, metrics)
    accounts_store = AccountStore(registry)
    keyring = Keyring(load_token(settings.state_dir), settings.api_port, registry.vault.derive("csrf"))

    async def find_valid(proofs: set[str]) -> set[str]:
        return await asyncio.to_thread(valid_proofs, accounts_store, proofs)

    live.find_valid = find_valid
    outcomes = OutcomeWaiter(redis)
    live.on_frames = outcomes.moved
    return Doors(
        settings=settings, keyring=keyring, metrics=metrics,
        registry=registry, accounts=accounts_store, sign_in=SignIn(accounts_store, registry.vault),
        sso=oidc.SingleSignOn(settings, accounts_store, registry.vault),
        people=PeopleInScope(registry, board), roster=Roster(registry),
        redis=redis, blocking_redis=blocking,
        writer=writer or LogWriter(settings.bootstrap, settings.districts), ends=ends or LogEnds(settings.bootstrap),
        clock=door_clock, board=board, live=live, outcomes=outcomes,
    )  # fmt: skip


async def _warm(writer: LogWriter) -> None:
    with contextlib.suppress(LogUnavailable):  # the broker is away: the first append will tell
        await writer.warm([*topics.INBOXES, topics.POSITIONS])


def make_app(settings: Settings, doors: Doors | None = None) -> FastAPI:
    """The application; `doors` are opened here unless a test brings its own. They are started with it and closed."""
    shared = doors or open_doors(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm(shared.writer))
        shared.rates.start()
        await shared.clock.start()
        await shared.live.start()
        yield
        await end_tasks([warming])
        await shared.live.stop()
        await shared.roster.stop()
        await shared.outcomes.stop()
        await shared.clock.stop()
        await shared.rates.stop()
        await shared.writer.close()
        await shared.signed.close()
        await shared.ends.close()
        await shared.redis.aclose()
        await shared.blocking_redis.aclose()
        shared.registry.close()

    app = FastAPI(
        title="Dolbom Dispatch", version=VERSION, description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.doors = shared
    # The last one added stands first in line.
    app.add_middleware(repeats.OnceMiddleware, answers=shared.registry.answers)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(FaultMiddleware)
    app.add_middleware(
        RateLimitMiddleware, rates=shared.rates, by_key=settings.rate_by_key, by_address=settings.rate_by_address
    )
    app.add_middleware(MeasureMiddleware, metrics=shared.metrics)
    app.add_middleware(SecurityHeadersMiddleware)
    problems.install(app)
    app.add_exception_handler(repeats.Repeated, repeats.on_repeated)
    app.state.routers = [*_OPEN_ROUTERS, *_CLOSED_ROUTERS]
    for router in _OPEN_ROUTERS:
        app.include_router(router)
    for router in _CLOSED_ROUTERS:
        app.include_router(router, dependencies=[Depends(read_caller), Depends(repeats.answer_once)])
    static.mount(app)
    openapi.install(app)
    return app
