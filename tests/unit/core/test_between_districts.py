"""Mapo is short of carers and Seodaemun helps, in the words of the people; and the protocol's tables are the docs' diagrams."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from streams.contracts import decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.district import OtherDistrict, Place, Rung, RungName
from streams.contracts.inputs import AssignVisit, ConfigureDistrict, CorrectVisit, ReportKind, SettleClaim, WorkerReported
from streams.contracts.notes import VisitNoted
from streams.contracts.refusals import Refusal
from streams.core import between_districts as between
from streams.core.between_districts import AskState, GuestState
from streams.core.ledger import ledger
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, at
from tests.neighbours import (
    EUNPYEONG,
    HOME_CARE,
    MAPO,
    SEODAEMUN,
    Neighbour,
    Neighbours,
    district,
    mapo_and_seodaemun,
    nobody_works,
    suppliers,
)  # fmt: skip

DOCS = Path(__file__).parents[3] / "docs" / "between-districts.md"


def asked(world: Neighbours, talking: bool = True, until: str = "11:16", tasks: tuple[str, ...] = ()) -> VisitRecord:
    """11:00 at Mapo's window: home care is wanted for this afternoon. It climbs for a quarter of an hour, to the region."""
    world.wait("11:00")
    visit = world.districts[MAPO].file("care", **HOME_CARE, tasks=tasks)
    world.wait(until, talking=talking)
    return visit


def guest(world: Neighbours) -> VisitRecord:
    (found,) = [one for one in world.districts[SEODAEMUN].state.visits.values() if one.guest_of]
    return found


def test_the_diagrams_in_the_docs_are_the_tables() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert between.diagram(between.ASKER, between.HELPER_SAYS) in text
    assert between.diagram(between.HELPER, between.ASKER_SAYS) in text
    cells = " ".join(row.split("|")[1] for row in text[text.index("| message |") :].splitlines()[2:])
    assert set(re.findall(r"`(\w+)`", cells)) == {one.value for one in between.Kind}


@pytest.mark.parametrize(("table", "states"), [(between.ASKER, AskState), (between.HELPER, GuestState)])
def test_every_state_has_its_row_and_no_step_leads_nowhere(
    table: dict[str, dict[str, between.Step]], states: type[AskState]
) -> None:
    assert set(table) == set(states)
    assert {step.state for steps in table.values() for step in steps.values()} <= set(states)


def served(world: Neighbours, theirs: VisitRecord, **how: Any) -> None:
    """The other district's worker goes to its guest and is done there; the asking district hears of it."""
    there = world.districts[SEODAEMUN]
    there.until("13:00")
    if there.open_offers():
        there.answer(there.open_offers()[0])
    worker = theirs.accepted_ids[0]
    there.report(worker, "arrived", theirs)
    there.report(worker, "started", theirs)
    there.until("13:40")
    there.report(worker, "done", theirs, **how)
    world.talk()


def test_the_other_district_supplies_and_the_record_says_so() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world)
    assert visit.state is VisitState.ACCEPTED
    assert world.heard == [f"{MAPO} asked", f"{SEODAEMUN} offered", f"{MAPO} accepted", f"{SEODAEMUN} confirmed"]
    assert visit.supplied is not None
    assert (visit.supplied.rung, visit.supplied.supplier, visit.supplied.price_krw) == ("region", f"district:{SEODAEMUN}", 2500)
    assert visit.supplied.after_s == 15 * 60
    there, theirs = world.districts[SEODAEMUN], guest(world)
    served(world, theirs)
    assert (visit.state, visit.done_at) == (VisitState.DONE, theirs.done_at)
    assert visit.arrived_at == theirs.arrived_at
    assert [ledger(one.state).done for one in world.districts.values()] == [1, 1]
    assert not world.districts[MAPO].open_exceptions()
    (asking,), (helping,) = world.districts[MAPO].state.asks.values(), there.state.guests.values()
    assert (asking.state, helping.state) == ("done", "ended")


