"""Connections that never become a request: endless heads, heads that never end, bytes that are no HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from services.api.connections import GuardedProtocol
from tests.integration.projections.redis_server import free_port

HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n"
SLOW_S = 0.4


class Quick(GuardedProtocol):
    head_limit_bytes = 2_000
    head_limit_s = SLOW_S


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with how long the body was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"%5d" % size})


@pytest.fixture(scope="module")
def connect() -> Iterator[Callable[[], socket.socket]]:
    port = free_port()
    config = uvicorn.Config(app, port=port, http=Quick, ws="none", lifespan="off", log_config=None, timeout_keep_alive=30)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield lambda: socket.create_connection(("127.0.0.1", port), timeout=10)
    running.should_exit = True
    thread.join(10)


def answer(line: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Status, headers and problem document of an answer after which the connection is closed."""
    raw = b""
    while piece := line.recv(65_536):
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    return int(status.split(" ")[1]), dict(one.lower().split(": ", 1) for one in headers), json.loads(body)


def test_an_endless_head_is_refused_and_not_kept(connect: Callable[[], socket.socket]) -> None:
    with connect() as line:
        line.sendall(HELLO + b"X-Long: " + b"a" * 3_000)
        status, headers, body = answer(line)
    assert (status, body["code"], headers["content-type"]) == (413, "too_large", "application/problem+json")
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_connection_on_which_nothing_ever_came_is_let_go_without_a_word(connect: Callable[[], socket.socket]) -> None:
    """Browsers open some in advance, and would take an answer on them for that of their next request."""
    with connect() as line:
        assert line.recv(65_536) == b""


@pytest.mark.parametrize("begun", [b"G", HELLO, HELLO + b"X-Slow: a"])
def test_a_head_that_does_not_come_is_not_waited_for(connect: Callable[[], socket.socket], begun: bytes) -> None:
    with connect() as line:
        line.sendall(begun)
        status, _, body = answer(line)
    assert (status, body["code"]) == (408, "too_slow")


def test_bytes_that_are_no_http_have_a_problem_document(connect: Callable[[], socket.socket]) -> None:
    for raw in (b"\x16\x03\x01 this is TLS\r\n\r\n", HELLO + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n"):
        with connect() as line:
            line.sendall(raw)
            status, _, body = answer(line)
        assert (status, body["code"]) == (400, "bad_request")
        assert set(body["remedy"]) == {"ko", "en"}


def test_one_request_after_another_on_the_same_connection_each_has_its_own_time(connect: Callable[[], socket.socket]) -> None:
    large = b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + b"b" * 50_000
    with connect() as line:
        for _ in range(3):  # a body is no head, however large and in however few pieces
            line.sendall(large)
            assert line.recv(65_536).endswith(b"50000")
        line.sendall(HELLO + b"X-Slow: ")
        assert answer(line)[0] == 408
    with connect() as line:
        line.sendall(HELLO + b"\r\n")
        assert line.recv(65_536).endswith(b"0")
        time.sleep(2 * SLOW_S)  # what waits between two requests is the keep-alive's, not ours
        line.sendall(HELLO + b"\r\n")
        assert line.recv(65_536).endswith(b"0")
