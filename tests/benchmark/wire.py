"""HTTP/1.1 over kept-alive connections with next to no client in between: what is measured is the server, not a client library.

A request is drawn up before it is sent, and its answer is read to its end (`Content-Length`); nothing else is understood."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlsplit

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


FRESH_S = 4.0  # uvicorn closes what was idle for five seconds


class Refused(Exception):
    """An answer that is none of 2xx."""


class Wire:
    """As many connections as requests are under way at once; they are kept."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._free: list[tuple[float, Connection]] = []
        self._all: list[Connection] = []

    def draw(self, path: str, body: dict[str, Any]) -> bytes:
        """A POST as bytes."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        return head.encode() + raw

    async def send(self, request: bytes) -> dict[str, Any]:
        """The answer's JSON. Raises Refused."""
        kept = self._free.pop() if self._free else None
        connection = kept[1] if kept is not None and time.monotonic() - kept[0] < FRESH_S else await self._open()
        reader, writer = connection
        writer.write(request)
        status, _, head = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        body = await reader.readexactly(length)
        self._free.append((time.monotonic(), connection))
        if not status.split(b" ")[1].startswith(b"2"):
            raise Refused(f"{status.decode()}: {body.decode()[:300]}")
        answer: dict[str, Any] = json.loads(body)
        return answer

    async def warm(self, connections: int) -> None:
        """Open them anew before anything is measured: a client with a pool has them."""
        await self.close()
        self._free = [(time.monotonic(), await self._open()) for _ in range(connections)]

    async def close(self) -> None:
        for _, writer in self._all:
            writer.close()
        self._free, self._all = [], []

    async def _open(self) -> Connection:
        connection = await asyncio.open_connection(self._host, self._port)
        self._all.append(connection)
        return connection
