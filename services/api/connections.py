"""A connection before it is a request: what comes in front of a body has its size and its time too, and bytes that are no HTTP
are refused like everything else, by a problem document."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from services.api.access_lines import AccessLines
from services.api.problems import problem_response
from services.api.security_headers import ANSWER_POLICY, HEADERS
from streams.contracts.refusals import Refusal

HEAD_LIMIT_BYTES = 64_000  # line and headers; browsers and proxies send up to 16 kB, and cookies of the host beside ours
HEAD_LIMIT_S = 20.0  # as a body; whoever sends nothing at all is let go then


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's own, which would wait for the end of a head for ever and keep all of it."""

    head_limit_bytes = HEAD_LIMIT_BYTES
    head_limit_s = HEAD_LIMIT_S
    _in_head = True
    _head_bytes = 0
    _heard = False  # on a connection on which nothing ever came nobody waits for an answer
    _refused = False
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_logger = AccessLines(self.access_logger)  # type: ignore[assignment]
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._heard = True
        super().data_received(data)
        if self._in_head and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > self.head_limit_bytes:
                self._refuse(Refusal.TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:  # the next one on the same connection
            self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(Refusal.BAD_REQUEST)

    def _begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._watch = self.loop.call_later(self.head_limit_s, self._refuse, Refusal.TOO_SLOW)

    def _end(self) -> None:
        self._in_head = False
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _refuse(self, code: Refusal) -> None:
        self._end()
        self._refused = True
        if self.transport is None or self.transport.is_closing():
            return
        under_way = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if self._heard and not under_way:
            self.transport.write(_whole(problem_response(code)))
        self.transport.close()


def _whole(answer: Response) -> bytes:
    """An answer as it goes over the line, with the headers that all have."""
    more: dict[str, Any] = HEADERS | {
        "Content-Security-Policy": ANSWER_POLICY, "Cache-Control": "no-store", "Connection": "close",
    }  # fmt: skip
    lines = [name + b": " + value for name, value in answer.raw_headers]
    lines += [f"{name}: {value}".encode() for name, value in more.items()]
    return STATUS_LINE[answer.status_code] + b"\r\n".join(lines) + b"\r\n\r\n" + bytes(answer.body)
