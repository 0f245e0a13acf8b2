"""The parts of the policy that have files of their own, out of checked rows."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec import UNSET

from services.sample_day import day_format as form, policy_tables as tables
from services.sample_day.day_table import Table
from services.sample_day.read_cell import SEOUL
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading
from streams.contracts.district import (
    HelpPair,
    MealWindow,
    Observation,
    OtherDistrict,
    Rung,
    RungName,
    Service,
    UrgencyQuestion,
)
from streams.contracts.offering import NEAREST, ONE_AT_A_TIME, UNSTATED, DeclineReason, OfferRule, Pay

UNIQUE = (
    (tables.LADDER, "rung"), (tables.OTHER_DISTRICTS, "district"), (tables.OBSERVATIONS, "code"), (tables.MEAL_WINDOWS, "code"),
    (tables.DECLINE_REASONS, "code"),
)  # fmt: skip


def check_policy(reading: Reading) -> None:
    """Every id stands in its own file, nothing is said twice, and a district does not help itself."""
    refer = reading.refer
    refer(tables.OFFER_RULES, "provider_id", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(tables.HELP_PAIRS, "helper", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(tables.HELP_PAIRS, "area_id", "unknown_area", form.AREAS, "area_id")
    for table, column in UNIQUE:
        reading.ids(table, column)
    _check_meal_windows(reading)
    _check_reasons(reading)
    own = {row["district"] for row in reading.of(form.DISTRICT)}
    for row in reading.of(tables.OTHER_DISTRICTS):
        if row["district"] in own:
            reading.report(
                tables.OTHER_DISTRICTS, row, "district", "own_district", "이 자치구 자신입니다.", "It is this district itself.",
                "줄을 지우거나 다른 코드를 쓰세요.", "Remove the row, or write the other's code.",
            )  # fmt: skip
    order = list(RungName)
    rungs = [row for row in reading.of(tables.LADDER) if row.good("rung")]
    for before, row in pairwise(rungs):
        if order.index(RungName(before["rung"])) > order.index(RungName(row["rung"])):
            reading.report(
                tables.LADDER, row, "rung", "rungs_out_of_order", "단계 순서가 거꾸로입니다.", "It is nearer than the rung before.",
                "가까운 단계부터 쓰세요.", "Write the nearest rung first.",
            )  # fmt: skip


def _check_meal_windows(reading: Reading) -> None:
    for row in reading.of(tables.MEAL_WINDOWS):
        if row.good("from", "until") and row["until"] <= row["from"]:
            reading.report(
                tables.MEAL_WINDOWS, row, "until", "time_inverted", "until이(가) from보다 빠릅니다.", "until is not after from.",
                "시각을 고치세요.", "Correct the times.",
            )  # fmt: skip


def _check_reasons(reading: Reading) -> None:
    """Who gives no reason gives this one: without it a silent "no" could not be taken."""
    reasons = reading.of(tables.DECLINE_REASONS)
    if reasons and UNSTATED not in {row["code"] for row in reasons}:
        reading.report(
            tables.DECLINE_REASONS, reasons[-1], "code", "missing_reason", f"'{UNSTATED}' 사유가 없습니다.",
            f"'{UNSTATED}' is missing.",
            f"'{UNSTATED}' 줄을 넣으세요.", f"Add a row '{UNSTATED}'.",
        )  # fmt: skip


def policy_values(reading: Reading) -> dict[str, Any]:
    """Fields of `Policy` that the folder has files for; a folder without them keeps the defaults."""
    values: dict[str, Any] = {}
    if rungs := _good(reading, tables.LADDER):
        values["ladder"] = tuple(_rung(row) for row in rungs)
    if pay := _good(reading, tables.PAY):
        values["pay"] = {row["service"] or "": Pay(row["per_visit_krw"], row["per_hour_krw"]) for row in pay}
    if seen := _good(reading, tables.OBSERVATIONS):
        values["observations"] = tuple(
            Observation(row["code"], row["name_ko"], row["name_en"], _s(row["due_min"])) for row in seen
        )
    if asked := _good(reading, tables.URGENCY_QUESTIONS):
        values["urgency_questions"] = tuple(
            UrgencyQuestion(row["code"], row["name_ko"], row["name_en"], row["urgent_if"]) for row in asked
        )
    if windows := _good(reading, tables.MEAL_WINDOWS):
        values["meal_windows"] = tuple(MealWindow(row["code"], _minute(row["from"]), _minute(row["until"])) for row in windows)
    return values


def offer_rules(reading: Reading) -> tuple[OfferRule, ...]:
    return tuple(_offer_rule(row) for row in _good(reading, tables.OFFER_RULES))


def decline_reasons(reading: Reading) -> tuple[DeclineReason, ...]:
    """None where the folder does not say: then the usual ones."""
    rows = _good(reading, tables.DECLINE_REASONS)
    return tuple(DeclineReason(row["code"], row["name_ko"], row["name_en"]) for row in rows)


def help_pairs(reading: Reading) -> tuple[HelpPair, ...]:
    return tuple(
        HelpPair(
            helper=row["helper"], area_id=row["area_id"] or "", services=_services(row), may_help=row["may_help"],
            pre_approved=row["pre_approved"], price_krw=row["price_krw"],
        )
        for row in reading.of(tables.HELP_PAIRS)
    )  # fmt: skip


def other_districts(reading: Reading) -> tuple[OtherDistrict, ...]:
    return tuple(
        OtherDistrict(
            district=row["district"], name_ko=row["name_ko"] or UNSET, name_en=row["name_en"] or UNSET, region=row["region"] or "",
            services=_services(row), pre_approved=row["pre_approved"], price_krw=row["price_krw"],
            offer_at_once=row["offer_at_once"],
        )
        for row in reading.of(tables.OTHER_DISTRICTS)
    )  # fmt: skip


def _good(reading: Reading, table: Table) -> list[Row]:
    return [row for row in reading.of(table) if not row.bad]


def _minute(at: datetime) -> int:
    """Minutes after midnight in Seoul; 24:00 is the day's last."""
    here = at.astimezone(SEOUL)
    return here.hour * 60 + here.minute or 1440


def _s(minutes: float) -> int:
    return round(minutes * 60)


def _services(row: Row) -> tuple[Service, ...]:
    return tuple(Service(service) for service in row["services"] or ())


def _rung(row: Row) -> Rung:
    return Rung(
        name=RungName(row["rung"]), wait_s=tuple(_s(wait) for wait in row["wait_min"] or ()), claims=row["claims"],
        enterprise_first_s=_s(row["enterprise_first_min"]), claim_expiry_s=_s(row["claim_expiry_min"]), price_krw=row["price_krw"],
    )  # fmt: skip


def _offer_rule(row: Row) -> OfferRule:
    nearest_n, reminder = row["nearest_n"], row["reminder_min"]
    return OfferRule(
        service=row["service"] or "", provider_id=row["provider_id"] or "", ask=NEAREST if nearest_n > 1 else ONE_AT_A_TIME,
        nearest_n=nearest_n, expiry_s=_s(row["expiry_min"]), reminder_s=-1 if reminder is None else _s(reminder),
    )  # fmt: skip