def test_the_end_that_a_helper_told_its_district_stands_until_a_coordinator_says_otherwise() -> None:
    """Reopened at the helper's alone it would be done for its own district and under way for the helper."""
    world = mapo_and_seodaemun()
    visit = asked(world)
    there, theirs = world.districts[SEODAEMUN], guest(world)
    served(world, theirs)
    there.report(theirs.accepted_ids[0], "reopened", theirs)
    assert [one.code for one in there.decisions if isinstance(one, d.ReportRefused)] == [Refusal.CORRECTION_TOO_LATE]
    correct = CorrectVisit(command_id="open", visit_id=theirs.spec.visit_id, outcome="open", reason="mis_tap")
    settled = [one for one in there.send(correct, actor="coordinator") if isinstance(one, d.CommandSettled)]
    assert [one.code for one in settled] == [Refusal.NEED_NOT_OPEN]
    assert theirs.state is VisitState.DONE
    there.send(replace(correct, command_id="failed", outcome="failed"), actor="coordinator")
    world.talk()
    assert (theirs.state, visit.state) == (VisitState.FAILED, VisitState.FAILED)
    assert "visit_failed" in world.districts[MAPO].open_exceptions()


def test_what_is_to_be_done_goes_along_and_what_was_done_comes_back() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world, tasks=("meal_help", "cleaning"))
    theirs = guest(world)
    assert theirs.spec.tasks == ("meal_help", "cleaning")
    served(world, theirs, tasks=("meal_help", "laundry"))
    assert (theirs.tasks_done, visit.tasks_done) == (["meal_help", "laundry"], ["meal_help", "laundry"])
    noted = [one for one in world.districts[MAPO].decisions if isinstance(one, VisitNoted)]
    assert [(one.tasks_done, one.tasks_left) for one in noted] == [(("meal_help", "laundry"), ("cleaning",))]


def test_nobody_is_told_whose_need_it_is_before_the_claim_is_confirmed() -> None:
    world = mapo_and_seodaemun(pre_approved=False)
    visit = asked(world)
    theirs = guest(world)
    assert (visit.state, theirs.state, theirs.reserved) == (VisitState.WAITING, VisitState.PLANNED, True)
    assert theirs.spec.recipient_id == ""
    assert visit.spec.recipient_id not in repr(world.districts[SEODAEMUN].log)
    world.wait("11:25")
    assert not world.districts[SEODAEMUN].open_offers()
    world.districts[MAPO].settle("claim_to_confirm", "confirmed")
    world.talk()
    assert (visit.state, theirs.spec.recipient_id, theirs.reserved) == (VisitState.ACCEPTED, visit.spec.recipient_id, False)


def test_a_claim_that_nobody_confirms_lets_the_other_district_go() -> None:
    world = mapo_and_seodaemun(pre_approved=False)
    visit = asked(world, until="11:30")
    assert f"{MAPO} released" in world.heard
    assert f"{SEODAEMUN} let_go" in world.heard
    assert f"{MAPO} accepted" not in world.heard
    world.wait("12:30")  # they are asked once more, and then not again
    assert [one.state for one in world.districts[SEODAEMUN].state.visits.values()] == [VisitState.CANCELLED] * 2
    assert (visit.state, visit.held_by, len(visit.ask_ids)) == (VisitState.WAITING, "", 2)


def test_the_coordinator_who_says_no_is_not_asked_again() -> None:
    world = mapo_and_seodaemun(pre_approved=False)
    visit = asked(world)
    world.districts[MAPO].settle("claim_to_confirm", "declined")
    world.wait("12:30")
    assert len(visit.ask_ids) == 1
    assert suppliers(world, visit) == []


