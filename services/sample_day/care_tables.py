"""Files of a day folder about who may serve whom, and about crisis programmes; each is optional."""

from __future__ import annotations

from services.sample_day.day_table import Column, Table

PROVIDER_SERVICES = Table(
    "provider_services.csv",
    (
        Column("provider_id", "id"),
        Column("service", "listed_service"),
        Column("from_date", "date", required=False),
        Column("until_date", "date", required=False),
        Column("source", "id", required=False),
    ),
    required=False,
    min_rows=0,
)
MENUS = Table(
    "menus.csv",
    (
        Column("kitchen_id", "id"),
        Column("meal_kind", "meal_kind", required=False),
        Column("diet", "id", required=False, default="regular"),
        Column("allergens", "ids", required=False),
    ),
    required=False,
    min_rows=0,
)
CUT_OFFS = Table(
    "cut_offs.csv",
    (
        Column("kitchen_id", "id"),
        Column("meal_kind", "meal_kind", required=False),
        Column("at", "time"),
        Column("late_boxes", "integer", required=False, default="0"),
    ),
    required=False,
    min_rows=0,
)
CREDENTIALS = Table(
    "credentials.csv",
    (
        Column("worker_id", "id"),
        Column("code", "id"),
        Column("issued", "time"),
        Column("valid_until", "time"),
    ),
    required=False,
    min_rows=0,
)
PROGRAMMES = Table(
    "programmes.csv",
    (
        Column("programme_id", "id"),
        Column("name_ko"),
        Column("name_en", required=False),
        Column("services", "services", required=False),
        Column("switched", "flag", required=False, default="no"),
        Column("who_may_ask", "ids", required=False),
        Column("visit_price_krw", "integer", required=False, default="0"),
        Column("visit_equipment", "counts", required=False),
        Column("posting", "flag", required=False, default="no"),
        Column("posting_who_may_ask", "ids", required=False),
        Column("posting_day_price_krw", "integer", required=False, default="0"),
        Column("posting_day_equipment", "counts", required=False),
        Column("posting_max_days", "count", required=False, default="14"),
        Column("posting_skill", "id", required=False),
    ),
    required=False,
    min_rows=0,
)
REQUIREMENTS = Table(
    "requirements.csv",
    (
        Column("programme_id", "id"),
        Column("holds_for", "holds_for", required=False, default="visit"),
        Column("code", "id"),
        Column("max_age_h", "integer", required=False, default="0"),
        Column("on_lapse", "on_lapse", required=False, default="block"),
    ),
    required=False,
    min_rows=0,
)
EXCLUSIONS = Table(
    "exclusions.csv",
    (
        Column("recipient_id", "id"),
        Column("worker_id", "id"),
        Column("by", "side", required=False, default="recipient"),
    ),
    required=False,
    min_rows=0,
)

CARE_TABLES = (PROVIDER_SERVICES, MENUS, CUT_OFFS, CREDENTIALS, PROGRAMMES, REQUIREMENTS, EXCLUSIONS)
