"""Sample days: the same seed gives the same bytes; every seed gives a day of the right size that its people can carry."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from services.sample_day import facts
from services.sample_day.day import Day
from services.sample_day.generate import generate_day
from services.sample_day.read_day import read_day
from streams.adapters.notice_gateway import is_out_of_reach
from streams.contracts.work import WorkTerms

SEEDS = range(20)


def services_of(day: Day) -> Counter[str]:
    return Counter(visit.body["service"] for visit in day.visits)


def meals_of(day: Day) -> Counter[str]:
    return Counter(visit.body["meal_kind"] for visit in day.visits if "meal_kind" in visit.body)


@pytest.fixture(scope="module")
def busy_days(tmp_path_factory: pytest.TempPathFactory) -> list[Day]:
    return [read_day(generate_day("busy", seed, tmp_path_factory.mktemp("busy"))) for seed in SEEDS]


@pytest.fixture(scope="module")
def mapo_days(tmp_path_factory: pytest.TempPathFactory) -> list[Day]:
    return [read_day(generate_day("mapo", seed, tmp_path_factory.mktemp("mapo"))) for seed in SEEDS]


@pytest.mark.parametrize("kind", ["busy", "mapo"])
def test_same_seed_same_bytes(kind: str, tmp_path: Path) -> None:
    first, second = generate_day(kind, 7, tmp_path / "a"), generate_day(kind, 7, tmp_path / "b")
    files = sorted(path.name for path in first.iterdir())
    assert len(files) == (20 if kind == "busy" else 11)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in files)


def test_another_seed_is_another_day(tmp_path: Path) -> None:
    first, second = generate_day("busy", 1, tmp_path / "a"), generate_day("busy", 2, tmp_path / "b")
    assert (first / "visits.csv").read_bytes() != (second / "visits.csv").read_bytes()


def test_unknown_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        generate_day("quiet", 1, tmp_path)


def test_a_new_day_in_an_old_folder_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "troubles.csv").write_text("nonsense")
    day = read_day(generate_day("mapo", 1, tmp_path))
    assert [trouble.kind for trouble in day.troubles] == ["no_answer"]


def test_busy_days_have_the_size_that_the_plan_says(busy_days: list[Day]) -> None:
    for day in busy_days:
        services = services_of(day)
        assert 135 <= services.pop("meal_support") <= 145
        assert services.pop("errand") == 1
        assert sum(services.values()) == 32
        assert meals_of(day) == {"hot_lunch": 56, "hot_dinner": 32, "side_dish": 46, "single": 5}
        assert sum(visit.body.get("worker_count", 1) == 2 for visit in day.visits) == 1
        assert {kitchen.kitchen_id for kitchen in day.config.kitchens} == {v.body["kitchen_id"] for v in day.visits
                                                                           if "kitchen_id" in v.body}  # fmt: skip


def test_busy_days_have_every_trouble(busy_days: list[Day]) -> None:
    for day in busy_days:
        kinds = Counter(trouble.kind for trouble in day.troubles)
        assert kinds == {
            "rider_drops_out": 1, "sick_call": 1, "kitchen_late": 1, "no_answer": 2, "emergency": 1, "care_refused": 3,
            "kitchen_fails": 1, "weather": 1,
            "programme_on": 1, "posting": 1, "concern": 1, "call": 2, "deed": 10,
        }  # fmt: skip
        by_kind = {trouble.kind: trouble for trouble in day.troubles}
        assert 22 <= by_kind["kitchen_late"].amount <= 28
        emergency = next(v for v in day.visits if v.body["reference"] == by_kind["emergency"].subject)
        assert emergency.body["priority"] == 1
        assert emergency.file_at == by_kind["emergency"].at
        rider = next(w for w in day.config.workers if w.worker_id == by_kind["rider_drops_out"].subject)
        assert rider.shift_start_at < by_kind["rider_drops_out"].at < rider.shift_end_at


def test_mapo_days_have_the_size_of_the_mapo_plan(mapo_days: list[Day]) -> None:
    for day in mapo_days:
        services = services_of(day)
        assert services.pop("meal_support") == 45
        assert 2 <= services.pop("housing_help") + services.pop("accompaniment") <= 3
        assert 3 <= sum(services.values()) <= 4


def test_every_area_but_one_can_serve_itself_at_lunch(busy_days: list[Day]) -> None:
    """Twelve doors a rider in the two lunch departures; MP-D is short on purpose, the district as a whole is not."""
    doors_per_rider = 12
    for day in busy_days:
        area_of = {code: area.area_id for area in day.config.areas for code in area.dong_codes}
        lunches = [visit for visit in day.visits if visit.body.get("meal_kind") == "hot_lunch"]
        need = Counter(area_of[visit.body["dong"]] for visit in lunches)
        noon = min(visit.body["due_at"] for visit in lunches)
        riders = Counter(
            worker.area_id
            for worker in day.config.workers
            if worker.kind == "rider" and worker.shift_start_at.isoformat() < noon < worker.shift_end_at.isoformat()
        )
        for area in ("MP-A", "MP-B", "MP-C"):
            assert (riders[area] - 1) * doors_per_rider >= need[area]  # also when one drops out
        assert riders["MP-D"] == 1
        assert need["MP-D"] > doors_per_rider
        assert riders.total() * doors_per_rider > 2 * need.total()


def test_care_hours_are_at_most_half_of_what_the_carers_have(busy_days: list[Day], mapo_days: list[Day]) -> None:
    for day in busy_days + mapo_days:
        carers = [worker for worker in day.config.workers if worker.kind == "carer"]
        for service in {visit.body["service"] for visit in day.visits} - {"meal_support", "errand"}:
            able_s = sum((w.shift_end_at - w.shift_start_at).total_seconds() for w in carers if service in w.skills)
            asked_s = sum(
                visit.body["service_duration_s"] * visit.body.get("worker_count", 1)
                for visit in day.visits
                if visit.body["service"] == service
            )
            assert asked_s <= able_s / 2
        assert sum(worker.area_id == "MP-D" for worker in carers) == 1


def test_homes_follow_the_people_of_65_and_over(busy_days: list[Day]) -> None:
    lives = Counter(visit.body["dong"] for day in busy_days for visit in day.visits)
    old = {dong.code: dong.population_65 for dong in facts.DONGS}
    for code, people in old.items():
        assert lives[code] / lives.total() == pytest.approx(people / sum(old.values()), rel=0.35)


def test_everybody_is_fictional_and_nobody_twice(busy_days: list[Day]) -> None:
    for day in busy_days:
        people = day.recipients + day.workers
        kin = [one for recipient in day.recipients for one in recipient["kin"]]
        assert all(one["phone"].startswith("010-00") for one in people + kin)
        names = [one["name"] for one in people + kin]
        assert len(set(names)) == len(names)
        assert all("(예시)" in provider.name_ko for provider in day.config.providers)
        assert {visit.body["recipient_id"] for visit in day.visits} == {one["recipient_id"] for one in day.recipients}


def test_on_busy_days_one_person_is_reached_by_no_notice(busy_days: list[Day], mapo_days: list[Day]) -> None:
    for day, people in [*((day, 1) for day in busy_days), *((day, 0) for day in mapo_days)]:
        nobody_reaches = [one["recipient_id"] for one in day.recipients if is_out_of_reach(one["phone"])]
        assert len(nobody_reaches) == people
        if people:
            kinds = {visit.body.get("meal_kind") for visit in day.visits if visit.body["recipient_id"] in nobody_reaches}
            assert "hot_lunch" in kinds


def test_on_busy_days_one_carer_rests_by_agreement(busy_days: list[Day]) -> None:
    for day in busy_days:
        theirs = [(one, one.work.rests) for one in day.config.workers if isinstance(one.work, WorkTerms) and one.work.rests]
        ((resting, (rest,)),) = theirs
        assert resting.shift_start_at < rest.earliest_at
        assert rest.latest_at < resting.shift_end_at


def test_the_days_bodies_carry_no_names(busy_days: list[Day]) -> None:
    day = busy_days[0]
    text = str([visit.body for visit in day.visits]) + str(day.config) + str(day.troubles)
    personal = [str(one[key]) for one in day.recipients + day.workers for key in ("name", "phone")]
    assert not [value for value in personal if value in text]


def test_the_api_takes_every_body_and_every_person(busy_days: list[Day], mapo_days: list[Day]) -> None:
    """The door's own models: what it would refuse never gets into a sample day."""
    from services.api.models import RecipientBody, VisitBody, WorkerBody

    for day in busy_days + mapo_days:
        for visit in day.visits:
            VisitBody.model_validate_json(json.dumps(visit.body))
        for recipient in day.recipients:
            RecipientBody.model_validate_json(json.dumps(recipient))
        for worker in day.workers:
            WorkerBody.model_validate_json(json.dumps(worker))
    assert any(visit.body.get("gender") == "female" for day in busy_days for visit in day.visits)


def test_own_staff_and_provider_types(busy_days: list[Day]) -> None:
    providers = {provider.provider_id: provider for provider in busy_days[0].config.providers}
    employers = {w.organisation for w in busy_days[0].config.workers if w.kind == "carer"}
    assert {providers[one].kind.value for one in employers} == {
        "home_care_centre", "welfare_centre", "social_firm", "window",
    }  # fmt: skip
    assert [one for one in sorted(employers) if providers[one].own_staff] == ["WIN"]
    assert len({w.organisation for w in busy_days[0].config.workers if w.kind == "rider"}) == 2
