"""The CSV folder that a day is: its files and columns as data.

Described for people in docs/day-format.md; a test keeps the two together.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.sample_day.care_tables import CARE_TABLES
from services.sample_day.day_table import Column as Column, Table as Table
from services.sample_day.deeds import DEED
from services.sample_day.expected_table import EXPECTED
from services.sample_day.plan_columns import PLAN_COLUMNS
from services.sample_day.policy_tables import POLICY_TABLES
from services.sample_day.shop_table import SHOPS

TROUBLE_KINDS = (
    "rider_drops_out", "sick_call", "kitchen_late", "no_answer", "emergency", "silent_worker", "kitchen_fails",
    "weather", "care_refused", "programme_on", "posting", "concern", "call", DEED,
)  # fmt: skip


DISTRICT = Table(
    "district.csv",
    (
        Column("district", "district"),
        Column("name_ko"),
        Column("name_en"),
        Column("service_date", "date"),
        Column("day_start", "time"),
        Column("day_end", "time"),
        Column("coordinates", "coordinates"),
        Column("speed_factor", "positive", required=False, default="1"),
        Column("config_version", "count", required=False, default="1"),
        Column("seed", "integer", required=False, default="0"),
        Column("river_wkt", "wkt_polygon", required=False),
        Column("bridges_wkt", "wkt_lines", required=False),
        Column("helping_districts", "ids", required=False),
        Column("region", required=False),
    ),
)
AREAS = Table(
    "areas.csv",
    (
        Column("area_id", "id"),
        Column("name_ko"),
        Column("name_en"),
        Column("responsible_enterprise", "id"),
        Column("helpers", "prices", required=False),
    ),
)
DONGS = Table(
    "dongs.csv",
    (
        Column("code", "dong"),
        Column("name_ko"),
        Column("name_en", required=False),
        Column("area_id", "id"),
        Column("population_65", "integer", required=False, default="0"),
        Column("cell_wkt", "wkt_polygon", required=False),
    ),
    places=("",),
)
TRAVEL = Table(
    "travel.csv",
    (
        Column("mode", "id"),
        Column("detour", "detour"),
        Column("speed_m_per_s", "positive"),
        Column("access_s", "integer", required=False, default="0"),
    ),
)
LIMITS = (
    Column("max_hours", "hours", required=False),
    Column("max_km", "kilometres", required=False),
    Column("banned_areas", "ids", required=False),
)
"""What may be asked in a day of a worker, or of each one of a provider's."""

