"""Many visits at once through the API and from a table: every bad row is named with line and column, nothing half done."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from services.cli.visits import import_file
from services.visit_files import read_visits
from streams import topics
from streams.contracts.inputs import RequestVisits
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_bad_input import VISIT

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
        (batch(VISIT, {**VISIT, "district": "11410"}), "batch_refused"), (batch(*[VISIT] * 201), "wrong_field"),
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


# The command, over an API that answers as told


class Scripted:
    """Answers dry runs, then filings, in order, and is away after the last. Of what is cancelled, `stay` is refused."""

    def __init__(self, dry: list[dict[str, Any]], filed: list[dict[str, Any]], stay: set[str] | None = None) -> None:
        self.dry, self.filed, self.stay = list(dry), list(filed), stay or set()
        self.sent: list[tuple[bool, int]] = []
        self.cancelled: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/cancel"):
            self.cancelled.append(request.url.path.split("/")[3])
            return httpx.Response(409 if self.cancelled[-1] in self.stay else 200, json={})
        if not body["dry_run"] and not self.filed:
            raise httpx.ConnectError("away")
        self.sent.append((body["dry_run"], len(body["visits"])))
        return httpx.Response(200, json=(self.dry if body["dry_run"] else self.filed).pop(0))

    def client(self) -> httpx.Client:
        return httpx.Client(base_url="http://api", transport=httpx.MockTransport(self))


FINE = {"dry_run": True, "visit_ids": [], "filed_before": []}
ACCEPTED = {"command_id": "c", "status_url": "/x", "outcome": "accepted"}
RIVER = {
    "code": "batch_refused",
    "rows": [
        {
            "row": 3, "field": "place", "code": "point_in_river", "problem": {"ko": "강 위입니다", "en": "is in the river"},
            "remedy": {"ko": "주소를 다시 찾으세요.", "en": "Look it up again."},
        }
    ],
}  # fmt: skip


def many(folder: Path, count: int) -> Any:
    rows = "\n".join(GOOD.replace("SOS-1", f"SOS-{number}") for number in range(count))
    return read_visits(write(folder, "many.csv", f"{HEADER}\n{rows}\n"), "11440")


def test_one_bad_row_in_the_last_part_and_nothing_is_filed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted([FINE, FINE, RIVER], [])
    assert import_file(api.client(), many(tmp_path, 450), dry_run=False) == 1
    assert api.sent == [(True, 200), (True, 200), (True, 50)]
    assert "many.csv:405 [경도]" in capsys.readouterr().err


def test_a_sound_file_is_filed_in_whole_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted([FINE, {**FINE, "filed_before": [0, 1]}], [ACCEPTED, ACCEPTED])
    assert import_file(api.client(), many(tmp_path, 250), dry_run=False) == 0
    assert api.sent == [(True, 200), (True, 50), (False, 200), (False, 50)]
    assert "248" in capsys.readouterr().out


def test_a_dry_run_files_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted([FINE], [])
    assert import_file(api.client(), many(tmp_path, 3), dry_run=True) == 0
    assert api.sent == [(True, 3)]
    assert "3" in capsys.readouterr().out


def accepted(first: int, count: int) -> dict[str, Any]:
    return {**ACCEPTED, "visit_ids": [f"v-{number}" for number in range(first, first + count)]}


def test_a_part_that_is_refused_after_all_takes_back_what_was_filed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = {**FINE, "filed_before": [0, 7]}  # were there before this file: they stay
    api = Scripted([known, FINE, FINE], [accepted(0, 200), accepted(200, 200), RIVER])
    assert import_file(api.client(), many(tmp_path, 450), dry_run=False) == 1
    told = capsys.readouterr().err
    assert "many.csv:405 [경도]" in told
    assert "taken back" in told or "거두었습니다" in told
    assert api.cancelled == [f"v-{number}" for number in reversed(range(400)) if number not in (0, 7)]


def test_what_cannot_be_taken_back_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted([FINE, FINE], [accepted(0, 200), RIVER], stay={"v-3"})
    assert import_file(api.client(), many(tmp_path, 250), dry_run=False) == 1
    assert capsys.readouterr().err.rstrip().endswith("v-3")


def test_where_it_stopped_is_said_when_the_system_goes_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted([FINE, FINE], [accepted(0, 200)])
    assert import_file(api.client(), many(tmp_path, 250), dry_run=False) == 1
    assert "202" in capsys.readouterr().err
    assert api.cancelled == []

