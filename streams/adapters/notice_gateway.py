"""The port through which notices leave, and its adapter for a message provider over HTTP.

The port is one call. A message has an id, the same at every try, so that what is sent again after a crash is one message
in effect. A number is in the body of that call and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpx
import msgspec

from streams.settings import RECORDER

if TYPE_CHECKING:
    from streams.settings import Settings

logger = logging.getLogger(__name__)

OUT_OF_REACH = "0100099"
TIMEOUT_S = 10.0  # for the whole answer: a provider that trickles bytes holds nobody up for longer
SENT, REFUSED, AWAY = "sent", "refused", "away"
FAILED = "failed"  # of a notice: every channel of everybody was refused or away
_LATER = (408, 425, 429)  # 4xx that do not judge the message


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one telephone. `channel`: kakao, sms or voice. `template` and `variables` say the same as `text`, for
    providers that send texts registered with them only."""

    id: str
    channel: str
    to: str
    text: str
    language: str
    template: str
    variables: dict[str, str]


class Gateway(Protocol):
    """Answers sent, refused (this channel will not reach them) or away (try again)."""

    async def send(self, message: Message) -> str: ...

    async def close(self) -> None: ...


class HttpGateway:
    """POSTs the message as JSON with the key as a bearer token. 2xx is sent; 4xx refused; anything else, and silence for
    `timeout_s`, away. Redirects are not followed: the number goes where it was meant to go."""

    def __init__(
        self, url: str, key: str, timeout_s: float = TIMEOUT_S, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            timeout=timeout_s, follow_redirects=False, trust_env=False, headers={"authorization": f"Bearer {key}"},
            transport=transport,
        )  # fmt: skip

    async def send(self, message: Message) -> str:
        body, headers = msgspec.json.encode(message), {"idempotency-key": message.id, "content-type": "application/json"}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, TimeoutError) as error:
            logger.warning("the notice gateway does not answer: %s", type(error).__name__)
            return AWAY
        if 200 <= status < 300:
            return SENT
        return REFUSED if 400 <= status < 500 and status not in _LATER else AWAY

    async def close(self) -> None:
        await self._client.aclose()


class Recorder:
    """Takes every message and sends none: for days that are played. Numbers of a range that nobody has are refused by every
    channel, so that one can see what follows."""

    async def send(self, message: Message) -> str:
        return REFUSED if is_out_of_reach(message.to) else SENT

    async def close(self) -> None:
        """It holds nothing."""


def is_out_of_reach(phone: str) -> bool:
    """A number that the recorder reaches by no channel."""
    return phone.replace("-", "").startswith(OUT_OF_REACH)


def find_gateway(settings: Settings) -> Gateway | None:
    """The gateway of the settings; None when there is none, and notices are only noted down. Raises ValueError for an
    address to which telephone numbers would go in the clear."""
    url = settings.notice_gateway_url
    if not url:
        return None
    if url == RECORDER:
        return Recorder()
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("DOLBOM_NOTICE_GATEWAY_URL has to begin with https://: telephone numbers go there")
    return HttpGateway(url, settings.notice_gateway_key)
