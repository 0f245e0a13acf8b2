"""What shops.csv of a day folder says, and that everything is had where it can be."""

from __future__ import annotations

from datetime import UTC

from services.sample_day.day_table import Table
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading
from services.sample_day.shop_table import SERVICES, SHOPS
from streams.contracts.district import Kitchen, Place, Shop


def check_shops(reading: Reading, visits: Table, kitchens: Table, providers: Table) -> None:
    """Meals come from kitchens, errands and parcels from shops that close after opening."""
    reading.refer(SHOPS, "provider_id", "unknown_provider", providers, "provider_id")
    for row in reading.of(SHOPS):
        reading.ordered(SHOPS, row, "opens", "closes", strict=True)
    shops, cooks = reading.ids(SHOPS, "shop_id"), reading.ids(kitchens, "kitchen_id")
    for row in reading.of(SHOPS):
        if cooks is not None and row["shop_id"] in cooks:
            reading.report(
                SHOPS, row, "shop_id", "duplicate", "조리장에 있는 번호입니다.", "A kitchen has this id.",
                "다른 번호를 주세요.", "Give it another id.",
            )  # fmt: skip
    for row in reading.of(visits):
        brought = row["service"] in SERVICES
        known, file = (shops, SHOPS.file) if brought else (cooks, kitchens.file)
        if row["kitchen_id"] is None and brought:
            reading.report(
                visits, row, "kitchen_id", "errand_without_shop", "심부름과 지역배송에는 가게가 필요합니다.",
                "An errand or a parcel needs a shop.", "shops.csv의 번호를 쓰세요.", "Write its id of shops.csv.",
            )  # fmt: skip
        elif row["kitchen_id"] is not None and known is not None and row["kitchen_id"] not in known:
            reading.report(
                visits, row, "kitchen_id", "unknown_kitchen", f"{file}에 없습니다.", f"It is not in {file}.",
                f"번호를 고치거나 {file}에 줄을 더하세요.", f"Correct it, or add a row to {file}.",
            )  # fmt: skip


def shops(reading: Reading) -> tuple[Kitchen, ...]:
    """As places where something is picked up."""

    def place(row: Row) -> Place:
        return Place(row["lon"], row["lat"]) if reading.coordinates == "wgs84" else Place(row["x_m"], row["y_m"])

    return tuple(
        Kitchen(
            kitchen_id=row["shop_id"], provider_id=row["provider_id"] or "", name_ko=row["name_ko"],
            name_en=row["name_en"] or row["name_ko"], place=place(row), load_duration_s=round(row["pick_min"] * 60),
            shop=Shop(opens_at=row["opens"].astimezone(UTC), closes_at=row["closes"].astimezone(UTC)),
        )
        for row in reading.of(SHOPS)
    )  # fmt: skip
