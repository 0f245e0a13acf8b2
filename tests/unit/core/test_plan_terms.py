"""Wishes, gaps between two visits of one recipient, the home's own times, rounds: what the plan makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import routing
from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import Place, Service
from streams.contracts.inputs import PlanProposed, ProposedRoute, ProposedStop, RequestVisit
from streams.contracts.plan_terms import PlanPrices, PlanTerms
from streams.core.planning import build_problem, plan_to_routes
from streams.core.state import VisitRecord
from tests.core_world import CoreWorld, at


def care(world: CoreWorld, reference: str, begin: str, until: str, **more: Any) -> VisitRecord:
    fields: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at(begin), window_end_at=at(until), due_at=at(until), service_duration_s=1800,
        recipient_id="r-kim",
    )  # fmt: skip
    return world.file(reference, **(fields | more))


def begin_of(world: CoreWorld, visit: VisitRecord) -> datetime:
    (worker_id,) = visit.worker_ids
    stops = world.state.workers[worker_id].stops
    return next(s.begin_at for s in stops if s.visit_id == visit.spec.visit_id and s.kind == "visit")


def after(first: VisitRecord, least_min: int = 0, most_min: int = 0, **more: Any) -> PlanTerms:
    return PlanTerms(after_visit_id=first.spec.visit_id, gap_min_s=least_min * 60, gap_max_s=most_min * 60, **more)


def refused(world: CoreWorld, reference: str, plan: PlanTerms, **more: Any) -> str:
    with pytest.raises(KeyError):
        care(world, reference, "12:00", "18:00", **(dict(plan=plan) | more))
    return next(one for one in world.decisions if isinstance(one, CommandSettled)).code


def test_whom_the_recipient_wishes_for_comes_unless_it_is_too_dear() -> None:
    """carer-1 lives nearest and comes, until somebody else is wished for."""
    for wished, price, comes in (((), 120, "carer-1"), (("carer-2",), 500, "carer-2"), (("carer-3",), 5, "carer-1")):
        world = CoreWorld(prices=PlanPrices(not_preferred=price))
        terms = {"plan": PlanTerms(preferred_workers=wished)} if wished else {}
        assert care(world, "one", "10:00", "11:00", **terms).worker_ids == [comes]


def test_care_comes_an_hour_after_the_meal_and_not_at_once() -> None:
    gap, none = CoreWorld(), CoreWorld()
    begins = []
    for world, apart in ((gap, True), (none, False)):
        meal = world.file("lunch", recipient_id="r-kim")
        then = care(world, "care", "11:00", "14:00", **({"plan": after(meal, 60, 120)} if apart else {}))
        begins.append(begin_of(world, then) - begin_of(world, meal))
    assert timedelta(hours=1) <= begins[0] <= timedelta(hours=2)
    assert begins[1] < timedelta(hours=1)


def test_care_that_could_only_come_too_long_after_the_meal_waits_for_a_person() -> None:
    for most_min, state in ((120, VisitState.WAITING), (180, VisitState.PLANNED)):
        world = CoreWorld()
        meal = world.file("lunch", recipient_id="r-kim")
        assert begin_of(world, meal) < at("12:00")
        assert care(world, "care", "14:00", "15:00", plan=after(meal, 0, most_min)).state is state


def test_the_second_comes_by_somebody_else() -> None:
    world = CoreWorld()
    first = care(world, "first", "09:00", "10:00")
    assert first.worker_ids == ["carer-1"]
    assert care(world, "same", "11:00", "12:00", plan=after(first, 30)).worker_ids == ["carer-1"]
    assert care(world, "other", "13:00", "14:00", plan=after(first, 30, gap_other_worker=True)).worker_ids != ["carer-1"]


def test_what_began_late_pushes_the_one_after_it() -> None:
    world = CoreWorld()
    first = care(world, "first", "09:00", "09:30")
    then = care(world, "then", "10:00", "13:00", plan=after(first, 60))
    assert begin_of(world, then) < at("10:45")
    world.until("08:40")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    (worker_id,) = first.worker_ids
    world.now_at = at("09:55")
    world.report(worker_id, "arrived", first)
    assert world.state.runtime.problem.gaps == ()
    assert world.state.runtime.problem.visits[then.spec.visit_id].earliest_s == int(at("10:55").timestamp())
    world.report(worker_id, "started", first)
    world.now_at = at("10:25")
    world.report(worker_id, "done", first)
    assert begin_of(world, then) >= at("10:55")


def test_a_cancelled_first_visit_leaves_the_second_to_itself() -> None:
    world = CoreWorld()
    first = care(world, "first", "09:00", "10:00")
    then = care(world, "then", "09:00", "18:00", plan=after(first, 240))
    assert begin_of(world, then) >= at("13:00")
    world.cancel(first)
    problem, plan = build_problem(world.state)
    assert problem.gaps == ()
    solved = routing.solve(problem, routing.Budget(10), seed=1, start=plan)
    assert routing.check(problem, solved) == []


def test_a_solvers_plan_that_breaks_a_gap_is_rejected() -> None:
    world = CoreWorld(solve_iterations=5)
    first = care(world, "first", "09:00", "10:00")
    then = care(world, "then", "09:00", "18:00", plan=after(first, 240))
    world.until("07:20")
    problem, plan = build_problem(world.state)
    assert problem.gaps
    assert routing.check(problem, plan) == []
    moved = {w: [s.visit_id for s in route.stops] for w, route in plan.routes.items()}
    assert [first.spec.visit_id, then.spec.visit_id] in moved.values()
    backwards = tuple(ProposedStop(visit.spec.visit_id, "visit") for visit in (then, first))
    proposal = PlanProposed(
        solve_id=world.state.solve_pending, based_on=0, price=0, iterations=5,
        routes=(*(one for one in plan_to_routes(plan) if one.worker_id != "carer-1"), ProposedRoute("carer-1", backwards)),
    )  # fmt: skip
    wrong = routing.Route("carer-1", tuple(routing.Stop(one.visit_id, "visit") for one in backwards))
    assert routing.Rule.GAP in {one.rule for one in routing.check(problem, routing.Plan({**plan.routes, "carer-1": wrong}))}
    world.send(proposal, actor="solver")
    assert [s.visit_id for s in world.state.workers["carer-1"].stops] == [first.spec.visit_id, then.spec.visit_id]


def test_impossible_gaps_are_refused() -> None:
    world = CoreWorld()
    first = care(world, "first", "13:00", "14:00")
    assert refused(world, "nothing-before", PlanTerms(after_visit_id="nobody")) == "unknown_visit"
    assert refused(world, "somebody-else", after(first, 60), recipient_id="r-lee") == "impossible_gap"
    assert refused(world, "too-soon", after(first, 60), window_end_at=at("13:30"), due_at=at("13:30")) == "impossible_gap"
    assert refused(world, "inverted", after(first, 60, 30)) == "impossible_gap"
    assert refused(world, "gap-to-nothing", PlanTerms(gap_min_s=60)) == "wrong_field"


def test_the_stairs_of_a_home_are_climbed_before_its_visit_begins() -> None:
    for stairs_s, begins in ((0, at("10:00")), (600, at("10:10"))):
        world = CoreWorld()
        world.now_at = at("09:50")
        terms = PlanTerms(access_s=stairs_s, preferred_workers=("carer-1",))
        visit = care(world, "one", "08:00", "12:00", place=Place(0.0, 600.0), plan=terms)
        found = begin_of(world, visit)
        assert found - at("09:50") == timedelta(seconds=stairs_s)
        assert found <= begins


def test_empties_that_come_back_fill_the_box() -> None:
    for back, riders in ((0, {"rider-1"}), (15, {"rider-1", "rider-2"})):
        world = CoreWorld()
        with_them = {"plan": PlanTerms(boxes_back=back)} if back else {}
        lunches = [world.file(f"lunch-{n}", boxes=10, **with_them) for n in range(2)]
        assert all(visit.state is VisitState.PLANNED or back for visit in lunches)
        assert {w for visit in lunches for w in visit.worker_ids} <= riders
        problem, _ = build_problem(world.state)
        assert {visit.boxes_back for visit in problem.visits.values()} == {back}


def test_the_familiar_order_of_a_round_is_kept_though_another_is_a_little_shorter() -> None:
    doors = {"a": (0.0, 600.0), "b": (0.0, 520.0), "c": (0.0, 440.0)}
    orders = []
    for ranked in (True, False):
        world = CoreWorld(prices=PlanPrices(order_change=1000))
        for rank, (name, (x, y)) in enumerate(doors.items()):
            terms = {"plan": PlanTerms(round_id="north", round_rank=rank)} if ranked else {}
            world.file(name, place=Place(x, y), excluded_workers=("rider-2",), **terms)
        stops = [s for s in world.state.workers["rider-1"].stops if s.kind == "visit"]
        orders.append([world.state.visits[s.visit_id].spec.reference for s in stops])
    assert orders[0] == ["a", "b", "c"]
    assert orders[1] != ["a", "b", "c"]


def test_a_visit_that_is_cheap_to_leave_out_is_left_out_by_the_solver() -> None:
    world = CoreWorld()
    dear = care(world, "dear", "10:00", "11:00")
    cheap = care(world, "cheap", "10:00", "11:00", plan=PlanTerms(leave_out_price=1), recipient_id="r-lee", place=Place(0.0, 900.0))
    problem, _ = build_problem(world.state)
    solved = routing.solve(problem, routing.Budget(30), seed=1)
    served = {stop.visit_id for route in solved.routes.values() for stop in route.stops}
    assert dear.spec.visit_id in served
    assert cheap.spec.visit_id not in served


def test_the_district_says_what_leaving_out_costs_by_priority() -> None:
    world = CoreWorld(prices=PlanPrices(leave_out=(900_000, 50_000, 10)))
    for priority in (1, 2, 3):
        care(world, str(priority), "10:00", "18:00", priority=priority, recipient_id=f"r-{priority}")
    problem, _ = build_problem(world.state)
    assert {v.priority: v.leave_out_price for v in problem.visits.values()} == {1: 900_000, 2: 50_000, 3: 10}


def test_who_was_told_a_time_is_not_put_off_for_a_visit_filed_later() -> None:
    begins = []
    for price in (0, 60):
        world = CoreWorld(prices=PlanPrices(promise_per_min=price))
        told = care(world, "told", "10:00", "12:00", excluded_workers=("carer-2", "carer-3"))
        world.until("09:00")
        for offer_id in world.open_offers():
            world.answer(offer_id)
        assert told.state is VisitState.ACCEPTED
        before = begin_of(world, told)
        care(world, "urgent", "09:50", "10:10", excluded_workers=("carer-2", "carer-3"), priority=1, recipient_id="r-lee")
        begins.append(begin_of(world, told) - before)
    assert begins[0] > timedelta(0)
    assert begins[1] == timedelta(0)


def test_a_request_without_terms_has_the_bytes_it_always_had() -> None:
    world = CoreWorld()
    visit = world.file("lunch")
    request = world.inputs[-1][0].read_payload()
    assert isinstance(request, RequestVisit)
    assert b"plan" not in bytes(world.inputs[-1][0].payload)
    assert not visit.spec.plan
