"""A batch is filed whole or not at all, whenever in its request the API is killed."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from streams import topics
from streams.contracts.batches import BATCH_LIMIT
from streams.contracts.inputs import RequestVisits
from tests.core_world import CoreWorld
from tests.integration.api.api_process import ApiProcess, is_up
from tests.integration.api.test_appending import appended
from tests.stack import wait_until
from tests.unit.api.test_bad_input import VISIT

pytestmark = pytest.mark.broker


def raw_request(served: ApiProcess, body: bytes) -> bytes:
    lines = (
        "POST /v1/visits:batch HTTP/1.1", f"Host: {served.http.base_url.host}",
        f"Authorization: {served.http.headers['authorization']}",
        "Content-Type: application/json", "Idempotency-Key: run-1", f"Content-Length: {len(body)}", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode() + body


def test_the_api_killed_at_any_moment_of_a_request_leaves_no_half_of_it(served: ApiProcess) -> None:
    visits = [{**VISIT, "reference": f"SOS-{n}"} for n in range(BATCH_LIMIT)]
    body = json.dumps({"visits": visits}).encode()
    address = (str(served.http.base_url.host), int(served.http.base_url.port or 0))
    for share, after_s in ((0.5, 0.0), (1.0, 0.0), (1.0, 0.02), (1.0, 0.06), (1.0, 0.15)):
        raw = raw_request(served, body)
        with socket.create_connection(address, timeout=10) as line:
            line.sendall(raw[: int(len(raw) * share)])
            time.sleep(after_s)  # the moment of the kill, not a wait for anything
            served.worker.kill()
        served.worker.start()
        wait_until(lambda: is_up(served), "the API is up again")
    headers = {"Content-Type": "application/json", "Idempotency-Key": "run-1"}
    answered: httpx.Response = served.http.post("/v1/visits:batch", content=body, headers=headers)
    assert answered.status_code == 202

    world = CoreWorld()
    found = [envelope.read_payload() for envelope in appended(served, topics.COMMANDS)]
    assert {one.command_id for one in found if isinstance(one, RequestVisits)} == {answered.json()["command_id"]}
    for one in found:
        assert isinstance(one, RequestVisits)
        assert [request.visit_id for request in one.requests] == answered.json()["visit_ids"]
        world.send(one)
    assert world.state.commands[answered.json()["command_id"]].outcome in ("accepted", "refused")  # one answer for all of it
