"""Public holidays of Korea, substitutes included, and that the sample days are ordinary working days."""

from datetime import UTC, date, datetime

import pytest

from services.calendar import find_holiday, is_working_day, seoul_date
from services.sample_day import facts


@pytest.mark.parametrize(
    ("day", "name"),
    [(date(2026, 2, 17), "설날"), (date(2026, 9, 25), "추석"), (date(2026, 3, 2), "삼일절"), (date(2026, 5, 5), "어린이날")],
)
def test_holidays_are_named_in_korean_and_english(day: date, name: str) -> None:
    holiday = find_holiday(day)
    assert holiday is not None
    assert name in holiday.ko
    assert holiday.en.isascii() or "’" in holiday.en


def test_an_ordinary_day_is_none() -> None:
    assert find_holiday(date(2026, 3, 3)) is None
    assert not is_working_day(date(2026, 3, 7))


def test_the_date_is_seouls() -> None:
    assert seoul_date(datetime(2026, 3, 2, 15, 30, tzinfo=UTC)) == date(2026, 3, 3)


def test_the_sample_day_is_a_working_day() -> None:
    assert is_working_day(date.fromisoformat(facts.SERVICE_DATE))
