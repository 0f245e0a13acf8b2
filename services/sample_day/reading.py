"""A day folder while it is read: rows by file, what they refer to, and what is wrong so far."""

from __future__ import annotations

from pathlib import Path

from services.sample_day import day_format as form
from services.sample_day.day import RowError, Text
from services.sample_day.day_table import Table
from services.sample_day.read_cell import Context, quoted
from services.sample_day.read_table import Row, read_table

STRUCTURAL = {
    "missing_file", "too_large", "wrong_encoding", "empty_file", "wrong_delimiter", "missing_column", "unknown_column",
    "duplicate_column", "wrong_cell_count", "broken_csv", "no_rows",
}  # fmt: skip


class Reading:
    """A folder while it is read: rows by file, errors so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[Row]] = {}
        self.errors: list[RowError] = []
        self.known: dict[str, set[str] | None] = {}
        district, errors = read_table(folder, form.DISTRICT, "wgs84", Context())
        first = district[0] if district else Row(0)
        self.coordinates: str = first["coordinates"] or "wgs84"
        context = Context(first["service_date"])
        for table in form.TABLES:
            rows, errors = read_table(folder, table, self.coordinates, context)
            self.rows[table.file] = rows
            self.errors += errors

    def of(self, table: Table) -> list[Row]:
        return self.rows[table.file]

    def present(self, table: Table) -> bool:
        return (self.folder / table.file).is_file()

    def report(self, table: Table, row: Row, column: str, code: str, ko: str, en: str, fix_ko: str, fix_en: str) -> None:
        self.errors.append(RowError(table.file, row.line, column, Text(ko, en), Text(fix_ko, fix_en), code))

    def ids(self, table: Table, column: str) -> set[str] | None:
        """The ids that a file defines; None if the file itself is broken, so that its users are not blamed for it.
        Duplicates are reported the first time."""
        if table.file not in self.known:
            seen: dict[str, int] = {}
            for row in self.of(table):
                if not row.good(column):
                    continue
                if row[column] in seen:
                    first = seen[row[column]]
                    shown_ko, shown_en = quoted(row[column])
                    self.report(
                        table, row, column, "duplicate", f"{shown_ko}: {first}행과 같습니다.",
                        f"{shown_en} is on line {first} already.",
                        "한 줄을 지우거나 다른 번호를 주세요.", "Remove one of the rows, or give it another id.",
                    )  # fmt: skip
                seen.setdefault(row[column], row.line)
            broken = any(error.file == table.file and error.code in STRUCTURAL for error in self.errors)
            unreadable = any(column in row.bad for row in self.of(table))
            self.known[table.file] = None if broken or unreadable else set(seen)
        return self.known[table.file]

    def refer(self, table: Table, column: str, code: str, target: Table, target_column: str) -> None:
        """Every id in a column must be defined in another file."""
        known = self.ids(target, target_column)
        if known is None:
            return
        for row in self.of(table):
            value = row[column]
            for name in value if isinstance(value, tuple) else (value,):
                name = name[0] if isinstance(name, tuple) else name
                if name is not None and name not in known:
                    shown_ko, shown_en = quoted(name)
                    self.report(
                        table, row, column, code, f"{shown_ko}: {target.file}에 없습니다.",
                        f"{shown_en} is not in {target.file}.",
                        f"번호를 고치거나 {target.file}에 줄을 더하세요.", f"Correct it, or add a row to {target.file}.",
                    )  # fmt: skip

    def ordered(self, table: Table, row: Row, first: str, second: str, strict: bool = False) -> None:
        """`first` must not be after `second` (nor equal to it, if strict)."""
        if row.good(first, second) and (row[first] > row[second] or (strict and row[first] == row[second])):
            self.report(
                table, row, second, "time_inverted", f"{second}이(가) {first}보다 빠릅니다.",
                f"{second} is not after {first}.", "두 시각을 확인하세요.", "Check both times; swap them if need be.",
            )  # fmt: skip
