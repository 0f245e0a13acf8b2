"""Korean dates for people: which day is a public holiday (관공서의 공휴일), by a library that knows the substitutes."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

SEOUL = ZoneInfo("Asia/Seoul")


class Holiday(NamedTuple):
    ko: str
    en: str


@lru_cache(maxsize=400)
def find_holiday(day: date) -> Holiday | None:
    """The public holiday of a date in Korea; None on other days (an ordinary Sunday is none)."""
    korean = holidays.country_holidays("KR", years=day.year, language="ko").get(day)
    english = holidays.country_holidays("KR", years=day.year, language="en_US").get(day)
    return Holiday(korean, english or korean) if korean else None


def seoul_date(at: datetime) -> date:
    """The date in Seoul at an instant."""
    return at.astimezone(SEOUL).date()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and find_holiday(day) is None
