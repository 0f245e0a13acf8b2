"""What the plan asks about visits and workers can be said in a day's folder, in a body of the API and in a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from services.api.identifiers import visit_id_of
from services.api.models import VisitBody
from services.api.visits import request_of
from services.sample_day.read_day import read_day
from services.visit_files import read_visits
from streams.contracts.plan_terms import PlanPrices, PlanTerms
from streams.contracts.work import LEGAL_REST, Rest, WorkTerms
from tests.unit.sample_day.small_day import FILES, bend, errors_of, places_of, write

MIDNIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # of 3 March in Seoul


def wider(file: str, names: str, *cells: str) -> dict[str, str]:
    """A file with more columns; one text of cells for each row."""
    rows = FILES[file].replace("\\\n", "").strip().split("\n")
    return {file: "\n".join(f"{row},{more}" for row, more in zip(rows, (names, *cells), strict=True)) + "\n"}


def test_rests_limits_and_areas_of_workers_and_providers(tmp_path: Path) -> None:
    files = wider("providers.csv", "legal_rest,max_hours,max_km,banned_areas", "yes,,60,", ",,,", ",,,")
    files |= wider("workers.csv", "rests,max_hours,banned_areas", "11:30-13:00/30;16:00-16:30/15,8,B", ",,")
    config = read_day(write(tmp_path, files)).config
    works = {one.provider_id: one.work for one in config.providers}
    assert works == {"RC": WorkTerms(rest_rules=LEGAL_REST, max_distance_m=60_000), "SF": msgspec.UNSET, "KP": msgspec.UNSET}

    def rest(begin_h: float, until_h: float, minutes: int) -> Rest:
        earliest, latest = (MIDNIGHT + timedelta(hours=hours) for hours in (begin_h, until_h))
        return Rest(earliest_at=earliest, latest_at=latest, duration_s=minutes * 60)

    rider, carer = config.workers
    assert rider.work == WorkTerms(rests=(rest(11.5, 13, 30), rest(16, 16.5, 15)), max_active_s=28_800, banned_area_ids=("B",))
    assert carer.work is msgspec.UNSET


def test_wishes_gaps_and_prices(tmp_path: Path) -> None:
    """C-1 stands after L-1 in the file as in the day, though both are filed at once and C comes before L."""
    names = "preferred_workers,after,gap_min,gap_max,gap_other_worker,access_min,boxes_back,round_id,round_rank,leave_out_price"
    files = wider("visits.csv", names, ",,,,,1.5,1,RC-7,3,", "C1,L-1,30,240,yes,,,,,0")
    files["visits.csv"] = files["visits.csv"].replace("P2", "P1").replace("10:00,12:00,,15", "12:00,16:00,,15")
    files["policy.csv"] = "name,value\nprices.not_preferred,400\nprices.leave_out,800000;200000;1000\n"
    day = read_day(write(tmp_path, files))
    assert day.config.policy.prices == PlanPrices(not_preferred=400, leave_out=(800_000, 200_000, 1_000))
    lunch, care = (visit.body for visit in day.visits)
    assert {name: lunch[name] for name in ("access_s", "boxes_back", "round_id", "round_rank")} == {
        "access_s": 90, "boxes_back": 1, "round_id": "RC-7", "round_rank": 3,
    }  # fmt: skip
    body = VisitBody.model_validate_json(json.dumps(care))
    assert request_of(body, "v", "dong").plan == PlanTerms(
        preferred_workers=("C1",), after_visit_id=visit_id_of("dong", "11440", "L-1"), gap_min_s=1800, gap_max_s=14_400,
        gap_other_worker=True, leave_out_price=0,
    )  # fmt: skip


def test_bad_cells_are_named(tmp_path: Path) -> None:
    files = wider("providers.csv", "banned_areas,max_hours", "Z,", ",25", ",")
    files |= wider("workers.csv", "rests", "noon", "13:00-12:00/30")
    files |= wider("visits.csv", "preferred_workers,after,gap_min", ",C-1,", "nobody,,30")
    errors = places_of(errors_of(write(tmp_path, files)))
    assert set(errors) == {
        ("providers.csv", 2, "banned_areas", "unknown_area"), ("providers.csv", 3, "max_hours", "out_of_range"),
        ("workers.csv", 2, "rests", "bad_rest"), ("workers.csv", 3, "rests", "bad_rest"),
        ("visits.csv", 2, "after", "impossible_gap"), ("visits.csv", 3, "preferred_workers", "unknown_worker"),
        ("visits.csv", 3, "after", "gap_without_visit"),
    }  # fmt: skip
    unknown = wider("visits.csv", "after", "L-9", "")
    assert places_of(errors_of(write(tmp_path, FILES | unknown))) == [("visits.csv", 2, "after", "unknown_visit")]


def test_a_day_that_says_nothing_of_it_sends_what_it_always_sent(tmp_path: Path) -> None:
    day = read_day(write(tmp_path, bend("visits.csv", "126.93012", "126.93013")))
    assert all(one.work is msgspec.UNSET for one in (*day.config.workers, *day.config.providers))
    assert day.config.policy.prices is msgspec.UNSET
    for visit in day.visits:
        assert request_of(VisitBody.model_validate_json(json.dumps(visit.body)), "v", "dong").plan is msgspec.UNSET


BODY: dict[str, Any] = {
    "district": "11440", "reference": "D-1", "recipient_id": "R-1", "service": "check_in", "dong": "1144066000",
    "place": {"lon": 126.909, "lat": 37.556}, "window_start_at": "2026-11-03T03:00:00Z", "window_end_at": "2026-11-03T04:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"gap_min_s": 60}, "wrong_field"),
        ({"after_reference": "L-1", "after_visit_id": "v-1"}, "wrong_field"),
        ({"after_reference": "L-1", "gap_min_s": 600, "gap_max_s": 60}, "impossible_gap"),
        ({"after_reference": "010-1234-5678"}, "wrong_field"),
        ({"access_s": -1}, "greater_than_equal"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_at_the_door(more: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        VisitBody.model_validate_json(json.dumps(BODY | more))
    assert code in {error["type"] for error in refused.value.errors()}


def test_a_table_of_the_office_has_these_columns_in_korean(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(
        "접수번호,이용자번호,서비스,행정동,경도,위도,시작,끝,희망인력,앞접수번호,최소간격_초,다른인력,진입_초\n"
        "D-2,R-1,안부확인,1144066000,126.909,37.556,2026-11-03 12:00,2026-11-03 13:00,W-1;W-2,D-1,3600,예,120\n",
        encoding="utf-8",
    )
    found = read_visits(path, "11440")
    assert found.errors == []
    body = VisitBody.model_validate_json(json.dumps(found.bodies[0]))
    assert (body.preferred_workers, body.after_reference, body.gap_min_s) == (("W-1", "W-2"), "D-1", 3600)
    assert (body.gap_other_worker, body.access_s) == (True, 120)


def test_what_past_days_needed_is_read_and_checked(tmp_path: Path) -> None:
    header = "area_id,service,from,until,visits,service_min\n"
    (line,) = read_day(write(tmp_path, {"expected.csv": header + "A,식사지원,11:30,12:30,12.5,4\n"})).config.expected or ()
    assert (line.area_id, line.service, line.visits, line.service_duration_s) == ("A", "meal_support", 12.5, 240)
    assert (line.from_at, line.until_at) == (MIDNIGHT + timedelta(hours=11.5), MIDNIGHT + timedelta(hours=12.5))
    errors = errors_of(write(tmp_path, {"expected.csv": header + "Z,check_in,12:30,11:30,-1,4\n"}))
    assert set(places_of(errors)) == {
        ("expected.csv", 2, "area_id", "unknown_area"), ("expected.csv", 2, "until", "time_inverted"),
        ("expected.csv", 2, "visits", "out_of_range"),
    }  # fmt: skip
