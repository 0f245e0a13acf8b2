"""Cells about what may be asked of a worker: rests, limits, areas; and the terms of work that they make."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

import msgspec

from services.sample_day import day_format as form
from services.sample_day.day import Text
from services.sample_day.read_cell import READERS, Bad, Context
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading
from streams.contracts.work import LEGAL_REST, Rest, WorkTerms

_REST = re.compile(r"([0-9:]+)-([0-9:]+)/([0-9]{1,3})")


def read_rests(text: str, context: Context) -> tuple[Rest, ...]:
    """`11:30-13:00/30;16:00-17:00/15`: each begins between the two times and takes so many minutes."""
    found: list[Rest] = []
    for part in (part.strip() for part in text.split(";")):
        match = _REST.fullmatch(part)
        times = [READERS["time"](clock, context) for clock in match.groups()[:2]] if match is not None else []
        minutes = int(match[3]) if match is not None else 0
        if not minutes or (None not in times and times[0] > times[1]):
            raise Bad(
                "bad_rest", Text("휴게로 읽을 수 없습니다.", "This is no rest."),
                Text("11:30-13:00/30처럼 쓰세요(시작 가능 시간대/분).", "Write 11:30-13:00/30 (begins between/minutes)."),
            )  # fmt: skip
        if None not in times:  # the day's date was bad, and is reported there
            earliest_at, latest_at = (at.astimezone(UTC) for at in times)
            found.append(Rest(earliest_at=earliest_at, latest_at=latest_at, duration_s=minutes * 60))
    return tuple(found)


READERS["rests"] = read_rests


def check_work(reading: Reading) -> None:
    """Banned areas are areas."""
    for table in (form.PROVIDERS, form.WORKERS):
        reading.refer(table, "banned_areas", "unknown_area", form.AREAS, "area_id")


def work_terms(row: Row) -> WorkTerms | msgspec.UnsetType:
    """Of a provider's or a worker's row; unset when all of it is empty."""
    terms: dict[str, Any] = {
        "rests": row["rests"] or (),
        "rest_rules": LEGAL_REST if row["legal_rest"] else (),
        "max_active_s": round((row["max_hours"] or 0) * 3600),
        "max_distance_m": round((row["max_km"] or 0) * 1000),
        "banned_area_ids": row["banned_areas"] or (),
    }
    return WorkTerms(**terms) if any(terms.values()) else msgspec.UNSET
