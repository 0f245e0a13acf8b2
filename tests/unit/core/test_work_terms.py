"""Rests, limits and banned areas, told as days go: who rests when, who has enough, and who goes instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

import routing
from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import DistrictConfig, Service
from streams.contracts.inputs import ConfigureDistrict
from streams.contracts.work import LEGAL_REST, Rest, RestRule, WorkerRested, WorkTerms
from streams.core.planning import build_problem
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, COOP, WINDOW, CoreWorld, at, config

NOON = Rest(earliest_at=at("12:00"), latest_at=at("12:30"), duration_s=1800)


def town(of_providers: dict[str, WorkTerms] | None = None, of_workers: dict[str, WorkTerms] | None = None) -> DistrictConfig:
    base = config()
    providers = tuple(structs.replace(p, work=(of_providers or {}).get(p.provider_id, p.work)) for p in base.providers)
    workers = tuple(structs.replace(w, work=(of_workers or {}).get(w.worker_id, w.work)) for w in base.workers)
    return structs.replace(base, providers=providers, workers=workers)


def care(world: CoreWorld, reference: str, begin: str, until: str = "", **more: Any) -> VisitRecord:
    """Half an hour of care in the north, at carer-1's door."""
    end_at = at(until) if until else at(begin) + timedelta(hours=1)
    fields: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at(begin), window_end_at=end_at, due_at=end_at, service_duration_s=1800,
        excluded_workers=("carer-2", "carer-3"),
    )  # fmt: skip
    return world.file(reference, **(fields | more))


def begin_of(world: CoreWorld, visit: VisitRecord) -> str:
    (worker_id,) = visit.worker_ids
    stop = next(s for s in world.state.workers[worker_id].stops if s.visit_id == visit.spec.visit_id and s.kind == "visit")
    return f"{stop.begin_at + timedelta(hours=9):%H:%M}"


def accepted(world: CoreWorld) -> None:
    for offer_id in world.open_offers():
        world.answer(offer_id)


def test_a_carer_rests_at_noon_and_comes_after_it() -> None:
    resting, without = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))})), CoreWorld()
    for world in (resting, without):
        care(world, "before", "11:40", "12:00")
    assert begin_of(without, care(without, "after", "12:00", "14:00")) < "12:20"
    assert begin_of(resting, care(resting, "after", "12:00", "14:00")) >= "12:40"


def test_a_visit_that_leaves_no_room_for_the_rest_goes_to_somebody_else() -> None:
    terms = {"carer-1": WorkTerms(rests=(NOON,))}
    for of_workers, comes in ((terms, "carer-2"), ({}, "carer-1")):
        world = CoreWorld(town(of_workers=of_workers))
        long = dict(service_duration_s=5400, excluded_workers=("carer-3",))
        assert care(world, "long", "11:30", "11:45", **long).worker_ids == [comes]


def test_the_plan_of_the_solver_keeps_the_rest_and_the_checker_asks_for_it() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    visit = care(world, "long", "11:30", "11:45", service_duration_s=5400)
    assert visit.state is VisitState.WAITING
    problem, _ = build_problem(world.state)
    route = routing.Route("carer-1", (routing.Stop(visit.spec.visit_id, "visit"),))
    assert [one.rule for one in routing.check(problem, routing.Plan({"carer-1": route}))] == [routing.Rule.BREAK]
    solved = routing.solve(problem, routing.Budget(20), seed=1)
    assert not any(route.stops for route in solved.routes.values())


def test_a_rest_that_was_taken_is_not_asked_for_again() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    world.report("carer-1", "shift_on")
    after = care(world, "after", "12:00", "14:00")
    world.until("12:35")
    accepted(world)
    world.report("carer-1", "en_route", after)
    world.now_at = at("12:40")
    rested = [one for one in world.report("carer-1", "arrived", after) if isinstance(one, WorkerRested)]
    assert [(one.begun_at, one.until_at) for one in rested] == [(at("12:00"), at("12:30"))]
    assert world.state.runtime.problem.workers["carer-1"].breaks == ()


def test_who_had_to_go_on_at_noon_rests_after_that_visit() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    world.report("carer-1", "shift_on")
    long = care(world, "long", "11:30", "12:00", service_duration_s=1500)
    later = care(world, "later", "12:00", "15:00")
    world.until("11:40")
    accepted(world)
    world.report("carer-1", "en_route", long)
    world.now_at = at("11:50")
    world.report("carer-1", "arrived", long)
    world.now_at = at("12:50")  # it took much longer
    world.report("carer-1", "done", long)
    assert world.state.workers["carer-1"].rested == []
    assert begin_of(world, later) >= "13:20"


def test_who_is_late_on_the_way_rests_after_that_visit_and_not_before_it() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    world.report("carer-1", "shift_on")
    first = care(world, "first", "11:00", "12:00", service_duration_s=900)
    second = care(world, "second", "13:00", "15:00")
    third = care(world, "third", "14:00", "16:00")
    world.until("11:10")
    accepted(world)
    world.report("carer-1", "en_route", first)
    for hhmm in ("11:20", "11:35", "11:50", "12:05"):
        world.now_at = at(hhmm)  # held up on the road: they say so, and are not there yet
        world.report("carer-1", "here")
    world.cancel(third)  # the rest of the day is laid out anew
    assert first.state is VisitState.EN_ROUTE
    assert "12:05" <= begin_of(world, first) <= "12:10"
    assert begin_of(world, second) >= "13:00"
    problem, plan = build_problem(world.state)
    assert not [one for one in routing.check(problem, plan) if one.rule is routing.Rule.BREAK]


