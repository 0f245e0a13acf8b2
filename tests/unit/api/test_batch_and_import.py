"""Many visits at once through the API and from a table: every bad row is named with line and column, nothing half done."""

from __future__ import annotations

import contextlib
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from starlette.requests import ClientDisconnect

from services.cli.speech import CommandFailed
from services.cli.visits import import_file
from services.visit_files import read_visits
from streams import topics
from streams.contracts.inputs import RequestVisits
from streams.contracts.queries import Answer, Preview
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_bad_input import VISIT
from tests.unit.api.test_doors import T0

HEADER = "접수번호,이용자번호,서비스,행정동,경도,위도,시작,끝,인원"
GOOD = "SOS-1,R-1,안부확인,1144066000,126.909,37.556,2026-11-03 11:00,2026-11-03 12:00,"


def batch(*visits: Any, **more: Any) -> dict[str, Any]:
    return {"visits": list(visits), **more}


def test_a_batch_is_one_record(api: Api) -> None:
    answer = api.call("POST", "/v1/visits:batch", json=batch(VISIT, {**VISIT, "reference": "SOS-2"}))
    (envelope,) = api.writer.envelopes(topics.COMMANDS)
    payload = envelope.read_payload()
    assert isinstance(payload, RequestVisits)
    assert (answer.status_code, answer.json()["visit_ids"]) == (202, [one.visit_id for one in payload.requests])
    alone = api.call("POST", "/v1/visits", json=VISIT).json()
    assert alone["visit_id"] == payload.requests[0].visit_id


def test_every_bad_row_is_named_and_nothing_is_recorded(api: Api) -> None:
    bad = [{**VISIT, "boxes": 0}, {**VISIT, "place": {"lon": 500, "lat": 37.5}}, {**VISIT, "due_at": "2026-11-03T09:00:00Z"}]
    response = api.call("POST", "/v1/visits:batch", json=batch(VISIT, *bad))
    assert (response.status_code, problem_code(response)) == (422, "batch_refused")
    rows = response.json()["rows"]
    assert [(row["row"], row["field"], row["code"]) for row in rows] == [
        (1, "boxes", "wrong_field"), (2, "place.lon", "wrong_field"), (3, "window_start_at", "time_inverted"),
    ]  # fmt: skip
    assert all(row["problem"]["ko"] != row["problem"]["en"] and row["remedy"]["ko"] for row in rows)
    assert api.writer.records == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (batch(), "wrong_field"), (batch(VISIT, often=2), "wrong_field"), ({"visits": 7}, "wrong_field"), (b"{", "not_json"),
        (batch(VISIT, {**VISIT, "district": "11410"}), "batch_refused"), (batch(*[VISIT] * 1_001), "wrong_field"),
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused_whole(api: Api, body: Any, code: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = api.call("POST", "/v1/visits:batch", content=raw, headers={"Content-Type": "application/json"})
    assert problem_code(response) == code
    assert api.writer.records == []


# Tables


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_table_is_read_in_the_encodings_that_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    found = read_visits(write(tmp_path, "v.csv", f"{HEADER}\n{GOOD}\n\n{GOOD.replace('SOS-1', 'SOS-2')}2\n", encoding), "11440")
    assert found.errors == []
    assert found.lines == [2, 4]
    assert found.bodies[0] == {
        "district": "11440", "reference": "SOS-1", "recipient_id": "R-1", "service": "check_in", "dong": "1144066000",
        "place": {"lon": 126.909, "lat": 37.556}, "window_start_at": "2026-11-03T11:00:00+09:00",
        "window_end_at": "2026-11-03T12:00:00+09:00",
    }  # fmt: skip
    assert found.bodies[1]["worker_count"] == 2


def test_a_workbook_is_read_with_its_numbers_and_dates(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([*HEADER.split(","), "district"])
    at = datetime(2026, 11, 3, 11)
    sheet.append(["SOS-1", "R-1", "check_in", 1144066000, 126.909, 37.556, at, at.replace(hour=12), 2, 11440])
    raw = io.BytesIO()
    book.save(raw)
    path = tmp_path / "v.xlsx"
    path.write_bytes(raw.getvalue())
    found = read_visits(path)
    assert found.errors == []
    (body,) = found.bodies
    assert (body["dong"], body["district"], body["worker_count"]) == ("1144066000", "11440", 2)
    assert body["window_end_at"] == "2026-11-03T12:00:00+09:00"


def test_what_cannot_be_read_is_named_by_line_and_column(tmp_path: Path) -> None:
    text = f"{HEADER}\n{GOOD}\n{GOOD.replace('2026-11-03 11:00', '2026-11-03')}\n{GOOD.replace('126.909', 'here')}둘\n"
    errors = read_visits(write(tmp_path, "v.csv", text), "11440").errors
    assert [(error.line, error.column) for error in errors] == [(3, "시작"), (4, "경도"), (4, "인원")]
    assert "v.csv:3 [시작]" in errors[0].in_language("ko")
    assert "Seoul" in errors[0].in_language("en")


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("v.csv", "", {"wrong_field"}), ("v.csv", HEADER, {"wrong_field", "missing_column"}),
        ("v.csv", "접수번호,무엇\n1,2\n", {"unknown_column", "missing_column"}), ("v.xlsx", "no workbook", {"not_xlsx"}),
        ("v.csv", "\x00\x00", {"wrong_encoding"}),
    ],
)  # fmt: skip
def test_what_is_no_table_of_visits_is_said(tmp_path: Path, name: str, text: str, codes: set[str]) -> None:
    assert {error.code for error in read_visits(write(tmp_path, name, text)).errors} <= codes
    assert read_visits(write(tmp_path, name, text)).errors