def test_a_provider_of_the_other_district_claims_it() -> None:
    world = mapo_and_seodaemun(offer_at_once=False)
    visit = asked(world)
    there = world.districts[SEODAEMUN]
    (opened,) = [one for one in there.log if isinstance(one, d.NeedOpened)]
    assert CENTRE in opened.organisations
    assert opened.guest is not None
    claim = WorkerReported(report_id="c", kind=ReportKind.CLAIMED, worker_id="carer-2", visit_ids=(opened.visit_id,))
    there.send(claim, organisation=CENTRE)
    world.talk()
    theirs = guest(world)
    assert (visit.state, theirs.state, theirs.worker_ids) == (VisitState.ACCEPTED, VisitState.ACCEPTED, ["carer-2"])
    assert "help_asked" not in there.open_exceptions()


@pytest.mark.parametrize(("outcome", "state"), [("help_offered", VisitState.ACCEPTED), ("help_declined", VisitState.WAITING)])
def test_the_other_coordinator_answers(outcome: str, state: VisitState) -> None:
    world = mapo_and_seodaemun(offer_at_once=False)
    visit = asked(world)
    world.districts[SEODAEMUN].settle("help_asked", outcome)
    world.talk()
    assert visit.state is state


def test_a_district_without_anybody_free_says_so_and_the_need_stays_with_the_coordinator() -> None:
    world = mapo_and_seodaemun()
    there = world.districts[SEODAEMUN]
    for worker_id in ("carer-1", "carer-2", "carer-3"):
        there.report(worker_id, "dropped_out")
    visit = asked(world)
    assert world.heard[-1] == f"{SEODAEMUN} declined"
    assert (visit.state, visit.rung) == (VisitState.WAITING, 3)
    assert "unserved" in world.districts[MAPO].open_exceptions()
    assert [need.rung for need in world.districts[MAPO].state.unmet_needs] == [3]


def test_who_was_to_go_cannot_and_the_need_is_open_again() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world)
    there = world.districts[SEODAEMUN]
    for worker_id in ("carer-1", "carer-2", "carer-3"):
        there.report(worker_id, "dropped_out")
    world.wait("11:40")
    assert guest(world).state is VisitState.CANCELLED
    assert (visit.state, visit.held_by, suppliers(world, visit)) == (VisitState.WAITING, "", [])


def test_a_visit_taken_back_is_given_to_nobody_before_they_have_let_it_go() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world)
    home = world.districts[MAPO]
    home.send(AssignVisit(command_id="mine", visit_id=visit.spec.visit_id, worker_id="rider-1"), actor="coordinator")
    assert home.state.commands["mine"].code == "with_another_district"
    home.send(SettleClaim(command_id="back", claim_id=visit.claim_id, outcome="declined"), actor="coordinator")
    home.until("11:18")
    assert visit.held_by
    assert suppliers(world, visit) == [SEODAEMUN]
    world.talk()
    assert (visit.state, visit.held_by, suppliers(world, visit)) == (VisitState.WAITING, "", [])


def test_cancelled_when_their_carer_is_in_the_house_it_stays_what_happened() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world)
    there, theirs = world.districts[SEODAEMUN], guest(world)
    there.until("13:00")
    for offer_id in there.open_offers():
        there.answer(offer_id)
    for kind in ("arrived", "started"):
        there.report(theirs.accepted_ids[0], kind, theirs)
    world.districts[MAPO].cancel(visit)
    world.talk()
    assert (visit.state, theirs.state) == (VisitState.CANCELLED, VisitState.IN_SERVICE)
    there.report(theirs.accepted_ids[0], "done", theirs)
    world.talk()
    assert visit.state is VisitState.DONE


def test_a_failed_visit_comes_back_to_the_care_manager_of_its_dong() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world)
    there, theirs = world.districts[SEODAEMUN], guest(world)
    there.until("13:00")
    for offer_id in there.open_offers():
        there.answer(offer_id)
    worker = theirs.accepted_ids[0]
    there.report(worker, "arrived", theirs)
    there.report(worker, "failed", theirs, reason="refused_at_door")
    world.talk()
    assert (visit.state, visit.reason) == (VisitState.FAILED, "refused_at_door")
    raised = world.districts[MAPO].open_exceptions()["visit_failed"]
    assert world.districts[MAPO].state.exceptions[raised].owner == f"care_manager:{visit.spec.dong}"


