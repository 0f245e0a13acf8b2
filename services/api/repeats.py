"""`Idempotency-Key`: a POST that comes again is answered as it was the first time, and does nothing again.

The key is reserved in the registry before the request does anything, and the answer is kept before it goes out: a crash
in between leaves the key with its body, and the repeat does again what the log knows by its ids. It survives a restart
of the process and an emptied Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass, field

import msgspec
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.auth import Actor
from services.api.identifiers import is_id, is_phone
from services.api.problems import Problem
from services.api.roles import PREVIEWS
from streams.adapters.kept_answers import KeptAnswer, KeptAnswers
from streams.contracts.refusals import Refusal

REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("content-type", "location", "preference-applied", "cache-control", "etag")
READS = ("/v1/calls", "/v1/people/names", "/v1/people/search", "/v1/visits:preview", *(path for _, path in PREVIEWS))
"""Routes of POSTs that change nothing: a key stands for one body there too, but each is answered anew, and what it reads is
logged anew."""

SIGNED_DOOR = "/v1/webhooks/"  # has webhook-ids of its own
_SCOPE = "dolbom.once"


@dataclass
class Once:
    """What a request has to do with its key. `ours`: it has the key. `recorded`: something of it stands in the log. `anew`: its
    answer is not kept."""

    answers: KeptAnswers
    owner: str = ""
    key: str = ""
    ours: bool = False
    recorded: bool = False
    anew: bool = False
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    lock: asyncio.Lock | None = None


class Repeated(Exception):
    """The request came before; this was its answer."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__("repeated")
        self.answer = answer


def key_of(request: Request) -> str:
    """The Idempotency-Key header, "" without one. Raises on one that cannot be a key."""
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if key and (not is_id(key) or is_phone(key)):
        raise Problem(Refusal.WRONG_FIELD, "Idempotency-Key: has the wrong type or value")
    return key


def mark_recorded(request: Request) -> None:
    """From here on the request has done something: its key is not given back, whatever the answer is."""
    once: Once | None = request.scope.get(_SCOPE)
    if once is not None:
        once.recorded = True


async def answer_once(request: Request, actor: Actor) -> None:
    """Of every route behind the token: take the request's key, or answer as the first time. The same key with another
    body is refused (`key_reused`)."""
    key, once = key_of(request), request.scope.get(_SCOPE)
    if not key or once is None or request.method != "POST":
        return
    owner = f"{actor} {request.url.path}"
    body = _canonical(await request.body())
    body_hash = once.answers.digest_of(body)
    lock = once.locks.setdefault(f"{owner} {key}", asyncio.Lock())
    await lock.acquire()  # the same request twice at once: the second waits for the answer of the first
    once.owner, once.key, once.lock = owner, key, lock
    try:
        known = await asyncio.to_thread(once.answers.reserve, owner, key, body_hash)
    except SQLAlchemyError:
        raise Problem(Refusal.REGISTRY_UNAVAILABLE, headers={"Retry-After": "2"}) from None
    if known.body_hash not in (body_hash, hashlib.sha256(body).hexdigest()):  # the second: kept by a version that did not key it
        raise Problem(Refusal.KEY_REUSED, "Idempotency-Key: came before with another body")
    if known.answer is not None:
        raise Repeated(known.answer)
    once.ours, once.anew = True, request.scope["route"].path in READS
    once.recorded = not known.first and not once.anew  # perhaps: it ended without telling


def _canonical(raw: bytes) -> bytes:
    """Equal JSON has equal bytes, however it is spaced or ordered."""
    try:
        return msgspec.json.encode(msgspec.json.decode(raw), order="sorted")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw


async def on_repeated(request: Request, error: Exception) -> Response:
    assert isinstance(error, Repeated)
    answer = error.answer
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})


class OnceMiddleware:
    """Keeps what was answered to a request with a key, before it goes out."""

    def __init__(self, app: ASGIApp, answers: KeptAnswers) -> None:
        self.app = app
        self._answers = answers
        self._locks: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].startswith(SIGNED_DOOR):
            await self.app(scope, receive, send)
            return
        once = Once(self._answers, locks=self._locks)
        scope[_SCOPE] = once
        held: list[Message] = []

        async def watched(message: Message) -> None:
            if once.lock is None:  # no key
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await _keep(once, held)
                for one in held:
                    await send(one)
                held.clear()

        try:
            await self.app(scope, receive, watched)
        finally:
            if once.lock is not None:
                once.lock.release()
                if not getattr(once.lock, "_waiters", None):
                    self._locks.pop(f"{once.owner} {once.key}", None)


async def _keep(once: Once, messages: list[Message]) -> None:
    if not once.ours:
        return
    start = messages[0]
    status, headers = start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}
    # What was done is done, and the log knows its ids: with the registry away, a repeat does it again without harm.
    with contextlib.suppress(SQLAlchemyError):
        if once.anew and status < 300:
            return
        if status < 300 or (once.recorded and status < 500):
            body = b"".join(message.get("body", b"") for message in messages[1:])
            kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
            await asyncio.to_thread(once.answers.keep, once.owner, once.key, status, kept, body)
        elif not once.recorded and status < 500:
            await asyncio.to_thread(once.answers.release, once.owner, once.key)
