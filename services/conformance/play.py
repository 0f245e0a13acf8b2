"""Plays the cases against an endpoint, one after the other, and says of each what came back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import httpx

from services.conformance.cases import RIGHT, Case, Script, Sent, cases

TIMEOUT_S = 10.0  # as our sender: an answer later than that is a failed attempt
PAUSE_S = 0.4  # between the pieces of a slow body
NO_ANSWER = 0


class Played(NamedTuple):
    """`statuses`: of each of the case's requests; 0 for none. `slowest_ms`: until the answer, connection included."""

    case: Case
    statuses: tuple[int, ...]
    slowest_ms: int

    @property
    def passed(self) -> bool:
        return all(RIGHT[self.case.wanted](status) for status in self.statuses)


async def play(url: str, secret: str, timeout_s: float = TIMEOUT_S) -> AsyncIterator[Played]:
    """All cases against `url`. Raises ValueError on a secret that is no base64."""
    script = Script(secret, run=secrets.token_hex(4), now_s=int(time.time()))
    async with httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False) as client:
        for case in cases(script):
            begun = time.perf_counter()
            statuses = []
            slowest = 0.0
            for sent in case.requests:
                statuses.append(await _send(client, url, sent, timeout_s))
                now = time.perf_counter()
                slowest, begun = max(slowest, now - begun), now
            yield Played(case, tuple(statuses), int(slowest * 1000))


async def _send(client: httpx.AsyncClient, url: str, sent: Sent, timeout_s: float) -> int:
    headers = {**sent.headers, "content-length": str(len(sent.body))}
    content: bytes | AsyncIterator[bytes] = sent.body if sent.pieces == 1 else _slowly(sent)
    try:
        async with asyncio.timeout(timeout_s), client.stream("POST", url, content=content, headers=headers) as response:
            return response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return NO_ANSWER


async def _slowly(sent: Sent) -> AsyncIterator[bytes]:
    for piece in _pieces(sent):
        yield piece
        await asyncio.sleep(PAUSE_S)


def _pieces(sent: Sent) -> Iterator[bytes]:
    size = -(-len(sent.body) // sent.pieces)
    return (sent.body[start : start + size] for start in range(0, len(sent.body), size))
