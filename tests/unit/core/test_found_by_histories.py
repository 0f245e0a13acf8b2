"""What random histories found: each of these went wrong once."""

from typing import Any

import pytest
from msgspec import structs

import routing
from streams.contracts.calls import Wish
from streams.contracts.decisions import ReportRefused, VisitState
from streams.contracts.district import Service, WorkerKind
from streams.contracts.inputs import (
    AssignVisit,
    CancelVisit,
    CorrectVisit,
    ExcludePair,
    LetPlanDecide,
    RecordCall,
    SwapVisits,
    UndoCommand,
)
from streams.contracts.plan_terms import PlanTerms
from streams.core.as_routing import route_of
from streams.core.state import VisitRecord
from tests.core_world import COOP, CoreWorld, at, config, worker
from tests.histories.beliefs import Beliefs
from tests.histories.district import District
from tests.neighbours import HOME_CARE, MAPO, SEODAEMUN, Neighbours, mapo_and_seodaemun
from tests.unit.core.test_crisis import posting, switched_on

CARE: dict[str, Any] = dict(
    service=Service.CHECK_IN, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"), service_duration_s=900
)


class Heard(CoreWorld):
    """The small district, and what its workers believe."""

    def __init__(self) -> None:
        self.beliefs = Beliefs()
        self.history: District | None = None
        super().__init__()

    def send(self, payload: Any, *, organisation: str = "", actor: str = "operator", **more: Any) -> Any:
        if self.history is None:
            self.history = District("11440")
            self.state = self.history.state
        actor = f"organisation:{organisation}" if organisation and actor == "operator" else actor
        step = self.history.receive(payload, self.now_at, organisation=organisation, actor=actor, **more)
        self.beliefs.hear(payload, step.decisions, step.webhooks)
        self.decisions = step.decisions
        self.log += step.decisions
        return step.decisions

    def believe(self, visit: VisitRecord) -> set[str]:
        return self.beliefs.theirs[visit.spec.visit_id]


def assign(world: CoreWorld, visit: VisitRecord, worker_id: str, **more: Any) -> None:
    world.send(AssignVisit(command_id=f"assign-{worker_id}", visit_id=visit.spec.visit_id, worker_id=worker_id, **more))


def correct(world: CoreWorld, visit: VisitRecord, outcome: str) -> None:
    world.send(CorrectVisit(command_id=f"correct-{outcome}", visit_id=visit.spec.visit_id, outcome=outcome, reason="told"))


def refusals(world: CoreWorld) -> list[str]:
    return [one.code for one in world.decisions if isinstance(one, ReportRefused)]


def broken(world: CoreWorld) -> list[str]:
    runtime = world.state.runtime
    runtime.catch_up()
    plan = routing.Plan({w: route_of(world.state, world.state.workers[w]) for w in runtime.problem.workers})
    return [violation.rule for violation in routing.check(runtime.problem, plan)]


def accepted_lunch(world: CoreWorld) -> VisitRecord:
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    return lunch


def test_undo_does_not_give_a_visit_back_to_who_has_declined_it() -> None:
    world = CoreWorld()
    lunch = world.file("lunch", dong="1144000002", window_start_at=at("08:00"), ready_at=at("08:00"))
    assert lunch.worker_ids == ["rider-2"]
    world.now_at = at("08:00")
    assign(world, lunch, "rider-1", waive=("area",), reason="known_face")
    world.until("08:00")
    while offers := world.open_offers():
        world.answer(offers[0], "offer_declined")
    assert set(lunch.declined_ids) == {"rider-1", "rider-2"}
    world.send(UndoCommand(command_id="undo", undone_command_id="assign-rider-1"))
    assert (lunch.state, lunch.worker_ids) == (VisitState.WAITING, [])


def test_what_was_waived_for_one_worker_holds_again_when_the_plan_decides() -> None:
    world = CoreWorld()
    visit = world.file("a", **CARE)
    assign(world, visit, "carer-3", waive=("area",), reason="known_face")
    assert visit.worker_ids == ["carer-3"]
    world.send(LetPlanDecide(command_id="let", visit_id=visit.spec.visit_id))
    assert visit.worker_ids in (["carer-1"], ["carer-2"])
    assert broken(world) == []


def test_what_was_waived_for_one_worker_is_not_waived_for_another() -> None:
    world = CoreWorld()
    visit, other = world.file("a", gender="female", **CARE), world.file("b", **CARE)
    assign(world, visit, "carer-1", waive=("gender",), reason="known_face")
    assign(world, other, "carer-2")
    swap = SwapVisits(command_id="swap", visit_id=visit.spec.visit_id, other_visit_id=other.spec.visit_id)
    world.send(swap)
    answer = next(one for one in world.decisions if getattr(one, "command_id", "") == "swap")
    assert (answer.code, answer.rules) == ("worker_not_able", ("gender",))  # type: ignore[union-attr]
    assert visit.worker_ids == ["carer-1"]


