"""The live line on a real Redis: snapshot, frames, resuming; Redis emptied and restarted under it."""

from __future__ import annotations

import json
import time

import pytest

from streams.adapters import board_keys as keys
from streams.contracts.codec import to_builtins
from tests.integration.api.api_process import DISTRICT, ApiProcess, visit_row
from tests.stack import wait_until
from tests.unit.api.test_doors import a_config

pytestmark = pytest.mark.broker


def ids(rows: list[dict[str, str]]) -> list[str]:
    return [row["visit_id"] for row in rows]


def test_a_page_gets_a_snapshot_and_then_every_frame_once(served: ApiProcess) -> None:
    served.draw(5, visit_row(1), visit_row(2))
    page = served.listen()
    snapshot = page.next("snapshot")
    assert ids(snapshot.data["visits"]) == ["v-0001", "v-0002"]
    assert (snapshot.data["id"], snapshot.data["district"]) == ("5-0", DISTRICT)
    assert {"now_at", "workers", "exceptions", "offers", "counters", "ledger", "clock", "positions"} <= set(snapshot.data)
    for position in range(6, 30):
        served.draw(position, visit_row(position))
    numbers = [page.next("board").data["id"] for _ in range(6, 30)]
    assert numbers == [f"{position}-0" for position in range(6, 30)]
    page.stop()


def test_many_pages_read_redis_through_one_reader(served: ApiProcess) -> None:
    served.draw(1, visit_row(1))
    pages = [served.listen() for _ in range(8)]
    for page in pages:
        page.next("snapshot")
    served.draw(2, visit_row(2))
    assert {page.next("board").data["id"] for page in pages} == {"2-0"}
    assert served.metric("dolbom_api_live_clients") == 8
    readers = [client for client in served.redis.client_list() if client["cmd"].startswith("xread")]
    assert len(readers) == 1
    for page in pages:
        page.leave()
    wait_until(lambda: served.metric("dolbom_api_live_clients") == 0, "clients that left are forgotten")


def test_a_page_that_comes_back_gets_what_it_missed(served: ApiProcess) -> None:
    served.draw(1, visit_row(1))
    page = served.listen()
    last = page.next("snapshot").id
    served.draw(2, visit_row(2))
    last = page.next("board").id
    page.stop()
    served.draw(3, visit_row(3))
    served.draw(4, visit_row(4))
    again = served.listen(last)
    assert [again.next("board").data["id"] for _ in range(2)] == ["3-0", "4-0"]
    served.draw(5, visit_row(5))
    assert again.next("board").data["id"] == "5-0"
    again.stop()


def test_an_id_that_is_too_old_or_of_another_life_gets_a_snapshot(served: ApiProcess) -> None:
    served.draw(1, visit_row(1))
    page = served.listen()
    _, _, mark = page.next("snapshot").id.partition(".")
    page.stop()
    served.draw(10, visit_row(2))
    served.redis.xtrim(keys.live_key(DISTRICT), maxlen=1, approximate=False)
    for last in (f"1-0.{mark}", "10-0.deadbeef", "10-0", f"99-0.{mark}", "nonsense", f"-1.{mark}"):
        again = served.listen(last)
        assert again.next("snapshot").data["id"] == "10-0", last
        again.leave()


def test_emptying_redis_brings_a_fresh_snapshot(served: ApiProcess) -> None:
    served.draw(7, visit_row(1), visit_row(2))
    page = served.listen()
    first = page.next("snapshot").id
    served.redis.flushall()
    served.draw(9, visit_row(1), frame=False)
    second = page.next("snapshot")
    assert ids(second.data["visits"]) == ["v-0001"]
    assert first.partition(".")[2] != second.id.partition(".")[2]
    served.draw(10, visit_row(3))
    assert page.next("board").data["id"] == "10-0"
    page.stop()


def test_a_restart_of_redis_is_survived(served: ApiProcess) -> None:
    served.draw(7, visit_row(1))
    page = served.listen()
    page.next("snapshot")
    stack = served.stores.stack
    old = stack.kill("redis")
    stack.wait_restarted("redis", old)
    wait_until(lambda: _answers(served), "redis is back")
    assert served.http.get("/v1/visits", params={"district": DISTRICT}).json()["code"] == "board_unavailable"
    served.draw(8, visit_row(1), visit_row(2))
    assert ids(page.next("snapshot").data["visits"]) == ["v-0001", "v-0002"]
    pings = page.pings
    wait_until(lambda: page.pings > pings, "pings go on")
    page.stop()


def _answers(served: ApiProcess) -> bool:
    try:
        return bool(served.redis.ping())
    except Exception:
        return False


def test_positions_come_gathered_and_without_names(served: ApiProcess) -> None:
    served.http.put(f"/v1/districts/{DISTRICT}", json=to_builtins(a_config()))
    given = served.http.put("/v1/organisations/coop-a/endpoint", json={"url": "http://127.0.0.1:9/h"})
    assert given.status_code == 200, given.text
    secret = given.json()["secret_in"]
    served.draw(1, visit_row(1))
    page = served.listen()
    page.next("snapshot")
    from services.api.signatures import sign

    one = {"worker_id": "rider-1", "x": 126.9114, "y": 37.5559, "at": "2026-11-03T02:00:00Z"}
    raw = json.dumps({"type": "positions", "data": {"positions": [one]}}).encode()
    now = int(time.time())
    headers = {"webhook-id": "p-1", "webhook-timestamp": str(now), "webhook-signature": sign(secret, "p-1", now, raw)}
    assert served.http.post("/v1/webhooks/coop-a", content=raw, headers=headers).status_code == 202
    assert page.next("positions").data == {"rider-1": [126.911, 37.556]}
    page.stop()


def test_the_process_ends_at_once_with_pages_open(served: ApiProcess) -> None:
    served.draw(1, visit_row(1))
    page = served.listen()
    page.next("snapshot")
    assert served.worker.terminate() == 0
    page.stop()
