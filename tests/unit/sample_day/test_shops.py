"""Shops, errands and parcels in a day's folder and in a body of the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.api.models import VisitBody
from services.sample_day.in_process import run_in_process
from services.sample_day.read_day import read_day
from streams.contracts.decisions import VisitState
from streams.contracts.district import Shop
from tests.unit.sample_day.small_day import FILES, errors_of, places_of, write

SHOPS = "shop_id,name_ko,name_en,provider_id,pick_min,opens,closes,lon,lat\nPH,약국,Pharmacy,,5,09:00,18:00,126.925,37.551\n"
ERRAND = "E-1,07:00,P1,심부름,1144000001,126.93012,37.55034,10:00,13:00,12:30,5,PH,,\n"
TOWN = {
    "shops.csv": SHOPS, "visits.csv": FILES["visits.csv"] + ERRAND,
    "providers.csv": FILES["providers.csv"].replace("rider_coop,meal_support,no", "rider_coop,meal_support;심부름,no"),
}  # fmt: skip


def test_an_errand_of_the_folder_is_run_by_a_simulated_rider(tmp_path: Path) -> None:
    day = read_day(write(tmp_path, TOWN))
    shop = day.config.kitchens[-1]
    opens, closes = (datetime(2026, 3, 3, hour, tzinfo=UTC) for hour in (0, 9))
    assert (shop.kitchen_id, shop.load_duration_s, shop.shop) == ("PH", 300, Shop(opens_at=opens, closes_at=closes))
    body = next(visit.body for visit in day.visits if visit.body["service"] == "errand")
    VisitBody.model_validate_json(json.dumps(body))
    result, doors = run_in_process(day, 2)
    assert result["balanced"]
    visit = next(visit for visit in doors.state.visits.values() if visit.spec.service == "errand")
    assert visit.state is VisitState.DONE
    assert visit.picked_up_at is not None
    assert opens <= visit.picked_up_at <= closes


def test_what_does_not_fit_together_is_named(tmp_path: Path) -> None:
    files = {
        "shops.csv": SHOPS + "K1,가게,Shop,NOBODY,5,18:00,09:00,126.925,37.551\n",
        "visits.csv": FILES["visits.csv"] + ERRAND.replace(",PH,", ",,") + ERRAND.replace("E-1", "E-2").replace(",PH,", ",K1,")
        + ERRAND.replace("E-1", "E-3").replace("심부름", "안부확인"),
    }  # fmt: skip
    assert set(places_of(errors_of(write(tmp_path, files)))) == {
        ("shops.csv", 3, "provider_id", "unknown_provider"), ("shops.csv", 3, "closes", "time_inverted"),
        ("shops.csv", 3, "shop_id", "duplicate"), ("visits.csv", 4, "kitchen_id", "errand_without_shop"),
        ("visits.csv", 6, "kitchen_id", "not_a_meal"), ("visits.csv", 6, "kitchen_id", "unknown_kitchen"),
    }  # fmt: skip


def test_an_errand_without_a_shop_is_refused_at_the_door() -> None:
    body: dict[str, Any] = {
        "district": "11440", "reference": "E-1", "recipient_id": "R-1", "service": "errand", "dong": "1144066000",
        "place": {"lon": 126.909, "lat": 37.556}, "window_start_at": "2026-11-03T03:00:00Z",
        "window_end_at": "2026-11-03T04:00:00Z",
    }  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        VisitBody.model_validate_json(json.dumps(body))
    assert refused.value.errors()[0]["type"] == "errand_without_shop"
    assert VisitBody.model_validate_json(json.dumps(body | {"kitchen_id": "PH"})).kitchen_id == "PH"
