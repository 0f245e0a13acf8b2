"""What past days needed, as the expected.csv of a day to come: the mean of several day folders by area, service and half hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.sample_day.day import Day
from services.sample_day.day_format import write_table
from services.sample_day.expected_table import EXPECTED

SEOUL = ZoneInfo("Asia/Seoul")
SLOT_MIN = 30  # of the area balance


def expect(past: Sequence[Day], folder: Path, coordinates: str) -> int:
    """Write the file into the folder of the day to come; returns how many lines it has. Areas are those that the past days
    had then."""
    counted: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for day in past:
        area_of = {code: area.area_id for area in day.config.areas for code in area.dong_codes}
        for visit in day.visits:
            due = datetime.fromisoformat(visit.body["due_at"]).astimezone(SEOUL)
            slot = (due.hour * 60 + due.minute) // SLOT_MIN * SLOT_MIN
            counted[area_of[visit.body["dong"]], visit.body["service"], slot].append(visit.body["service_duration_s"])
    rows = [
        {
            "area_id": area_id, "service": service, "from": _clock(slot), "until": _clock(slot + SLOT_MIN),
            "visits": f"{len(durations) / len(past):g}", "service_min": f"{sum(durations) / len(durations) / 60:.1f}",
        }
        for (area_id, service, slot), durations in sorted(counted.items())
    ]  # fmt: skip
    write_table(folder, EXPECTED, coordinates, rows)
    return len(rows)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
