"""Read one CSV file of a day folder: encoding, header, rows. Everything wrong is collected, nothing stops at the first
error.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.sample_day.day import RowError, Text
from services.sample_day.day_format import Column, Table
from services.sample_day.read_cell import CODE_LIKE, READERS, Bad, Context

FILE_LIMIT_BYTES = 20_000_000  # a district's year of meals is 2 MB; more is another file by mistake
ROW_LIMIT = 100_000
FIELD_LIMIT = 2_000_000  # characters of one cell: real boundaries as text are long


@dataclass
class Row:
    """One row: its line in the file and its values by column. A cell that was bad or empty is None (or the default)."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def good(self, *names: str) -> bool:
        """All of these cells are there and readable."""
        return all(self.values.get(name) is not None for name in names)


def _file_error(table: Table, code: str, ko: str, en: str, remedy_ko: str, remedy_en: str, line: int = 0) -> RowError:
    return RowError(table.file, line, "", Text(ko, en), Text(remedy_ko, remedy_en), code)


def decode_bytes(table: Table, raw: bytes) -> str | RowError:
    """UTF-8 with or without BOM, else cp949; anything else is an error that says where."""
    encoding_remedy = (
        "'CSV UTF-8(쉼표로 분리)'로 다시 저장하세요.",
        "Save it again as 'CSV UTF-8 (comma delimited)'.",
    )
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in raw[:4096]:
        return _file_error(
            table, "wrong_encoding", "UTF-16이거나 CSV가 아닌 파일입니다.", "The file is UTF-16 or no CSV at all.",
            *encoding_remedy,
        )  # fmt: skip
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_at = error.start
    try:
        return raw.decode("cp949")
    except UnicodeDecodeError as error:
        bad_at = max(bad_at, error.start)
    return _file_error(
        table, "wrong_encoding", "UTF-8도 CP949도 아닌 글자가 있습니다.", "Some bytes are neither UTF-8 nor CP949.",
        *encoding_remedy, line=raw.count(b"\n", 0, bad_at) + 1,
    )  # fmt: skip


def _read_text(folder: Path, table: Table) -> str | RowError | None:
    path = folder / table.file
    if not path.is_file():
        if not table.required:
            return None
        return _file_error(
            table, "missing_file", "파일이 없습니다.", "The file is missing.",
            "폴더에 이 파일을 넣으세요(docs/day-format.md).", "Put it into the folder (docs/day-format.md).",
        )  # fmt: skip
    size = path.stat().st_size
    if size > FILE_LIMIT_BYTES:
        return _file_error(
            table, "too_large", f"{size / 1e6:.0f}MB: 너무 큽니다.", f"{size / 1e6:.0f} MB is too large.",
            "하루치만 담으세요(20MB 이하).", "Keep one day in it (at most 20 MB).",
        )  # fmt: skip
    text = decode_bytes(table, path.read_bytes())
    if isinstance(text, str) and not text.strip():
        return _file_error(
            table, "empty_file", "빈 파일입니다.", "The file is empty.",
            "머리글 줄과 내용을 넣으세요(docs/day-format.md).", "Give it a header line and rows (docs/day-format.md).",
        )  # fmt: skip
    return text


def _check_header(table: Table, header: list[str], columns: tuple[Column, ...]) -> list[RowError]:
    names = [column.name for column in columns]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        return [
            _file_error(
                table, "wrong_delimiter", "쉼표로 나뉘지 않은 파일입니다.", "The columns are not separated by commas.",
                "'CSV(쉼표로 분리)'로 저장하세요.", "Save it as CSV with commas.", 1,
            )
        ]  # fmt: skip
    errors = []
    for name in sorted({name for name in header if header.count(name) > 1}):
        errors.append(
            RowError(
                table.file, 1, name, Text("같은 열이 두 번 있습니다.", "The column is there twice."),
                Text("하나를 지우세요.", "Remove one."), "duplicate_column",
            )
        )  # fmt: skip
    for column in columns:
        if column.required and column.name not in header:
            errors.append(
                RowError(
                    table.file, 1, column.name, Text("필수 열이 없습니다.", "A required column is missing."),
                    Text(f"머리글에 {column.name} 열을 넣으세요.", f"Add the column {column.name}."), "missing_column",
                )
            )  # fmt: skip
    for number, name in enumerate(header, 1):
        if name not in names:
            close = difflib.get_close_matches(name, names, 1)
            hint_ko = f"{close[0]}로 고치거나 지우세요." if close else "열을 지우세요."
            hint_en = f"Rename it to {close[0]}, or remove it." if close else "Remove the column."
            shown = name if CODE_LIKE.fullmatch(name) else f"{number}"
            errors.append(
                RowError(
                    table.file, 1, shown, Text("모르는 열입니다.", "The column is unknown."), Text(hint_ko, hint_en),
                    "unknown_column",
                )
            )  # fmt: skip
    return errors


