"""The two districts of the random histories: Mapo (11440) and Seodaemun (11410), small, and with something of everything that can
change a decision: voice phones, substitutes, two kitchens, credentials that lapse at noon, a crisis programme, ways to ask."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import msgspec

from streams.contracts.district import DistrictConfig, Kitchen, OtherDistrict, Place, ProviderKind, Shop, WorkerKind, WorkerProfile
from streams.contracts.eligibility import Credential, MenuLine, OnLapse, PostingRule, Programme, Requirement
from streams.contracts.offering import NEAREST, Offering, OfferRule
from tests.core_world import CENTRE, COOP, WINDOW, at, worker
from tests.neighbours import MAPO, SEODAEMUN, district

CODES = (MAPO, SEODAEMUN)
PHARMACY = Kitchen(
    kitchen_id="pharmacy", provider_id="", name_ko="약국", name_en="Pharmacy", place=Place(150.0, 250.0),
    shop=Shop(opens_at=at("08:00"), closes_at=at("16:00")),
)  # fmt: skip
CRISIS, TRAINED = "crisis", "training"
BUDGET_KRW = 900_000
KITCHENS = ("k1", "k2")


def _held(code: str, until: str) -> Credential:
    return Credential(code=code, issued_at=at("06:00"), valid_until_at=at(until))


def _programmes() -> tuple[Programme, ...]:
    """Home care asks for training, and warns where a test is missing; the crisis programme is switched."""
    posting = PostingRule(
        who_may_ask=("public_health_centre",), requires=(Requirement(code=TRAINED),), day_price_krw=200_000,
        day_equipment={"mask": 2},
    )  # fmt: skip
    return (
        Programme(
            programme_id="home", name_ko="일시재가", name_en="Home care", services=("temporary_home_care",),
            requires=(Requirement(code=TRAINED), Requirement(code="test", on_lapse=OnLapse.WARN)),
        ),
        Programme(
            programme_id=CRISIS, name_ko="긴급돌봄지원단", name_en="Crisis care", services=("check_in",), switched=True,
            who_may_ask=("recipient",), visit_price_krw=40_000, visit_equipment={"mask": 1}, posting=posting,
        ),
    )  # fmt: skip


def _workers(few_carers: bool, given: tuple[WorkerProfile, ...]) -> tuple[WorkerProfile, ...]:
    """With `few_carers` one carer works, and needs must climb."""
    held = {
        "carer-1": (_held(TRAINED, "23:00"), _held("test", "12:00")), "carer-2": (_held(TRAINED, "12:30"),),
        "carer-3": (_held(TRAINED, "23:00"), _held("test", "23:00")),
    }  # fmt: skip
    genders = {"carer-1": "female", "carer-3": "male"}
    more = (
        worker("rider-3", WorkerKind.RIDER, COOP, "N", 250.0, has_app=False, shift_start_at=at("10:00")),
        worker("rider-4", WorkerKind.RIDER, COOP, "S", -250.0, substitute=True),
        worker("carer-4", WorkerKind.CARER, CENTRE, "N", 480.0, substitute=True),
        worker("carer-5", WorkerKind.CARER, CENTRE, "S", -480.0, shift_start_at=at("11:00"), has_app=False),
    )
    everybody = [
        msgspec.structs.replace(one, credentials=held.get(one.worker_id, ()), gender=genders.get(one.worker_id, ""))
        for one in (*given, *more)
    ]
    return tuple(one for one in everybody if not few_carers or one.kind is WorkerKind.RIDER or one.worker_id == "carer-3")


@cache
def town(code: str, *, few_carers: bool = False, at_once: bool = False, agreed: bool = False, version: int = 1) -> DistrictConfig:
    """`at_once`: the nearest two are asked at the same time, and a neighbour's need is offered for where there is room.
    `agreed`: claims of the window and of the neighbour are confirmed without a person."""
    rules = (OfferRule(ask=NEAREST, nearest_n=2),) if at_once else (OfferRule(provider_id=COOP, expiry_s=300),)
    (other,) = (one for one in CODES if one != code)
    policy: dict[str, Any] = dict(
        rung_wait_s=240, urgent_rung_wait_s=60, solve_iterations=10, replan_interval_s=600, help_retry_s=60, help_confirm_s=600,
        worker_silence_s=1500, exception_due_s=2400, single_offers=at_once, disruption_chunk=2, batch_chunk=1,
        batch_placed_at_once=2, offering=Offering(rules=rules, max_open=3),
    )  # fmt: skip
    neighbour = OtherDistrict(district=other, region="서북권", pre_approved=agreed, price_krw=2500, offer_at_once=at_once)
    made = district(code, (neighbour,), **policy)
    second = Kitchen(
        kitchen_id="k2", provider_id=WINDOW, name_ko="둘째 부엌", name_en="Second kitchen", place=Place(-200.0, 400.0),
        menu=(MenuLine(), MenuLine(diet="porridge", allergens=("milk",))), take_over_s=1800, spare_meals=2, capacity_meals=12,
    )  # fmt: skip
    providers = tuple(
        msgspec.structs.replace(one, public=True) if one.kind is ProviderKind.WINDOW else one for one in made.providers
    )
    return msgspec.structs.replace(
        made, version=version, workers=_workers(few_carers, made.workers), kitchens=(*made.kitchens, second, PHARMACY),
        providers=providers, programmes=_programmes(),
    )  # fmt: skip


CRISIS_FROM, CRISIS_UNTIL = "2026-03-02", "2026-03-09"
IN_THREE_DAYS = timedelta(days=3)
