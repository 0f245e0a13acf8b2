"""Small days for the tests of the simulated world: two living areas on a plane, two kitchens, riders and carers."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from services.sample_day.day import Day, FiledVisit, Trouble
from services.sample_day.messages import written
from streams.contracts.district import (
    Area,
    AreaHelp,
    DistrictConfig,
    Dong,
    Kitchen,
    ModeConfig,
    Place,
    Policy,
    Provider,
    ProviderKind,
    Service,
    TravelConfig,
    WorkerKind,
    WorkerProfile,
)  # fmt: skip

START_AT = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)  # 08:00 in Seoul
DISTRICT = "11440"


def at(hours: float) -> datetime:
    """Hours after the day's start."""
    return START_AT + timedelta(hours=hours)


def square(x: float, y: float, size: float = 2000.0) -> tuple[Place, ...]:
    return (Place(x, y), Place(x + size, y), Place(x + size, y + size), Place(x, y + size))


def config(riders: int = 4, carers: int = 4, **policy: Any) -> DistrictConfig:
    """West and east, each one dong of 2 km x 2 km, a kitchen in the middle of each."""
    return DistrictConfig(
        version=1, district=DISTRICT, name_ko="시험구", name_en="Test-gu", service_date="2026-03-04",
        dongs=(
            Dong(code="1144000001", name_ko="서동", centroid=Place(1000, 1000), cell=square(0, 0)),
            Dong(code="1144000002", name_ko="동동", centroid=Place(3000, 1000), cell=square(2000, 0)),
        ),
        areas=(
            Area(area_id="W", name_ko="서", name_en="West", dong_codes=("1144000001",), responsible_enterprise="centre",
                 helpers=(AreaHelp("E", 600),)),
            Area(area_id="E", name_ko="동", name_en="East", dong_codes=("1144000002",), responsible_enterprise="firm",
                 helpers=(AreaHelp("W", 600),)),
        ),
        providers=(
            Provider(provider_id="coop", name_ko="라이더", name_en="Riders", kind=ProviderKind.RIDER_COOP),
            Provider(provider_id="centre", name_ko="종합재가센터", name_en="Centre", kind=ProviderKind.HOME_CARE_CENTRE,
                     services=(Service.TEMPORARY_HOME_CARE, Service.CHECK_IN)),
            Provider(provider_id="firm", name_ko="사회적기업", name_en="Firm", kind=ProviderKind.SOCIAL_FIRM, own_staff=True,
                     services=(Service.TEMPORARY_HOME_CARE, Service.CHECK_IN)),
            Provider(provider_id="cook", name_ko="조리장", name_en="Cook", kind=ProviderKind.KITCHEN),
        ),
        kitchens=(
            Kitchen(kitchen_id="K1", provider_id="cook", name_ko="가", name_en="A", place=Place(1000, 1000)),
            Kitchen(kitchen_id="K2", provider_id="cook", name_ko="나", name_en="B", place=Place(3000, 1000)),
        ),
        workers=(
            *(WorkerProfile(worker_id=f"rider-{n}", kind=WorkerKind.RIDER, organisation="coop", area_id="WE"[n % 2],
                            mode="motorbike", shift_start_at=at(0.5), shift_end_at=at(9),
                            start=Place(900 + 2000 * (n % 2), 900), capacity_boxes=20)
              for n in range(riders)),
            *(WorkerProfile(worker_id=f"carer-{n}", kind=WorkerKind.CARER, organisation=("centre", "firm")[n % 2],
                            area_id="WE"[n % 2], mode="walk", shift_start_at=at(0.5), shift_end_at=at(9),
                            start=Place(1000 + 2000 * (n % 2), 500), skills=("temporary_home_care", "check_in"))
              for n in range(carers)),
        ),
        travel=TravelConfig(
            coordinates="plane_m",
            modes={"motorbike": ModeConfig(detour=1.4, speed_m_per_s=5.3, access_s=120),
                   "walk": ModeConfig(detour=1.3, speed_m_per_s=1.25, access_s=60)},
        ),
        policy=Policy(**{"solve_iterations": 0, **policy}),
    )  # fmt: skip


def meal(reference: str, x: float, y: float, ready: float, due: float, kitchen: str = "K1", file: float = 0.1) -> FiledVisit:
    """A hot lunch: ready and due in hours after the start."""
    return FiledVisit(
        at(file),
        {
            "district": DISTRICT, "reference": reference, "recipient_id": f"r-{reference}", "service": "meal_support",
            "dong": "1144000001" if x < 2000 else "1144000002", "place": {"x_m": x, "y_m": y},
            "window_start_at": written(at(ready)), "window_end_at": written(at(due + 0.5)), "due_at": written(at(due)),
            "service_duration_s": 120, "kitchen_id": kitchen, "meal_kind": "hot_lunch", "ready_at": written(at(ready)),
            "boxes": 1,
        },
    )  # fmt: skip


def care(reference: str, x: float, y: float, start: float, minutes: int = 60, worker_count: int = 1) -> FiledVisit:
    """A care visit that must begin within an hour of `start`."""
    return FiledVisit(
        at(0.2),
        {
            "district": DISTRICT, "reference": reference, "recipient_id": f"r-{reference}",
            "service": "temporary_home_care", "dong": "1144000001" if x < 2000 else "1144000002",
            "place": {"x_m": x, "y_m": y}, "window_start_at": written(at(start)),
            "window_end_at": written(at(start + 1)), "due_at": written(at(start + 0.75)),
            "service_duration_s": 60 * minutes, "worker_count": worker_count,
        },
    )  # fmt: skip


def make_day(
    meals: int = 24, cares: int = 6, troubles: tuple[Trouble, ...] = (), seed: int = 1, riders: int = 4, carers: int = 4,
    **policy: Any,
) -> Day:  # fmt: skip
    """Meals from both kitchens at 3 h, care visits through the day."""
    chance = random.Random(seed)
    visits = [
        meal(f"M-{n}", float(chance.randint(100, 3900)), float(chance.randint(100, 1900)), 3, 4.5, ("K1", "K2")[n % 2])
        for n in range(meals)
    ] + [
        care(f"C-{n}", float(chance.randint(100, 3900)), float(chance.randint(100, 1900)), 1 + n,
             worker_count=2 if n == 1 else 1)
        for n in range(cares)
    ]
    made = config(riders, carers, **policy)
    return Day(
        config=made, visits=visits, recipients=[], workers=[], troubles=list(troubles), start_at=START_AT, end_at=at(11),
        seed=seed, single_offers=made.policy.single_offers,
    )  # fmt: skip