def _read_cells(table: Table, line: int, cells: dict[str, str], columns: tuple[Column, ...], context: Context,
                errors: list[RowError]) -> Row:  # fmt: skip
    row = Row(line)
    for column in columns:
        text = cells.get(column.name, "").strip()
        if not text and column.required:
            row.bad.add(column.name)
            errors.append(
                RowError(
                    table.file, line, column.name, Text("비어 있습니다.", "The cell is empty."),
                    Text("값을 채우세요.", "Fill it in."), "missing_value",
                )
            )  # fmt: skip
            continue
        text = text or column.default
        if not text:
            continue
        try:
            row.values[column.name] = READERS[column.kind](text, context)
        except Bad as bad:
            row.bad.add(column.name)
            errors.append(RowError(table.file, line, column.name, bad.problem, bad.remedy, bad.code))
    return row


def read_table(folder: Path, table: Table, coordinates: str, context: Context) -> tuple[list[Row], list[RowError]]:
    """All rows of a file and everything wrong with it. An optional file that is absent has no rows."""
    text = _read_text(folder, table)
    if text is None:
        return [], []
    if isinstance(text, RowError):
        return [], [text]
    columns = table.columns_for(coordinates)
    previous_limit = csv.field_size_limit(FIELD_LIMIT)
    try:
        return _read_rows(table, text, columns, context)
    finally:
        csv.field_size_limit(previous_limit)


def _read_rows(
    table: Table, text: str, columns: tuple[Column, ...], context: Context
) -> tuple[list[Row], list[RowError]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    errors: list[RowError] = []
    header: list[str] = []
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                errors = _check_header(table, header, columns)
                if errors:
                    return [], errors
                continue
            if len(rows) >= ROW_LIMIT:
                errors.append(
                    _file_error(
                        table, "too_large", f"{ROW_LIMIT}행이 넘습니다.", f"More than {ROW_LIMIT} rows.",
                        "하루치만 담으세요.", "Keep one day in it.", line,
                    )
                )  # fmt: skip
                return rows, errors
            if len(cells) != len(header):
                errors.append(
                    _file_error(
                        table, "wrong_cell_count",
                        f"칸이 {len(cells)}개입니다(머리글 {len(header)}개).",
                        f"The row has {len(cells)} cells, the header {len(header)}.",
                        "쉼표가 든 값은 큰따옴표로 묶으세요.", "Put a value with a comma in double quotes.", line,
                    )
                )  # fmt: skip
                continue
            rows.append(_read_cells(table, line, dict(zip(header, cells, strict=True)), columns, context, errors))
    except csv.Error:
        errors.append(
            _file_error(
                table, "broken_csv", "따옴표가 맞지 않거나 칸이 너무 깁니다.", "Quotes do not match, or a cell is too long.",
                "이 줄의 큰따옴표를 확인하세요.", "Check the double quotes of this row.", start,
            )
        )  # fmt: skip
        return rows, errors
    if len(rows) < table.min_rows and not errors:
        errors.append(
            _file_error(
                table, "no_rows", "내용이 없습니다.", "There are no rows.", "한 줄 이상 넣으세요.", "Add at least one row.",
                max(1, start - 1),
            )
        )  # fmt: skip
    return rows, errors
