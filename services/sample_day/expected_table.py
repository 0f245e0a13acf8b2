"""expected.csv of a day folder: what past days needed of each living area, by the time of day."""

from __future__ import annotations

from services.sample_day.day_table import Column, Table

EXPECTED = Table(
    "expected.csv",
    (
        Column("area_id", "id"),
        Column("service", "service"),
        Column("from", "time"),
        Column("until", "time"),
        Column("visits", "visits"),
        Column("service_min", "minutes"),
    ),
    required=False,
    min_rows=0,
)
