"""The files of eligibility and crisis programmes: read into the district, and every wrong name told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.sample_day.read_day import read_day
from streams.contracts.eligibility import CentreType, CutOff, Exclusion, MenuLine, OnLapse
from tests.unit.sample_day.small_day import FILES, errors_of, places_of, write

CARE = {
    "provider_services.csv": "provider_id,service,from_date,until_date,source\n"
                             "SF,안부확인,2026-01-01,,agreement\nSF,day_night_centre,,,\n",
    "menus.csv": "kitchen_id,meal_kind,diet,allergens\nK1,,regular,egg;soy\nK1,hot_lunch,porridge,\n",
    "cut_offs.csv": "kitchen_id,meal_kind,at,late_boxes\nK1,,09:30,4\n",
    "credentials.csv": "worker_id,code,issued,valid_until\nC1,infection_training,2025-03-03T12:00,12:00\n",
    "programmes.csv": "programme_id,name_ko,services,switched,who_may_ask,visit_equipment,posting,posting_day_equipment\n"
                      "crisis,위기,안부확인,예,recipient,mask:1,yes,mask:2;suit:1\n",
    "requirements.csv": "programme_id,holds_for,code,max_age_h,on_lapse\ncrisis,posting,infection_test,48,block\n"
                        "crisis,visit,infection_training,,warn\n",
    "exclusions.csv": "recipient_id,worker_id,by\nP2,C1,worker\n",
}  # fmt: skip


def test_the_files_become_the_districts_rules(tmp_path: Path) -> None:
    config = read_day(write(tmp_path, CARE)).config
    firm = next(one for one in config.providers if one.provider_id == "SF")
    assert [(one.service, one.from_date, one.source) for one in firm.dated_services] == [
        ("check_in", "2026-01-01", "agreement"), ("day_night_centre", "", ""),
    ]  # fmt: skip
    (kitchen,) = config.kitchens
    assert kitchen.menu == (MenuLine(allergens=("egg", "soy")), MenuLine(diet="porridge", meal_kind="hot_lunch"))
    assert kitchen.cut_offs == (CutOff(at=datetime(2026, 3, 3, 0, 30, tzinfo=UTC), late_boxes=4),)
    held = next(one for one in config.workers if one.worker_id == "C1").credentials
    assert [(one.code, one.valid_until_at) for one in held] == [("infection_training", datetime(2026, 3, 3, 3, 0, tzinfo=UTC))]
    (programme,) = config.programmes
    assert (programme.switched, programme.services, programme.visit_equipment) == (True, ("check_in",), {"mask": 1})
    assert programme.posting is not None
    assert programme.posting.day_equipment == {"mask": 2, "suit": 1}
    assert [one.max_age_s for one in programme.posting.requires] == [172_800]
    assert [(one.code, one.on_lapse) for one in programme.requires] == [("infection_training", OnLapse.WARN)]
    assert config.exclusions == (Exclusion(recipient_id="P2", worker_id="C1", by="worker"),)


def test_a_centres_type_and_that_it_is_public_are_read(tmp_path: Path) -> None:
    header, _, rest = FILES["providers.csv"].partition("\n")
    rows = [row + ("," if not row.startswith("SF") else ",nursing") for row in rest.strip().split("\n")]
    config = read_day(write(tmp_path, {"providers.csv": "\n".join([f"{header},centre_type", *rows, ""])})).config
    assert next(one for one in config.providers if one.provider_id == "SF").centre_type is CentreType.NURSING


def test_the_usual_number_of_refusals_can_be_changed(tmp_path: Path) -> None:
    day = read_day(write(tmp_path, {"policy.csv": "name,value\navoidance.refusals,2\n"}))
    assert day.config.policy.avoidance.refusals == 2
    errors = errors_of(write(tmp_path, {"policy.csv": "name,value\navoidance.refusals,none\n"}))
    assert places_of(errors) == [("policy.csv", 2, "value", "bad_policy")]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "code"),
    [
        ("provider_services.csv", "안부확인", "빨래", 2, "service", "unknown_service"),
        ("provider_services.csv", "SF,안부확인", "XX,안부확인", 2, "provider_id", "unknown_provider"),
        ("provider_services.csv", "2026-01-01,", "2026-01-01,2025-01-01", 2, "until_date", "time_inverted"),
        ("menus.csv", "K1,hot_lunch", "K9,hot_lunch", 3, "kitchen_id", "unknown_kitchen"),
        ("cut_offs.csv", "09:30", "soon", 2, "at", "bad_time"),
        ("credentials.csv", "C1,", "C9,", 2, "worker_id", "unknown_worker"),
        ("credentials.csv", ",12:00", ",2025-01-01T12:00", 2, "valid_until", "time_inverted"),
        ("programmes.csv", "mask:1", "mask=1", 2, "visit_equipment", "bad_price"),
        ("requirements.csv", "crisis,posting", "nothing,posting", 2, "programme_id", "unknown_programme"),
        ("requirements.csv", "48,block", "48,maybe", 2, "on_lapse", "unknown_kind"),
        ("exclusions.csv", "C1,worker", "C1,neighbour", 2, "by", "unknown_kind"),
    ],
)
def test_each_wrong_cell_is_named(file: str, old: str, new: str, line: int, column: str, code: str, tmp_path: Path) -> None:
    assert old in CARE[file]
    errors = errors_of(write(tmp_path, CARE | {file: CARE[file].replace(old, new, 1)}))
    assert (file, line, column, code) in places_of(errors)


def test_a_visit_of_an_unknown_programme_is_named(tmp_path: Path) -> None:
    header, _, rest = FILES["visits.csv"].partition("\n")
    first, *others = rest.strip().split("\n")
    visits = "\n".join([f"{header},programme", f"{first},nothing", *(f"{row}," for row in others), ""])
    assert ("visits.csv", 2, "programme", "unknown_programme") in places_of(errors_of(write(tmp_path, {"visits.csv": visits})))
