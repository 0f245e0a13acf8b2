"""A day that was read from its folder, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from streams.contracts.district import DistrictConfig


class Text(NamedTuple):
    """One sentence in both languages."""

    ko: str
    en: str

    def in_language(self, language: str) -> str:
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class RowError:
    """One thing that is wrong with a day folder. `line` counts from 1, the header included; 0: the file as a whole.
    `column` is the header's name, "" when it is about the whole row."""

    file: str
    line: int
    column: str
    problem: Text
    remedy: Text
    code: str = ""

    def in_language(self, language: str) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}:"
        column = f" [{self.column}]" if self.column else ""
        return f"{where}{column} {self.problem.in_language(language)} → {self.remedy.in_language(language)}"


class DayInvalid(Exception):
    """A day folder that cannot be used; `errors` has every bad row. Nothing of it was loaded."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__(f"{len(errors)} errors in the day folder")
        self.errors = errors


@dataclass(frozen=True)
class Trouble:
    """What goes wrong on the day, for the simulated world. `kind`:

    sick_call (subject: worker; before the shift), rider_drops_out (subject: worker; amount 1: with meals in the box, at
    the first such moment from `at` on), kitchen_late (subject: kitchen; amount: minutes; the kitchen tells at `at`),
    no_answer (subject: visit reference; amount: how many times nobody opens), emergency (subject: reference of the
    visit filed late), silent_worker (subject: worker; amount: minutes without a report; a rider from the first moment
    on with meals in the box), kitchen_fails (subject: kitchen; amount: minutes until it says that it is back), weather
    (subject: mode; amount: minutes for which the coordinator pauses it in the whole district), care_refused (subject:
    recipient; amount: how many times private providers refuse them), programme_on (subject: programme; amount: its
    budget in won), posting (subject: recipient; amount: days), concern (subject:
    recipient; a neighbour is worried), call (subject: visit reference; the recipient calls: so many minutes later, or
    with amount 0 not today), deed (subject: one of `deeds.DEEDS`; amount: how many
    times)."""

    at: datetime
    kind: str
    subject: str
    amount: int


@dataclass(frozen=True)
class FiledVisit:
    """`body` is the JSON body of POST /v1/visits, sent at `file_at`."""

    file_at: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Day:
    """A whole day, read and checked. `visits` in the order of filing."""

    config: DistrictConfig
    visits: list[FiledVisit]
    recipients: list[dict[str, Any]]
    workers: list[dict[str, Any]]
    troubles: list[Trouble]
    start_at: datetime
    end_at: datetime
    seed: int
    single_offers: bool
