"""What a busy sample day has of eligibility and of a crisis programme: data for its files, and what happens on it.

Everything is fictional but the types of home-care centres. Small on purpose: the day stays one that its people can carry.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from services.sample_day import care_tables as care, facts
from services.sample_day.catalogue import WorkerPlan
from services.sample_day.day_table import Table
from services.sample_day.shop_table import SHOPS

CRISIS = "crisis"
POSTED = "C15"  # the window's own carer who agreed to be posted: trained, freshly tested
BUDGET_KRW, POSTING_DAYS = 3_000_000, 3
CENTRE_SERVICES = (  # an agreement beyond the type: a basic centre (기본형) supplies the first two
    ("visiting_care", "centre_type"), ("emergency_care", "centre_type"), ("temporary_home_care", "agreement"),
    ("visiting_bath", "agreement"), ("check_in", "agreement"), ("day_night_centre", "notice"),
)  # fmt: skip
KITCHENS = ("K1", "K2", "HUB")
MENU = (("regular", "egg;soy;wheat"), ("porridge", "sesame"), ("low_salt", "soy"))  # 일반식, 죽, 저염
DIETS = (("porridge", 6), ("low_salt", 8), ("", 86))  # of a hundred meals; our estimate of the trade
TASKS = {  # by service; how many of them a visit has is our estimate
    "temporary_home_care": ("meal_help", "cleaning", "laundry", "bathing", "company"), "check_in": ("medication", "company"),
    "accompaniment": ("hospital",), "housing_help": ("cleaning",), "emergency_care": ("meal_help", "toilet"),
}
RESTS = {"C11": "12:00-15:00/30"}  # whose half hour between the visits of noon and afternoon is agreed on
LAPSING = ("C02", "C07", "C09", "C10", "C12")  # whose yearly training ends at noon today
CUT_OFF, LATE_BOXES = "09:30", 20
LATER_MIN = 40  # "come later": the hairdresser takes longer
REFUSALS_BEFORE_PUBLIC = 2  # the sample's district calls a conference sooner than the usual three

PHARMACY = {
    "shop_id": "PH1", "name_ko": "서교 온누리약국(예시)", "name_en": "Seogyo pharmacy (sample)", "pick_min": 8, "opens": "09:00",
    "closes": "19:00", "lon": 126.9190, "lat": 37.5545,
}  # fmt: skip
ERRAND = {
    "reference": "ER-001", "service": "errand", "kitchen_id": "PH1", "file_at": "12:40", "window_start": "14:00", "due": "15:30",
    "window_end": "16:30", "service_min": 5,
}  # fmt: skip
"""Somebody's medicine, asked for after the lunch round: fetched in the quiet hours."""
ERRAND_AREAS = ("MP-A", "MP-B", "MP-C")  # where riders of the co-operative that runs errands are

CRISIS_PROGRAMME = {
    "programme_id": CRISIS, "name_ko": "긴급돌봄지원단(예시)", "name_en": "Crisis care (sample)",
    "services": "temporary_home_care;accompaniment", "switched": "yes", "who_may_ask": "recipient;kin",
    "visit_price_krw": 45_000, "visit_equipment": "mask:1;gloves:1", "posting": "yes",
    "posting_who_may_ask": "recipient;public_health_centre", "posting_day_price_krw": 350_000,
    "posting_day_equipment": "mask:2;gloves:2;suit:1;shoe_covers:1;goggles:1", "posting_max_days": 14,
}  # fmt: skip
YEARLY = {
    "programme_id": "home_visits", "name_ko": "방문 돌봄 기본 교육(예시)", "name_en": "Home visits' training (sample)",
    "services": "temporary_home_care;check_in;accompaniment;housing_help", "switched": "no",
}  # fmt: skip
REQUIREMENTS = (
    {"programme_id": "home_visits", "holds_for": "visit", "code": "infection_training", "on_lapse": "warn"},
    {"programme_id": CRISIS, "holds_for": "posting", "code": "infection_test", "max_age_h": 48, "on_lapse": "block"},
    {"programme_id": CRISIS, "holds_for": "posting", "code": "safety_training", "on_lapse": "block"},
)