# What dies in the middle


def sent_by_hand(api: Api, body: bytes, parts: int) -> list[dict[str, Any]]:
    """A request whose client sends only the first `parts` of ten parts and then is gone; what was answered."""
    size = len(body) // 10 + 1
    coming = [
        {"type": "http.request", "body": body[n * size : (n + 1) * size], "more_body": n < 9} for n in range(parts)
    ]  # fmt: skip
    answered: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        answered.append(message)
        raise OSError("the client is gone")

    headers = {"authorization": f"Bearer {api.token}", "content-type": "application/json", "content-length": str(len(body)),
               "idempotency-key": "run-1"}  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "path": "/v1/visits:batch", "raw_path": b"/v1/visits:batch", "query_string": b"",
        "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("testserver", 80), "client": ("127.0.0.1", 5),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "state": {},
    }  # fmt: skip

    async def call() -> None:
        with contextlib.suppress(OSError, ClientDisconnect):
            await api.client.app(scope, receive, send)  # type: ignore[arg-type]

    assert api.client.portal is not None
    api.client.portal.call(call)
    return answered


def test_a_client_that_dies_in_mid_body_has_filed_nothing_and_one_that_dies_after_it_all(api: Api) -> None:
    visits = [{**VISIT, "reference": f"SOS-{n}"} for n in range(1_000)]
    body = json.dumps(batch(*visits)).encode()
    for parts in (1, 5, 9):
        sent_by_hand(api, body, parts)
        assert api.writer.records == []
    sent_by_hand(api, body, 10)
    headers = {"Content-Type": "application/json", "Idempotency-Key": "run-1"}
    again = api.call("POST", "/v1/visits:batch", content=body, headers=headers)
    sent = [envelope.read_payload() for envelope in api.writer.envelopes(topics.COMMANDS)]
    assert all(isinstance(one, RequestVisits) and len(one.requests) == 1_000 for one in sent)
    assert {one.command_id for one in sent if isinstance(one, RequestVisits)} == {again.json()["command_id"]}


def test_a_question_is_another_command_than_what_was_refused(api: Api) -> None:
    asked = []

    async def answer(_doors: Any, _district: str, _kind: str, *, envelope: Any) -> Answer:
        asked.append(envelope)
        return Answer(query_id="q", now_at=T0, preview=Preview(outcome="accepted", code="", changes=(), refused_reports=()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.api.batches.ask", answer)
        assert api.call("POST", "/v1/visits:batch", json=batch(VISIT, dry_run=True)).json()["filed_before"] == []
    filed = api.call("POST", "/v1/visits:batch", json=batch(VISIT)).json()["command_id"]
    assert asked[0].id != filed


# The command, over an API that answers as told


class Scripted:
    """Answers in order, then is away. A status is asked for under /x."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[bool, int]] = []
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            body = json.loads(request.content)
            self.sent.append((body["dry_run"], len(body["visits"])))
            self.keys.append(request.headers["idempotency-key"])
        if not self.answers:
            raise httpx.ReadError("gone")
        return httpx.Response(200, json=self.answers.pop(0))

    def client(self) -> httpx.Client:
        return httpx.Client(base_url="http://api", transport=httpx.MockTransport(self))


PENDING = {"command_id": "c", "status_url": "/x"}
ACCEPTED = {**PENDING, "outcome": "accepted", "filed_before": []}
RIVER = {
    "code": "batch_refused",
    "rows": [
        {
            "row": 403, "field": "place", "code": "point_in_river", "problem": {"ko": "강 위입니다", "en": "is in the river"},
            "remedy": {"ko": "주소를 다시 찾으세요.", "en": "Look it up again."},
        }
    ],
}  # fmt: skip


def many(folder: Path, count: int) -> Any:
    rows = "\n".join(GOOD.replace("SOS-1", f"SOS-{number}") for number in range(count))
    return read_visits(write(folder, "many.csv", f"{HEADER}\n{rows}\n"), "11440")


def test_a_file_is_one_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted({**ACCEPTED, "filed_before": [0, 1]})
    assert import_file(api.client(), many(tmp_path, 1_000), dry_run=False) == 0
    assert api.sent == [(False, 1_000)]
    assert "998" in capsys.readouterr().out


def test_one_bad_row_is_named_with_the_line_and_header_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted(RIVER)
    assert import_file(api.client(), many(tmp_path, 450), dry_run=False) == 1
    assert "many.csv:405 [경도]" in capsys.readouterr().err


def test_a_file_that_no_record_takes_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (error,) = many(tmp_path, 1_001).errors
    assert (error.code, "1,001" in error.problem.in_language("ko")) == ("too_large", True)


def test_a_dry_run_files_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted({"dry_run": True, "visit_ids": [], "filed_before": [2]})
    assert import_file(api.client(), many(tmp_path, 3), dry_run=True) == 0
    assert api.sent == [(True, 3)]
    assert "2" in capsys.readouterr().out


def test_what_takes_longer_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted(PENDING, {"outcome": "pending"}, ACCEPTED)
    assert import_file(api.client(), many(tmp_path, 3), dry_run=False) == 0
    assert "3" in capsys.readouterr().out


def test_a_run_that_lost_the_system_says_so_and_the_next_one_asks_anew(tmp_path: Path) -> None:
    api = Scripted()
    for _ in range(2):
        with pytest.raises(CommandFailed, match=r"again|다시"):
            import_file(api.client(), many(tmp_path, 250), dry_run=False)
    assert len(set(api.keys)) == 2
