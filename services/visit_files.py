"""Read a table of visits (CSV in UTF-8 or cp949, XLSX) into bodies of `POST /v1/visits:batch`. Everything wrong is
collected, with its line and column; what the rules of the district say is the API's business."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.sample_day.day import RowError, Text
from services.sample_day.day_format import KOREAN_SERVICES, Table
from services.sample_day.read_table import decode_bytes
from streams.contracts.batches import BATCH_LIMIT

SEOUL = ZoneInfo("Asia/Seoul")
FILE_LIMIT_BYTES = 10_000_000
HEADING_SHOWN = 30  # characters of a column's heading that nobody knows
COLUMNS: dict[str, str] = {
    "district": "자치구", "reference": "접수번호", "recipient_id": "이용자번호", "service": "서비스", "dong": "행정동",
    "lon": "경도", "lat": "위도", "x_m": "x_m", "y_m": "y_m", "window_start_at": "시작", "window_end_at": "끝", "due_at": "약속",
    "service_duration_s": "제공시간_초", "priority": "우선순위", "worker_count": "인원", "required_skills": "필요자격",
    "excluded_workers": "제외인력", "gender": "성별", "kitchen_id": "조리장", "meal_kind": "식사종류", "ready_at": "준비시각",
    "freshness_s": "신선도_초", "boxes": "개수", "may_leave_at_door": "문앞가능", "risk": "위험도", "diet": "식이",
    "avoid_allergens": "알레르기", "preferred_gender": "희망성별", "programme": "사업", "asked_by": "신청자",
    "tasks": "할일", "preferred_workers": "희망인력", "after_visit_id": "앞방문", "after_reference": "앞접수번호",
    "gap_min_s": "최소간격_초", "gap_max_s": "최대간격_초", "gap_other_worker": "다른인력", "access_s": "진입_초",
    "boxes_back": "회수상자", "round_id": "배송코스", "round_rank": "코스순서", "leave_out_price": "제외비용",
}  # fmt: skip
"""Column -> its Korean name; a header may use either."""
MUST = ("reference", "recipient_id", "service", "dong", "window_start_at", "window_end_at")
_TIMES = ("window_start_at", "window_end_at", "due_at", "ready_at")
_WHOLE = (
    "service_duration_s", "priority", "worker_count", "freshness_s", "boxes", "gap_min_s", "gap_max_s", "access_s", "boxes_back",
    "round_rank", "leave_out_price",
)  # fmt: skip
_NUMBERS = ("lon", "lat", "x_m", "y_m")
_LISTS = ("required_skills", "excluded_workers", "avoid_allergens", "tasks", "preferred_workers")
_FLAGS = ("may_leave_at_door", "gap_other_worker")
_YES, _NO = ("예", "y", "yes", "true", "1", "o"), ("아니오", "n", "no", "false", "0", "x")


@dataclass
class VisitFile:
    """What was read. `lines[i]` is the line of `bodies[i]`; `headers` is how the file names a field."""

    name: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)

    def error(self, line: int, column: str, problem: Text, remedy: Text, code: str = "wrong_field") -> None:
        self.errors.append(RowError(self.name, line, self.headers.get(column, column), problem, remedy, code))


def read_visits(path: Path, district: str = "") -> VisitFile:
    """Read a file; `district` is for files without that column. Raises OSError."""
    found = VisitFile(path.name)
    if path.stat().st_size > FILE_LIMIT_BYTES:
        split = Text("나누어 보내세요.", "Split it.")
        found.error(0, "", Text("파일이 너무 큽니다.", "The file is too large."), split, "too_large")
        return found
    raw = path.read_bytes()
    rows = _xlsx_rows(found, raw) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_rows(found, raw)
    header: list[str] | None = None
    for line, cells in rows:
        if header is None:
            header = _read_header(found, line, cells, district)
            if found.errors:
                return found
        elif any(_text(cell) for cell in cells):
            _read_row(found, line, dict(zip(header, cells, strict=False)), district)
    if len(found.bodies) > BATCH_LIMIT:
        count = f"{len(found.bodies):,}"
        many = Text(f"{BATCH_LIMIT:,}건이 넘습니다({count}건).", f"There are more than {BATCH_LIMIT:,} rows ({count}).")
        split = Text("나누어 보내세요(예: 날짜별로). 한 파일은 전부 접수되거나 전혀 접수되지 않습니다.",
                     "Split it (by day, say): a file is filed whole or not at all.")  # fmt: skip
        found.error(0, "", many, split, "too_large")
    if not found.bodies and not found.errors:
        remedy = Text("머리글과 행을 넣으세요.", "Give it a header and rows.")
        found.error(0, "", Text("내용이 없습니다.", "There are no rows."), remedy)
    return found


def _csv_rows(found: VisitFile, raw: bytes) -> Iterator[tuple[int, list[Any]]]:
    text = decode_bytes(Table(found.name, ()), raw)
    if isinstance(text, RowError):
        found.errors.append(text)
        return
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1  # of the next row's first line; a cell may hold line breaks
    except csv.Error:
        found.error(line, "", Text("CSV가 아닙니다.", "This is no CSV."), Text("CSV로 다시 저장하세요.", "Save it as CSV again."))


def _xlsx_rows(found: VisitFile, raw: bytes) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield line, list(cells)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError):
        found.error(
            0, "", Text("엑셀 파일로 읽을 수 없습니다.", "This cannot be read as an Excel file."),
            Text("XLSX나 CSV로 다시 저장하세요.", "Save it again as XLSX or CSV."), "not_xlsx",
        )  # fmt: skip


def _read_header(found: VisitFile, line: int, cells: list[Any], district: str) -> list[str]:
    korean = {ko: name for name, ko in COLUMNS.items()}
    names = []
    for number, cell in enumerate(cells, 1):
        given = _text(cell)
        name = korean.get(given, given)
        if given and name not in COLUMNS:
            known = ", ".join(COLUMNS)
            found.error(line, f"{number}: {given[:HEADING_SHOWN]}", Text("모르는 열입니다.", "The column is unknown."),
                        Text(f"고치거나 지우세요: {', '.join(COLUMNS.values())}", f"Rename or remove it. Known: {known}."),
                        "unknown_column")  # fmt: skip
        elif given and name in names:
            found.error(line, given, Text("같은 열이 두 번 있습니다.", "The column is there twice."),
                        Text("하나를 지우세요.", "Remove one."), "duplicate_column")  # fmt: skip
        names.append(name)
        found.headers.setdefault(name, given)
    must = [*MUST, *(() if district else ("district",))]
    missing = [name for name in must if name not in names]
    if not ({"lon", "lat"} <= set(names) or {"x_m", "y_m"} <= set(names)):
        missing += ["lon", "lat"]
    for name in missing:
        found.error(line, name, Text("필수 열이 없습니다.", "A required column is missing."),
                    Text(f"'{COLUMNS[name]}' 열을 넣으세요.", f"Add the column {name}."), "missing_column")  # fmt: skip
    return names


def _read_row(found: VisitFile, line: int, cells: dict[str, Any], district: str) -> None:
    values: dict[str, Any] = {"district": district} if district else {}
    sound = True
    for name, cell in cells.items():
        if name not in COLUMNS or _text(cell) == "":
            continue
        try:
            values[name] = _reader(name)(cell)
        except ValueError:
            sound = False
            found.error(line, name, *_WRONG[_kind(name)])
    for one, other in (("lon", "lat"), ("x_m", "y_m")):
        if one in values and other in values:
            values["place"] = {one: values[one], other: values[other]}
    for name in _NUMBERS:
        values.pop(name, None)
    if sound:
        found.bodies.append(values)
        found.lines.append(line)


def _kind(name: str) -> str:
    kinds = {"time": _TIMES, "whole": _WHOLE, "number": _NUMBERS, "list": _LISTS, "yes": _FLAGS}
    return next((kind for kind, names in kinds.items() if name in names), "text")


_WRONG: dict[str, tuple[Text, Text]] = {
    "time": (
        Text("날짜와 시각이 아닙니다.", "This is no date and time."),
        Text("2026-11-03 12:00처럼 쓰세요(한국 시각).", "Write it as 2026-11-03 12:00 (time of Seoul)."),
    ),
    "whole": (Text("정수가 아닙니다.", "This is no whole number."), Text("숫자만 쓰세요.", "Write digits only.")),
    "number": (Text("숫자가 아닙니다.", "This is no number."), Text("126.909처럼 쓰세요.", "Write it as 126.909.")),
    "yes": (Text("예나 아니오가 아닙니다.", "This is neither yes nor no."), Text("예 또는 아니오로 쓰세요.", "Write yes or no.")),
    "list": (Text("목록이 아닙니다.", "This is no list."), Text("쉼표로 나누세요.", "Put commas between.")),
    "text": (Text("읽을 수 없습니다.", "This cannot be read."), Text("글자로 쓰세요.", "Write it as text.")),
}


def _reader(name: str) -> Callable[[Any], Any]:
    if name == "service":
        return lambda cell: KOREAN_SERVICES.get(_text(cell), _text(cell))
    return {"time": _time, "whole": _whole, "number": _number, "list": _list, "yes": _yes, "text": _text}[_kind(name)]


def _text(cell: Any) -> str:
    """As a person sees it: a spreadsheet keeps 1144066000 as a number."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _time(cell: Any) -> str:
    if isinstance(cell, date | time) and not isinstance(cell, datetime):
        raise ValueError("half an instant")
    at = cell if isinstance(cell, datetime) else datetime.fromisoformat(_text(cell))
    if not isinstance(cell, datetime) and re.search(r"\d:\d", _text(cell)) is None:
        raise ValueError("a date only")
    return (at if at.tzinfo else at.replace(tzinfo=SEOUL)).isoformat()


def _whole(cell: Any) -> int:
    return int(_text(cell))


def _number(cell: Any) -> float:
    number = float(_text(cell))
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _list(cell: Any) -> list[str]:
    return [one for one in re.split(r"[,;\s]+", _text(cell)) if one]


def _yes(cell: Any) -> bool:
    said = _text(cell).lower()
    if said not in (*_YES, *_NO):
        raise ValueError("neither yes nor no")
    return said in _YES
