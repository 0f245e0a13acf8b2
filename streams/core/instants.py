"""Instants, the Unix seconds that routing counts in, and the days of people in Korea."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

SEOUL = timezone(timedelta(hours=9))  # Korea has no daylight saving time


def seconds(at: datetime) -> int:
    """Unix seconds of an instant: the time axis of routing."""
    return int(at.timestamp())


def instant(at_s: float) -> datetime:
    """The instant of Unix seconds."""
    return datetime.fromtimestamp(at_s, UTC)


def day_of(at: datetime) -> date:
    """The day that it is in Korea."""
    return at.astimezone(SEOUL).date()
