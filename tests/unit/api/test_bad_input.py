"""Whatever is sent, the answer is a typed problem, nothing of it is quoted, and nothing of it is appended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.api.fake_doors import Api, problem_code

NAME = "김태용"
VISIT: dict[str, Any] = {
    "district": "11440", "reference": "SOS-1", "recipient_id": "R-1", "service": "check_in", "dong": "1144066000",
    "place": {"lon": 126.909, "lat": 37.556}, "window_start_at": "2026-11-03T02:00:00Z",
    "window_end_at": "2026-11-03T03:00:00Z",
}  # fmt: skip
MEAL = {
    "service": "meal_support", "kitchen_id": "K-1", "meal_kind": "single", "ready_at": "2026-11-03T02:00:00Z",
}  # fmt: skip


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in VISIT.items() if name not in names}


BODIES: dict[str, tuple[Any, int, str]] = {
    "no JSON": (b"{'reference':", 400, "not_json"),
    "half of it": (json.dumps(VISIT).encode()[:-9], 400, "not_json"),
    "no text at all": (b"\xff\xfe\x00\x01", 400, "not_json"),
    "nothing": (b"", 400, "not_json"),
    "very deep": (b"[" * 100_000, 400, "not_json"),
    "a list": ([], 422, "wrong_field"),
    "null": (b"null", 422, "wrong_field"),
    "a missing field": (without("recipient_id"), 422, "wrong_field"),
    "an unknown field": ({**VISIT, NAME: 1}, 422, "wrong_field"),
    "a number as text": ({**VISIT, "boxes": "2"}, 422, "wrong_field"),
    "text as a number": ({**VISIT, "reference": 12}, 422, "wrong_field"),
    "a bool as a number": ({**VISIT, "boxes": True}, 422, "wrong_field"),
    "half a box": ({**VISIT, "boxes": 1.5}, 422, "wrong_field"),
    "a huge number": (json.dumps({**VISIT, "boxes": 0}).replace("0}", "9" * 400 + "}").encode(), 422, "wrong_field"),
    "a name as a reference": ({**VISIT, "reference": NAME}, 422, "wrong_field"),
    "a phone as a reference": ({**VISIT, "reference": "010-1234-5678"}, 422, "wrong_field"),
    "an unknown service": ({**VISIT, "service": NAME}, 422, "wrong_field"),
    "an unknown district": ({**VISIT, "district": "26000"}, 422, "unknown_district"),
    "no district code": ({**VISIT, "district": "마포"}, 422, "wrong_field"),
    "no dong code": ({**VISIT, "dong": "서교동"}, 422, "wrong_field"),
    "NaN": ({**VISIT, "place": {"lon": float("nan"), "lat": 37.5}}, 422, "wrong_field"),
    "infinity": ({**VISIT, "place": {"lon": 126.9, "lat": float("inf")}}, 422, "wrong_field"),
    "beyond the earth": ({**VISIT, "place": {"lon": 500.0, "lat": 37.5}}, 422, "wrong_field"),
    "half a place": ({**VISIT, "place": {"lon": 126.9}}, 422, "wrong_field"),
    "two kinds of place": ({**VISIT, "place": {"lon": 126.9, "lat": 37.5, "x_m": 1.0}}, 422, "wrong_field"),
    "inverted times": ({**VISIT, "window_end_at": "2026-11-03T01:00:00Z"}, 422, "time_inverted"),
    "due outside the window": ({**VISIT, "due_at": "2026-11-03T05:00:00Z"}, 422, "time_inverted"),
    "no time zone": ({**VISIT, "window_end_at": "2026-11-03T03:00:00"}, 422, "wrong_field"),
    "a date": ({**VISIT, "window_end_at": "2026-11-03"}, 422, "wrong_field"),
    "epoch seconds": ({**VISIT, "window_end_at": 1_793_674_800}, 422, "wrong_field"),
    "the last day of the calendar": ({**VISIT, "window_end_at": "9999-12-31T23:59:59-12:00"}, 422, "wrong_field"),
    "the first day of the calendar": ({**VISIT, "window_start_at": "0001-01-01T00:00:00+12:00"}, 422, "wrong_field"),
    "no such day": ({**VISIT, "window_end_at": "2026-02-30T03:00:00Z"}, 422, "wrong_field"),
    "a meal without a kitchen": ({**VISIT, "service": "meal_support"}, 422, "meal_without_kitchen"),
    "too many workers": ({**VISIT, "worker_count": 9}, 422, "wrong_field"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_visit_is_refused_by_type(api: Api, case: str) -> None:
    body, status, code = BODIES[case]
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = api.call("POST", "/v1/visits", content=raw, headers={"Content-Type": "application/json"})
    assert (response.status_code, problem_code(response)) == (status, code)
    assert api.writer.records == []
    assert NAME not in response.text
    assert NAME.encode("unicode_escape").decode() not in response.text
    assert "1234-5678" not in response.text
    assert NAME not in api.logs.text


@pytest.mark.parametrize(
    "body",
    [VISIT, {**VISIT, **MEAL}, {**VISIT, "place": {"x_m": 10.0, "y_m": 5}}, {**VISIT, "required_skills": ["korean"]}],
)
def test_a_good_visit_is_recorded(api: Api, body: dict[str, Any]) -> None:
    response = api.call("POST", "/v1/visits", json=body)
    assert response.status_code == 202
    assert len(api.writer.records) == 1


@pytest.mark.parametrize("actor", ["care_manager:010-1234-5678", "operator:01012345678", "care_manager:82-10-1234-5678"])
def test_a_phone_is_no_actor(api: Api, actor: str) -> None:
    """The actor stands in both logs and in the story on the board."""
    response = api.call("POST", "/v1/visits", json=VISIT, headers={"X-Dolbom-Actor": actor})
    assert (response.status_code, problem_code(response)) == (422, "wrong_field")
    assert api.writer.records == []
    assert "1234" not in response.text


def test_a_body_that_says_it_is_too_large_is_refused_unread(api: Api) -> None:
    response = api.call("POST", "/v1/visits", content=b" " * 10_000_000)
    assert (response.status_code, problem_code(response)) == (413, "too_large")


def test_a_body_that_grows_too_large_is_refused(api: Api) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 10_000

    response = api.call("POST", "/v1/visits", content=chunks(), headers={"Content-Type": "application/json"})
    assert (response.status_code, problem_code(response)) == (413, "too_large")


def test_a_form_is_no_json(api: Api) -> None:
    response = api.call("POST", "/v1/visits", data={"reference": NAME})
    assert (response.status_code, problem_code(response)) == (400, "not_json")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", f"/v1/{NAME}", 404, "not_found"),
        ("DELETE", "/v1/visits", 405, "not_allowed"),
        ("GET", "/v1/visits?limit=many", 422, "wrong_field"),
        ("GET", "/v1/visits?limit=0", 422, "wrong_field"),
        ("GET", "/v1/visits?distrct=11440", 422, "wrong_field"),  # a misspelt filter is none, and would show everything
        ("GET", f"/v1/counters?{NAME}=1", 422, "wrong_field"),
        ("GET", "/v1/visits?state=acepted", 422, "wrong_field"),
        ("GET", "/v1/visits?state=accepted,nonsense", 422, "wrong_field"),
        ("GET", "/v1/visits?service=chek_in", 422, "wrong_field"),
        ("GET", "/v1/postings?state=nowhere", 422, "wrong_field"),
        ("GET", "/v1/visits?district=26000", 422, "unknown_district"),
        ("GET", "/v1/visits?district=11440", 503, "board_unavailable"),
        ("GET", f"/v1/visits/{NAME}", 404, "unknown_visit"),
        ("GET", "/v1/visits/6f4b8f0e-3d0a-5c55-9a51-2f6a1f1f9d10", 503, "board_unavailable"),
        ("GET", "/v1/commands/nothing", 404, "unknown_command"),
        ("GET", "/v1/commands/6f4b8f0e-3d0a-5c55-9a51-2f6a1f1f9d10", 503, "board_unavailable"),
        ("GET", "/static/board/..%2f..%2fapi%2fapp.py", 404, "not_found"),
        ("GET", "/v1/ledger", 409, "not_configured"),
        ("POST", "/v1/lockstep/step", 400, "not_json"),
    ],
)
def test_wrong_addresses_are_problems_too(api: Api, method: str, path: str, status: int, code: str) -> None:
    response = api.call(method, path)
    assert (response.status_code, problem_code(response)) == (status, code)
    assert NAME not in response.text


def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    assert api.call("DELETE", "/v1/visits").headers["allow"] == "GET, POST"


def test_a_broker_that_is_away_is_a_problem(api: Api) -> None:
    api.writer.away = True
    response = api.call("POST", "/v1/visits", json=VISIT)
    assert (response.status_code, problem_code(response)) == (503, "log_unavailable")
    assert response.headers["retry-after"]


def test_our_own_fault_is_a_problem_and_quotes_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError(f"cannot seal {NAME}")

    monkeypatch.setattr("services.api.people.put_recipients_as_judged", fail)
    response = api.call("POST", "/v1/recipients:batch", json={"recipients": [{"recipient_id": "R-1", "name": NAME}]})
    assert (response.status_code, problem_code(response)) == (500, "internal_error")
    assert NAME not in response.text
    assert NAME not in api.logs.text
    assert "RuntimeError" in api.logs.text


def test_a_district_configuration_is_checked_strictly(api: Api) -> None:
    for body, code in ((b"{", "not_json"), (b'{"district":"11440"}', "wrong_field"), (b"\x00\xff" * 25, "not_json")):
        response = api.call("PUT", "/v1/districts/11440", content=body, headers={"Content-Type": "application/json"})
        assert problem_code(response) == code