PROVIDERS = Table(
    "providers.csv",
    (
        Column("provider_id", "id"),
        Column("name_ko"),
        Column("name_en", required=False),
        Column("kind", "provider_kind"),
        Column("services", "services", required=False),
        Column("own_staff", "flag", required=False, default="no"),
        Column("has_app", "flag", required=False, default="yes"),
        Column("centre_type", "centre_type", required=False),
        Column("public", "flag", required=False, default="no"),
        *LIMITS,
        Column("legal_rest", "flag", required=False, default="no"),
    ),
)
KITCHENS = Table(
    "kitchens.csv",
    (
        Column("kitchen_id", "id"),
        Column("provider_id", "id"),
        Column("name_ko"),
        Column("name_en", required=False),
        Column("load_min", "minutes", required=False, default="3"),
        Column("capacity_meals", "integer", required=False, default="0"),
        Column("take_over_min", "minutes", required=False, default="45"),
        Column("cook_again_min", "minutes", required=False, default="45"),
        Column("spare_meals", "integer", required=False, default="0"),
    ),
    min_rows=0,
    places=("",),
)
WORKERS = Table(
    "workers.csv",
    (
        Column("worker_id", "id"),
        Column("kind", "worker_kind"),
        Column("provider_id", "id"),
        Column("area_id", "id"),
        Column("mode", "id"),
        Column("shift_start", "time"),
        Column("shift_end", "time"),
        Column("capacity_boxes", "integer", required=False, default="0"),
        Column("skills", "skills", required=False),
        Column("gender", "gender", required=False),
        Column("has_app", "flag", required=False, default="yes"),
        Column("substitute", "flag", required=False, default="no"),
        *LIMITS,
        Column("rests", "rests", required=False),
        Column("name", required=False, personal=True),
        Column("phone", "short_text", required=False, personal=True),
    ),
    places=("start_",),
    optional_places=("end_",),
)
VISITS = Table(
    "visits.csv",
    (
        Column("reference", "reference"),
        Column("file_at", "time"),
        Column("recipient_id", "id"),
        Column("service", "service"),
        Column("dong", "dong"),
        Column("window_start", "time"),
        Column("window_end", "time"),
        Column("due", "time", required=False),
        Column("service_min", "minutes"),
        Column("priority", "priority", required=False, default="2"),
        Column("worker_count", "worker_count", required=False, default="1"),
        Column("required_skills", "skills", required=False),
        Column("excluded_workers", "ids", required=False),
        Column("gender", "gender", required=False),
        Column("kitchen_id", "id", required=False),
        Column("meal_kind", "meal_kind", required=False),
        Column("ready", "time", required=False),
        Column("freshness_min", "minutes", required=False, default="0"),
        Column("boxes", "boxes", required=False, default="1"),
        Column("may_leave_at_door", "flag", required=False, default="no"),
        Column("diet", "id", required=False),
        Column("avoid_allergens", "ids", required=False),
        Column("preferred_gender", "gender", required=False),
        Column("programme", "id", required=False),
        Column("asked_by", "id", required=False),
        *PLAN_COLUMNS,
        Column("tasks", "ids", required=False),
    ),
    places=("",),
)
POLICY = Table("policy.csv", (Column("name", "policy"), Column("value")), required=False, min_rows=0)
TROUBLES = Table(
    "troubles.csv",
    (
        Column("at", "time"),
        Column("kind", "trouble_kind"),
        Column("subject", "reference"),
        Column("amount", "integer", required=False, default="0"),
    ),
    required=False,
    min_rows=0,
)
RECIPIENTS = Table(
    "recipients.csv",
    (
        Column("recipient_id", "id"),
        Column("name", personal=True),
        Column("phone", "short_text", required=False, personal=True),
        Column("address", required=False, personal=True),
        Column("door_code", "short_text", required=False, personal=True),
        Column("note", required=False, personal=True),
        Column("kin_name", required=False, personal=True),
        Column("kin_phone", "short_text", required=False, personal=True),
    ),
    required=False,
)

TABLES = (
    DISTRICT, AREAS, DONGS, TRAVEL, PROVIDERS, KITCHENS, WORKERS, VISITS, POLICY, TROUBLES, RECIPIENTS, *POLICY_TABLES,
    *CARE_TABLES, EXPECTED, SHOPS,
)  # fmt: skip

KOREAN_SERVICES = {
    "식사지원": "meal_support",
    "주거편의": "housing_help",
    "동행": "accompaniment",
    "동행·이동지원": "accompaniment",
    "이동지원": "accompaniment",
    "안부확인": "check_in",
    "일시재가": "temporary_home_care",
    "긴급돌봄": "emergency_care",
    "방문요양": "visiting_care",
    "방문간호": "visiting_nursing",
    "방문목욕": "visiting_bath",
    "장애인활동지원": "disability_assistance",
    "심부름": "errand",
    "지역배송": "local_parcel",
}


def write_table(folder: Path, table: Table, coordinates: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one file of a day folder: UTF-8 with BOM, so that a Korean spreadsheet opens it as it is. A key that is no
    column of the table is a KeyError: the writer's bug."""
    names = [column.name for column in table.columns_for(coordinates)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        unknown = set(row) - set(names)
        if unknown:
            raise KeyError(f"{table.file} has no column {sorted(unknown)}")
        writer.writerow([row.get(name, "") for name in names])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / table.file).write_bytes(out.getvalue().encode("utf-8-sig"))


def write_day(folder: Path, coordinates: str, tables: Iterable[tuple[Table, Iterable[Mapping[str, object]]]]) -> None:
    """Write a whole day folder. Files of the format that this day does not have are removed: an earlier day's troubles
    must not stay behind."""
    written = set()
    for table, rows in tables:
        write_table(folder, table, coordinates, rows)
        written.add(table.file)
    for table in TABLES:
        if table.file not in written:
            (folder / table.file).unlink(missing_ok=True)
