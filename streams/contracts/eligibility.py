"""Who may serve whom, as data: services of a provider by date, credentials, programmes, menus, cut-offs, exclusions.

Services and meal kinds stand here by their codes (`streams.contracts.district` has them as types). Dates are ISO dates
in Asia/Seoul, both ends included; "" is open.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec


class CentreType(StrEnum):
    """Types of home-care centres (종합재가센터)."""

    BASIC = "basic"  # 기본형
    DAY_CARE = "day_care"  # 통원형
    EXTENDED = "extended"  # 확대형
    NURSING = "nursing"  # 간호특화
    STAND_ALONE = "stand_alone"  # 단독시설


DAY_NIGHT_CENTRE = "day_night_centre"  # 주·야간보호: people come to it, nobody is sent
AFTER_SCHOOL = "after_school"  # 방과 후 활동
NOT_SENT = frozenset({DAY_NIGHT_CENTRE, AFTER_SCHOOL})
"""Services that a centre may supply and for which no visit is made."""

FIRST_FILLING: dict[CentreType, tuple[str, ...]] = {
    # Seoul social-service agency, report of April 2020: what a centre of each type supplies. Defaults, not walls: a basic
    # centre ran a day centre, an extended one an after-school activity, and types changed by date.
    CentreType.BASIC: ("visiting_care", "emergency_care"),
    CentreType.DAY_CARE: ("visiting_care", "emergency_care", DAY_NIGHT_CENTRE),
    CentreType.EXTENDED: ("visiting_care", "emergency_care", "disability_assistance"),
    CentreType.NURSING: ("visiting_care", "emergency_care", "visiting_nursing", "disability_assistance"),
    CentreType.STAND_ALONE: (DAY_NIGHT_CENTRE,),
}
FILLING_SOURCE = "centre_type"  # where a service of the first filling comes from, until an agreement says otherwise


class DatedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service that a provider supplies from one date to another. `source`: what says so (agreement, notice, centre_type)."""

    service: str
    from_date: str = ""
    until_date: str = ""
    source: str = ""

    def is_on(self, date: str) -> bool:
        """In force on that ISO date."""
        return self.from_date <= date and (not self.until_date or date <= self.until_date)


def first_filling(centre_type: CentreType, from_date: str = "") -> tuple[DatedService, ...]:
    """The list that a new centre begins with, by its type."""
    return tuple(
        DatedService(service=service, from_date=from_date, source=FILLING_SOURCE) for service in FIRST_FILLING[centre_type]
    )


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A training passed, a test's result, equipment issued: from when, and the last instant at which it counts."""

    code: str
    issued_at: datetime
    valid_until_at: datetime


class OnLapse(StrEnum):
    BLOCK = "block"  # nobody serves without it
    WARN = "warn"  # served all the same, and somebody is told


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What a programme asks of who serves. `max_age_s`: issued no longer ago than this when the visit begins (a fresh
    infection test); 0: only the validity counts."""

    code: str
    max_age_s: int = 0
    on_lapse: OnLapse = OnLapse.BLOCK


class PostingRule(msgspec.Struct, frozen=True, kw_only=True):
    """A worker who moves in with a recipient for days. `who_may_ask`: roles; `day_equipment` and `day_price_krw` are
    booked for each begun day."""

    who_may_ask: tuple[str, ...] = ("recipient", "public_health_centre", "care_manager", "coordinator")
    requires: tuple[Requirement, ...] = ()
    day_price_krw: int = 0
    day_equipment: dict[str, int] = {}
    skill: str = ""  # a named skill that a worker must have (who agreed to be posted); "" for none
    max_days: int = 14  # a quarantine after contact


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """A programme and what it asks. One that is not `switched` holds for every visit of its `services`. A switched one (a
    crisis programme) holds while an operator has it on, for visits filed under it: then `services` are those it gives,
    `who_may_ask` the roles that may ask (none: anybody), and each visit books `visit_price_krw` and `visit_equipment`."""

    programme_id: str
    name_ko: str
    name_en: str
    services: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    switched: bool = False
    who_may_ask: tuple[str, ...] = ()
    visit_price_krw: int = 0
    visit_equipment: dict[str, int] = {}
    posting: PostingRule | None = None


class MenuLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a kitchen cooks: one diet (일반식 regular, 죽 porridge, 다짐식 minced, 저염 low_salt, ...) of one kind of meal ("" for
    every kind), and the allergens in it."""

    diet: str = "regular"
    meal_kind: str = ""
    allergens: tuple[str, ...] = ()


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """When a kitchen has its numbers for one kind of meal ("" for every kind), and how many boxes may be added later."""

    at: datetime
    meal_kind: str = ""
    late_boxes: int = 0


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """These two do not meet. `by`: recipient or worker, whoever said so. `since_at`: when; without it, whatever was recorded or
    lifted by hand counts as said later."""

    recipient_id: str
    worker_id: str
    by: str = "recipient"
    since_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


EXCUSES = ("busy", "no_worker", "no_capacity", "off_shift", "sick", "accident", "vehicle", "vehicle_trouble", "on_break",
           "too_far", "weather")  # fmt: skip
"""Reasons of a decline that say nothing about the recipient."""


class Avoidance(msgspec.Struct, frozen=True, kw_only=True):
    """민간기피: after so many refusals of one recipient, across providers, the visit goes to a public provider and a case
    conference (사례회의) is called within `conference_due_s`. Declines with one of `excuses` do not count."""

    refusals: int = 3
    conference_due_s: int = 86_400  # called together within a day; our judgement of the trade
    excuses: tuple[str, ...] = EXCUSES