def test_an_acceptance_that_gets_lost_is_said_again_and_one_that_stays_unanswered_is_taken_back() -> None:
    world = mapo_and_seodaemun()
    visit = asked(world, talking=False)
    world.collect()
    for _ in range(2):
        world.deliver()  # asked, offered
    world.under_way.clear()  # accepted is lost
    world.wait("11:20")
    assert visit.state is VisitState.ACCEPTED  # said again
    lost = mapo_and_seodaemun(help_confirm_s=300)
    visit = asked(lost, talking=False)
    for _ in range(2):
        lost.deliver()
    for minute in range(17, 40):
        lost.under_way.clear()
        lost.wait(f"11:{minute}", talking=False)
    assert (visit.state, lost.districts[MAPO].state.asks[visit.ask_ids[0]].state) == (VisitState.WAITING, "releasing")
    assert "unserved" in lost.districts[MAPO].open_exceptions()
    lost.wait("12:30")
    assert len(suppliers(lost, visit)) <= 1


def test_two_districts_offer_and_the_other_is_released() -> None:
    world = mapo_and_seodaemun()
    mapo = nobody_works(
        district(MAPO, tuple(OtherDistrict(district=code, region="서북권", pre_approved=True) for code in (SEODAEMUN, EUNPYEONG)))
    )
    eunpyeong = district(EUNPYEONG, (OtherDistrict(district=MAPO, region="서북권", offer_at_once=True),))
    world.districts = {
        MAPO: Neighbour(mapo), SEODAEMUN: world.districts[SEODAEMUN], EUNPYEONG: Neighbour(eunpyeong),
    }  # fmt: skip
    visit = asked(world)
    assert suppliers(world, visit) == [SEODAEMUN]
    assert [one.state for one in world.districts[MAPO].state.asks.values()] == ["confirmed", "closed"]
    assert [one.state for one in world.districts[EUNPYEONG].state.visits.values()] == [VisitState.CANCELLED]


def test_a_district_of_another_region_is_asked_last() -> None:
    world = mapo_and_seodaemun()
    home = world.districts[MAPO]
    assert home.state.config is not None
    other = replace(home.state.config.other_districts[0], region="도심권", price_krw=None)
    home.send(ConfigureDistrict(command_id="c2", config=replace(home.state.config, version=2, other_districts=(other,))))
    visit = asked(world)
    assert visit.supplied is not None
    assert (visit.rung, visit.supplied.rung, visit.supplied.price_krw) == (4, "city", 5000)


def test_a_meal_is_not_asked_for_elsewhere() -> None:
    world = mapo_and_seodaemun()
    world.wait("11:00")
    nobody = ("rider-1", "rider-2")
    visit = world.districts[MAPO].file("lunch", excluded_workers=nobody, window_end_at=at("14:00"), due_at=at("14:00"))
    world.wait("11:40")
    assert visit.rung >= 3
    assert visit.ask_ids == []


@pytest.mark.parametrize("worker_count", [1, 2])
def test_a_district_whose_areas_do_not_help_each_other_helps_with_those_of_the_area_alone(worker_count: int) -> None:
    """It found somebody of another area for two workers' need, had no room by its own rules, and stopped."""
    ladder = (Rung(name=RungName.DONG, claims=False), Rung(name=RungName.REGION))
    world = mapo_and_seodaemun(ladder=ladder)
    world.wait("11:00")
    south = dict(dong="1144000002", place=Place(0.0, -500.0), worker_count=worker_count)
    visit = world.districts[MAPO].file("care", **HOME_CARE | south)
    world.wait("11:30")
    there = world.districts[SEODAEMUN].state
    assert [theirs.worker_ids for theirs in there.visits.values()] == ([["carer-3"]] if worker_count == 1 else [])
    assert suppliers(world, visit) == ([SEODAEMUN] if worker_count == 1 else [])
