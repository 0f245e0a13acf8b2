"""Columns of visits.csv that only the plan asks about."""

from __future__ import annotations

from services.sample_day.day_table import Column

PLAN_COLUMNS = (
    Column("preferred_workers", "ids", required=False),
    Column("after", "reference", required=False),
    Column("gap_min", "minutes", required=False),
    Column("gap_max", "minutes", required=False),
    Column("gap_other_worker", "flag", required=False),
    Column("access_min", "minutes", required=False),
    Column("boxes_back", "integer", required=False),
    Column("round_id", "id", required=False),
    Column("round_rank", "integer", required=False),
    Column("leave_out_price", "integer", required=False),
)
