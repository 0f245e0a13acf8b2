"""Eligibility and crisis programmes out of checked rows."""

from __future__ import annotations

from datetime import UTC

from services.sample_day import care_tables as care, day_format as form
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading
from streams.contracts.eligibility import (
    Credential,
    CutOff,
    DatedService,
    Exclusion,
    MenuLine,
    OnLapse,
    PostingRule,
    Programme,
    Requirement,
)

HOUR_S = 3600


def check_care(reading: Reading) -> None:
    """Every id stands in its own file, and nothing ends before it begins."""
    refer = reading.refer
    refer(care.PROVIDER_SERVICES, "provider_id", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(care.MENUS, "kitchen_id", "unknown_kitchen", form.KITCHENS, "kitchen_id")
    refer(care.CUT_OFFS, "kitchen_id", "unknown_kitchen", form.KITCHENS, "kitchen_id")
    refer(care.CREDENTIALS, "worker_id", "unknown_worker", form.WORKERS, "worker_id")
    refer(care.REQUIREMENTS, "programme_id", "unknown_programme", care.PROGRAMMES, "programme_id")
    refer(care.EXCLUSIONS, "worker_id", "unknown_worker", form.WORKERS, "worker_id")
    refer(form.VISITS, "programme", "unknown_programme", care.PROGRAMMES, "programme_id")
    for row in reading.of(care.CREDENTIALS):
        reading.ordered(care.CREDENTIALS, row, "issued", "valid_until")
    for row in reading.of(care.PROVIDER_SERVICES):
        reading.ordered(care.PROVIDER_SERVICES, row, "from_date", "until_date")


def dated_services(reading: Reading, provider_id: str) -> tuple[DatedService, ...]:
    """A provider's list; empty when the folder has none for it."""
    return tuple(
        DatedService(
            service=row["service"], from_date=row["from_date"].isoformat() if row["from_date"] else "",
            until_date=row["until_date"].isoformat() if row["until_date"] else "", source=row["source"] or "",
        )
        for row in reading.of(care.PROVIDER_SERVICES) if row["provider_id"] == provider_id
    )  # fmt: skip


def menu(reading: Reading, kitchen_id: str) -> tuple[MenuLine, ...]:
    return tuple(
        MenuLine(diet=row["diet"], meal_kind=row["meal_kind"] or "", allergens=row["allergens"] or ())
        for row in reading.of(care.MENUS) if row["kitchen_id"] == kitchen_id
    )  # fmt: skip


def cut_offs(reading: Reading, kitchen_id: str) -> tuple[CutOff, ...]:
    return tuple(
        CutOff(at=row["at"].astimezone(UTC), meal_kind=row["meal_kind"] or "", late_boxes=row["late_boxes"])
        for row in reading.of(care.CUT_OFFS) if row["kitchen_id"] == kitchen_id
    )  # fmt: skip


def credentials(reading: Reading, worker_id: str) -> tuple[Credential, ...]:
    return tuple(
        Credential(
            code=row["code"], issued_at=row["issued"].astimezone(UTC), valid_until_at=row["valid_until"].astimezone(UTC)
        )
        for row in reading.of(care.CREDENTIALS) if row["worker_id"] == worker_id
    )  # fmt: skip


def exclusions(reading: Reading) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(recipient_id=row["recipient_id"], worker_id=row["worker_id"], by=row["by"])
        for row in reading.of(care.EXCLUSIONS)
    )


def programmes(reading: Reading) -> tuple[Programme, ...]:
    return tuple(_programme(reading, row) for row in reading.of(care.PROGRAMMES))


def _programme(reading: Reading, row: Row) -> Programme:
    asked = [one for one in reading.of(care.REQUIREMENTS) if one["programme_id"] == row["programme_id"]]

    def of(part: str) -> tuple[Requirement, ...]:
        return tuple(
            Requirement(code=one["code"], max_age_s=one["max_age_h"] * HOUR_S, on_lapse=OnLapse(one["on_lapse"]))
            for one in asked if one["holds_for"] == part
        )  # fmt: skip

    posting = PostingRule(
        who_may_ask=row["posting_who_may_ask"] or PostingRule().who_may_ask, requires=of("posting"),
        day_price_krw=row["posting_day_price_krw"], day_equipment=dict(row["posting_day_equipment"] or ()),
        max_days=row["posting_max_days"], skill=row["posting_skill"] or "",
    ) if row["posting"] else None  # fmt: skip
    return Programme(
        programme_id=row["programme_id"], name_ko=row["name_ko"], name_en=row["name_en"] or row["name_ko"],
        services=tuple(row["services"] or ()), requires=of("visit"), switched=row["switched"],
        who_may_ask=row["who_may_ask"] or (), visit_price_krw=row["visit_price_krw"],
        visit_equipment=dict(row["visit_equipment"] or ()), posting=posting,
    )  # fmt: skip
