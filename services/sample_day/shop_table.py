"""shops.csv of a day folder: shops and pharmacies that errands and parcels come from."""

from __future__ import annotations

from services.sample_day.day_table import Column, Table
from streams.contracts.district import BROUGHT

SHOPS = Table(
    "shops.csv",
    (
        Column("shop_id", "id"),
        Column("name_ko"),
        Column("name_en", required=False),
        Column("provider_id", "id", required=False),
        Column("pick_min", "minutes", required=False, default="5"),
        Column("opens", "time"),
        Column("closes", "time"),
    ),
    required=False,
    min_rows=0,
    places=("",),
)
SERVICES = frozenset(service.value for service in BROUGHT)