def test_half_of_a_rest_is_behind_who_sits_in_it() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(rests=(NOON,))}))
    world.report("carer-1", "shift_on")
    world.until("12:20")
    urgent = care(world, "urgent", "12:20", "13:00", priority=1)
    assert "12:30" <= begin_of(world, urgent) <= "12:35"


@pytest.mark.parametrize(("hours", "rests"), [(3, []), (4, [30]), (8, [30, 30])])
def test_the_law_asks_for_half_an_hour_in_four_and_an_hour_in_eight(hours: int, rests: list[int]) -> None:
    base = town({WINDOW: WorkTerms(rest_rules=LEGAL_REST)})
    shift = tuple(structs.replace(w, shift_end_at=w.shift_start_at + timedelta(hours=hours)) for w in base.workers)
    world = CoreWorld(structs.replace(base, workers=shift))
    breaks = world.state.runtime.problem.workers["carer-1"].breaks
    profile = world.state.workers["carer-1"].profile
    assert [int(one.duration_s / 60) for one in breaks] == rests
    assert all(one.latest_s + one.duration_s <= profile.shift_end_at.timestamp() for one in breaks)
    assert world.state.runtime.problem.workers["carer-2"].breaks == ()


def test_a_worker_has_a_day_of_two_hours_and_the_third_visit_is_somebody_elses() -> None:
    full = CoreWorld(town({WINDOW: WorkTerms(max_active_s=2 * 3600)}))
    free = CoreWorld()
    for world, third in ((full, "carer-2"), (free, "carer-1")):
        for number, begin in enumerate(("09:00", "11:00", "13:00")):
            others = ("carer-3",) if number == 2 else ("carer-2", "carer-3")
            last = care(world, str(number), begin, service_duration_s=3000, excluded_workers=others)
        assert last.worker_ids == [third]


def test_what_is_done_counts_towards_the_days_limit() -> None:
    world = CoreWorld(town(of_workers={"carer-1": WorkTerms(max_active_s=3600, max_distance_m=5000)}))
    before = world.state.runtime.problem.workers["carer-1"]
    world.report("carer-1", "shift_on")
    visit = care(world, "one", "09:00")
    world.until("09:00")
    accepted(world)
    world.report("carer-1", "en_route", visit)
    world.now_at = at("09:10")
    world.report("carer-1", "arrived", visit)
    world.now_at = at("09:40")
    world.report("carer-1", "done", visit)
    left = world.state.runtime.problem.workers["carer-1"]
    assert (before.max_active_s, before.max_distance_m) == (3600, 5000)
    assert 1 <= left.max_active_s <= 1800
    assert left.max_distance_m < 5000
    assert care(world, "two", "14:00").state is VisitState.WAITING


def test_a_rider_with_few_kilometres_left_is_not_sent_across_the_district() -> None:
    for terms, state in ((WorkTerms(max_distance_m=500), VisitState.WAITING), (WorkTerms(max_distance_m=5000), VisitState.PLANNED)):
        world = CoreWorld(town({COOP: terms}))
        assert world.file("lunch").state is state


def test_nobody_of_a_provider_serves_where_it_does_not_go() -> None:
    world = CoreWorld(town({WINDOW: WorkTerms(banned_area_ids=("N",))}, {"carer-2": WorkTerms(banned_area_ids=("S",))}))
    visit = care(world, "north", "10:00", excluded_workers=())
    assert visit.worker_ids == ["carer-2"]
    banned = {w: one.banned_area_ids for w, one in world.state.runtime.problem.workers.items()}
    assert banned == {"carer-1": {"N"}, "carer-2": {"S"}, "carer-3": set(), "rider-1": set(), "rider-2": set()}


def test_terms_that_make_no_sense_are_refused_by_name() -> None:
    late = Rest(earliest_at=at("13:00"), latest_at=at("12:00"), duration_s=1800)
    odd = RestRule(from_shift_s=0, duration_s=1800, earliest_after_s=9000, latest_after_s=3600)
    wrong = town(
        {CENTRE: WorkTerms(rest_rules=(odd,), max_distance_m=-1)}, {"carer-1": WorkTerms(rests=(late,), banned_area_ids=("X",))}
    )
    world = CoreWorld()
    world.send(ConfigureDistrict(command_id="wrong", config=structs.replace(wrong, version=2)))
    (settled,) = [one for one in world.decisions if isinstance(one, CommandSettled)]
    assert settled.code == "bad_configuration"
    assert settled.rules == (
        f"provider:{CENTRE}:rest_rules", f"provider:{CENTRE}:max_distance_m", "worker:carer-1:rests", "worker:carer-1:X",
    )  # fmt: skip
