"""expected.csv of a day folder: what past days needed of each living area, by the time of day."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from services.sample_day.day_table import Column, Table
from streams.contracts.expected import ExpectedDemand

if TYPE_CHECKING:
    from services.sample_day.read_day import Reading

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


def check_expected(reading: Reading, areas: Table) -> None:
    """Its areas are areas, and nothing ends before it begins."""
    reading.refer(EXPECTED, "area_id", "unknown_area", areas, "area_id")
    for row in reading.of(EXPECTED):
        reading.ordered(EXPECTED, row, "from", "until", strict=True)


def expected(reading: Reading) -> tuple[ExpectedDemand, ...]:
    return tuple(
        ExpectedDemand(
            area_id=row["area_id"], service=row["service"], from_at=row["from"].astimezone(UTC),
            until_at=row["until"].astimezone(UTC), visits=row["visits"], service_duration_s=round(row["service_min"] * 60),
        )
        for row in reading.of(EXPECTED)
    )  # fmt: skip
