"""What a coordinator reads about a visit: one sentence, in Korean and English, that says what can be done."""

from __future__ import annotations

from routing import Credential, Place, explain, say
from tests.worlds import at, care, carer, meal, plan, rider, route, world

TEST_72_H = {"test": 72 * 3600.0}


def test_nobody_with_a_fresh_test_and_where_the_nearest_are() -> None:
    fresh = {"test": Credential(at("08:00"), at("23:00"))}
    visit = care(
        1, 0, required_credentials=TEST_72_H, latest_s=at("14:00"), allowed_area_prices={"1": 0, "2": 300}, area_id="1"
    )
    workers = [
        carer(1, area_id="1"),
        carer(2, area_id="2"),
        carer(3, area_id="1", free_s=at("15:00"), credentials=fresh),
        *(carer(n, area_id="4", place=Place(1080, 0), credentials=fresh) for n in (4, 5, 6)),
        carer(7, area_id="5", place=Place(3000, 0), credentials=fresh),
    ]
    found = explain(world(workers, [visit]), plan(), "care-1")
    assert say(found, "en", area_name=lambda area: area) == (
        "No carer with a test from the last 72 h is free before 14:00 in 1 and 2"
        " (4 of other areas, 2 without the credential, 1 off shift by then); nearest: 3 in 4, +18 min."
    )
    assert say(found, "ko", area_name=lambda area: f"{area}권역") == (
        "1권역·2권역에 14:00 전에 갈 수 있는 최근 72시간 안의 test 있는 돌봄 제공인력이 없습니다"
        " (다른 생활권 4명, 교육·검사·장비 없음 2명, 근무 시간 밖 1명). 가장 가까운 대안: 4권역의 3명, +18분."
    )
    assert found.nearest is not None
    assert (found.nearest.area_id, found.nearest.count, found.nearest.price) == ("4", 3, 1080)


def test_a_later_begin_is_offered_when_no_area_could_help() -> None:
    problem = world([rider()], [meal(1, 600, latest_s=at("09:05"), due_s=at("09:05"))])
    assert say(explain(problem, plan(), "home-1"), "en") == (
        "No rider is free before 09:05 in A (1 too far away in time); earliest: 09:13, 1 in A."
    )


def test_a_skill_that_nobody_has() -> None:
    problem = world([carer(), rider()], [care(1, 0, required_skills=frozenset({"nursing"}))])
    found = explain(problem, plan(), "care-1")
    assert say(found, "en") == "There is no carer with the skill nursing in A (1 without the skill)."
    assert say(found, "ko") == "A에 nursing 자격 있는 돌봄 제공인력이 없습니다 (자격 없음 1명)."


def test_a_visit_that_only_waits_to_be_placed() -> None:
    problem = world([carer(1, place=Place(600, 0)), carer(2, place=Place(900, 0))], [care(1, 0)])
    found = explain(problem, plan(), "care-1")
    assert [(choice.worker_id, choice.price) for choice in found.others] == [("carer-1", 600), ("carer-2", 900)]
    assert say(found, "en") == "It waits to be placed: 2 could take it, the best from A at 09:10, +10 min."


def test_the_chosen_worker_and_the_next_two_by_term() -> None:
    visit = care(
        1, 0, allowed_area_prices={"A": 0, "B": 300}, familiar_worker_ids=frozenset({"carer-1"}), due_s=at("09:04")
    )
    workers = [
        carer(1, place=Place(120, 0)), carer(2, place=Place(60, 0), area_id="B"), carer(3, place=Place(600, 0)),
        carer(4, place=Place(3000, 0)),
    ]  # fmt: skip
    found = explain(world(workers, [visit]), plan(route("carer-1", "care-1")), "care-1")
    assert [(choice.worker_id, choice.terms) for choice in found.chosen] == [("carer-1", {"travel": 120})]
    assert [(choice.worker_id, dict(choice.terms)) for choice in found.others] == [
        ("carer-2", {"travel": 60, "help": 300, "unfamiliar": 60}),
        ("carer-3", {"travel": 600, "lateness": 360, "unfamiliar": 60}),
    ]
    assert say(found, "en") == (
        "It begins at 09:02, travel 2 min. Next: B +5 min (help from another area +5 min, travel -1 min, an unknown face +1 min);"
        " A +15 min (travel +8 min, lateness +6 min, an unknown face +1 min)."
    )
    assert say(found, "ko").startswith("09:02에 시작, 이동 2분. 다음 후보: B +5분 (다른 생활권 지원 +5분")


def test_what_is_under_way_stays() -> None:
    problem = world([rider(1), rider(2)], [meal(1, 300)])
    found = explain(problem, plan(route("rider-1", "home-1", onboard={"home-1": at("08:55")})), "home-1")
    assert found.settled
    assert found.others == ()
    assert say(found, "ko").endswith("이미 진행 중이라 바꿀 수 없습니다.")


def test_two_are_needed_and_one_is_there() -> None:
    found = explain(world([carer(1), carer(2, gender="m")], [care(1, 0, worker_count=2, gender="f")]), plan(), "care-1")
    assert [choice.worker_id for choice in found.others] == ["carer-1"]
    assert say(found, "en").startswith("No two female carers are free before 16:00 in A (1 of another gender)")
