"""The co-operatives' and providers' app servers in one: takes signed webhooks (Standard Webhooks 1.0), answers fast."""

from __future__ import annotations

import asyncio
import binascii
import threading
from typing import Any

import msgspec
import uvicorn
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sample_day.diary import Diary
from services.sample_day.messages import Received

BODY_LIMIT_BYTES = 1_000_000


def read_webhook_id(webhook_id: str) -> tuple[int, int]:
    """(journal offset, index) of the effect, from "district-offset-index"; anything else sorts last."""
    parts = webhook_id.split("-")
    try:
        return int(parts[1]), int(parts[2])
    except (IndexError, ValueError):
        return 1 << 62, 0


class Mailbox:
    """What came by webhook and nobody has read yet: each once, kept in the diary before it is answered."""

    def __init__(self, diary: Diary | None = None) -> None:
        self._lock = threading.Lock()
        self._diary = diary
        self._seen: set[tuple[str, str]] = set()
        self._unread: list[Received] = []
        self.repeats = 0
        for entry in diary.past() if diary is not None else ():
            if (received := read_entry(entry)) is not None:
                self._seen.add((received.organisation, received.webhook_id))
                self._unread.append(received)

    def put(self, received: Received) -> bool:
        """False when it was there before."""
        with self._lock:
            key = (received.organisation, received.webhook_id)
            if key in self._seen:
                self.repeats += 1
                return False
            if self._diary is not None:
                self._diary.write(write_entry(received))
            self._seen.add(key)
            self._unread.append(received)
            return True

    def drain(self) -> list[Received]:
        """All that is unread, in the order of the effects."""
        with self._lock:
            unread, self._unread = self._unread, []
        return sorted(unread)

    def forget(self, read: set[tuple[str, str]]) -> None:
        """Take out what was read before a restart; keys are (organisation, webhook_id)."""
        with self._lock:
            self._unread = [r for r in self._unread if (r.organisation, r.webhook_id) not in read]


def write_entry(received: Received) -> dict[str, Any]:
    return {"org": received.organisation, "id": received.webhook_id, "type": received.type, "data": received.data}


def read_entry(entry: dict[str, Any]) -> Received | None:
    if "id" not in entry or "org" not in entry:
        return None
    offset, index = read_webhook_id(entry["id"])
    return Received(offset, index, entry["org"], entry["id"], entry["type"], entry["data"])


class CoopServer:
    """Serves `/hooks/{organisation}` on loopback in a thread of its own. Secrets are set when endpoints are registered;
    before that every webhook is answered 503, so that the sender tries again."""

    def __init__(self, port: int, mailbox: Mailbox, host: str = "127.0.0.1") -> None:
        self.port = port
        self.mailbox = mailbox
        self._verifiers: dict[str, Webhook] = {}
        self.rejected = 0
        app = Starlette(routes=[Route("/hooks/{organisation}", self._take, methods=["POST"])])
        config = uvicorn.Config(
            app, host=host, port=port, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2,
            timeout_keep_alive=75,
            log_config=None,  # its own would shut every log of this process down first
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="coop-server", daemon=True)
        self._failed: BaseException | None = None

    def trust(self, secrets: dict[str, str]) -> None:
        """organisation -> the secret (whsec_...) with which the dispatch system signs what it sends there."""
        self._verifiers = {organisation: Webhook(secret) for organisation, secret in secrets.items()}

    def start(self, timeout_s: float = 10.0) -> None:
        """Returns when it listens. Raises OSError when the port is taken."""
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(timeout_s / 0.02)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.02)
        raise OSError(f"the world's server cannot listen on port {self.port}") from self._failed

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve())
        except SystemExit as error:  # uvicorn's way to say that the port is taken
            self._failed = error

    async def _take(self, request: Request) -> Response:
        organisation = request.path_params["organisation"]
        verifier = self._verifiers.get(organisation)
        if verifier is None:
            return JSONResponse({"detail": "not ready"}, 503)
        raw = await request.body()
        if len(raw) > BODY_LIMIT_BYTES:
            return JSONResponse({"detail": "too large"}, 413)
        if not is_signed(verifier, raw, dict(request.headers)):
            self.rejected += 1
            return JSONResponse({"detail": "signature"}, 401)
        try:
            body = msgspec.json.decode(raw)
            data = {key: value for key, value in body["data"].items() if key != "person"}  # nobody here needs a name
            webhook_id = request.headers["webhook-id"]
            offset, index = read_webhook_id(webhook_id)
            received = Received(offset, index, organisation, webhook_id, body["type"], data)
        except (msgspec.DecodeError, KeyError, AttributeError, TypeError):
            return JSONResponse({"detail": "no webhook of ours"}, 400)
        self.mailbox.put(received)
        return Response(status_code=204)


def is_signed(verifier: Webhook, raw: bytes, headers: dict[str, str]) -> bool:
    """Whether the raw body carries a fresh signature of ours; a malformed one is simply a wrong one."""
    try:
        verifier.verify(raw, headers, json_parse=False)
    except (WebhookVerificationError, ValueError, binascii.Error):
        return False
    return True
