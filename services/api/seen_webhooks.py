"""What the signed door asks of the registry for each webhook, asked for many at once: one transaction for all that came
while the one before was under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from streams.adapters.registry import Registry

SECRETS_KEPT_S = 1.0  # a secret revoked in another process is refused here after this; in this one at once
SECRETS_LIMIT = 2000

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
        self._remember: Together[tuple[str, str, str], None] = Together(registry.remember_webhooks)
        self._read: Together[str, tuple[str, ...]] = Together(self._read_secrets)

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
        """The body's hash under which this webhook-id was recorded, or None."""
        return await self._find.ask((organisation, webhook_id))

    async def remember(self, organisation: str, webhook_id: str, body_hash: str) -> None:
        await self._remember.ask((organisation, webhook_id, body_hash))

    def _read_secrets(self, organisations: Sequence[str]) -> list[tuple[str, ...]]:
        return [self._registry.endpoints.secrets_in(organisation) for organisation in organisations]
