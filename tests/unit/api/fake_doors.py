"""The API without broker and Redis: what it appends is kept in a list, and the board is away."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.doors import Doors
from services.api.signatures import sign
from streams.adapters.log_writer import LogUnavailable, LogWriter
from streams.contracts import codec
from streams.contracts.envelope import Envelope
from streams.settings import Settings


class ListWriter(LogWriter):
    """Keeps what would be appended. `away`: the broker is."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.bootstrap, settings.districts)
        self.records: list[tuple[str, int, bytes]] = []
        self.away = False

    async def _append(self, topic: str, records: list[tuple[int, bytes, bytes]]) -> list[tuple[int, int]]:
        await asyncio.sleep(0)
        if self.away:
            raise LogUnavailable
        first = len(self.records)
        self.records += [(topic, partition, value) for partition, _, value in records]
        return [(partition, first + number) for number, (partition, _, _) in enumerate(records)]

    async def warm(self, topics: Any) -> None:
        pass

    def envelopes(self, topic: str) -> list[Envelope]:
        return [codec.decode(value, Envelope) for name, _, value in self.records if name == topic]


class Api:
    """A client with the token, and what the process behind it did."""

    def __init__(self, client: TestClient, doors: Doors, writer: ListWriter, logs: pytest.LogCaptureFixture) -> None:
        self.client = client
        self.doors = doors
        self.writer = writer
        self.logs = logs
        self.token = doors.keyring._token.decode()

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def webhook(
        self, organisation: str, webhook_id: str, body: bytes, *, secret: str | None = None, at: int | None = None,
        **headers: str,
    ) -> Any:  # fmt: skip
        secret = secret or self.doors.registry.get_endpoint(organisation).secret_in
        at = int(time.time()) if at is None else at
        signed = {
            "webhook-id": webhook_id, "webhook-timestamp": str(at),
            "webhook-signature": sign(secret, webhook_id, at, body),
        }  # fmt: skip
        return self.client.post(f"/v1/webhooks/{organisation}", content=body, headers={**signed, **headers})


def from_our_page(client: TestClient) -> dict[str, str]:
    """Headers as our page sends them with the cookie that `client` has."""
    return {"Origin": str(client.base_url).rstrip("/"), "X-Dolbom-CSRF": client.get("/v1/me").json()["csrf"]}


def problem_code(response: Any) -> str:
    """The code of a problem document; checks that it is a whole one."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "remedy"} <= set(body)
    assert body["status"] == response.status_code
    assert set(body["remedy"]) == {"ko", "en"}
    return str(body["code"])
