"""`python -m tests.benchmark.sink PORT`: what webhooks are sent to. `/hook/…` answers 204 and remembers when each id came;
`/hang/…` never answers; `/seen` tells."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvicorn

SEEN: dict[str, float] = {}
FOREVER_S = 3600


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    path, now, body = scope["path"], time.perf_counter(), b""
    if path == "/seen":
        body = json.dumps(SEEN).encode()
    elif path == "/hang" or path.startswith("/hang/"):
        await asyncio.sleep(FOREVER_S)
    while (await receive()).get("more_body", False):
        pass
    if path.startswith("/hook/"):
        webhook_id = next(value for name, value in scope["headers"] if name == b"webhook-id")
        SEEN.setdefault(webhook_id.decode(), now)
    status = 200 if path == "/seen" else 204
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    config = {"loop": "uvloop", "http": "httptools", "log_level": "warning", "access_log": False, "timeout_keep_alive": 30}
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **config)  # type: ignore[arg-type]