def test_a_provider_cannot_name_a_worker_whom_the_recipient_does_not_want() -> None:
    world = CoreWorld()
    visit = world.file("a", excluded_workers=("carer-1", "carer-3"), **CARE)
    world.until("11:35")
    (offer_id,) = world.open_offers()
    world.answer(offer_id, worker_id="carer-3")
    assert refusals(world) == ["worker_not_able"]
    assert "carer-3" not in visit.worker_ids


def test_who_let_an_offer_lapse_may_still_be_named_and_then_has_it_by_every_rule() -> None:
    world = CoreWorld()
    lunch = world.file("lunch", dong="1144000001")
    world.until("10:35")
    (first,) = world.open_offers()
    lapsed = world.state.offers[first].made.worker_id
    for minute in range(36, 60):  # it lapses; after a rung of the ladder the other rider is asked
        world.until(f"10:{minute}")
    (second,) = world.open_offers()
    assert world.state.offers[second].made.worker_id != lapsed
    world.answer(second, worker_id=lapsed)
    assert (lunch.state, lunch.accepted_ids) == (VisitState.ACCEPTED, [lapsed])
    assert "excluded" not in broken(world)


def taken_by_two(world: Heard) -> tuple[VisitRecord, str, str]:
    """A care visit for two workers who have both accepted it, a little before it begins."""
    visit = world.file("two", worker_count=2, **CARE)
    world.until("11:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("13:05")
    one, other = visit.accepted_ids
    return visit, one, other


@pytest.mark.parametrize("taken_back", [False, True])
def test_who_was_on_the_way_hears_that_the_office_has_closed_the_visit(taken_back: bool) -> None:
    world = Heard()
    lunch = accepted_lunch(world)
    (worker_id,) = lunch.accepted_ids
    world.until("11:20")
    world.report(worker_id, "picked_up", lunch)
    if taken_back:
        world.report(worker_id, "done", lunch)
        world.report(worker_id, "reopened", lunch)
    assert world.believe(lunch) == {worker_id}
    correct(world, lunch, "done")
    assert lunch.state is VisitState.DONE
    assert world.believe(lunch) == set()
    assert all(stop.visit_id != lunch.spec.visit_id for worker in world.state.workers.values() for stop in worker.stops)


def test_when_one_of_two_takes_back_a_mis_tap_both_have_the_door_again() -> None:
    world = Heard()
    visit, one, other = taken_by_two(world)
    world.report(one, "arrived", visit)
    world.report(one, "failed", visit)
    assert world.believe(visit) == set()
    world.report(one, "reopened", visit)
    assert world.believe(visit) == {one, other}
    assert [visit.spec.visit_id in {s.visit_id for s in world.state.workers[w].stops} for w in (one, other)] == [True, True]


def test_who_of_two_is_done_and_has_gone_home_is_not_waited_for_when_the_other_gets_more() -> None:
    world = Heard()
    visit, one, other = taken_by_two(world)
    world.report(one, "arrived", visit)
    world.report(one, "done", visit)
    world.report(one, "shift_off")
    everybody_else = tuple(w for w in world.state.workers if w != other)
    more = world.file("next", excluded_workers=everybody_else, **CARE)
    assert more.worker_ids == [other]


@pytest.mark.parametrize("kind", ["no_answer", "failed"])
def test_who_of_two_is_done_reports_no_closed_door_for_the_one_who_is_there(kind: str) -> None:
    world = Heard()
    visit, one, other = taken_by_two(world)
    world.report(one, "arrived", visit)
    world.report(one, "done", visit)
    world.report(one, kind, visit)
    refused = [(one.code, one.subject) for one in world.decisions if isinstance(one, ReportRefused)]
    assert refused == [("out_of_order", visit.spec.visit_id)]
    assert (visit.state, world.believe(visit)) == (VisitState.ARRIVED, {other})
    world.report(other, "done", visit)
    assert (visit.state, world.believe(visit)) == (VisitState.DONE, set())


def test_a_mis_tap_taken_back_after_the_shift_goes_to_somebody_who_is_there() -> None:
    world = Heard()
    visit = world.file("a", **CARE)
    world.until("13:05")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    (worker_id,) = visit.accepted_ids
    world.report(worker_id, "arrived", visit)
    world.report(worker_id, "done", visit)
    world.report(worker_id, "shift_off")
    world.report(worker_id, "reopened", visit)
    assert visit.worker_ids
    assert worker_id not in visit.worker_ids


def test_a_cancelled_visit_is_not_taken_back_at_the_door() -> None:
    world = CoreWorld()
    lunch = accepted_lunch(world)
    (worker_id,) = lunch.accepted_ids
    world.cancel(lunch)
    world.report(worker_id, "reopened", lunch)
    assert refusals(world) == ["already_closed"]


def test_who_took_back_a_mis_tap_hears_of_a_cancellation() -> None:
    world = Heard()
    lunch = accepted_lunch(world)
    world.until("11:20")
    (worker_id,) = lunch.accepted_ids
    world.report(worker_id, "picked_up", lunch)
    world.report(worker_id, "done", lunch)
    world.report(worker_id, "reopened", lunch)
    assert world.believe(lunch) == {worker_id}
    world.send(CancelVisit(command_id="cancel", visit_id=lunch.spec.visit_id, reason="recipient_asked"))
    assert world.believe(lunch) == set()


def test_a_round_that_somebody_took_late_is_not_asked_of_anybody_else_any_more() -> None:
    small = config()
    world = CoreWorld(structs.replace(small, workers=(*small.workers, worker("rider-3", WorkerKind.RIDER, COOP, "N", 250.0))))
    lunches = [world.file("one"), world.file("two")]
    world.until("10:35")
    (first,) = world.open_offers()
    world.until("10:45")  # it lapses, and the other rider of the living area is asked
    (second,) = world.open_offers()
    assert len(world.state.offers[second].made.visit_ids) == 2
    world.answer(first)
    assert {lunch.accepted_ids[0] for lunch in lunches} == {world.state.offers[first].made.worker_id}
    assert world.state.offers[second].outcome == "taken"


def test_a_substitute_from_another_living_area_comes_by_the_rules_of_the_plan() -> None:
    small = config()
    pool = worker("rider-9", WorkerKind.RIDER, COOP, "S", -250.0, substitute=True)
    away = tuple(one for one in small.workers if one.worker_id != "rider-2")
    late = tuple(structs.replace(one, shift_start_at=at("10:00")) if one.worker_id == "rider-1" else one for one in away)
    world = CoreWorld(structs.replace(small, workers=(*late, pool)))
    lunch = world.file("lunch")
    assert lunch.worker_ids == ["rider-1"]
    world.report("rider-1", "dropped_out")
    assert lunch.worker_ids == ["rider-9"]
    assert broken(world) == []


def asked_of_seodaemun(world: Neighbours) -> VisitRecord:
    """Mapo's need, as far as Seodaemun has it by now."""
    world.wait("11:00")
    world.districts[MAPO].file("care", **HOME_CARE)
    world.wait("11:20")
    return next(iter(world.districts[SEODAEMUN].state.visits.values()))


def test_who_is_not_to_meet_the_recipient_does_not_go_once_it_is_told_whose_need_it_is() -> None:
    (meant,) = asked_of_seodaemun(mapo_and_seodaemun()).worker_ids
    world = mapo_and_seodaemun()
    there = world.districts[SEODAEMUN]
    there.send(ExcludePair(command_id="never", recipient_id="r-care", worker_id=meant, by="recipient", reason="quarrel"))
    theirs = asked_of_seodaemun(world)
    assert theirs.spec.recipient_id == "r-care"
    assert theirs.worker_ids
    assert meant not in theirs.worker_ids
    assert broken(there) == []


def test_where_nobody_may_meet_the_recipient_the_other_district_says_so_at_once() -> None:
    world = mapo_and_seodaemun()
    there = world.districts[SEODAEMUN]
    for carer in ("carer-1", "carer-2", "carer-3"):
        there.send(ExcludePair(command_id=carer, recipient_id="r-care", worker_id=carer, by="worker", reason="quarrel"))
    world.wait("11:00")
    visit = world.districts[MAPO].file("care", **HOME_CARE)
    world.wait("11:20")
    assert {theirs.state for theirs in there.state.visits.values()} == {VisitState.CANCELLED}
    assert (visit.state, visit.held_by) == (VisitState.WAITING, "")


def test_an_exclusion_that_comes_later_finds_another_districts_recipient_also_without_a_restart() -> None:
    world = mapo_and_seodaemun()
    theirs = asked_of_seodaemun(world)
    runtime = world.districts[SEODAEMUN].state.runtime
    assert runtime.visits_of["r-care"] == [theirs.spec.visit_id]
    assert not runtime.visits_of.get("")


def test_what_another_district_offered_for_a_need_that_is_another_one_now_is_not_claimed_again() -> None:
    """Its offer came once more, and was a claim on the new terms that nobody there had seen."""
    world = mapo_and_seodaemun(pre_approved=False)
    here, there = world.districts[MAPO], world.districts[SEODAEMUN]
    world.wait("11:00")
    visit = here.file("care", **HOME_CARE)
    world.wait("11:17")
    assert here.state.claims[visit.claim_id].outcome == ""
    first = visit.claim_id
    here.send(RecordCall(command_id="later", visit_id=visit.spec.visit_id, wish=Wish.LATER, later_at=at("16:30")))
    world.wait("11:18")
    assert (here.state.claims[first].outcome, here.state.asks[first].state) == ("withdrawn", "closed")
    world.wait("11:30")
    assert len(visit.ask_ids) == 2, "it is asked anew, for what is wanted now"
    kept = [one.spec for one in there.state.visits.values() if one.state is not VisitState.CANCELLED]
    assert [one.due_at for one in kept] == [at("16:30")]


def test_who_moves_in_with_somebody_in_ten_minutes_does_not_keep_a_late_visit_that_lasts_longer() -> None:
    world = switched_on()
    visit = world.file("check", **CARE | {"window_start_at": at("11:00"), "excluded_workers": ("carer-2", "carer-3")})
    assert visit.worker_ids == ["carer-1"]
    world.until("11:14")  # planned for eleven, and not begun
    world.send(posting(from_at=at("11:20")))
    assert world.state.workers["carer-1"].posting_id == "posting-1"
    assert "carer-1" not in visit.worker_ids


def test_a_door_of_a_round_that_was_put_to_its_rider_again_is_not_asked_for_when_the_round_is_taken() -> None:
    world = CoreWorld()
    one, two = world.file("one"), world.file("two")
    world.until("10:35")
    (round_id,) = world.open_offers()
    (rider,) = one.worker_ids
    assign(world, one, rider)
    assert len(world.open_offers()) == 2
    world.answer(round_id)
    assert (one.state, two.state) == (VisitState.ACCEPTED, VisitState.ACCEPTED)
    assert world.open_offers() == []


def lunch_with_care_an_hour_later(world: CoreWorld) -> tuple[VisitRecord, VisitRecord]:
    lunch = world.file("lunch", recipient_id="r-kim")
    apart = PlanTerms(after_visit_id=lunch.spec.visit_id, gap_min_s=3600)
    return lunch, world.file("care", **CARE | {"window_start_at": at("11:30"), "recipient_id": "r-kim", "plan": apart})


def other_rider(visit: VisitRecord) -> str:
    (rider,) = visit.worker_ids
    return {"rider-1": "rider-2", "rider-2": "rider-1"}[rider]


def test_somebody_else_may_bring_the_lunch_that_care_comes_after() -> None:
    """Without the lunch the care would come at once, and the lunch could not be an hour before it any more."""
    world = CoreWorld()
    lunch, care = lunch_with_care_an_hour_later(world)
    (rider,), other = lunch.worker_ids, other_rider(lunch)
    world.until("10:35")
    world.answer(world.open_offers()[0])
    assert lunch.accepted_ids == [rider]
    world.report(other, "substituted", lunch)
    assert (lunch.accepted_ids, care.state, broken(world)) == ([other], VisitState.PLANNED, [])


def test_the_co_operative_may_name_another_rider_for_the_lunch_that_care_comes_after() -> None:
    world = CoreWorld()
    lunch, care = lunch_with_care_an_hour_later(world)
    other = other_rider(lunch)
    world.until("10:35")
    world.answer(world.open_offers()[0], worker_id=other)
    assert (lunch.accepted_ids, care.state, broken(world)) == ([other], VisitState.PLANNED, [])


@pytest.mark.parametrize("to_another", [True, False])
def test_a_coordinator_may_give_somebody_the_lunch_that_care_comes_after(to_another: bool) -> None:
    world = CoreWorld()
    lunch, care = lunch_with_care_an_hour_later(world)
    (rider,) = lunch.worker_ids
    meant = other_rider(lunch) if to_another else rider
    assign(world, lunch, meant, waive=("area",), reason="known_face")
    assert (lunch.worker_ids, care.state, broken(world)) == ([meant], VisitState.PLANNED, [])


def test_one_of_two_cannot_be_named_for_the_other_one_as_well() -> None:
    world = CoreWorld()
    visit = world.file("two", worker_count=2, excluded_workers=("carer-1",), **CARE)
    world.until("11:35")
    first, second = world.open_offers()
    named = world.state.offers[first].made.worker_id
    world.answer(second, worker_id=named)
    assert (refusals(world), world.open_offers(), visit.accepted_ids) == (["worker_not_able"], [first, second], [])
    world.answer(first)
    world.answer(second, worker_id=named)
    assert (refusals(world), world.open_offers(), visit.accepted_ids) == (["worker_not_able"], [second], [named])
    world.answer(second)
    assert visit.state is VisitState.ACCEPTED
