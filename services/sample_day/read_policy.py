"""The parts of the policy that have files of their own, out of checked rows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from services.sample_day import day_format as form
from services.sample_day import policy_tables as tables
from services.sample_day.day_table import Table
from services.sample_day.read_table import Row
from streams.contracts.district import (
    HelpPair,
    Observation,
    OtherDistrict,
    Rung,
    RungName,
    Service,
)
from streams.contracts.offering import NEAREST, ONE_AT_A_TIME, OfferRule, Pay

if TYPE_CHECKING:
    from services.sample_day.read_day import Reading


def check_policy(reading: Reading) -> None:
    """Every id stands in its own file, nothing is said twice, and a district does not help itself."""
    refer = reading.refer
    refer(tables.OFFER_RULES, "provider_id", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(tables.HELP_PAIRS, "helper", "unknown_provider", form.PROVIDERS, "provider_id")
    refer(tables.HELP_PAIRS, "area_id", "unknown_area", form.AREAS, "area_id")
    for table, column in ((tables.LADDER, "rung"), (tables.OTHER_DISTRICTS, "district"), (tables.OBSERVATIONS, "code")):
        reading.ids(table, column)
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
    return values


def offer_rules(reading: Reading) -> tuple[OfferRule, ...]:
    return tuple(_offer_rule(row) for row in _good(reading, tables.OFFER_RULES))


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
            district=row["district"], region=row["region"] or "", services=_services(row), pre_approved=row["pre_approved"],
            price_krw=row["price_krw"], offer_at_once=row["offer_at_once"],
        )
        for row in reading.of(tables.OTHER_DISTRICTS)
    )  # fmt: skip


def _good(reading: Reading, table: Table) -> list[Row]:
    return [row for row in reading.of(table) if not row.bad]


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
