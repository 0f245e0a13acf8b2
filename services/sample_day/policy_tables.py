"""Files of a day folder about who helps whom, what work pays and what may be said: parts of the policy; each is optional."""

from __future__ import annotations

from services.sample_day.day_table import Column, Table


def _optional(file: str, *columns: Column) -> Table:
    return Table(file, columns, required=False, min_rows=0)


OFFER_RULES = _optional(
    "offer_rules.csv",
    Column("service", "service", required=False),
    Column("provider_id", "id", required=False),
    Column("nearest_n", "count", required=False, default="1"),
    Column("expiry_min", "minutes", required=False, default="0"),
    Column("reminder_min", "minutes", required=False),
)
LADDER = _optional(
    "ladder.csv",
    Column("rung", "rung"),
    Column("wait_min", "waits", required=False),
    Column("claims", "flag", required=False, default="yes"),
    Column("enterprise_first_min", "minutes", required=False, default="0"),
    Column("claim_expiry_min", "minutes", required=False, default="10"),
    Column("price_krw", "integer", required=False, default="0"),
)
HELP_PAIRS = _optional(
    "help_pairs.csv",
    Column("helper", "id"),
    Column("area_id", "id", required=False),
    Column("services", "services", required=False),
    Column("may_help", "flag", required=False, default="yes"),
    Column("pre_approved", "flag", required=False, default="no"),
    Column("price_krw", "integer", required=False),
)
OTHER_DISTRICTS = _optional(
    "other_districts.csv",
    Column("district", "district"),
    Column("name_ko", required=False),
    Column("name_en", required=False),
    Column("region", required=False),
    Column("services", "services", required=False),
    Column("pre_approved", "flag", required=False, default="no"),
    Column("price_krw", "integer", required=False),
    Column("offer_at_once", "flag", required=False, default="no"),
)
PAY = _optional(
    "pay.csv",
    Column("service", "service", required=False),
    Column("per_visit_krw", "integer", required=False, default="0"),
    Column("per_hour_krw", "integer", required=False, default="0"),
)
OBSERVATIONS = _optional(
    "observations.csv", Column("code", "id"), Column("name_ko"), Column("name_en"), Column("due_min", "minutes")
)
URGENCY_QUESTIONS = _optional(
    "urgency_questions.csv", Column("code", "id"), Column("name_ko"), Column("name_en"), Column("urgent_if", "flag")
)
MEAL_WINDOWS = _optional("meal_windows.csv", Column("code", "id"), Column("from", "time"), Column("until", "time"))
DECLINE_REASONS = _optional("decline_reasons.csv", Column("code", "id"), Column("name_ko"), Column("name_en"))

POLICY_TABLES = (
    OFFER_RULES, LADDER, HELP_PAIRS, OTHER_DISTRICTS, PAY, OBSERVATIONS, URGENCY_QUESTIONS, MEAL_WINDOWS, DECLINE_REASONS,
)  # fmt: skip
