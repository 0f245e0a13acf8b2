"""Through the API into the real log: what is answered 202 is there, whatever happens to the broker; outcomes; lists."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import CommandOutcome
from streams.contracts.envelope import Envelope
from tests.integration.api.api_process import DISTRICT, ApiProcess, visit_row
from tests.stack import read, wait_until
from tests.unit.api.test_bad_input import VISIT

pytestmark = pytest.mark.broker


def appended(served: ApiProcess, topic: str = topics.REQUESTS_DAILY, partition: int = 0) -> list[Envelope]:
    records = read(served.stores.stack.bootstrap, topic, partition)
    return [codec.decode(record.value or b"", Envelope) for record in records]


def settle(served: ApiProcess, command_id: str, outcome: str, code: str = "") -> None:
    answer = CommandOutcome(command_id=command_id, outcome=outcome, visit_id="v-1", code=code)
    served.redis.set(keys.command_key(command_id), codec.encode(answer))


def test_what_is_answered_202_is_in_the_log(served_once: ApiProcess) -> None:
    answers = [served_once.http.post("/v1/visits", json={**VISIT, "reference": f"r-{n}"}) for n in range(20)]
    assert {answer.status_code for answer in answers} == {202}
    ours = [answer.json()["command_id"] for answer in answers]
    assert [envelope.id for envelope in appended(served_once) if envelope.id in ours] == ours
    served_once.http.post("/v1/visits", json={**VISIT, "district": "11410"})
    assert [envelope.district for envelope in appended(served_once, partition=1)] == ["11410"]


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [("accepted", "", 200), ("duplicate", "", 200), ("refused", "key_reused", 409), ("refused", "point_in_river", 422)],
)
def test_who_waits_hears_the_outcome(served_once: ApiProcess, outcome: str, code: str, status: int) -> None:
    visit = {**VISIT, "reference": f"waits-{outcome}-{code}"}
    command_id = served_once.http.post("/v1/visits", json=visit).json()["command_id"]
    threading.Timer(0.3, settle, (served_once, command_id, outcome, code)).start()
    waited = served_once.http.post("/v1/visits", json=visit, headers={"Prefer": "wait=10"})
    assert waited.status_code == status
    assert waited.json()["command_id"] == command_id
    assert waited.json().get("code", "") == code
    found = served_once.http.get(f"/v1/commands/{command_id}").json()
    assert (found["outcome"], found["code"]) == (outcome, code)
    assert (found["remedy"] is not None) == bool(code)


def test_who_waits_too_long_is_told_where_to_look(served_once: ApiProcess) -> None:
    answer = served_once.http.post("/v1/visits", json=VISIT, headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    assert served_once.http.get(answer.json()["status_url"]).json()["outcome"] == "pending"


def test_a_killed_broker_costs_a_refusal_at_most(served_once: ApiProcess) -> None:
    """kill -9 under load: every reference gets its 202 in the end, and every 202 is in the log."""
    stack = served_once.stores.stack
    codes: set[str] = set()
    lock = threading.Lock()

    def file(number: int) -> str:
        for _ in range(240):
            answer = served_once.http.post("/v1/visits", json={**VISIT, "reference": f"k-{number}"}, timeout=40)
            if answer.status_code == 202:
                return str(answer.json()["command_id"])
            with lock:
                codes.add(answer.json()["code"])
            time.sleep(0.5)  # a refusal comes at once, a broker on a busy machine does not
        raise AssertionError("never taken")

    with ThreadPoolExecutor(8) as threads:
        filed = [threads.submit(file, number) for number in range(60)]
        old = stack.kill("broker")
        filed += [threads.submit(file, number) for number in range(60, 120)]
        stack.wait_restarted("broker", old)
        command_ids = {future.result() for future in filed}
    assert len(command_ids) == 120
    assert codes <= {"log_unavailable"}
    assert command_ids <= {envelope.id for envelope in appended(served_once)}
    wait_until(lambda: served_once.http.get("/readyz").status_code == 200, "ready again")


def all_pages(served: ApiProcess, **query: Any) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {"district": DISTRICT, **query, **({"cursor": cursor} if cursor else {})}
        page = served.http.get("/v1/visits", params=params).json()
        found += [row["visit_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_a_list_is_paged_in_a_stable_order(served_once: ApiProcess) -> None:
    states = ("waiting", "done", "done")
    rows = [visit_row(number, state=states[number % 3], late_min=number % 2) for number in range(90)]
    served_once.draw(1, *rows)
    everything = [row.visit_id for row in rows]
    assert all_pages(served_once) == all_pages(served_once, limit=7) == everything
    assert all_pages(served_once, state="done,cancelled", limit=7) == [r.visit_id for r in rows if r.state == "done"]
    assert all_pages(served_once, late=True) == [r.visit_id for r in rows if r.late_min]
    assert all_pages(served_once, dong="1144066000", area="MP-A", service="check_in") == everything
    assert all_pages(served_once, area="MP-B") == []
    first = served_once.http.get("/v1/visits", params={"district": DISTRICT, "limit": 50}).json()
    served_once.draw(2, visit_row(0, visit_id="v-0000-new"), visit_row(1000, visit_id="v-9999"))
    second = served_once.http.get("/v1/visits", params={"district": DISTRICT, "limit": 100, "cursor": first["next_cursor"]}).json()
    seen = [row["visit_id"] for row in first["items"] + second["items"]]
    assert [visit_id for visit_id in seen if visit_id in everything] == everything
    wrong = served_once.http.get("/v1/visits", params={"district": DISTRICT, "cursor": "x"})
    assert wrong.json()["code"] == "wrong_field"


def test_one_visit_comes_with_its_story(served_once: ApiProcess) -> None:
    served_once.draw(3, visit_row(1))
    served_once.redis.rpush(keys.story_key("v-0001"), json.dumps({"event": "requested"}), json.dumps({"event": "queued"}))
    found = served_once.http.get("/v1/visits/v-0001").json()
    assert (found["reference"], found["district"]) == ("ref-1", DISTRICT)
    assert [line["event"] for line in found["story"]] == ["requested", "queued"]
    assert served_once.http.get("/v1/visits/v-nobody").json()["code"] == "unknown_visit"


def test_a_large_body_is_refused_while_the_client_still_sends(served_once: ApiProcess) -> None:
    for content in (b" " * 10_000_000, (b" " * 10_000 for _ in range(1000))):
        answer = httpx.post(
            served_once.http.base_url.join("/v1/visits"), content=content, timeout=30,
            headers={"Authorization": served_once.http.headers["authorization"], "Content-Type": "application/json"},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_log_files_hold_no_query_and_no_body(served_once: ApiProcess) -> None:
    served_once.http.get("/v1/visits", params={"district": DISTRICT, "area": "김태용"})
    served_once.http.post("/v1/recipients:batch", json={"recipients": [{"recipient_id": "R-1", "name": "김태용"}]})
    text = served_once.worker.log_path.read_text()
    assert "/v1/visits" in text
    assert "김태용" not in text
    assert "area" not in text
    assert "%EA" not in text
