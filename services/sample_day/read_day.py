"""Read a day folder: all files, then everything that must agree between them. All or nothing.

`read_day` returns a `Day`, or raises `DayInvalid` with every bad row. What the core would refuse at the door (a point in
the river, inverted times, an unknown kitchen) is found here first, with file, line, column and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.sample_day import care_tables as care, day_format as form
from services.sample_day.day import Day, DayInvalid, FiledVisit, RowError, Text, Trouble
from services.sample_day.day_geometry import Ground, dong_cells
from services.sample_day.day_parts import read_config, read_policy
from services.sample_day.deeds import DEED, DEEDS
from services.sample_day.people import make_recipients, make_workers
from services.sample_day.read_care import check_care
from services.sample_day.read_cell import quoted
from services.sample_day.read_expected import check_expected
from services.sample_day.read_plan import check_plan, filing_order, plan_body
from services.sample_day.read_policy import check_policy
from services.sample_day.read_shops import check_shops
from services.sample_day.read_table import Row
from services.sample_day.read_work import check_work
from services.sample_day.reading import Reading
from services.sample_day.shop_table import SERVICES as FROM_SHOPS


def _check_references(reading: Reading) -> None:
    refer = reading.refer
    refer(form.AREAS, "responsible_enterprise", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(form.AREAS, "helpers", "unknown_area", form.AREAS, "area_id")
    refer(form.DONGS, "area_id", "unknown_area", form.AREAS, "area_id")
    refer(form.KITCHENS, "provider_id", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(form.WORKERS, "provider_id", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(form.WORKERS, "area_id", "unknown_area", form.AREAS, "area_id")
    refer(form.WORKERS, "mode", "unknown_mode", form.TRAVEL, "mode")
    refer(form.VISITS, "dong", "unknown_dong", form.DONGS, "code")
    refer(form.VISITS, "excluded_workers", "unknown_worker", form.WORKERS, "worker_id")
    if reading.present(form.RECIPIENTS):
        refer(form.VISITS, "recipient_id", "unknown_recipient", form.RECIPIENTS, "recipient_id")
    reading.ids(form.VISITS, "reference")
    reading.ids(form.POLICY, "name")


def _check_district(reading: Reading) -> None:
    rows = reading.of(form.DISTRICT)
    for row in rows[1:]:
        reading.report(
            form.DISTRICT, row, "", "too_many_rows", "자치구는 한 줄이어야 합니다.", "There must be one row only.",
            "나머지 줄을 지우세요.", "Remove the other rows.",
        )  # fmt: skip
    for row in rows[:1]:
        reading.ordered(form.DISTRICT, row, "day_start", "day_end", strict=True)
        for dong in reading.of(form.DONGS):
            if row.good("district") and dong.good("code") and not dong["code"].startswith(row["district"]):
                reading.report(
                    form.DONGS, dong, "code", "wrong_district", "다른 자치구의 행정동입니다.",
                    "The dong is of another district.", f"{row['district']}로 시작하는 코드를 쓰세요.",
                    f"Use a code that begins with {row['district']}.",
                )  # fmt: skip
    dongs_of = {dong["area_id"] for dong in reading.of(form.DONGS)}
    for row in reading.of(form.AREAS):
        if row.good("area_id") and row["area_id"] not in dongs_of and reading.ids(form.DONGS, "code") is not None:
            reading.report(
                form.AREAS, row, "area_id", "area_without_dong", "행정동이 없는 생활권입니다.", "The area has no dong.",
                "dongs.csv에서 행정동을 배정하거나 줄을 지우세요.", "Give it a dong in dongs.csv, or remove the row.",
            )  # fmt: skip


def _check_workers(reading: Reading) -> None:
    for row in reading.of(form.WORKERS):
        reading.ordered(form.WORKERS, row, "shift_start", "shift_end", strict=True)
        if row["kind"] == "rider" and row.good("capacity_boxes") and row["capacity_boxes"] < 1:
            reading.report(
                form.WORKERS, row, "capacity_boxes", "out_of_range", "라이더의 적재량이 0입니다.",
                "A rider carries no box.", "상자 수를 1 이상으로 쓰세요.", "Write how many boxes fit, at least 1.",
            )  # fmt: skip


def _check_visits(reading: Reading) -> None:
    district = (reading.of(form.DISTRICT) or [Row(0)])[0]
    table, ordered, report = form.VISITS, reading.ordered, reading.report
    for row in reading.of(table):
        ordered(table, row, "window_start", "window_end")
        ordered(table, row, "file_at", "window_end")
        ordered(table, row, "window_start", "due")
        ordered(table, row, "due", "window_end")
        ordered(table, row, "ready", "window_end")
        start, end = district["day_start"], district["day_end"]
        if row.good("file_at") and start and end and not start <= row["file_at"] <= end:
            report(
                table, row, "file_at", "outside_day", "접수 시각이 운영 시간 밖입니다.", "It is filed outside the day.",
                "day_start와 day_end 사이로 쓰세요.", "Choose a time between day_start and day_end.",
            )  # fmt: skip
        if row.good("service_min") and row["service_min"] <= 0:
            report(
                table, row, "service_min", "out_of_range", "제공 시간이 0분입니다.", "The visit lasts no time.",
                "분 단위로 1 이상을 쓰세요.", "Write minutes, more than 0.",
            )  # fmt: skip
        _check_meal(reading, row)


def _check_meal(reading: Reading, row: Row) -> None:
    table, report = form.VISITS, reading.report
    if not row.good("service"):
        return
    for column in ("kitchen_id", "meal_kind", "ready"):
        if column in row.bad:
            continue
        if row["service"] == "meal_support" and row[column] is None:
            report(
                table, row, column, "meal_without_kitchen", "식사지원에 필요한 값이 없습니다.", "A meal needs this.",
                "조리장, 식사 종류, 준비 시각을 모두 채우세요.", "Fill in kitchen_id, meal_kind and ready.",
            )  # fmt: skip
        brought = row["service"] in FROM_SHOPS and column != "meal_kind"
        if row["service"] != "meal_support" and not brought and row[column] is not None:
            report(
                table, row, column, "not_a_meal", "식사지원이 아닌데 식사 값이 있습니다.", "Only a meal has this.",
                "칸을 비우거나 service를 meal_support로 고치세요.", "Empty the cell, or make the service meal_support.",
            )  # fmt: skip
    carried = row["service"] == "meal_support" or row["service"] in FROM_SHOPS
    if carried and (row["worker_count"] or 1) > 1:
        report(
            table, row, "worker_count", "out_of_range", "가져다 드리는 일은 한 사람이 합니다.", "One worker carries it.",
            "1로 쓰세요.", "Write 1.",
        )  # fmt: skip


def _check_troubles(reading: Reading) -> None:
    targets = {
        "rider_drops_out": (form.WORKERS, "worker_id"),
        "sick_call": (form.WORKERS, "worker_id"),
        "silent_worker": (form.WORKERS, "worker_id"),
        "kitchen_late": (form.KITCHENS, "kitchen_id"),
        "kitchen_fails": (form.KITCHENS, "kitchen_id"),
        "weather": (form.TRAVEL, "mode"),
        "no_answer": (form.VISITS, "reference"),
        "emergency": (form.VISITS, "reference"),
        "programme_on": (care.PROGRAMMES, "programme_id"),
        "care_refused": (form.VISITS, "recipient_id"),
        "posting": (form.VISITS, "recipient_id"),
        "concern": (form.VISITS, "recipient_id"),
        "call": (form.VISITS, "reference"),
    }
    for row in reading.of(form.TROUBLES):
        if not row.good("kind", "subject"):
            continue
        if row["kind"] == DEED:
            _check_deed(reading, row)
            continue
        table, column = targets[row["kind"]]
        many = column == "recipient_id"  # who has several visits is no duplicate
        known = {one[column] for one in reading.of(table) if one.good(column)} if many else reading.ids(table, column)
        if known is not None and row["subject"] not in known:
            reading.report(
                form.TROUBLES, row, "subject", "unknown_subject", f"{quoted(row['subject'])[0]}: {table.file}에 없습니다.",
                f"{quoted(row['subject'])[1]} is not in {table.file}.", "번호를 고치세요.", "Correct the id.",
            )  # fmt: skip


def _check_deed(reading: Reading, row: Row) -> None:
    if row["subject"] not in DEEDS:
        known = ", ".join(DEEDS)
        reading.report(
            form.TROUBLES, row, "subject", "unknown_subject", "없는 일입니다.", "There is no such deed.",
            f"다음을 쓰세요: {known}", f"Write one of: {known}",
        )  # fmt: skip


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _body(row: Row, district: str, coordinates: str) -> dict[str, Any]:
    """The JSON body of POST /v1/visits; what is empty or by default stays out."""
    place = {"lon": row["lon"], "lat": row["lat"]} if coordinates == "wgs84" else {"x_m": row["x_m"], "y_m": row["y_m"]}
    body: dict[str, Any] = {
        "district": district,
        "reference": row["reference"],
        "recipient_id": row["recipient_id"],
        "service": row["service"],
        "dong": row["dong"],
        "place": place,
        "window_start_at": _utc(row["window_start"]),
        "window_end_at": _utc(row["window_end"]),
        "due_at": _utc(row["due"] or row["window_end"]),
        "service_duration_s": round(row["service_min"] * 60),
        "priority": row["priority"],
    }
    if row["service"] == "meal_support":
        body |= {
            "kitchen_id": row["kitchen_id"],
            "meal_kind": row["meal_kind"],
            "ready_at": _utc(row["ready"]),
            "freshness_s": round(row["freshness_min"] * 60),
            "boxes": row["boxes"],
        }
    if row["service"] in FROM_SHOPS:
        body |= {"kitchen_id": row["kitchen_id"], "ready_at": _utc(row["ready"] or row["file_at"]), "boxes": row["boxes"]}
    optional = {
        "worker_count": row["worker_count"] if row["worker_count"] > 1 else None,
        "required_skills": list(row["required_skills"] or ()),
        "excluded_workers": list(row["excluded_workers"] or ()),
        "gender": row["gender"],
        "may_leave_at_door": row["may_leave_at_door"],
        "diet": row["diet"],
        "avoid_allergens": list(row["avoid_allergens"] or ()),
        "preferred_gender": row["preferred_gender"],
        "programme": row["programme"],
        "asked_by": row["asked_by"],
        "tasks": list(row["tasks"] or ()),
    }
    return body | {name: value for name, value in optional.items() if value} | plan_body(row)


def _recipients(reading: Reading, district_ko: str, seed: int) -> list[dict[str, Any]]:
    """From recipients.csv, or fictional ones for everybody that a visit names."""
    if not reading.present(form.RECIPIENTS):
        dong_names = {dong["code"]: dong["name_ko"] for dong in reading.of(form.DONGS)}
        lives = {row["recipient_id"]: dong_names[row["dong"]] for row in reading.of(form.VISITS)}
        return make_recipients(sorted(lives), lives, district_ko, seed)
    return [
        {name: row[name] or "" for name in ("recipient_id", "name", "phone", "address", "door_code", "note")}
        | {"kin": [{"name": row["kin_name"], "phone": row["kin_phone"] or ""}] if row["kin_name"] else []}
        for row in reading.of(form.RECIPIENTS)
    ]


def _workers(reading: Reading, seed: int) -> list[dict[str, Any]]:
    made = make_workers(sorted(row["worker_id"] for row in reading.of(form.WORKERS)), seed)
    named = {row["worker_id"]: row for row in reading.of(form.WORKERS)}
    for worker in made:
        row = named[worker["worker_id"]]
        if row["name"]:
            worker |= {"name": row["name"], "phone": row["phone"] or ""}
    return made


def _in_order(errors: Iterable[RowError]) -> list[RowError]:
    files = [table.file for table in form.TABLES]
    return sorted(errors, key=lambda error: (files.index(error.file), error.line))


def must_be_a_folder(folder: Path) -> None:
    """Raises `DayInvalid`, rather than one error for each file that is not in it."""
    if not folder.is_dir():
        raise DayInvalid(
            [
                RowError(
                    str(folder.name), 0, "", Text("폴더가 없습니다.", "There is no such folder."),
                    Text("경로를 확인하세요.", "Check the path."), "missing_folder",
                )
            ]
        )  # fmt: skip


def read_day(folder: str | Path) -> Day:
    """Read and check a day folder. Raises `DayInvalid` with every bad row; then nothing of it is usable."""
    folder = Path(folder)
    must_be_a_folder(folder)
    reading = Reading(folder)
    _check_references(reading)
    _check_district(reading)
    _check_workers(reading)
    _check_visits(reading)
    _check_troubles(reading)
    check_care(reading)
    check_work(reading)
    check_shops(reading, form.VISITS, form.KITCHENS, form.PROVIDERS)
    check_expected(reading, form.AREAS)
    check_plan(reading, form.VISITS, form.WORKERS)
    check_policy(reading)
    cells = dong_cells(reading)
    Ground(reading, cells).check_places()
    policy = read_policy(reading)
    if reading.errors:
        raise DayInvalid(_in_order(reading.errors))
    config = read_config(reading, cells, policy)
    head = reading.of(form.DISTRICT)[0]
    visits = [
        FiledVisit(row["file_at"].astimezone(UTC), _body(row, head["district"], reading.coordinates))
        for row in reading.of(form.VISITS)
    ]
    place = filing_order(reading.of(form.VISITS))
    troubles = [
        Trouble(row["at"].astimezone(UTC), row["kind"], row["subject"], row["amount"])
        for row in reading.of(form.TROUBLES)
    ]
    return Day(
        config=config,
        visits=sorted(visits, key=lambda visit: (visit.file_at, place[visit.body["reference"]], visit.body["reference"])),
        recipients=_recipients(reading, head["name_ko"], head["seed"]),
        workers=_workers(reading, head["seed"]),
        troubles=sorted(troubles, key=lambda trouble: (trouble.at, trouble.kind, trouble.subject)),
        start_at=head["day_start"].astimezone(UTC),
        end_at=head["day_end"].astimezone(UTC),
        seed=head["seed"],
        single_offers=policy.single_offers,
    )


