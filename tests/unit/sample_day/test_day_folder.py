"""A day folder is read whole or not at all; every bad row is named with file, line, column, problem and remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.sample_day import day_format as form, read_table
from services.sample_day.day import DayInvalid
from services.sample_day.read_day import read_day
from tests.unit.sample_day.small_day import FILES, bend, errors_of, places_of, write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_three_encodings_give_the_same_day(encoding: str, tmp_path: Path) -> None:
    day = read_day(write(tmp_path, encoding=encoding))
    assert day.config.name_ko == "마포구"
    assert [area.name_ko for area in day.config.areas] == ["동권", "서권"]
    assert day.visits[0].body == {
        "district": "11440", "reference": "C-1", "recipient_id": "P2", "service": "check_in", "dong": "1144000002",
        "place": {"lon": 126.91012, "lat": 37.55034}, "window_start_at": "2026-03-03T01:00:00Z",
        "window_end_at": "2026-03-03T03:00:00Z", "due_at": "2026-03-03T03:00:00Z", "service_duration_s": 900, "priority": 2,
    }  # fmt: skip
    meal = day.visits[1].body
    assert (meal["kitchen_id"], meal["meal_kind"], meal["ready_at"]) == ("K1", "hot_lunch", "2026-03-03T01:40:00Z")
    assert day.visits[1].file_at == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    assert day.single_offers is False
    assert all(len(dong.cell) >= 3 for dong in day.config.dongs)


def test_iso_times_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    files = bend("workers.csv", "foot,09:00,18:00", "foot,2026-03-03T09:00,2026-03-03T09:00:00+00:00")
    files |= {"visits.csv": FILES["visits.csv"].replace("\n", "\r\n")}
    carer = read_day(write(tmp_path, files)).config.workers[1]
    assert carer.shift_start_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert carer.shift_end_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_fictional_recipients_are_made_when_there_are_none(tmp_path: Path) -> None:
    first, second = read_day(write(tmp_path)), read_day(write(tmp_path))
    assert [one["recipient_id"] for one in first.recipients] == ["P1", "P2"]
    assert first.recipients == second.recipients


def test_recipients_of_the_folder_are_taken(tmp_path: Path) -> None:
    header = "recipient_id,name,phone,address,door_code,note,kin_name,kin_phone"
    people = f"{header}\nP1,봄가람,010-0000-0001,,,,,\nP2,솔나래,,,,,별다온,\n"
    day = read_day(write(tmp_path, {"recipients.csv": people}))
    assert day.recipients[0] == {
        "recipient_id": "P1", "name": "봄가람", "phone": "010-0000-0001", "address": "", "door_code": "", "note": "", "kin": [],
    }  # fmt: skip
    assert day.recipients[1]["kin"] == [{"name": "별다온", "phone": ""}]


def test_policy_changes_the_defaults(tmp_path: Path) -> None:
    day = read_day(write(tmp_path, {"policy.csv": "name,value\nsingle_offers,예\noffer_expiry_s,90\n"}))
    assert day.single_offers is True
    assert day.config.policy.offer_expiry_s == 90
    assert day.config.policy.slot_lead_s == 5400


BAD_CELLS = [
    # file, text, replaced by, line, column, code
    ("visits.csv", "1144000001", "1144099999", 2, "dong", "unknown_dong"),
    ("visits.csv", "1144000001", "1.14E+09", 2, "dong", "bad_dong"),
    ("visits.csv", "126.93012,37.55034", "126.93012,37.53500", 2, "lon", "point_in_river"),
    ("visits.csv", "126.93012,37.55034", "126.93012,37.54030", 2, "lon", "point_in_river"),  # only when rounded
    ("visits.csv", "126.93012,37.55034", "126.99000,37.55034", 2, "lon", "outside_district"),
    ("visits.csv", "126.93012,37.55034", "37.55034,126.93012", 2, "lon", "outside_korea"),
    ("visits.csv", "126.93012,37.55034", "NaN,37.55034", 2, "lon", "not_a_number"),
    ("visits.csv", "126.93012,37.55034", "126.93012,inf", 2, "lat", "not_a_number"),
    ("visits.csv", "11:00,13:00,12:30", "13:00,11:00,", 2, "window_end", "time_inverted"),
    ("visits.csv", "11:00,13:00,12:30", "11:00,13:00,13:30", 2, "window_end", "time_inverted"),
    ("visits.csv", "11:00,13:00,12:30", "11:00,13:00,10:30", 2, "due", "time_inverted"),
    ("visits.csv", "11:00,13:00,12:30", "11:00,25:00,12:30", 2, "window_end", "bad_time"),
    ("visits.csv", "11:00,13:00,12:30", "오전,13:00,12:30", 2, "window_start", "bad_time"),
    ("visits.csv", "L-1,07:00", "L-1,05:00", 2, "file_at", "outside_day"),
    ("visits.csv", "C-1,", "L-1,", 3, "reference", "duplicate"),
    ("visits.csv", "C-1,", ",", 3, "reference", "missing_value"),
    ("visits.csv", "C-1,", "홍 길동,", 3, "reference", "bad_id"),
    ("visits.csv", "P2", "010-1234-5678", 3, "recipient_id", "bad_id"),
    ("visits.csv", "안부확인", "빨래", 3, "service", "unknown_service"),
    ("visits.csv", "K1,hot_lunch", "K9,hot_lunch", 2, "kitchen_id", "unknown_kitchen"),
    ("visits.csv", "K1,hot_lunch", ",hot_lunch", 2, "kitchen_id", "meal_without_kitchen"),
    ("visits.csv", "K1,hot_lunch", "K1,brunch", 2, "meal_kind", "unknown_kind"),
    ("visits.csv", "15,,,", "15,K1,,", 3, "kitchen_id", "not_a_meal"),
    ("visits.csv", "15,,,", "0,,,", 3, "service_min", "out_of_range"),
    ("visits.csv", "15,,,", "15,,,,", 3, "", "wrong_cell_count"),
    ("visits.csv", "P2", "1012345678", 3, "recipient_id", "bad_id"),
    ("workers.csv", "C1,carer,SF", "C1,carer,XX", 3, "provider_id", "unknown_provider"),
    ("workers.csv", "SF,B,foot", "SF,Z,foot", 3, "area_id", "unknown_area"),
    ("workers.csv", "SF,B,foot", "SF,B,teleport", 3, "mode", "unknown_mode"),
    ("workers.csv", "C1,carer", "C1,robot", 3, "kind", "unknown_kind"),
    ("workers.csv", "foot,09:00,18:00", "foot,18:00,09:00", 3, "shift_end", "time_inverted"),
    ("workers.csv", "18:00,20,", "18:00,0,", 2, "capacity_boxes", "out_of_range"),
    ("workers.csv", "18:00,20,", "18:00,2.5,", 2, "capacity_boxes", "not_whole"),
    ("areas.csv", "West,SF", "West,YY", 3, "responsible_enterprise", "unknown_provider"),
    ("areas.csv", "B:600", "B=600", 2, "helpers", "bad_price"),
    ("areas.csv", "A:600", "Q:600", 3, "helpers", "unknown_area"),
    ("dongs.csv", "1144000002", "1141000002", 3, "code", "wrong_district"),
    ("dongs.csv", "126.910,37.550", "126.930,37.550", 3, "lon", "duplicate_place"),
    ("travel.csv", "foot,1.3", "foot,0.3", 3, "detour", "out_of_range"),
    ("providers.csv", "social_firm", "bank", 3, "kind", "unknown_kind"),
    ("kitchens.csv", "K1,KP", "K1,NO", 2, "provider_id", "unknown_provider"),
    ("district.csv", "2026-03-03", "3 March", 2, "service_date", "bad_date"),
    ("district.csv", "06:30,21:00", "21:00,06:30", 2, "day_end", "time_inverted"),
    ("district.csv", "126.96 37.53, 126.96 37.54,", "126.96 37.54, 126.96 37.53,", 2, "river_wkt", "bad_polygon"),
    ("district.csv", "MULTILINESTRING", "CIRCLES", 2, "bridges_wkt", "bad_lines"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "column", "code"), BAD_CELLS)
def test_each_bad_cell_is_named(file: str, old: str, new: str, line: int, column: str, code: str, tmp_path: Path) -> None:
    errors = errors_of(write(tmp_path, bend(file, old, new)))
    assert (file, line, column, code) in places_of(errors)
    for error in errors:
        assert all(error.problem)
        assert all(error.remedy)
        assert f"{error.file}:{error.line}" in error.in_language("ko")


def test_all_bad_rows_are_listed_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = bend("visits.csv", "1144000001", "1144099999") | bend("workers.csv", "SF,B,foot", "SF,B,teleport")
    files["visits.csv"] = files["visits.csv"].replace("10:00,12:00", "12:00,10:00")
    assert places_of(errors_of(write(tmp_path, files))) == [
        ("workers.csv", 3, "mode", "unknown_mode"),
        ("visits.csv", 2, "dong", "unknown_dong"),
        ("visits.csv", 3, "window_end", "time_inverted"),
    ]


def test_a_bad_row_is_not_blamed_on_those_who_refer_to_it(tmp_path: Path) -> None:
    errors = errors_of(write(tmp_path, bend("dongs.csv", "1144000001", "11440")))
    assert places_of(errors) == [("dongs.csv", 2, "code", "bad_dong")]


@pytest.mark.parametrize("table", [t for t in form.TABLES if t.required], ids=lambda table: table.file)
def test_a_missing_required_column_is_named(table: form.Table, tmp_path: Path) -> None:
    header, _, rest = FILES[table.file].partition("\n")
    first = header.split(",")[0]
    errors = errors_of(write(tmp_path, {table.file: header.replace(first, first + "x", 1) + "\n" + rest}))
    assert (table.file, 1, first, "missing_column") in places_of(errors)
    unknown = next(error for error in errors if error.code == "unknown_column")
    assert first in unknown.remedy.en  # "Rename it to ..."


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"", "empty_file", 0),
        (b"\n \n", "empty_file", 0),
        (FILES["visits.csv"].encode("utf-16"), "wrong_encoding", 0),
        ("reference,file_at\nä".encode("latin-1") + b"\xff\xff\n", "wrong_encoding", 2),
        (FILES["visits.csv"].split("\n")[0].encode(), "no_rows", 1),
        (FILES["visits.csv"].replace(",", ";").encode(), "wrong_delimiter", 1),
        (FILES["visits.csv"].replace("L-1", '"L-1').encode(), "broken_csv", 2),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "wrong_encoding", 0),
    ],
)
def test_files_that_are_no_table(raw: bytes, code: str, line: int, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "visits.csv").write_bytes(raw)
    assert places_of(errors_of(tmp_path)) == [("visits.csv", line, "", code)]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "visits.csv").open("wb") as file:
        file.truncate(read_table.FILE_LIMIT_BYTES + 1)
    assert places_of(errors_of(tmp_path)) == [("visits.csv", 0, "", "too_large")]


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_table, "ROW_LIMIT", 1)
    assert ("visits.csv", 3, "", "too_large") in places_of(errors_of(write(tmp_path)))


def test_a_missing_file_and_a_missing_folder(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "kitchens.csv").unlink()
    assert places_of(errors_of(tmp_path)) == [("kitchens.csv", 0, "", "missing_file")]
    assert places_of(errors_of(tmp_path / "nowhere")) == [("nowhere", 0, "", "missing_folder")]


def test_unknown_policies_troubles_and_recipients_are_named(tmp_path: Path) -> None:
    files = {
        "policy.csv": "name,value\noffer_expiry,90\nsingle_offers,7\n",
        "troubles.csv": "at,kind,subject,amount\n11:00,kitchen_late,K7,25\n11:00,earthquake,K1,1\n",
        "recipients.csv": "recipient_id,name\nP1,봄가람\n",
    }
    errors = errors_of(write(tmp_path, files))
    assert places_of(errors) == [
        ("visits.csv", 3, "recipient_id", "unknown_recipient"),
        ("policy.csv", 2, "name", "unknown_policy"),
        ("policy.csv", 3, "value", "bad_policy"),
        ("troubles.csv", 2, "subject", "unknown_subject"),
        ("troubles.csv", 3, "kind", "unknown_kind"),
    ]
    assert "offer_expiry_s" in errors[1].remedy.en


def test_no_error_repeats_what_may_be_a_person(tmp_path: Path) -> None:
    """A column too many shifts names and telephone numbers under other headers."""
    people = "recipient_id,name,phone\n봄가람,P1,x\n010-1234-5678,솔나래,\n010-1234-5678,솔나래,\n,별다온,\n"
    files = {"recipients.csv": people} | bend("visits.csv", "126.91012", "서울시 별빛로 3")
    files["visits.csv"] = files["visits.csv"].replace("P2", "010-9999-8888")
    errors = errors_of(write(tmp_path, files))
    said = " ".join(error.in_language("ko") + error.in_language("en") for error in errors)
    assert len(errors) >= 5
    for secret in ("봄가람", "솔나래", "별다온", "1234", "9999", "별빛로"):
        assert secret not in said


def test_too_long_and_too_many_are_named(tmp_path: Path) -> None:
    people = f"recipient_id,name,phone\nP1,{'봄' * 1001},\nP2,솔나래,{'0' * 201}\n"
    skills = ";".join(f"s{number}" for number in range(21))
    files = {"recipients.csv": people} | bend("workers.csv", "0,check_in", f"0,{skills}")
    assert places_of(errors_of(write(tmp_path, files))) == [
        ("workers.csv", 3, "skills", "too_many"),
        ("recipients.csv", 2, "name", "too_long"),
        ("recipients.csv", 3, "phone", "too_long"),
    ]


def test_invalid_days_say_how_many(tmp_path: Path) -> None:
    with pytest.raises(DayInvalid, match="2 errors"):
        read_day(write(tmp_path, bend("workers.csv", "SF,B,foot", "SF,Z,teleport")))


def test_real_cells_are_for_all_dongs_or_none(tmp_path: Path) -> None:
    header, first, second = FILES["dongs.csv"].strip().split("\n")
    square = '"POLYGON ((126.92 37.54, 126.94 37.54, 126.94 37.56, 126.92 37.56, 126.92 37.54))"'
    files = {"dongs.csv": f"{header},cell_wkt\n{first},{square}\n{second},\n"}
    assert ("dongs.csv", 3, "cell_wkt", "missing_cell") in places_of(errors_of(write(tmp_path, files)))


def test_the_document_describes_every_file_column_and_kind() -> None:
    text = (Path(__file__).parents[3] / "docs" / "day-format.md").read_text(encoding="utf-8")
    for table in form.TABLES:
        assert f"## {table.file}" in text
        section = text.split(f"## {table.file}", 1)[1].split("\n## ", 1)[0]
        for column in table.columns_for("wgs84"):
            assert column.name in section, f"{table.file} {column.name}"
            filled = f"| {column.name} | yes" in section or f"{column.name}, " in section or f", {column.name} | " in section
            assert filled or not column.required, f"{table.file} {column.name} must be marked as required"
    for kind in form.TROUBLE_KINDS:
        assert f"| {kind} |" in text
    for word in form.KOREAN_SERVICES.values():
        assert word in text
