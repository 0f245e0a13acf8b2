"""Sends notices through a gateway: KakaoTalk first, then SMS, then voice, in the order that each person wishes.

The port is one call. The gateway gets an id for each message, the same at every try, so that what is sent again after a
crash is one message in effect. Addresses come out of the registry for that call and go nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import httpx

from streams.adapters.notices import Notice, words

if TYPE_CHECKING:
    from streams.adapters.registry import Person
    from streams.settings import Settings

logger = logging.getLogger(__name__)

TRIES = 3  # of one channel while the gateway is away; then the next one
SENT, REFUSED, AWAY = "sent", "refused", "away"
NO_ADDRESS, NOBODY_REACHED, ERASED = "no_address", "nobody_reached", "erased"


class Gateway(Protocol):
    """The port. `channel`: kakao, sms or voice. Answers sent, refused (this channel will not reach them) or away."""

    async def send(self, message_id: str, channel: str, to: str, text: str, language: str) -> str: ...


class HttpGateway:
    """A message provider over HTTP: POST JSON with the key as a bearer token. 2xx is sent, 4xx refused, else away."""

    def __init__(self, url: str, key: str, timeout_s: float = 10.0, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._client = httpx.AsyncClient(
            timeout=timeout_s, follow_redirects=False, trust_env=False, headers={"authorization": f"Bearer {key}"},
            transport=transport,
        )

    async def send(self, message_id: str, channel: str, to: str, text: str, language: str) -> str:
        body = {"id": message_id, "channel": channel, "to": to, "text": text, "language": language}
        try:
            answer = await self._client.post(self._url, json=body, headers={"idempotency-key": message_id})
        except httpx.HTTPError as error:
            logger.warning("the notice gateway does not answer: %s", type(error).__name__)
            return AWAY
        if answer.is_success:
            return SENT
        return REFUSED if 400 <= answer.status_code < 500 and answer.status_code not in (408, 425, 429) else AWAY

    async def close(self) -> None:
        await self._client.aclose()


def find_gateway(settings: Settings) -> Gateway | None:
    """The gateway of the settings; None when there is none, and notices are only noted down."""
    return HttpGateway(settings.notice_gateway_url, settings.notice_gateway_key) if settings.notice_gateway_url else None


class Book(Protocol):
    """What the sender needs of the registry."""

    def find_person(self, recipient_id: str) -> Person | None: ...

    def log_read(self, actor: str, subject: str, fields: str, why: str) -> None: ...


class NoticeSender:
    """Takes notices on and makes each reach somebody, once. `ended` is told how each went: its effect id and "" or why
    nobody was reached; only then is it forgotten here."""

    def __init__(self, book: Book, gateway: Gateway, ended: Callable[[Notice, str], Awaitable[None]]) -> None:
        self._book = book
        self._gateway = gateway
        self._ended = ended
        self._waiting: dict[str, Notice] = {}
        self._tried: dict[str, int] = {}

    def add(self, notices: Iterable[Notice]) -> None:
        """Those already here are left as they are."""
        for notice in notices:
            self._waiting.setdefault(notice.effect_id, notice)

    async def send_due(self, clocks: Mapping[str, datetime]) -> None:
        """One try for each notice whose quiet hours are over by its district's service clock."""
        for effect_id, notice in list(self._waiting.items()):
            now_at = clocks.get(notice.district)
            if now_at is None or notice.not_before > now_at:
                continue
            why = await self._try(notice)
            if why is None:
                continue
            await self._ended(notice, why)
            self._waiting.pop(effect_id, None)

    async def _try(self, notice: Notice) -> str | None:
        """"" when somebody was reached, why nobody was, or None: later."""
        person = await asyncio.to_thread(self._book.find_person, notice.recipient_id)
        if person is None or person.erased:
            return ERASED if person is not None else NO_ADDRESS
        await asyncio.to_thread(
            self._book.log_read, "notices", notice.recipient_id, "phone,kin", f"notice {notice.effect_id} {notice.kind}"
        )
        people = [(person.phone, person.notice_channels)] if person.phone else []
        people += [(kin.phone, person.notice_channels) for kin in person.kin if kin.notify and kin.phone]
        if not people:
            return NO_ADDRESS
        text = words(notice, person.language)
        reached = False
        for number, (phone, channels) in enumerate(people):
            outcome = await self._reach(f"{notice.effect_id}-{number}", phone, channels, text, person.language)
            if outcome == AWAY:
                return None
            reached = reached or outcome == SENT
        return "" if reached else NOBODY_REACHED

    async def _reach(self, message_id: str, phone: str, channels: tuple[str, ...], text: str, language: str) -> str:
        """Down the person's order of channels. What was sent is sent again under its id when kin must be tried again."""
        for channel in channels:
            key = f"{message_id}-{channel}"
            if self._tried.get(key, 0) >= TRIES:
                continue
            outcome = await self._gateway.send(key, channel, phone, text, language)
            if outcome == AWAY:
                self._tried[key] = self._tried.get(key, 0) + 1
                if self._tried[key] < TRIES:
                    return AWAY
            if outcome == SENT:
                return SENT
            self._tried[key] = TRIES
        return REFUSED
