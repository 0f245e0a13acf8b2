"""A document of the board as a table that a spreadsheet opens: CSV (UTF-8 with BOM, as Excel needs it) or XLSX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from fastapi.responses import Response


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_sheet(document: bytes, form: Form, name: str) -> Response:
    """A JSON object as two columns, inner names after a dot. `name` is the file's, without its ending."""
    rows = [("field", "value"), *_flat("", json.loads(document))]
    raw = _csv(rows) if form is Form.CSV else _xlsx(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    return Response(raw, headers=headers, media_type=MEDIA_TYPES[form])


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list):
        yield path, json.dumps(value, ensure_ascii=False)
    else:
        yield path, value


def _csv(rows: list[tuple[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows((field, "" if value is None else value) for field, value in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[tuple[str, Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("ledger")
    for row in rows:
        sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()
