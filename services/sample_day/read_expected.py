"""What expected.csv of a day folder says."""

from __future__ import annotations

from datetime import UTC

from services.sample_day.day_table import Table
from services.sample_day.expected_table import EXPECTED
from services.sample_day.reading import Reading
from streams.contracts.expected import ExpectedDemand


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
