"""The ledger as a table: what a spreadsheet opens says what the JSON says."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from services.api.sheets import Form, as_sheet
from tests.unit.api.fake_doors import Api, problem_code

LEDGER = {"service_date": "2026-11-03", "visits": 2, "failed_by_reason": {"no_answer": 1}, "on_time_share": None, "programmes": []}
ROWS = [
    ("field", "value"), ("service_date", "2026-11-03"), ("visits", "2"), ("failed_by_reason.no_answer", "1"), ("on_time_share", ""),
    ("programmes", "[]"),
]  # fmt: skip


def test_as_csv_it_has_the_mark_that_excel_needs() -> None:
    answer = as_sheet(json.dumps(LEDGER).encode(), Form.CSV, "ledger")
    assert bytes(answer.body).startswith(b"\xef\xbb\xbf")  # or Excel takes it for cp949
    assert [tuple(line.split(",")) for line in bytes(answer.body).decode("utf-8-sig").splitlines()] == ROWS
    assert answer.headers["content-disposition"] == 'attachment; filename="ledger.csv"'


def test_as_xlsx_numbers_stay_numbers() -> None:
    answer = as_sheet(json.dumps(LEDGER).encode(), Form.XLSX, "ledger")
    book = load_workbook(io.BytesIO(bytes(answer.body)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [(name, "" if value is None else str(value)) for name, value in rows] == ROWS
    assert rows[2] == ("visits", 2)


@pytest.mark.parametrize(("form", "code"), [("pdf", "wrong_field"), ("csv", "not_configured")])
def test_another_form_is_refused_and_no_ledger_is_no_table(api: Api, form: str, code: str) -> None:
    assert problem_code(api.call("GET", f"/v1/ledger?format={form}")) == code
