"""What somebody does on the day for certain: whoever first has the chance, whatever the seed. Data of the day's troubles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.sample_day.day import Trouble

DEED = "deed"
IN_PART, LATE_YES, DECLINES, SILENT_PHONE = "accepts_in_part", "answers_late", "declines", "lets_it_ring"
SENDS_OTHER = "sends_another"
OBSERVES, MIS_TAPS = "sees_something", "taps_wrong"
FALLS_SILENT = "falls_silent"
PINS, RULES_OUT = "pins_a_worker", "rules_a_worker_out"
DEEDS = (IN_PART, LATE_YES, DECLINES, SILENT_PHONE, SENDS_OTHER, OBSERVES, MIS_TAPS, FALLS_SILENT, PINS, RULES_OUT)
"""Of riders: a round but for one door; a yes just after the offer expired; a no; no answer at all. Of employers: another
sent at the last minute. Of riders at a door: an observation; "delivered" tapped too early and taken back;
an hour and a half without a word, with a round in the box. Of the
coordinator: a recipient wishes for the carer who was named, or not for another."""


class Deeds:
    """Which are still to be done, and from when on."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self._left: dict[str, list[datetime]] = {}
        self._gone: set[str] = set()  # who has a trouble of their own on this day
        for trouble in troubles:
            if trouble.kind == "rider_drops_out":
                self._gone.add(trouble.subject)
            if trouble.kind == DEED:
                self._left.setdefault(trouble.subject, []).extend([trouble.at] * max(1, trouble.amount))

    def comes_up(self, deed: str, now: datetime, worker_id: str = "") -> bool:
        """Whether it is to be done here and now, by this worker; then it is done."""
        left = self._left.get(deed, [])
        due = [at for at in left if at <= now and worker_id not in self._gone]
        if due:
            left.remove(due[0])
        return bool(due)

    def put_back(self, deed: str, now: datetime) -> None:
        """It was tried and refused: somebody else does it."""
        self._left.setdefault(deed, []).append(now)