def add_to_visits(visits: list[dict[str, Any]], seed: int) -> None:
    """Diets and allergens of some meals, a wish here and there, and two visits filed under the crisis programme."""
    rng = random.Random(f"care:{seed}")
    for visit in visits:
        if visit["service"] == "meal_support":
            visit["diet"] = rng.choices([diet for diet, _ in DIETS], [weight for _, weight in DIETS])[0]
            visit["avoid_allergens"] = "peanut" if rng.random() < 0.03 else ""
        elif "gender" not in visit and rng.random() < 0.15:
            visit["preferred_gender"] = "female"
    rng = random.Random(f"tasks:{seed}")
    for visit in visits:
        known = TASKS.get(visit["service"], ())
        visit["tasks"] = ";".join(one for one in known if one == known[0] or rng.random() < 0.4)
    for visit in [v for v in visits if v["service"] == "temporary_home_care"][:2]:
        visit |= {"programme": CRISIS, "asked_by": "recipient", "file_at": max(visit["file_at"], "07:00")}
    near = {dong.code for dong in facts.DONGS if dong.area_id in ERRAND_AREAS}
    home = next(v for v in visits if v.get("meal_kind") == "side_dish" and v["dong"] in near)
    visits.append(ERRAND | {name: home[name] for name in ("recipient_id", "dong", "lon", "lat")})


def troubles(visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An operator switches the programme on, a health centre asks for a posting, three recipients are avoided, two
    call: one would rather be seen later, one needs no dinner."""
    needs = [v for v in visits if v["service"] in ("accompaniment", "housing_help") and "required_skills" not in v]
    refused = sorted({v["recipient_id"] for v in needs})[:3]
    checks = [v for v in visits if v["service"] == "check_in"]
    quarantined = checks[0]["recipient_id"]
    later = max(checks, key=lambda v: (v["window_start"].zfill(5), v["reference"]))
    off = next(v for v in visits if v.get("meal_kind") == "hot_dinner")
    return [
        {"at": "06:30", "kind": "programme_on", "subject": CRISIS, "amount": BUDGET_KRW},
        {"at": "11:00", "kind": "concern", "subject": quarantined, "amount": 0},
        {"at": "09:15", "kind": "call", "subject": later["reference"], "amount": LATER_MIN},
        {"at": "11:15", "kind": "call", "subject": off["reference"], "amount": 0},
        {"at": "10:30", "kind": "posting", "subject": quarantined, "amount": POSTING_DAYS},
        *({"at": "06:30", "kind": "care_refused", "subject": recipient_id, "amount": 3} for recipient_id in refused),
    ]


def out_of_reach(visits: list[dict[str, Any]]) -> str:
    """Somebody whose number has changed: no notice gets there, and the window has to see to it."""
    troubled = {one["subject"] for one in troubles(visits)}
    lunches = [v for v in visits if v.get("meal_kind") == "hot_lunch" and v["reference"] not in troubled]
    return str(lunches[-1]["recipient_id"])


def tables(
    carers: Iterable[WorkerPlan], visits: list[dict[str, Any]], service_date: str
) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The optional files of eligibility."""
    year = f"{int(service_date[:4]) - 1}{service_date[4:]}"
    trained = [
        {"worker_id": one.worker_id, "code": "infection_training", "issued": f"{year}T12:00",
         "valid_until": "12:00" if one.worker_id in LAPSING else "24:00"}
        for one in carers
    ]  # fmt: skip
    fresh = [
        {"worker_id": POSTED, "code": "infection_test", "issued": "07:00", "valid_until": "24:00"},
        {"worker_id": POSTED, "code": "safety_training", "issued": f"{year}T12:00", "valid_until": "24:00"},
    ]
    homes = sorted({visit["recipient_id"] for visit in visits if visit["service"] == "check_in"})[:2]
    return [
        (care.PROVIDER_SERVICES, [
            {"provider_id": "HC1", "service": service, "from_date": f"{service_date[:4]}-01-01", "source": source}
            for service, source in CENTRE_SERVICES
        ]),
        (care.MENUS, [{"kitchen_id": k, "diet": diet, "allergens": allergens} for k in KITCHENS for diet, allergens in MENU]),
        (care.CUT_OFFS, [{"kitchen_id": k, "at": CUT_OFF, "late_boxes": LATE_BOXES} for k in KITCHENS]),
        (care.CREDENTIALS, trained + fresh),
        (care.PROGRAMMES, [YEARLY, CRISIS_PROGRAMME]),
        (care.REQUIREMENTS, [dict(one) for one in REQUIREMENTS]),
        (SHOPS, [PHARMACY]),
        (care.EXCLUSIONS, [
            {"recipient_id": home, "worker_id": worker_id, "by": by}
            for home, worker_id, by in zip(homes, ("C02", "C07"), ("recipient", "worker"), strict=False)
        ]),
    ]  # fmt: skip


def worker_fields(worker_id: str) -> dict[str, str]:
    """What a worker's row says besides."""
    return {"rests": RESTS[worker_id]} if worker_id in RESTS else {}


def provider_fields(provider_id: str) -> dict[str, str]:
    """What a provider's row says besides: the public ones, and the centre's type."""
    assert provider_id in facts.PROVIDER_BY_ID
    if provider_id == "HC1":
        return {"centre_type": "basic", "public": "yes"}
    return {"public": "yes"} if provider_id == "WIN" else {}
