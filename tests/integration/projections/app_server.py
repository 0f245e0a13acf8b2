"""An organisation's app server for tests: a real HTTP server that answers as told, and remembers what it was sent."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Call:
    organisation: str
    webhook_id: str
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return str(msgspec.json.decode(self.body)["type"])

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = msgspec.json.decode(self.body)["data"]
        return data


class AppServer:
    """`answers[organisation](call)` gives the status to answer; None breaks the connection off. 204 by default."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Call], int | None]] = defaultdict(lambda: lambda call: 204)
        self.calls: list[Call] = []
        self.accepted: list[Call] = []
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.path.strip("/"), headers["webhook-id"], headers, body)
                with server._lock:
                    server.calls.append(call)
                status = server.answers[call.organisation](call)
                if status is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                if 200 <= status < 300:
                    with server._lock:
                        server.accepted.append(call)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("location", "/elsewhere")
                text = b"" if 200 <= status < 300 else b"no room today"
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, organisation: str) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/{organisation}"

    def of(self, organisation: str) -> list[Call]:
        with self._lock:
            return [call for call in self.calls if call.organisation == organisation]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
