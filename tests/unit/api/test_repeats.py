"""The same key: answered as the first time, also by the next process; another body: refused. If-Match: no stale edits."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.app import make_app, open_doors
from services.api.repeats import REPLAYED
from streams import topics
from streams.settings import read_settings
from tests.unit.api.conftest import NOWHERE
from tests.unit.api.fake_doors import Api, ListWriter, problem_code
from tests.unit.api.test_bad_input import VISIT

KEY = {"Idempotency-Key": "k-1"}
CANCEL = {"reason": "office", "district": "11440"}


def cancel(api: Api, visit_id: str = "v-1", reason: str = "office", **headers: str) -> Any:
    return api.call("POST", f"/v1/visits/{visit_id}/cancel", json={**CANCEL, "reason": reason}, headers=headers)


def test_the_first_answer_is_repeated_and_nothing_is_appended_again(api: Api) -> None:
    first = api.call("POST", "/v1/visits", json=VISIT, headers=KEY)
    again = api.call("POST", "/v1/visits", json=dict(reversed(VISIT.items())), headers=KEY)
    assert (again.status_code, again.content, again.headers["location"]) == (202, first.content, first.headers["location"])
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert len(api.writer.records) == 1


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/v1/visits", VISIT, {**VISIT, "boxes": 2}),
        ("/v1/visits/v-1/cancel", CANCEL, {**CANCEL, "reason": "same_day"}),
        ("/v1/exceptions/x-1/settle", {"outcome": "found_well", "district": "11440"}, {"outcome": "call_119", "district": "11440"}),
        ("/v1/day/close", {"district": "11440", "service_date": "2026-11-03"}, {"district": "11440", "service_date": "2026-11-04"}),
        ("/v1/recipients:batch", {"recipients": []}, {"recipients": [{"recipient_id": "R-1", "name": "가"}]}),
    ],
)
def test_the_same_key_with_another_body_is_refused_on_every_post(api: Api, path: str, body: Any, other: Any) -> None:
    assert api.call("POST", path, json=body, headers=KEY).status_code in (200, 202)
    before = len(api.writer.records)
    refused = api.call("POST", path, json=other, headers=KEY)
    assert (refused.status_code, problem_code(refused)) == (409, "key_reused")
    assert api.call("POST", path, json=body, headers=KEY).headers[REPLAYED] == "true"
    assert len(api.writer.records) == before


def test_a_key_is_its_senders_and_its_doors_own(api: Api) -> None:
    answers = [cancel(api, **KEY), cancel(api, "v-2", **KEY), cancel(api, **KEY, **{"X-Dolbom-Actor": "coordinator"})]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert all(REPLAYED not in answer.headers for answer in answers)
    assert len(api.writer.envelopes(topics.COMMANDS)) == 3


def test_a_body_that_was_refused_may_be_corrected_under_its_key(api: Api) -> None:
    assert problem_code(cancel(api, reason="because", **KEY)) == "wrong_field"
    assert cancel(api, **KEY).status_code == 202


def test_what_the_log_did_not_take_keeps_its_key_and_may_come_again(api: Api) -> None:
    api.writer.away = True
    assert problem_code(cancel(api, **KEY)) == "log_unavailable"
    api.writer.away = False
    assert problem_code(cancel(api, reason="same_day", **KEY)) == "key_reused"
    assert cancel(api, **KEY).status_code == 202


def test_a_preview_and_a_read_of_names_are_made_anew(api: Api) -> None:
    for _ in range(2):
        read = api.call("POST", "/v1/people/names", json={"recipient_ids": ["R-1"]}, headers=KEY)
        assert read.status_code == 200
        assert REPLAYED not in read.headers
    with api.doors.registry.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM access_log").scalar_one() == 2


def test_a_read_keeps_its_key_for_its_body(api: Api) -> None:
    for path, body, other in (
        ("/v1/people/names", {"recipient_ids": ["R-1"]}, {"recipient_ids": ["R-2"]}),
        ("/v1/calls", {"number": "010-1234-5678"}, {"number": "010-1234-5679"}),
        ("/v1/people/search", {"ending": "5678"}, {"ending": "5679"}),
    ):
        assert api.call("POST", path, json={"nonsense": 1}, headers=KEY).status_code == 422
        api.call("POST", path, json=body, headers=KEY)  # a body that was refused may be corrected under its key
        assert problem_code(api.call("POST", path, json=other, headers=KEY)) == "key_reused"


def test_no_digest_that_is_kept_tells_a_password_or_a_number(api: Api, tmp_path: Path) -> None:
    """Whoever has the database tries every number, or every likely password, in a moment."""
    bodies = {"/v1/calls": {"number": "010-1234-5678"}, "/v1/recipients:batch": {"recipients": []}}
    for path, body in bodies.items():
        api.call("POST", path, json=body, headers=KEY)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for body in bodies.values():
        raw = json.dumps(body, separators=(",", ":")).encode()
        assert hashlib.sha256(raw).hexdigest().encode() not in held


def test_a_key_of_the_version_before_is_known_still(api: Api) -> None:
    first = cancel(api, **KEY)
    raw = json.dumps(dict(sorted(CANCEL.items())), separators=(",", ":")).encode()
    with api.doors.registry.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE kept_answers SET body_hash = ?", (hashlib.sha256(raw).hexdigest(),))
    again = cancel(api, **KEY)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert problem_code(cancel(api, reason="same_day", **KEY)) == "key_reused"


def test_the_same_request_twice_at_once_is_carried_out_once(api: Api) -> None:
    answers: list[Any] = []
    body = {"recipients": [{"recipient_id": "R-1", "name": "가나"}]}

    def send() -> None:
        answers.append(api.call("POST", "/v1/recipients:batch", json=body, headers=KEY))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1


def test_the_next_process_with_an_empty_redis_repeats_the_answer(api: Api, tmp_path: Path) -> None:
    first = cancel(api, **KEY)
    environ = {"DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE}
    settings = read_settings(environ)
    writer = ListWriter(settings)
    doors = open_doors(settings, writer)
    with TestClient(make_app(settings, doors)) as client:
        again = cancel(Api(client, doors, writer, api.logs), **KEY)
    assert (again.status_code, again.json(), again.headers[REPLAYED]) == (202, first.json(), "true")
    assert writer.records == []


def test_an_answer_is_sealed_where_it_is_kept(api: Api, tmp_path: Path) -> None:
    command_id = cancel(api, **KEY).json()["command_id"]
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert command_id.encode() not in held


def test_a_registry_that_does_not_answer_is_told_and_nothing_is_done(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def locked(*_: Any) -> None:
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    monkeypatch.setattr(api.doors.registry.answers, "reserve", locked)
    assert problem_code(cancel(api, **KEY)) == "registry_unavailable"
    assert api.writer.records == []


@pytest.mark.parametrize("key", ["김태용", "with space", "x" * 129, "010-1234-5678"])
def test_what_cannot_be_a_key_is_refused(api: Api, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode()}
    response = api.client.post(
        "/v1/visits", json=VISIT, headers={b"Authorization": f"Bearer {api.token}".encode(), **headers}
    )  # fmt: skip
    assert problem_code(response) == "wrong_field"
    assert api.writer.records == []


def test_if_match_is_the_version_that_the_log_judges(api: Api) -> None:
    for path, body in (
        ("cancel", CANCEL), ("correct", {"outcome": "failed", "reason": "told", "district": "11440"}),
        ("assign", {"worker_id": "w-1", "district": "11440"}), ("let-plan-decide", {"district": "11440"}),
    ):  # fmt: skip
        assert api.call("POST", f"/v1/visits/v-1/{path}", json=body, headers={"If-Match": '"4"'}).status_code == 202
    assert [envelope.expected_version for envelope in api.writer.envelopes(topics.COMMANDS)] == [4, 4, 4, 4]


@pytest.mark.parametrize(("tag", "version"), [("4", None), ('W/"4"', None), ('"x"', None), ('"4"', 5)])
def test_an_if_match_that_makes_no_sense_is_refused(api: Api, tag: str, version: int | None) -> None:
    body = {**CANCEL, "expected_version": version}
    response = api.call("POST", "/v1/visits/v-1/cancel", json=body, headers={"If-Match": tag})
    assert problem_code(response) == "wrong_field"
    assert api.writer.records == []


def test_the_same_order_on_a_newer_version_is_a_new_command(api: Api) -> None:
    ids = {cancel(api, **{"If-Match": tag}).json()["command_id"] for tag in ('"4"', '"4"', '"9"')}
    assert len(ids) == 2
