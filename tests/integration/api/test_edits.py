"""Edits and repeats on the real log: nothing stale is recorded, nothing is done twice, whatever is killed in between."""

from __future__ import annotations

import threading

import httpx
import pytest

from streams import topics
from tests.integration.api.api_process import DISTRICT, ApiProcess, is_up, visit_row
from tests.integration.api.test_appending import appended, settle
from tests.stack import wait_until
from tests.unit.api.test_bad_input import VISIT

pytestmark = pytest.mark.broker


def test_an_edit_of_what_the_board_knows_to_be_stale_is_refused_unrecorded(served: ApiProcess) -> None:
    served.draw(1, visit_row(1, version=7))
    read_as = served.http.get("/v1/visits/v-0001").headers["etag"]
    assert read_as == '"7"'
    body = {"reason": "office", "district": DISTRICT}

    def cancel(**headers: str) -> httpx.Response:
        return served.http.post("/v1/visits/v-0001/cancel", json=body, headers=headers)

    refused = cancel(**{"If-Match": '"6"'})
    assert (refused.status_code, refused.json()["status"], refused.json()["code"]) == (412, 412, "version_conflict")
    assert appended(served, topics.COMMANDS) == []
    sent = cancel(**{"If-Match": read_as})
    assert [(envelope.id, envelope.expected_version) for envelope in appended(served, topics.COMMANDS)] == [
        (sent.json()["command_id"], 7)
    ]
    threading.Timer(0.3, settle, (served, sent.json()["command_id"], "refused", "version_conflict")).start()
    assert cancel(**{"If-Match": read_as, "Prefer": "wait=10"}).status_code == 412


def test_a_key_outlives_a_restart_of_the_process_and_an_emptied_redis(served: ApiProcess) -> None:
    key = {"Idempotency-Key": "once"}
    first = served.http.post("/v1/visits", json=VISIT, headers=key)
    served.worker.kill()
    served.redis.flushall()
    served.worker.start()
    wait_until(lambda: is_up(served), "the API is up again")
    again = served.http.post("/v1/visits", json=VISIT, headers=key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    other = served.http.post("/v1/visits", json={**VISIT, "boxes": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert len(appended(served)) == 1
