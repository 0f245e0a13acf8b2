"""What the signed door asks of the registry for each webhook: secrets, and whether a webhook-id came before.

An id is remembered after the log has its reports, and the sender is not kept waiting for it: ids are written down together,
a moment later, and are known here meanwhile. A crash in between costs a repeat that the core drops by its report ids.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from services.api.problems import Problem
from streams.adapters.end_tasks import end_tasks
from streams.adapters.quick_look import Busy, QuickLook
from streams.adapters.registry import Registry
from streams.contracts.refusals import Refusal

log = logging.getLogger(__name__)

SECRETS_KEPT_S = 1.0  # a secret revoked in another process is refused here after this; in this one at once
SECRETS_LIMIT = 2000
WRITE_EVERY_S = 0.25  # each time the loop shares the interpreter for some ms: seldom, and many at once
WRITE_AGAIN_S = 0.5  # after the registry was away
WRITE_AT_ONCE = 2_000
UNWRITTEN_LIMIT = 50_000  # beyond it webhooks are refused until the registry is back: about a minute of a full load
CLOSE_WITHIN_S = 2.0

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class Together(Generic[Asked, Answered]):
    """Calls `work` in a thread with all that was asked meanwhile; its answers come in the same order."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answered]]) -> None:
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Answered]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, one: Asked) -> Answered:
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    answers = await asyncio.to_thread(self._work, [asked for asked, _ in batch])
                except Exception as error:
                    for _, future in batch:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._running = None


class SignedDoor:
    """Secrets and webhook-ids of organisations."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._secrets: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._find: Together[tuple[str, str], str | None] = Together(registry.find_webhooks)
        self._read: Together[str, tuple[str, ...]] = Together(self._read_secrets)
        self._look = QuickLook(registry.engine, "SELECT body_hash FROM seen_webhooks WHERE organisation = ? AND webhook_id = ?")
        self._unwritten: dict[tuple[str, str], str] = {}
        self._writing: asyncio.Task[None] | None = None

    async def secrets_of(self, organisation: str) -> tuple[str, ...]:
        """With what it may sign now; () for an unknown one."""
        until, known = self._secrets.get(organisation, (0.0, ()))
        if until < time.monotonic():
            known = await self._read.ask(organisation)
            if len(self._secrets) >= SECRETS_LIMIT:
                self._secrets.clear()
            self._secrets[organisation] = (time.monotonic() + SECRETS_KEPT_S, known)
        return known

    def forget(self, organisation: str) -> None:
        """Its secrets were changed here."""
        self._secrets.pop(organisation, None)

    async def find(self, organisation: str, webhook_id: str) -> str | None:
        """The body's hash under which this webhook-id was recorded, or None. Raises a problem when so many ids could not be
        written down that no more may come in."""
        unwritten = self._unwritten.get((organisation, webhook_id))
        if unwritten is not None:
            return unwritten
        if len(self._unwritten) >= UNWRITTEN_LIMIT:
            raise Problem(Refusal.REGISTRY_UNAVAILABLE, headers={"Retry-After": "2"})
        try:
            rows = self._look.rows(organisation, webhook_id)
        except Busy:
            return await self._find.ask((organisation, webhook_id))
        return str(rows[0][0]) if rows else None

    def remember(self, organisation: str, webhook_id: str, body_hash: str) -> None:
        """Known from now on; written down soon."""
        self._unwritten[organisation, webhook_id] = body_hash
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def written(self) -> None:
        """Return when all is written down, or cannot be for now."""
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=CLOSE_WITHIN_S)

    async def close(self) -> None:
        await self.written()
        if self._writing is not None:
            await end_tasks([self._writing])
        self._look.close()

    async def _write(self) -> None:
        try:
            await asyncio.sleep(WRITE_EVERY_S)
            while self._unwritten:
                some = [(*key, body_hash) for key, body_hash in list(self._unwritten.items())[:WRITE_AT_ONCE]]
                try:
                    await asyncio.to_thread(self._registry.remember_webhooks, some)
                except OperationalError as error:
                    log.warning("the registry is away (%s): %d webhook-ids wait for it", type(error).__name__, len(self._unwritten))
                    await asyncio.sleep(WRITE_AGAIN_S)
                    continue
                except SQLAlchemyError as error:  # nothing that waiting mends
                    log.error("%d webhook-ids were not written down: %s", len(some), type(error).__name__)
                for organisation, webhook_id, _ in some:
                    self._unwritten.pop((organisation, webhook_id), None)
                await asyncio.sleep(WRITE_EVERY_S if self._unwritten else 0)
        finally:
            self._writing = None

    def _read_secrets(self, organisations: Sequence[str]) -> list[tuple[str, ...]]:
        return [self._registry.endpoints.secrets_in(organisation) for organisation in organisations]
